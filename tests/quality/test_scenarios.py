"""Three small libraries, personal, product and event, built from owner's words: before and after learning.

Pixels are made up: each kind of photo has a centre among features, and its photos stand around it.
"""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import product

import numpy as np
import pytest

from shared.domain.catalogue import Card
from shared.domain.gatherings import Moment, gatherings
from shared.domain.observation import Box, Exif, Face, Label, Observation, Place
from shared.domain.occasions import when
from shared.domain.record import (
    Enhancement,
    NamedFace,
    Origin,
    OwnerWords,
    Record,
    Sentence,
    Source,
    Status,
)
from shared.enhance import enhance
from shared.learning.categories import FILE
from shared.learning.patterns import Patterns
from shared.learning.words import content_lemmas
from shared.services.evaluation.photos import train
from shared.storage.records import Stored
from shared.storage.rows import RowMaker, to_shard
from shared.vision.generic import generic_tags

WIDTH = 24
TEXT = 384
NOISE = 0.25
EACH = 36
NOTHING = OwnerWords()


@dataclass(frozen=True)
class Kind:
    """One kind of photo: what its owner says of it, and the label a model has for it."""

    label: str
    who: tuple[str, ...]
    does: tuple[str, ...]
    where: tuple[str, ...]
    tags: tuple[str, ...]

    def captions(self) -> list[str]:
        return [f"{' '.join(parts)}." for parts in product(self.who, self.does, self.where)]


LIBRARIES = {
    "personal": (
        Kind(
            "seashore",
            ("Two children", "A boy and a girl", "The kids"),
            ("are building a sand castle", "are playing"),
            ("on the beach", "in the sand near the sea"),
            ("beach", "sea", "sand", "family", "holiday"),
        ),
        Kind(
            "bakery",
            ("A girl", "A little girl", "A child"),
            ("is blowing out candles", "is eating a birthday cake", "is opening a present"),
            ("at a table", "in the kitchen"),
            ("birthday", "cake", "party", "family", "candles"),
        ),
        Kind(
            "golden retriever",
            ("A brown dog", "A dog", "A brown dog with a ball"),
            ("runs", "is running", "plays"),
            ("through the snow", "in a snowy forest"),
            ("dog", "snow", "winter", "walk", "forest"),
        ),
    ),
    "product": (
        Kind(
            "velvet",
            ("A red silk saree", "A silk saree with a golden border", "A red saree"),
            ("is hanging", "is lying"),
            ("on a wooden table", "in a shop window"),
            ("saree", "silk", "handwoven", "red", "clothing"),
        ),
        Kind(
            "cup",
            ("A blue bowl", "A blue ceramic bowl", "Two bowls"),
            ("with a glazed rim",),
            ("on a linen cloth", "beside a spoon", "on a shelf"),
            ("bowl", "ceramic", "handmade", "blue", "kitchen"),
        ),
        Kind(
            "lampshade",
            ("A brass lamp", "A lamp with a paper shade", "A lamp"),
            ("is standing", "is glowing"),
            ("on a desk", "beside a bed"),
            ("lamp", "brass", "light", "vintage", "home"),
        ),
    ),
    "event": (
        Kind(
            "gown",
            ("A bride and a groom", "The bride and the groom", "A couple of people"),
            ("are dancing", "are cutting a cake"),
            ("in a garden", "under white flowers"),
            ("wedding", "bride", "groom", "garden", "flowers"),
        ),
        Kind(
            "soccer ball",
            ("Two players", "A group of players", "The players"),
            ("are running", "are fighting for a ball"),
            ("on a green field", "in a stadium"),
            ("football", "match", "team", "stadium", "sport"),
        ),
        Kind(
            "stage",
            ("A singer", "A singer with a guitar", "A band"),
            ("is performing", "is playing a song"),
            ("on a stage", "in front of a crowd"),
            ("concert", "music", "band", "stage", "night"),
        ),
    ),
}


def vector(text: str, width: int) -> np.ndarray:
    """Words as a bag of random directions: texts that share words stand close."""
    rows = [
        np.random.default_rng(int(sha256(lemma.encode()).hexdigest()[:8], 16)).standard_normal(width)
        for lemma in content_lemmas(text)
    ]
    total = np.sum(rows, axis=0)
    return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


def observed(kind: Kind, number: int) -> Observation:
    """A photo of a kind, as models see it."""
    random = np.random.default_rng(number)
    features = vector(kind.label, WIDTH) * np.sqrt(WIDTH) + NOISE * random.standard_normal(WIDTH)
    return Observation(
        content_sha256=f"{number:064x}",
        width=400,
        height=300,
        format="JPEG",
        labels=(Label(kind.label, 0.8),),
        objects=(),
        faces=(),
        features={"lite2": features.astype(np.float32)},
        text_vector=vector(kind.label, TEXT),
        dhash=sha256(str(number).encode()).hexdigest()[:16],
        exif=Exif(),
        models=("model@1234",),
        encoding_space="dlib_resnet_128",
    )


