"""What the camera and a person wrote into a file comes out of it; what neither did does not."""

import hashlib
import math
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.ExifTags import GPS, IFD, Base
from PIL.TiffImagePlugin import IFDRational

from shared.domain.errors import InvalidInput
from shared.domain.observation import Box
from shared.photos import decode, strip_words
from shared.photos.exif import camera, coordinates, taken_at
from shared.photos.iptc import read_iptc
from shared.photos.places import gazetteer
from shared.photos.regions import turned
from shared.photos.words import is_human
from shared.photos.xmp import parse_xmp

RDF = (
    '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:lr="http://ns.adobe.com/lightroom/1.0/" xmlns:digiKam="http://www.digikam.org/ns/1.0/"'
    ' xmlns:mwg-rs="http://www.metadataworkinggroup.com/schemas/regions/"'
    ' xmlns:stArea="http://ns.adobe.com/xmp/sType/Area#"'
    ' xmlns:stDim="http://ns.adobe.com/xap/1.0/sType/Dimensions#"'
    ' xmlns:MP="http://ns.microsoft.com/photo/1.2/" xmlns:MPRI="http://ns.microsoft.com/photo/1.2/t/RegionInfo#"'
    ' xmlns:MPReg="http://ns.microsoft.com/photo/1.2/t/Region#">{}</rdf:Description></rdf:RDF></x:xmpmeta>'
)


def jpeg(
    *,
    xmp: str | bytes | None = None,
    iptc: bytes | None = None,
    digest: bytes | None = None,
    exif: Image.Exif | None = None,
    size: tuple[int, int] = (90, 60),
) -> bytes:
    stream = BytesIO()
    options: dict[str, Any] = {"exif": exif} if exif is not None else {}
    Image.linear_gradient("L").resize(size).convert("RGB").save(stream, "JPEG", **options)
    data = stream.getvalue()
    segments = b""
    if xmp is not None:
        packet = xmp.encode() if isinstance(xmp, str) else xmp
        segments += segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + packet)
    if iptc is not None:
        blocks = resource(0x0404, iptc) + (resource(0x0425, digest) if digest else b"")
        segments += segment(0xED, b"Photoshop 3.0\x00" + blocks)
    return data[:2] + segments + data[2:]


def segment(marker: int, payload: bytes) -> bytes:
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def resource(kind: int, data: bytes) -> bytes:
    padding = b"\x00" * (len(data) % 2)
    return b"8BIM" + kind.to_bytes(2, "big") + b"\x00\x00" + len(data).to_bytes(4, "big") + data + padding


def iim(*values: tuple[int, int, bytes]) -> bytes:
    return b"".join(
        bytes([0x1C, record, number]) + len(value).to_bytes(2, "big") + value
        for record, number, value in values
    )


def xmp_words(description: str, *subjects: str) -> str:
    bag = "".join(f"<rdf:li>{subject}</rdf:li>" for subject in subjects)
    return RDF.format(
        f'<dc:description><rdf:Alt><rdf:li xml:lang="de">Anders</rdf:li><rdf:li xml:lang="x-default">'
        f"{description}</rdf:li></rdf:Alt></dc:description><dc:subject><rdf:Bag>{bag}</rdf:Bag></dc:subject>"
    )


def mwg(name: str, x: float, y: float, w: float, h: float, applied: tuple[int, int] = (90, 60)) -> str:
    return RDF.format(
        f'<mwg-rs:Regions rdf:parseType="Resource"><mwg-rs:AppliedToDimensions stDim:w="{applied[0]}"'
        f' stDim:h="{applied[1]}" stDim:unit="pixel"/><mwg-rs:RegionList><rdf:Bag><rdf:li><rdf:Description'
        f' mwg-rs:Name="{name}" mwg-rs:Type="Face"><mwg-rs:Area stArea:x="{x}" stArea:y="{y}" stArea:w="{w}"'
        f' stArea:h="{h}" stArea:unit="normalized"/></rdf:Description></rdf:li></rdf:Bag></mwg-rs:RegionList>'
        "</mwg-rs:Regions>"
    )


