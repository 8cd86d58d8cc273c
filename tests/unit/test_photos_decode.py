"""Bytes become upright sRGB pixels, or one clear reason why not."""

import random
import struct
import zlib
from contextlib import suppress
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from shared.domain.errors import UnreadablePhoto
from shared.photos import Photo, decode, dhash, thumbnail
from tests.hostile.seeds import saved

RED, GREEN, BLUE, WHITE = (220, 30, 30), (30, 200, 30), (30, 30, 220), (250, 250, 250)
UNDO = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def corners(size: tuple[int, int] = (96, 64)) -> Image.Image:
    image = Image.new("RGB", size, WHITE)
    width, height = size
    image.paste(RED, (0, 0, width // 2, height // 2))
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    return image


def turned(orientation: int) -> Image.Image:
    return corners() if orientation == 1 else corners().transpose(UNDO[orientation])


def exif_of(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


def assert_corners(photo: Photo, tolerance: int = 12) -> None:
    height, width = photo.pixels.shape[:2]
    for (x, y), colour in {(0.2, 0.2): RED, (0.8, 0.2): GREEN, (0.2, 0.8): BLUE, (0.8, 0.8): WHITE}.items():
        seen = photo.pixels[int(y * height), int(x * width)].astype(int)
        assert np.abs(seen - colour).max() <= tolerance, (x, y, seen, colour)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF", "AVIF"])
def test_every_orientation_decodes_to_the_same_upright_pixels(kind: str, orientation: int) -> None:
    options: dict[str, Any] = {"quality": 95} if kind in ("JPEG", "WEBP", "HEIF", "AVIF") else {}
    photo = decode(saved(turned(orientation), kind, exif=exif_of(orientation).tobytes(), **options))
    assert (photo.width, photo.height, photo.format) == (96, 64, kind)
    assert photo.pixels.shape == (64, 96, 3)
    assert_corners(photo)


def test_orientation_of_xmp_turns_a_png_without_exif() -> None:
    xmp = (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
        "</rdf:RDF></x:xmpmeta>"
    )
    assert_corners(decode(saved(turned(6), "WEBP", xmp=xmp.encode(), lossless=True)))


@pytest.mark.parametrize("mode", ["RGB", "CMYK", "P", "YCbCr", "LAB"])
def test_colour_spaces_come_out_as_the_same_colours(mode: str) -> None:
    image = corners()
    if mode == "LAB":
        transform = ImageCms.buildTransform(
            ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB"
        )
        converted = ImageCms.applyTransform(image, transform)
        assert converted is not None
    else:
        converted = image.quantize(4) if mode == "P" else image.convert(mode)
    assert_corners(decode(saved(converted, "TIFF")), tolerance=20)


def test_a_wide_gamut_profile_is_converted_to_srgb() -> None:
    gamma = ImageCms.ImageCmsProfile(ImageCms.createProfile("XYZ")).tobytes()
    plain = decode(saved(corners()))
    damaged = decode(saved(corners(), icc_profile=b"not a profile"))
    misfit = decode(saved(corners(), icc_profile=gamma))
    assert "damaged" in damaged.notes[0]
    assert "does not fit" in misfit.notes[0]
    assert np.array_equal(damaged.pixels, plain.pixels)


def test_grey_of_sixteen_bits_keeps_its_shades() -> None:
    ramp = np.tile(np.linspace(0, 65535, 64, dtype=np.uint16), (16, 1))
    photo = decode(saved(Image.fromarray(ramp), "PNG"))
    assert photo.pixels[0, 0, 0] == 0
    assert photo.pixels[0, -1, 0] == 255
    assert abs(int(photo.pixels[0, 32, 1]) - 129) <= 2


def test_grey_of_twelve_bits_and_floats_fill_the_range() -> None:
    twelve = np.tile(np.linspace(0, 4095, 64, dtype=np.uint16), (16, 1))
    share = np.tile(np.linspace(0, 1, 64, dtype=np.float32), (16, 1))
    below = np.tile(np.linspace(-5, 5, 64, dtype=np.float32), (16, 1))
    below[0, 0] = np.nan
    for values in (twelve, share, below):
        photo = decode(saved(Image.fromarray(values), "TIFF"))
        assert photo.pixels[1, 0, 0] == 0
        assert photo.pixels[1, -1, 0] == 255


def test_one_bit_images_are_black_and_white() -> None:
    image = Image.new("1", (16, 16), 1)
    image.paste(0, (0, 0, 8, 16))
    photo = decode(saved(image))
    assert photo.pixels[0, 0].tolist() == [0, 0, 0]
    assert photo.pixels[0, 15].tolist() == [255, 255, 255]


def test_transparency_lies_on_white() -> None:
    image = Image.new("RGBA", (32, 32), (0, 0, 0, 0))
    image.paste((255, 0, 0, 255), (0, 0, 16, 32))
    palette = image.convert("RGB").quantize(4)
    clear = palette.getpixel((31, 31))
    for data in (saved(image), saved(palette, transparency=clear), saved(palette, "GIF", transparency=clear)):
        photo = decode(data)
        assert photo.pixels[0, 31].tolist() == [255, 255, 255]
        assert photo.pixels[0, 0].tolist() == [255, 0, 0]


def test_an_animation_gives_its_first_picture_that_shows_something() -> None:
    frames = [Image.new("RGB", (96, 64), "black"), corners(), Image.new("RGB", (96, 64), "white")]
    for kind in ("GIF", "PNG", "WEBP"):
        options: dict[str, Any] = {"lossless": True} if kind == "WEBP" else {}
        photo = decode(
            saved(frames[0], kind, save_all=True, append_images=frames[1:], duration=100, **options)
        )
        assert_corners(photo)
        assert photo.notes == ("The file is animated: its picture number 2 was read.",)


def test_a_tiff_of_several_pages_gives_its_first() -> None:
    data = saved(corners(), "TIFF", save_all=True, append_images=[Image.new("RGB", (9, 9))])
    photo = decode(data)
    assert_corners(photo)
    assert "first was read" in photo.notes[0]


def test_a_large_photo_is_worked_on_small_and_keeps_its_size() -> None:
    photo = decode(saved(corners((4500, 3000)), "JPEG", quality=90))
    assert (photo.width, photo.height) == (4500, 3000)
    assert photo.pixels.shape == (1365, 2048, 3)
    assert_corners(photo)


def test_too_many_pixels_are_refused_by_the_header_alone() -> None:
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    bomb += struct.pack(">I", 0) + b"IDAT" + struct.pack(">I", zlib.crc32(b"IDAT"))
    with pytest.raises(UnreadablePhoto, match="pixels"):
        decode(bomb)
    with pytest.raises(UnreadablePhoto, match="upload a smaller copy"):
        decode(saved(corners()), max_pixels=1000)


def test_a_text_chunk_that_unpacks_to_megabytes_is_refused_or_harmless() -> None:
    data = saved(corners())
    chunk = b"zTXtcomment\x00\x00" + zlib.compress(b"a" * 80_000_000)
    bomb = (
        data[:33]
        + struct.pack(">I", len(chunk) - 4)
        + chunk
        + struct.pack(">I", zlib.crc32(chunk))
        + data[33:]
    )
    with pytest.raises(UnreadablePhoto, match="unpack to far more"):
        decode(bomb)


def test_a_directory_that_copies_one_block_thousands_of_times_is_refused() -> None:
    entries = 20_000
    filler = 12 * entries + 400_000
    tiff = b"II*\x00" + struct.pack("<IH", 8, entries)
    tiff += b"".join(struct.pack("<HHII", tag, 7, filler - 100, 20) for tag in range(300, 300 + entries))
    tiff += b"\x00" * filler
    with pytest.raises(UnreadablePhoto, match="exhaust memory"):
        decode(tiff)


def test_a_jpeg_cut_in_half_is_refused_and_one_without_its_last_bytes_is_noted() -> None:
    noisy = Image.fromarray(np.random.default_rng(7).integers(0, 256, (256, 256, 3), dtype=np.uint8))
    data = saved(noisy, "JPEG", quality=90)
    with pytest.raises(UnreadablePhoto, match=r"ends before the picture does \(\d+% is missing\): upload"):
        decode(data[: len(data) // 2])
    assert decode(data[:-40]).notes == ("The file ends early: the picture's last lines may be missing.",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"%PDF-1.7 ...", "PDF document"),
        (b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 40, "a video"),
        (b"<html><body>404", "web page"),
        (b"PK\x03\x04" + b"\x00" * 40, "ZIP archive"),
        (b"\x00\x00\x01\x00\x01\x00", "icon"),
        (b"just some words", "not a photo in a known format"),
    ],
)
def test_what_is_no_photo_is_named_in_the_reason(data: bytes, words: str) -> None:
    with pytest.raises(UnreadablePhoto, match=words):
        decode(data)


def test_the_name_and_type_of_a_file_do_not_matter_only_its_bytes() -> None:
    assert decode(saved(corners(), "JPEG")).format == "JPEG"
    assert decode(saved(corners(), "BMP")).format == "BMP"
    assert decode(saved(corners(), "JPEG2000")).format == "JPEG2000"


@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=400), start=st.sampled_from([b"", b"\xff\xd8\xff", b"II*\x00", b"GIF89a", b"BM"])
)
def test_random_bytes_raise_nothing_but_unreadable(data: bytes, start: bytes) -> None:
    with pytest.raises(UnreadablePhoto, match=r".{20,}"):
        decode(start + data)


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32), kind=st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"]))
def test_files_with_flipped_bytes_decode_or_are_unreadable(seed: int, kind: str) -> None:
    broken = bytearray(saved(corners(), kind, **({"exif": exif_of(6)} if kind != "BMP" else {})))
    chance = random.Random(seed)
    for _ in range(chance.randint(1, 12)):
        broken[chance.randrange(len(broken))] = chance.randrange(256)
    with suppress(UnreadablePhoto):
        assert decode(bytes(broken)).pixels.dtype == np.uint8


