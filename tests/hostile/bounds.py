"""The most memory and time that a photo made to hurt takes: `make bounds`, or with PHOTOS=folder your own.

Each file is read in a process of its own, as `analyze` reads it, up to its thumbnail.
"""

import argparse
import struct
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from tests.hostile.seeds import exif, picture, saved

ROOT = Path(__file__).parents[2]
SIDE, RGBA = 9_990, 6
MOST_MEGABYTES, MOST_SECONDS = 1_400, 60

LOOK = """
import pathlib, resource, sys, warnings
warnings.simplefilter("ignore")
from shared.domain.errors import UnreadablePhoto
from shared.photos import decode, thumbnail
data = open(sys.argv[1], "rb").read()
try:
    thumbnail(decode(data))
except UnreadablePhoto:
    pass
usage = resource.getrusage(resource.RUSAGE_SELF)
status = pathlib.Path("/proc/self/status")  # ru_maxrss counts the parent's memory, too, under Linux
high = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")]
print(int(high[0]) // 1024, round(usage.ru_utime + usage.ru_stime, 1))
"""


class Cost(NamedTuple):
    """Megabytes at the highest and seconds of CPU, the start of the process included."""

    megabytes: int
    seconds: float


def cost(path: Path) -> Cost:
    """What a process of its own takes to read a file."""
    done = subprocess.run(
        [sys.executable, "-c", LOOK, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    megabytes, seconds = done.stdout.split()
    return Cost(int(megabytes), float(seconds))


def bombs() -> dict[str, bytes]:
    """Small files of a hundred million pixels."""
    return {
        "rgba.png": _png(),
        "progressive.jpg": saved(Image.new("RGB", (SIDE, SIDE), (9, 99, 199)), "JPEG", progressive=True),
        "wavelets.jp2": (Path(__file__).parent / "files" / "hundred_megapixels.jp2").read_bytes(),
    }


def giant_metadata() -> dict[str, bytes]:
    """EXIF of megabytes: in a hundred segments, and in one comment."""
    whole = b"".join(
        b"\xff\xe1" + struct.pack(">H", 65_533) + b"Exif\x00\x00" + b"II*\x00\x08\x00\x00\x00" + bytes(65_517)
        for _ in range(100)
    )
    photo = saved(picture(), "JPEG")
    facts = exif()
    facts.get_ifd(0x8769)[0x9286] = b"UNICODE\x00" + b"A\x00" * 4_000_000
    return {
        "many.jpg": photo[:2] + whole + photo[2:],
        "long.webp": saved(picture(), "WEBP", exif=facts.tobytes()),
    }


def long_lists() -> dict[str, bytes]:
    """HEIF files of twenty megabytes whose lists of contents have no end, or too many entries."""
    size = 20_000_000
    item = b"\x02\x00\x00\x00\x00\x01\x00\x00mime"
    lists = {
        "nuls.heic": box(b"infe", item + bytes(size)),
        "empty.heic": b"\x00\x00\x00\x08infe" * (size // 8),
    }
    start = box(b"ftyp", b"heic\x00\x00\x00\x00mif1heic")
    return {
        name: start + box(b"meta", bytes(4) + box(b"iinf", bytes(6) + items)) for name, items in lists.items()
    }


def box(kind: bytes, body: bytes) -> bytes:
    """A box of a HEIF file."""
    return struct.pack(">I", len(body) + 8) + kind + body


def _png() -> bytes:
    """Four channels, all zero."""
    packer = zlib.compressobj(1)
    row = bytes(1 + SIDE * 4) * 90
    packed = b"".join(packer.compress(row) for _ in range(SIDE // 90)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in (
            (b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, RGBA, 0, 0, 0)),
            (b"IDAT", packed),
            (b"IEND", b""),
        )
    )


def costs(paths: Iterator[Path]) -> Cost:
    """Measure files, print a line each and the maximum; returns it."""
    most = Cost(0, 0.0)
    for path in paths:
        found = cost(path)
        print(
            f"{path.name}: {path.stat().st_size} bytes, {found.megabytes} MB, {found.seconds} s", flush=True
        )
        most = Cost(max(most.megabytes, found.megabytes), max(most.seconds, found.seconds))
    print(f"at most {most.megabytes} MB and {most.seconds} s an image")
    return most


def written(files: dict[str, bytes], folder: Path) -> Iterator[Path]:
    """Put files into a folder, one after the other."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
        yield folder / name


def main() -> int:
    """Exit 0 where every file stays within bounds."""
    parser = argparse.ArgumentParser(prog="python -m tests.hostile.bounds", description=__doc__)
    parser.add_argument("--photos", type=Path, help="a folder; files made to hurt where none is named")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = written({**bombs(), **giant_metadata(), **long_lists()}, Path(folder))
        paths = (path for path in sorted(asked.photos.rglob("*")) if path.is_file()) if asked.photos else made
        most = costs(paths)
    return int(most.megabytes > MOST_MEGABYTES or most.seconds > MOST_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
