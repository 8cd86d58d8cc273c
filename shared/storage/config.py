"""What the environment sets: buckets, models and thresholds, read once and checked."""

from functools import lru_cache
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.domain.errors import InvalidInput


class Settings(BaseSettings):
    """The product's settings; each comes from the environment variable of its name in capitals.

    Attributes
    ----------
    uploads_bucket, library_bucket : str
        The owner's photos, never modified; and everything the system writes.
    models_dir : Path
        Where `make models` put the ONNX files.
    face_engine : {"onnx", "dlib", "off"}
    views : {1, 7}
        Looks that the classifiers take at a photo: docs/operations.md says what seven cost and buy.
    state_machine_arn, reprocess_state_machine_arn : str
        Empty in functions that start neither.
    max_pixels : int
        Photos with more are quarantined.
    tag_precision : float
        Precision asked for of a learned tag before it is applied.
    face_threshold : float
        Calibrated probability from which two faces are one person.
    latest_seconds : float
        How long a warm function trusts the alias it has read.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore", env_ignore_empty=True)

    uploads_bucket: str = Field(min_length=3)
    library_bucket: str = Field(min_length=3)
    models_dir: Path = Path("models")
    face_engine: Literal["onnx", "dlib", "off"] = "onnx"
    views: int = 1
    state_machine_arn: str = ""
    reprocess_state_machine_arn: str = ""
    dead_letter_queue_url: str = ""
    max_pixels: int = Field(default=100_000_000, gt=0)
    tag_precision: float = Field(default=0.85, gt=0, le=1)
    face_threshold: float = Field(default=0.98, gt=0, le=1)
    latest_seconds: float = Field(default=60.0, ge=0)

    @property
    def training_machine(self) -> str:
        """ARN of the training state machine; `InvalidInput` where it is not set."""
        return _given("STATE_MACHINE_ARN", self.state_machine_arn)

    @property
    def reprocess_machine(self) -> str:
        """ARN of the reprocess state machine; `InvalidInput` where it is not set."""
        return _given("REPROCESS_STATE_MACHINE_ARN", self.reprocess_state_machine_arn)


def _given(name: str, value: str) -> str:
    if not value:
        raise InvalidInput(f"The environment variable {name} is not set: deploy the stack, or set it")
    return value


def read_settings() -> Settings:
    """Settings from the environment as it is now.

    Raises
    ------
    InvalidInput
        Naming every variable that is missing or wrong.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, e['loc'])).upper()}: {e['msg']}" for e in error.errors())
        raise InvalidInput(f"The environment is not complete, set it or deploy the stack: {wrong}") from error


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Settings, read from the environment once a process."""
    return read_settings()