def test_xmp_gives_the_default_language_and_keywords_trimmed_and_once() -> None:
    words = decode(jpeg(xmp=xmp_words("  A boat\n on the lake ", "Boat", " boat ", "", "Lago di Como"))).words
    assert words.description == "A boat on the lake"
    assert words.tags == ("Boat", "Lago di Como")


def test_hierarchical_keywords_add_their_leaves() -> None:
    body = (
        "<lr:hierarchicalSubject><rdf:Bag><rdf:li>Places|India|Mumbai</rdf:li></rdf:Bag></lr:hierarchicalSubject>"
        "<digiKam:TagsList><rdf:Seq><rdf:li>Animals/Dog</rdf:li></rdf:Seq></digiKam:TagsList>"
    )
    assert decode(jpeg(xmp=RDF.format(body))).words.tags == ("Mumbai", "Dog")


@pytest.mark.parametrize(
    ("block", "caption"),
    [
        (iim((1, 90, b"\x1b%G"), (2, 120, "桜の花見".encode())), "桜の花見"),
        (iim((2, 120, "Crème brûlée".encode("latin-1"))), "Crème brûlée"),
        (iim((2, 120, "Crème brûlée".encode())), "Crème brûlée"),
        (iim((2, 120, b"Whole"), (2, 25, b"x" * 10))[:-3], "Whole"),
    ],
)
def test_iptc_is_read_in_its_character_set_and_up_to_where_it_breaks(block: bytes, caption: str) -> None:
    assert decode(jpeg(iptc=block)).words.description == caption


def test_xmp_precedes_iptc_unless_iptc_was_edited_last() -> None:
    block = iim((2, 120, b"From IPTC"), (2, 25, b"iptc"))
    fresh = hashlib.md5(block).digest()
    for digest, said in ((None, "From XMP"), (fresh, "From XMP"), (b"\x00" * 16, "From IPTC")):
        words = decode(jpeg(xmp=xmp_words("From XMP", "xmp"), iptc=block, digest=digest)).words
        assert words.description == said
        assert words.tags == (said[-4:].strip().lower(),)


def test_what_one_side_lacks_the_other_gives() -> None:
    words = decode(
        jpeg(xmp=RDF.format(""), iptc=iim((2, 120, b"Only here"), (2, 25, b"one"), (2, 25, b"two")))
    ).words
    assert (words.description, words.tags) == ("Only here", ("one", "two"))


def test_exif_captions_count_only_where_a_person_wrote_them() -> None:
    exif = Image.Exif()
    exif[Base.ImageDescription] = "OLYMPUS DIGITAL CAMERA         "
    exif.get_ifd(IFD.Exif)[Base.UserComment] = b"UNICODE\x00" + "Grandma's garden".encode("utf-16-le")
    exif[0x9C9E] = "rose;garden".encode("utf-16-le") + b"\x00\x00"
    words = decode(jpeg(exif=exif)).words
    assert (words.description, words.tags) == ("Grandma's garden", ("rose", "garden"))


@pytest.mark.parametrize(
    "caption",
    [
        "OLYMPUS DIGITAL CAMERA",
        "Exif_JPEG_PICTURE",
        "DSC_0042",
        "IMG_2041.JPG",
        "",
        "   ",
        "default",
        "2026-01-02 10:11",
        "SAMSUNG DIGITAL CAMERA",
        "cof;hdr",
        "Minolta DSC",
        "���garbage",
        "File written by Adobe Photoshop",
    ],
)
def test_boilerplate_is_not_a_caption(caption: str) -> None:
    assert not is_human(caption)


@pytest.mark.parametrize(
    "caption", ["A dog", "मुंबई में बारिश", "海", "Digital cameras on a table, 1999", "Sony camera shop"]
)
def test_peoples_captions_are(caption: str) -> None:
    assert is_human(caption)


