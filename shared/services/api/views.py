"""What clients are shown: plain models of photos, people, trainings and bundles, named in the OpenAPI."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.observation import Box
from shared.domain.record import Status, Tag

BoxView = tuple[float, float, float, float]


class View(BaseModel):
    """The base of all answers."""

    model_config = ConfigDict(frozen=True)


class TagView(View):
    """A tag with who said it (`owner`, `learned` or `model`), how sure, and why."""

    tag: str
    source: str
    score: float
    why: str = ""

    @classmethod
    def of(cls, tag: Tag) -> "TagView":
        """A tag as clients see it."""
        return cls(tag=tag.tag, source=str(tag.source), score=round(tag.score, 4), why=tag.why)


class PersonRef(View):
    """Who a face is: `name` is None until the owner gives one."""

    person_id: str | None
    name: str | None
    score: float
    source: str


class FaceView(View):
    """A face; `box` is left, top, right, bottom as fractions of the upright image."""

    face_id: str
    box: BoxView
    quality: float
    person: PersonRef | None


class SentenceView(View):
    """A description with who said it, how sure, and why."""

    text: str
    source: str
    score: float
    why: tuple[str, ...] = ()


class Before(View):
    """What the models alone say of a photo."""

    description: str
    tags: tuple[TagView, ...]


class OwnerView(View):
    """What the owner said of a photo, in its file and later."""

    description: str | None
    tags: tuple[str, ...]
    removed_tags: tuple[str, ...]
    dismissed: tuple[str, ...]


class PhotoView(View):
    """One photo, whole.

    `description` is the sentence to show; `described` says whose it is and why. `suggestions` are tags below
    the precision asked for. Addresses are good for half an hour at least.
    """

    photo_id: str
    key: str
    status: Status
    description: str = ""
    tags: tuple[TagView, ...] = ()
    faces: tuple[FaceView, ...] = ()
    described: SentenceView | None = None
    suggestions: tuple[TagView, ...] = ()
    before: Before | None = None
    owner: OwnerView | None = None
    bundle: str | None = None
    reason: str | None = None
    advice: str | None = None
    uploaded_at: datetime
    taken_at: datetime | None = None
    size: int
    etag: str
    width: int | None = None
    height: int | None = None
    format: str | None = None
    camera: str | None = None
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    notes: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    thumbnail_url: str | None = None
    original_url: str | None = None


class CardView(View):
    """One photo of a list: enough to draw it; its thumbnail's address comes by `GET /thumbnails`.

    `also` are photos of the same burst where the list is stacked.
    """

    photo_id: str
    key: str
    status: Status
    width: int
    height: int
    at: datetime
    description: str
    tags: tuple[str, ...]
    faces: int
    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    also: tuple[str, ...] = ()


class PhotoList(View):
    """Photos, newest first; `cursor` continues the list and is None at its end."""

    photos: tuple[CardView, ...]
    cursor: str | None
    total: int


class Thumbnails(View):
    """Addresses of thumbnails by photo id; photos without one are left out."""

    thumbnails: dict[str, str]


class HitView(View):
    """A photo that was found, with why; `also` are near-duplicates and bursts kept together with it."""

    photo_id: str
    key: str
    score: float
    why: tuple[str, ...]
    width: int
    height: int
    at: datetime
    description: str
    also: tuple[str, ...] = ()


class SearchView(View):
    """What a search found, best first; `did_you_mean` is set where a word is unknown to the library."""

    hits: tuple[HitView, ...]
    total: int
    did_you_mean: str | None = None
    understood: tuple[str, ...] = ()


class Suggestion(View):
    """How a search that is being typed may go on."""

    text: str
    kind: str
    photos: int


class Suggestions(View):
    """Ways to go on, most frequent first."""

    suggestions: tuple[Suggestion, ...]


class TagCount(View):
    """A tag and how many photos carry it."""

    tag: str
    photos: int


class Tags(View):
    """Tags of the library, most frequent first."""

    tags: tuple[TagCount, ...]


class CorrectionView(View):
    """One thing the owner said of a photo; `undone` where it was taken back."""

    correction_id: str
    at: datetime
    word: dict[str, Any]
    undone: bool = False


class Corrections(View):
    """All that was said of a photo, in order."""

    corrections: tuple[CorrectionView, ...]


class CorrectedView(View):
    """What became of one photo's corrections; `problem` says why they were not kept, or do not show yet."""

    photo_id: str
    correction_ids: tuple[str, ...]
    problem: str | None = None
    photo: PhotoView | None = None


