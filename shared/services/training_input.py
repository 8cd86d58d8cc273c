"""What a training may be started with, checked at the edge."""

import hashlib
import json
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.domain.dataset import Options
from shared.domain.errors import InvalidInput

Name = Annotated[str, Field(min_length=1, max_length=200)]


class Depth(BaseModel):
    """How deep the learning digs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    max_ngram: int = Field(default=3, ge=1, le=5)
    min_support: int = Field(default=3, ge=1, le=1_000)
    examples_per_tag: int = Field(default=10, ge=1, le=100)


class Category(BaseModel):
    """A category of the owner's own: photos with any of the tags, and examples named by photo id."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    any_of: tuple[Name, ...] = ()
    examples: tuple[Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")], ...] = ()


class TrainingInput(BaseModel):
    """The input of the training state machine.

    Attributes
    ----------
    limit : int
        Train on the newest N photos only: a trial.
    tags_any : list of str
        Train on photos with any of these tags only: a trial.
    categories : dict
        The owner's own categories.
    depth : Depth
    face_threshold, tag_precision : float
        Calibrated probability asked for before a face is given to a person, or a tag applied.
    synonyms : dict
        The owner's own, word to words.
    force : bool
        Train even if nothing is new.
    promote : bool
        Promote a trial, too, if the gate lets it pass.
    reason : str
        Why it was started, for the log.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: int | None = Field(default=None, ge=1)
    tags_any: tuple[Name, ...] = ()
    categories: dict[Name, Category] = Field(default_factory=dict)
    depth: Depth = Depth()
    face_threshold: float = Field(default=0.98, gt=0, le=1)
    tag_precision: float = Field(default=0.85, gt=0, le=1)
    synonyms: dict[Name, tuple[Name, ...]] = Field(default_factory=dict)
    force: bool = False
    promote: bool = False
    reason: str = Field(default="", max_length=2_000)

    @classmethod
    def parse(cls, value: Mapping[str, Any]) -> "TrainingInput":
        """Check an input.

        Raises
        ------
        InvalidInput
            Naming every field that is wrong.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise InvalidInput(f"The training's input is wrong: {wrong}") from error

    @property
    def trial(self) -> bool:
        """Whether only a part of the library takes part."""
        return self.limit is not None or bool(self.tags_any)

    @property
    def options(self) -> Options:
        """What the phases are told."""
        return Options(
            limit=self.limit,
            tags_any=self.tags_any,
            categories={name: (own.any_of, own.examples) for name, own in self.categories.items()},
            max_ngram=self.depth.max_ngram,
            min_support=self.depth.min_support,
            examples_per_tag=self.depth.examples_per_tag,
            face_threshold=self.face_threshold,
            tag_precision=self.tag_precision,
            synonyms=dict(self.synonyms),
        )

    @property
    def digest(self) -> str:
        """SHA-256 of what changes the result: `force`, `promote` and `reason` do not."""
        content = self.model_dump(mode="json", exclude={"force", "promote", "reason"})
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
