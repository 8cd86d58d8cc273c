"""XMP sidecars: read back by this product's own reader, the owner's words and the learned ones apart."""

from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from shared.cli.exporting import write
from shared.domain.people import ConfirmFace, NamePerson, PeopleEvent
from shared.domain.record import Enhancement, OwnerWords, Record, Sentence, Source, Tag
from shared.photos.iptc import IptcWords
from shared.photos.words import read_words
from shared.photos.xmp import parse_xmp, texts
from shared.services.people import People
from shared.services.sidecars import Sidecar, packet, sidecars
from shared.storage.records import RecordRepository
from shared.storage.store import DirectoryStore
from tests.unit.api_records import NOW, record

NOBODY = People(None, ())
PHOTO = "ab" * 16


@pytest.fixture
def known() -> Record:
    plain = record(PHOTO, "face-1", "face-2")
    return replace(
        plain,
        owner=OwnerWords(description="Ann & <Bob> at the sea", tags=("Mosel", "été")),
        enhancement=Enhancement(
            bundle="b",
            generic="two people",
            description=Sentence("Ann & <Bob> at the sea", Source.OWNER),
            tags=(Tag("Mosel", Source.OWNER, 1), Tag("beach", Source.LEARNED, 0.9)),
        ),
    )


def read(body: bytes):  # type: ignore[no-untyped-def]
    return read_words(parse_xmp(body), IptcWords("", (), False), {}, {}, orientation=1, stored=(400, 300))


def test_the_owners_words_are_read_back_and_the_learned_ones_are_not_taken_for_them(known: Record) -> None:
    words = read(packet(known, NOBODY))
    assert words.description == "Ann & <Bob> at the sea"
    assert words.tags == ("Mosel", "été")


def test_learned_keywords_hang_below_a_branch_of_their_own(known: Record) -> None:
    root = parse_xmp(packet(known, NOBODY))
    assert root is not None
    assert texts(root, "dc:subject") == ("Mosel", "été")
    assert texts(root, "lr:hierarchicalSubject") == ("Mosel", "été", "Avinash-EYE|beach")
    assert texts(root, "digiKam:TagsList") == ("Mosel", "été", "Avinash-EYE/beach")


def test_a_learned_sentence_is_no_caption(known: Record) -> None:
    assert known.enhancement is not None
    learned = replace(known.enhancement, description=Sentence("a beach", Source.LEARNED))
    body = packet(replace(known, owner=OwnerWords(), enhancement=learned), NOBODY)
    assert read(body).description is None
    assert b"LearnedDescription>a beach" in body


def test_faces_the_owner_named_are_regions(known: Record) -> None:
    said = (
        PeopleEvent("01ARZ3NDEKTSV4RRFFQ69G5FAV", NOW, ConfirmFace("face-1", "p")),
        PeopleEvent("01ARZ3NDEKTSV4RRFFQ69G5FAW", NOW, NamePerson("p", "Ann")),
    )
    (region,) = read(packet(known, People(None, said))).regions
    assert region.name == "Ann"
    assert region.box.left == pytest.approx(0.1, abs=1e-5)
    assert region.box.bottom == pytest.approx(0.4, abs=1e-5)


def test_sidecars_stand_beside_their_photos(tmp_path: Path, known: Record) -> None:
    records = RecordRepository(DirectoryStore(tmp_path))
    records.update(PHOTO, lambda _: known)
    (one,) = sidecars(records, NOBODY, [PHOTO, "0" * 32])
    assert str(one.path) == "abab.jpg.xmp"
    assert one.body == packet(known, NOBODY)


def test_what_xml_cannot_write_is_left_out(known: Record) -> None:
    odd = replace(known, owner=OwnerWords(description="a\x0bb\ud800", tags=("bell\x07", "été")))
    words = read(packet(odd, NOBODY))
    assert words.description == "ab"
    assert words.tags == ("bell", "été")


def test_only_sidecars_of_this_product_are_written_over(tmp_path: Path, known: Record) -> None:
    ours = Sidecar(PurePosixPath("2024/a.jpg.xmp"), packet(known, NOBODY))
    newer = ours._replace(body=packet(replace(known, owner=OwnerWords(tags=("sea",))), NOBODY))
    path = tmp_path / "2024" / "a.jpg.xmp"

    assert write(tmp_path, ours, replace=False) == "written"
    assert write(tmp_path, ours, replace=False) == "unchanged"
    assert write(tmp_path, newer, replace=False) == "written"
    assert read(path.read_bytes()).tags == ("sea",)

    path.write_bytes(path.read_bytes().replace(b'xmptk="Avinash-EYE"', b'xmptk="XMP Core 4.4.0-Exiv2"'))
    assert write(tmp_path, ours, replace=False) == "left"
    assert write(tmp_path, ours, replace=True) == "written"