def test_a_thumbnail_is_small_upright_and_without_metadata() -> None:
    photo = decode(saved(turned(8).resize((640, 960)), "JPEG", exif=exif_of(8), quality=95))
    with Image.open(BytesIO(thumbnail(photo, side=100))) as small:
        assert small.format == "WEBP"
        assert small.size == (100, 67)
        assert not small.getexif()
        assert small.getpixel((10, 10))[0] > 150  # type: ignore[index]


def test_near_duplicates_share_most_bits_of_the_hash() -> None:
    scene = Image.effect_noise((256, 256), 90).resize((24, 24)).resize((512, 384), Image.Resampling.BICUBIC)
    copy = scene.resize((300, 225)).point(lambda value: min(255, value + 8))
    one, two = (
        int(decode(saved(image.convert("RGB"), "JPEG", quality=80)).dhash, 16) for image in (scene, copy)
    )
    other = int(dhash(np.asarray(scene.transpose(Image.Transpose.ROTATE_180).convert("RGB"))), 16)
    assert (one ^ two).bit_count() <= 6
    assert (one ^ other).bit_count() > 10


def test_the_same_bytes_give_the_same_photo() -> None:
    data = saved(corners(), "JPEG")
    one, two = decode(data), decode(data)
    assert (one.content_sha256, one.dhash, len(one.dhash)) == (two.content_sha256, two.dhash, 16)
    assert np.array_equal(one.pixels, two.pixels)