class CorrectedList(View):
    """What became of each photo's corrections."""

    photos: tuple[CorrectedView, ...]


class FaceCrop(View):
    """A face with the photo it is on."""

    face_id: str
    photo_id: str
    box: BoxView
    width: int
    height: int
    confirmed: bool = False


class PersonView(View):
    """A person; `faces` are some of their faces, the most typical first, `count` is how many there are."""

    person_id: str
    name: str | None
    hidden: bool
    birth_date: date | None
    count: int
    confirmed: int
    faces: tuple[FaceCrop, ...] = ()


class PeopleView(View):
    """The people of the library, named ones first."""

    people: tuple[PersonView, ...]
    unassigned: int


class QuestionView(View):
    """Whether the faces and the others are the same person; answered at `POST /people/answers`."""

    question_id: str
    person_id: str
    other_id: str
    name: str | None
    other_name: str | None
    faces: tuple[FaceCrop, ...]
    others: tuple[FaceCrop, ...]
    probability: float


class Questions(View):
    """What is worth asking, the most useful first."""

    questions: tuple[QuestionView, ...]


class PeopleEvents(View):
    """The events kept: name them to take them back."""

    event_ids: tuple[str, ...]


class UploadSlot(View):
    """Where to post one file: `fields` go before the file in the form."""

    key: str
    photo_id: str
    url: str
    fields: dict[str, str]


class Uploads(View):
    """Where to post each file, in the order asked."""

    uploads: tuple[UploadSlot, ...]
    most_bytes: int


class StepView(View):
    """One step of a training; `ended` is None while it runs."""

    name: str
    started: datetime
    ended: datetime | None = None


class TrainingView(View):
    """One training: `status` as Step Functions names it, `outcome` as the training does."""

    run_id: str
    status: str
    started: datetime
    ended: datetime | None = None
    outcome: str | None = None
    bundle: str | None = None
    error: str | None = None
    steps: tuple[StepView, ...] = ()
    log: tuple[str, ...] = ()


class Trainings(View):
    """Trainings, newest first."""

    trainings: tuple[TrainingView, ...]


class RetrainingView(View):
    """Whether there is reason for a training, when it starts if nothing else happens, and why or why not.

    `starts_at` is None where only something new gives a reason, or where no rule says when it asks;
    `asked_at` is when a rule asks next.
    """

    due: bool
    starts_at: datetime | None
    asked_at: datetime | None
    reasons: tuple[str, ...]
    photos: int
    new_photos: int
    new_corrections: int
    trained_at: datetime | None


class BundleView(View):
    """A bundle; `figures` are what its training measured."""

    version: str
    state: str
    run_id: str | None = None
    size: int = 0
    files: dict[str, int] = Field(default_factory=dict)
    about: dict[str, Any] = Field(default_factory=dict)


class Bundles(View):
    """Bundles, newest first."""

    bundles: tuple[BundleView, ...]
    live: str | None
    previous: str | None


class ReportView(View):
    """A training's report, and the address of the same as a page."""

    version: str
    report: dict[str, Any]
    page_url: str | None


class Comparison(View):
    """What differs between two bundles' reports: figure to the pair of values."""

    first: str
    second: str
    figures: dict[str, tuple[Any, Any]]


class QuarantineView(View):
    """A photo that could not be read: why, and what to do."""

    photo_id: str
    key: str
    reason: str
    advice: str
    at: datetime


class HealthView(View):
    """How the library stands."""

    photos: int
    analyzed: int
    quarantined: int
    located: int
    with_faces: int
    live: str | None
    problem: str | None
    quarantine: tuple[QuarantineView, ...]


def box_view(box: Box) -> BoxView:
    """Left, top, right, bottom."""
    return (round(box.left, 4), round(box.top, 4), round(box.right, 4), round(box.bottom, 4))