def test_words_are_bounded_and_hold_no_control_characters() -> None:
    words = decode(
        jpeg(xmp=xmp_words("word " * 2000, *(f"tag {number}" for number in range(500)), "y" * 300))
    ).words
    assert words.description is not None
    assert len(words.description) <= 2000
    assert len(words.tags) == 200
    bell = decode(jpeg(iptc=iim((2, 120, b"Ding\x07dong"), (2, 25, b"a\x00b")))).words
    assert (bell.description, bell.tags) == ("Ding dong", ("a b",))


@pytest.mark.parametrize(
    "bomb",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>',
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>',
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><unclosed>',
        '<?xml version="1.0" encoding="no-such-code"?><x/>',
    ],
)
def test_an_xmp_bomb_is_ignored_with_a_note_and_the_photo_is_read(bomb: str) -> None:
    photo = decode(jpeg(xmp=bomb))
    assert photo.words.tags == ()
    assert any("XMP" in note for note in photo.notes)


def test_xmp_nested_very_deep_or_very_long_is_harmless() -> None:
    assert parse_xmp(b"<a>" * 100_000 + b"</a>" * 100_000) is not None
    assert parse_xmp(b"<a>" + b" " * 3_000_000 + b"</a>") is None


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_named_face_lands_on_the_face_however_the_file_is_turned(orientation: int) -> None:
    # given a stored picture whose only dark spot is the named region
    dark = Box(0.1, 0.2, 0.3, 0.6)
    pixels = np.full((60, 90, 3), 240, dtype=np.uint8)
    pixels[12:36, 9:27] = 10
    exif = Image.Exif()
    exif[Base.Orientation] = orientation
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", quality=95, exif=exif)
    data = stream.getvalue()
    packet = mwg("Asha Rao", 0.2, 0.4, 0.2, 0.4).encode()
    data = data[:2] + segment(0xE1, b"http://ns.adobe.com/xap/1.0/\x00" + packet) + data[2:]
    # when it is read
    photo = decode(data)
    # then the region covers the dark pixels of the upright picture
    (region,) = photo.words.regions
    assert region.name == "Asha Rao"
    rows, columns = np.nonzero(photo.pixels[:, :, 0] < 128)
    height, width = photo.pixels.shape[:2]
    seen = Box(
        columns.min() / width, rows.min() / height, (columns.max() + 1) / width, (rows.max() + 1) / height
    )
    assert region.box.iou(seen) > 0.9
    assert region.box.area == pytest.approx(dark.area, abs=1e-4)


def test_a_region_applied_to_the_upright_picture_is_not_turned_again() -> None:
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    photo = decode(jpeg(xmp=mwg("Asha", 0.5, 0.25, 0.2, 0.1, applied=(60, 90)), exif=exif))
    assert photo.words.regions[0].box == Box(0.4, 0.2, 0.6, 0.3)


def test_microsoft_regions_and_pixel_areas_are_read_and_nonsense_is_not() -> None:
    microsoft = (
        '<MP:RegionInfo rdf:parseType="Resource"><MPRI:Regions><rdf:Bag>'
        '<rdf:li MPReg:Rectangle="0.25, 0.5, 0.25, 0.25" MPReg:PersonDisplayName="Ravi"/>'
        '<rdf:li MPReg:Rectangle="0.1, 0.1, nan, 0.2" MPReg:PersonDisplayName="Nobody"/>'
        '<rdf:li MPReg:Rectangle="0.1, 0.1" MPReg:PersonDisplayName="Nobody"/>'
        '<rdf:li MPReg:Rectangle="2, 2, 1, 1" MPReg:PersonDisplayName="Outside"/>'
        '<rdf:li MPReg:Rectangle="0.1, 0.1, 0.2, 0.2"/>'
        "</rdf:Bag></MPRI:Regions></MP:RegionInfo>"
    )
    (region,) = decode(jpeg(xmp=RDF.format(microsoft))).words.regions
    assert (region.name, region.box) == ("Ravi", Box(0.25, 0.5, 0.5, 0.75))
    pixel = mwg("Mina", 45, 30, 18, 12).replace("normalized", "pixel")
    assert decode(jpeg(xmp=pixel)).words.regions[0].box == Box(0.4, 0.4, 0.6, 0.6)
    pet = mwg("Rex", 0.5, 0.5, 0.2, 0.2).replace('"Face"', '"Pet"')
    assert decode(jpeg(xmp=pet)).words.regions == ()


