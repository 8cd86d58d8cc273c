"""Files made to hurt: each is read or refused by name, within bounds of memory and time that are printed."""

import importlib.util
import io
import pickle
import re
import struct
import subprocess
import sys
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from PIL import Image

from shared.domain import arrays, pickles
from shared.domain.errors import InvalidInput, UnreadablePhoto
from shared.photos import decode, thumbnail
from shared.storage import keys
from tests.hostile.bounds import (
    MOST_MEGABYTES,
    MOST_SECONDS,
    bombs,
    costs,
    giant_metadata,
    long_lists,
    written,
)
from tests.hostile.seeds import picture, saved, seeds

ROOT = Path(__file__).parents[2]

linux = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc, which Linux has")


@linux
def test_a_hundred_million_pixels_stay_within_bounds(tmp_path: Path) -> None:
    most = costs(written(bombs(), tmp_path))

    assert most.megabytes < MOST_MEGABYTES
    assert most.seconds < MOST_SECONDS


def test_an_animation_is_looked_through_within_the_limit_of_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    frames = [Image.new("L", (60, 50), shade) for shade in range(0, 160, 10)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    loaded: list[int] = []
    load = Image.Image.load
    monkeypatch.setattr(Image.Image, "load", lambda self: loaded.append(1) or load(self))
    decode(data, max_pixels=4 * 60 * 50)
    few = len(loaded)
    loaded.clear()
    decode(data)

    assert few < len(loaded) / 2


POLYGLOTS = {
    "zip behind": lambda photo: photo + packed(),
    "page behind": lambda photo: photo + b"<script>alert(1)</script>",
    "program behind": lambda photo: photo + b"\x7fELF" + bytes(4000),
    "page inside": lambda photo: (
        photo[:2] + b"\xff\xfe" + struct.pack(">H", 30) + b"<html><script>".ljust(28) + photo[2:]
    ),
}


def packed() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.py", "print('no')" * 100)
    return out.getvalue()


@pytest.mark.parametrize("kind", POLYGLOTS)
def test_of_a_file_that_is_two_things_only_the_picture_goes_on(kind: str) -> None:
    data = POLYGLOTS[kind](saved(picture(), "JPEG"))

    small = thumbnail(decode(data))

    assert small[:4] == b"RIFF"
    assert struct.unpack("<I", small[4:8])[0] + 8 == len(small)
    assert not re.search(rb"script|ELF|PK\x03\x04", small)


@pytest.mark.parametrize("front", [b"%PDF-1.7\n", b"PK\x03\x04", b"<html>", b"GIF89a=1;/*"])
def test_a_photo_behind_another_files_beginning_is_refused(front: bytes) -> None:
    with pytest.raises(UnreadablePhoto):
        decode(front + saved(picture(), "JPEG"))


@linux
def test_giant_exif_costs_no_more_than_itself(tmp_path: Path) -> None:
    most = costs(written(giant_metadata(), tmp_path))

    assert most.megabytes < 700
    assert most.seconds < 30
    with suppress(UnreadablePhoto):
        assert len(decode(giant_metadata()["long.webp"]).words.description or "") <= 2_000


@linux
def test_a_list_of_contents_without_end_costs_no_more_than_the_file(tmp_path: Path) -> None:
    most = costs(written(long_lists(), tmp_path))

    assert most.megabytes < 500
    assert most.seconds < 30
    with pytest.raises(UnreadablePhoto, match="contents"):
        decode(long_lists()["empty.heic"])


@pytest.mark.parametrize("named", [b"mime", b"application/rdf+xml"])
def test_a_heif_file_whose_list_of_contents_is_no_text_is_refused_and_ends_no_process(named: bytes) -> None:
    spoiled = seeds()["rich.heif"].replace(named, named[:2] + b"\xed" + named[3:])

    with pytest.raises(UnreadablePhoto, match="contents"):
        decode(spoiled)


@pytest.mark.parametrize("name", sorted(seeds()))
def test_the_fuzzers_seeds_are_photos(name: str) -> None:
    assert decode(seeds()[name]).pixels.size


def test_the_fuzzer_finds_nothing_in_a_few_seconds(tmp_path: Path) -> None:
    if importlib.util.find_spec("atheris") is None:
        pytest.skip("atheris has no wheel for this machine: make fuzz runs on Linux")
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile", "--seconds", "5", "--seed", "1", "--corpus", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    print(done.stdout)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
    assert "inputs" in done.stdout


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return (print, ("a pickle ran code",))


def test_pickles_and_arrays_with_code_run_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as out:
        body = b"\x93NUMPY\x01\x00" + struct.pack("<H", 70)
        header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }".ljust(69) + b"\n"
        out.writestr("a.npy", body + header + pickle.dumps(Evil()))
    for protocol in range(6):
        with pytest.raises(InvalidInput, match="names"):
            pickles.loads(pickle.dumps(Evil(), protocol))
    with pytest.raises(InvalidInput):
        arrays.loads(archive.getvalue())
    for bomb in (b"\x80\x04" + b"(" * 100_000, b"\x80\x04]" + b"2a" * 40 + b".", b"", b"."):
        with suppress(InvalidInput):
            pickles.loads(bomb)
    assert "ran code" not in capsys.readouterr().out


HOSTILE_KEYS = [
    "../../etc/passwd",
    "..",
    "/absolute",
    "a//b",
    "a/./b",
    "a\x00b.jpg",
    "a\r\nSet-Cookie: x=1",
    "%2e%2e%2f",
    "records/" + "0" * 32 + ".json",
    "aliases/latest.json",
    "é" * 500,
    "\u202egpj.exe",
    "a" * 1024,
]


@pytest.mark.parametrize("key", HOSTILE_KEYS)
def test_whatever_a_photo_is_called_its_objects_have_plain_keys(key: str) -> None:
    photo_id = keys.photo_id("uploads", key)

    assert re.fullmatch(r"[0-9a-f]{32}", photo_id)
    for made in (
        keys.record(photo_id),
        keys.quarantine(photo_id),
        keys.unfinished(photo_id),
        keys.thumbnail(photo_id, "e" * 32),
    ):
        assert re.fullmatch(r"[a-z0-9/.]+", made)
        assert ".." not in made
