"""Bundles: what trainings published, compared, reported on, rolled back."""

from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query
from pydantic import BaseModel, Field

from functions.api.routes.router import new_router
from shared.services.api import views, wiring

router = new_router()


class Rollback(BaseModel):
    """The bundle to make live; the one before where none is named."""

    version: str | None = Field(default=None, max_length=100)


@router.get("/bundles", compress=True, tags=["bundles"])
def all_bundles() -> views.Bundles:
    """Every bundle, newest first, with which is live."""
    return wiring.bundles().all()


@router.post("/bundles/rollback", tags=["bundles"])
def rollback(rollback: Rollback) -> views.Bundles:
    """Make an earlier bundle live again."""
    return wiring.bundles().rollback(rollback.version)


@router.get("/bundles/compare", compress=True, tags=["bundles"])
def compare(first: Annotated[str, Query()], second: Annotated[str, Query()]) -> views.Comparison:
    """The figures in which two bundles' reports differ."""
    return wiring.bundles().compare(first, second)


@router.get("/bundles/<version>/report", compress=True, tags=["bundles"])
def report_of(version: str) -> views.ReportView:
    """The report of one bundle's training."""
    return wiring.bundles().report(version)


@router.get("/report", compress=True, tags=["bundles"])
def report() -> views.ReportView:
    """The report of the live bundle's training."""
    return wiring.bundles().report(None)
