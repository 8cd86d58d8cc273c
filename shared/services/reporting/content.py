"""What a training report says, and `training_report.json`."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import isnan
from typing import Any

from shared.services.evaluation.base import Figure
from shared.services.gate import Verdict
from shared.services.reporting.totals import Totals

COMPLETED, REFUSED = "completed", "refused"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One figure on held-out photos, without what was learned and with it.

    Attributes
    ----------
    name : str
        As people read it.
    before, after : Figure
        The models alone; the new bundle solved without these photos.
    live : Figure or None
        The bundle that was live, solved without its held-out photos.
    """

    name: str
    before: Figure
    after: Figure
    live: Figure | None = None

    def plain(self) -> dict[str, Any]:
        """As JSON holds it."""
        return {
            "figure": self.name,
            "before": _plain(self.before),
            "after": _plain(self.after),
            "live": _plain(self.live) if self.live else None,
        }


@dataclass(frozen=True, slots=True)
class Example:
    """One photo before and after.

    Attributes
    ----------
    photo_id, key : str
    thumbnail : bytes or None
        WebP.
    generic, description : str
        What the models alone say, and what the library taught.
    labels : tuple of (str, bool)
        The models' own tags, and whether the owner has them too.
    tags, suggested : tuple of (str, float, bool)
        With their calibrated scores, and whether the owner has them too.
    owner : str or None
        What the owner wrote: held back from the learning that made `description`.
    """

    photo_id: str
    key: str
    thumbnail: bytes | None
    generic: str
    description: str
    labels: tuple[tuple[str, bool], ...]
    tags: tuple[tuple[str, float, bool], ...]
    suggested: tuple[tuple[str, float, bool], ...]
    owner: str | None


@dataclass(frozen=True, slots=True)
class Somebody:
    """One person: the owner's name for it, on how many faces, and the face to show."""

    name: str | None
    faces: int
    best_face: str


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """How well `tags` tags were found, on average, after each was given to so many photos."""

    corrections: int
    tags: int
    precision: Figure


@dataclass(frozen=True, slots=True)
class People:
    """How the faces of the library were grouped; `most` are those with most faces."""

    people: int = 0
    named: int = 0
    faces: int = 0
    unassigned: int = 0
    questions: int = 0
    most: tuple[Somebody, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """Everything the report says.

    Attributes
    ----------
    machine : dict of str to int
        How many tags and descriptions were made by machine: counted, never taught back.
    pairs : tuple of (str, str, int)
        Tags that most often go together, with how often.
    related : tuple of (str, tuple of str)
        Words with the related words learned for them.
    advice : tuple of str
        What the owner could do next, most useful first.
    held_out : int
        Photos the figures are measured on.
    curve : tuple of CurvePoint
        What a few corrections teach.
    portraits : mapping of str to bytes
        WebP pictures of the people's best faces, by face id.
    """

    version: str
    run_id: str
    timestamp: datetime
    totals: Totals
    verdict: Verdict
    comparisons: tuple[Comparison, ...]
    people: People
    held_out: int
    machine: Mapping[str, int]
    pairs: tuple[tuple[str, str, int], ...] = ()
    related: tuple[tuple[str, tuple[str, ...]], ...] = ()
    examples: tuple[Example, ...] = ()
    advice: tuple[str, ...] = ()
    curve: tuple[CurvePoint, ...] = ()
    portraits: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """`completed`, or `refused` by the gate."""
        return COMPLETED if self.verdict.accepted else REFUSED

    def to_json(self) -> bytes:
        """The bytes of `training_report.json`."""
        content = {
            "timestamp": self.timestamp.isoformat(timespec="seconds"),
            "run_id": self.run_id,
            "bundle": self.version,
            "status": self.status,
            "total_images": self.totals.images,
            "total_tags": sum(self.totals.tags.values()),
            "images_with_words": self.totals.worded,
            "images_with_faces": self.totals.with_faces,
            "images_with_detailed_desc": self.totals.detailed,
            "top_categories": self.totals.top_categories,
            "machine_made": dict(self.machine),
            "people": {
                "people": self.people.people,
                "named": self.people.named,
                "faces": self.people.faces,
                "unassigned": self.people.unassigned,
                "questions": self.people.questions,
            },
            "measured_on": self.held_out,
            "before_after": [comparison.plain() for comparison in self.comparisons],
            "learning_curve": [
                {"corrections": point.corrections, "average_precision": _plain(point.precision)}
                for point in self.curve
            ],
            "gate": {"accepted": self.verdict.accepted, "reasons": list(self.verdict.reasons)},
            "advice": list(self.advice),
        }
        return json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False).encode()


def _plain(figure: Figure) -> dict[str, float | None]:
    value = None if isnan(figure.value) else figure.value
    return {"value": value, "low": figure.low, "high": figure.high}