def record(kind: Kind, number: int) -> Record:
    """A photo with its owner's words."""
    captions = kind.captions()
    description = captions[number % len(captions)]
    words = vector(" ".join((description, *kind.tags)), TEXT)
    return Record(
        sha256(str(number).encode()).hexdigest()[:32],
        Origin("uploads", f"{number}.jpg", "", 0, "", datetime(2025, 1, 1, tzinfo=UTC)),
        Status.ANALYZED,
        observed(kind, number),
        owner=OwnerWords(description, kind.tags, text_vector=words),
        enhancement=Enhancement(None, "a photo", Sentence("a photo", Source.MODEL), ()),
    )


@pytest.fixture(scope="module", params=sorted(LIBRARIES))
def learned(request: pytest.FixtureRequest) -> tuple[tuple[Kind, ...], Patterns]:
    """A library's kinds of photos, and what was learned from it."""
    kinds = LIBRARIES[request.param]
    records = [record(kind, 1000 * row + number) for row, kind in enumerate(kinds) for number in range(EACH)]
    shard = to_shard(RowMaker(generic_tags, "dlib_resnet_128").table(Stored(one, "") for one in records))
    return kinds, train(shard)


def test_a_new_photo_is_described_better_and_tagged_well(learned: tuple[tuple[Kind, ...], Patterns]) -> None:
    kinds, patterns = learned
    for number, kind in enumerate(kinds):
        photo = observed(kind, 10_000 + number)
        before, after = enhance(photo, NOTHING, None), enhance(photo, NOTHING, patterns)
        told = set(content_lemmas(" ".join(kind.captions())))
        right = [len(set(content_lemmas(one.description.text)) & told) for one in (before, after)]
        assert after.description.source is Source.LEARNED
        assert set(content_lemmas(after.description.text)) <= told, after.description.text
        assert right[1] >= max(3, right[0] + 2), (before.description.text, after.description.text)
        assert len({tag.tag for tag in after.tags} & set(kind.tags)) >= 4, after.tags
        print(f"before: {before.description.text}  after: {after.description.text}")


def test_the_kinds_of_photos_become_categories(learned: tuple[tuple[Kind, ...], Patterns]) -> None:
    kinds, patterns = learned
    found = json.loads(patterns.files[FILE])
    for kind in kinds:
        own = kind.tags[0]
        assert [own, EACH] in found["common_tags"]
        assert {tag for example in found["patterns"][own] for tag in example["other_tags"]} <= set(kind.tags)


def party() -> list[Record]:
    """Three events of one December: a wedding by day, another company that evening, and Christmas Eve."""
    wedding, _, concert = LIBRARIES["event"]
    events = (
        (wedding, datetime(2024, 12, 7, 13), ("Ann", "Ben"), Place("Lyon", "", "France"), 45.8),
        (concert, datetime(2024, 12, 7, 18), ("Cem",), Place("Lyon", "", "France"), 45.8),
        (wedding, datetime(2024, 12, 24, 18), ("Ann", "Ben"), Place("Sydney", "", "Australia"), -33.9),
    )
    records = []
    for row, (kind, start, names, place, latitude) in enumerate(events):
        for number in range(4):
            who = names[number % len(names)]
            box = Box(0.1, 0.1, 0.3, 0.4)
            faces = (Face(f"{row}-{number}", box, 0.9, np.ones(128, np.float32), 0.8),)
            taken = start + timedelta(minutes=25 * number)
            photo = replace(
                observed(kind, 100 * row + number), faces=faces, exif=Exif(taken, None, latitude, 0.0, place)
            )
            said = enhance(photo, OwnerWords(faces=(NamedFace(who, box),)), None)
            found = record(kind, 100 * row + number)
            records.append(replace(found, observation=photo, enhancement=said))
    return records


def names(card: Card) -> list[str | None]:
    return [spot.appearance.name for spot in card.faces if spot.appearance]


def test_photos_of_an_event_are_grouped_by_time_and_participants() -> None:
    found = gatherings(moment for one in map(Card.of, party()) if (moment := Moment.of(one, names(one))))
    assert [(group.people, group.places, len(group.moments)) for group in found] == [
        (("Ann", "Ben"), ("Lyon, France",), 4),
        (("Cem",), ("Lyon, France",), 4),
        (("Ann", "Ben"), ("Sydney, Australia",), 4),
    ]
    assert [when(group.moments[0].taken_at, group.moments[0].latitude) for group in found] == [
        "on a winter afternoon in December 2024",
        "on a winter evening in December 2024",
        "on Christmas Eve 2024, in the evening",
    ]


def test_who_where_and_when_are_told_of_a_photo() -> None:
    texts = [one.enhancement.description.text for one in party() if one.enhancement]
    assert "Ann is in the photo, taken in Lyon, France, on a winter afternoon in December 2024." in texts[0]
    assert "taken in Sydney, Australia, on Christmas Eve 2024, in the evening." in texts[-1]