FRACTIONS = st.floats(0, 1).map(lambda value: round(value, 4))


@given(
    FRACTIONS,
    FRACTIONS,
    FRACTIONS,
    FRACTIONS,
    st.sampled_from([(6, 8), (2, 2), (3, 3), (4, 4), (5, 5), (7, 7)]),
)
def test_turning_a_box_there_and_back_gives_it_again(
    x0: float, y0: float, x1: float, y1: float, pair: tuple[int, int]
) -> None:
    box = Box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
    back = turned(turned(box, pair[0]), pair[1])
    sides = (back.left, back.top, back.right, back.bottom)
    assert sides == pytest.approx((box.left, box.top, box.right, box.bottom))


def test_the_shutters_time_has_its_zone_and_fraction() -> None:
    details = {
        Base.DateTimeOriginal: "2024:05:06 07:08:09",
        Base.OffsetTimeOriginal: "+05:30",
        Base.SubsecTimeOriginal: "25",
    }
    expected = datetime(2024, 5, 6, 7, 8, 9, 250_000, timezone(timedelta(hours=5, minutes=30)))
    assert taken_at({}, details) == expected
    assert taken_at({}, {Base.DateTimeOriginal: b"2024-05-06T07:08:09Z\x00"}) == datetime(2024, 5, 6, 7, 8, 9)
    assert taken_at({}, {Base.DateTimeDigitized: "2024:05:06 07:08"}) == datetime(2024, 5, 6, 7, 8)


@pytest.mark.parametrize(
    "value",
    [
        "0000:00:00 00:00:00",
        "2024:13:01 00:00:00",
        "    :  :     :  :  ",
        "1970:01:01 00:00:00",
        "9999:01:01 01:01:01",
    ],
)
def test_dates_no_photo_has_are_dropped(value: str) -> None:
    assert taken_at({Base.Make: "Canon"}, {Base.DateTimeOriginal: value}) is None


def test_a_files_own_date_counts_only_for_a_cameras_file() -> None:
    when = {Base.DateTime: "2024:05:06 07:08:09"}
    assert taken_at(when, {}) is None
    assert taken_at(when | {Base.Make: "Canon"}, {}) == datetime(2024, 5, 6, 7, 8, 9)


@pytest.mark.parametrize(
    ("make", "model", "said"),
    [
        ("Canon", "Canon EOS 5D Mark III", "Canon EOS 5D Mark III"),
        ("NIKON CORPORATION", "NIKON D300\x00\x00", "NIKON D300"),
        ("Apple", "iPhone 15", "Apple iPhone 15"),
        ("OLYMPUS IMAGING CORP.  ", "E-M5", "OLYMPUS E-M5"),
        ("EASTMAN KODAK COMPANY", "KODAK CX7530", "KODAK CX7530"),
        ("", "", None),
        ("Ricoh", "", "Ricoh"),
    ],
)
def test_a_camera_is_named_once(make: str, model: str, said: str | None) -> None:
    assert camera({Base.Make: make, Base.Model: model}) == said


def gps(latitude: Any, longitude: Any, north: Any = "N", east: Any = "E") -> dict[int, Any]:
    return {
        GPS.GPSLatitude: latitude,
        GPS.GPSLatitudeRef: north,
        GPS.GPSLongitude: longitude,
        GPS.GPSLongitudeRef: east,
    }


def test_coordinates_are_signed_degrees() -> None:
    assert coordinates(gps((19, 4, 33.6), (72, 52, 39.5))) == pytest.approx((19.076, 72.877639))
    assert coordinates(gps((22, 54, 0), (43, 10, 0), "S", b"W\x00")) == pytest.approx((-22.9, -43.166667))


