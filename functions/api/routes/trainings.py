"""Trainings: started, followed, remembered; and when and why the next one happens."""

from typing import Any

from pydantic import BaseModel, Field

from functions.api.routes.router import new_router
from shared.services.api import views, wiring
from shared.storage.ulids import new_ulid

router = new_router()


class Start(BaseModel):
    """How to train: the input of the training state machine, all of it optional."""

    input: dict[str, Any] = Field(default_factory=dict)


class Started(BaseModel):
    """The execution that was started."""

    run_id: str


@router.get("/trainings", compress=True, tags=["training"])
def all_trainings() -> views.Trainings:
    """The last trainings, newest first."""
    return wiring.trainings().list()


@router.post("/trainings", tags=["training"])
def start(start: Start) -> views.TrainingView:
    """Start a training; 409 while another runs."""
    return wiring.trainings().start(start.input)


@router.get("/trainings/<run_id>", compress=True, tags=["training"])
def one_training(run_id: str) -> views.TrainingView:
    """A training with its steps and its log so far."""
    return wiring.trainings().one(run_id)


@router.get("/retraining", tags=["training"])
def retraining() -> views.RetrainingView:
    """Whether a training is due, and why or why not."""
    return wiring.trainings().retraining()


@router.post("/reprocessings", tags=["training"])
def reprocess() -> Started:
    """Bring every photo up to the live bundle; no model runs."""
    return Started(run_id=wiring.reprocess(f"page-{new_ulid()}").rpartition(":")[2])