@pytest.mark.parametrize(
    "tags",
    [
        {},
        gps((0, 0, 0), (0, 0, 0)),
        gps((91, 0, 0), (1, 0, 0)),
        gps((1, 0, 0), (181, 0, 0)),
        gps((), (1, 0, 0)),
        gps(("a", "b", "c"), (1, 0, 0)),
        gps((IFDRational(0, 0), 1, 1), (1, 0, 0)),
        gps(None, (1, 0, 0)),
    ],
)
def test_positions_that_cannot_be_are_dropped(tags: dict[int, Any]) -> None:
    assert coordinates(tags) is None


RATIONALS = st.builds(IFDRational, st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))


@given(
    st.lists(RATIONALS | st.none() | st.text(max_size=3), max_size=4),
    st.text(max_size=2) | st.binary(max_size=2),
)
def test_any_rationals_give_a_position_on_earth_or_none(parts: list[Any], reference: Any) -> None:
    found = coordinates(gps(tuple(parts), tuple(parts), reference, reference))
    if found is not None:
        assert all(math.isfinite(value) for value in found)
        assert abs(found[0]) <= 90
        assert abs(found[1]) <= 180


@given(
    st.text(max_size=30) | st.from_regex(r"\d{4}:\d\d:\d\d \d\d:\d\d:\d\d", fullmatch=True),
    st.text(max_size=8),
)
def test_any_date_text_gives_a_moment_or_none(value: str, offset: str) -> None:
    moment = taken_at(
        {}, {Base.DateTimeOriginal: value, Base.OffsetTimeOriginal: offset, Base.SubsecTimeOriginal: offset}
    )
    assert moment is None or moment.astimezone(UTC) is not None


@given(st.binary(max_size=300), st.binary(min_size=16, max_size=16))
def test_any_bytes_are_read_as_iptc_and_xmp_without_an_error(block: bytes, digest: bytes) -> None:
    assert isinstance(read_iptc(block, digest).caption, str)
    parse_xmp(block)


def test_a_position_becomes_the_nearest_city_and_the_sea_none() -> None:
    exif = Image.Exif()
    exif.get_ifd(IFD.GPSInfo).update(
        gps((IFDRational(48), IFDRational(51), IFDRational(30)), (2.0, 17.0, 40.0))
    )
    facts = decode(jpeg(exif=exif)).exif
    assert facts.place is not None
    assert facts.place.country == "France"
    assert facts.place.text.endswith(", France")
    assert gazetteer().nearest(-48.9, -123.4) is None
    seattle = gazetteer().nearest(47.6062, -122.3321)
    assert seattle is not None
    assert (seattle.city, seattle.region, seattle.country) == ("Seattle", "Washington", "United States")


def test_the_nearest_city_is_found_across_the_date_line() -> None:
    west, east = gazetteer().nearest(-16.78, 179.99), gazetteer().nearest(-16.78, -179.99)
    assert west is not None
    assert west == east


def test_damaged_exif_costs_the_facts_not_the_photo() -> None:
    stream = BytesIO()
    Image.new("RGB", (8, 8)).save(stream, "PNG", exif=b"Exif\x00\x00II*\x00\xff\xff\xff\x7fgarbage")
    assert decode(stream.getvalue()).exif.taken_at is None


def test_stripping_takes_the_words_and_leaves_the_picture_and_the_facts() -> None:
    # given a photo with words in four places and an orientation
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    exif[Base.Make], exif[Base.Model], exif[Base.ImageDescription] = "Canon", "EOS R5", "A caption"
    exif.get_ifd(IFD.Exif)[Base.UserComment] = b"ASCII\x00\x00\x00A comment"
    data = jpeg(xmp=mwg("Asha", 0.5, 0.5, 0.2, 0.2), iptc=iim((2, 120, b"Words")), exif=exif)
    before = decode(data)
    # when its words are stripped
    after = decode(strip_words(data))
    # then none is left and all else is
    assert before.words.regions
    assert (after.words.description, after.words.tags, after.words.regions) == (None, (), ())
    assert np.array_equal(before.pixels, after.pixels)
    assert after.exif == before.exif
    assert strip_words(strip_words(data)) == strip_words(data)


def test_only_jpeg_files_can_be_stripped() -> None:
    with pytest.raises(InvalidInput, match="JPEG"):
        strip_words(b"\x89PNG")
