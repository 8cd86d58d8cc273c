"""Which photos play which part: the library that is learned from, and the new ones it has never seen."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from shared.cli import uploads
from shared.cli.target import ROOT
from shared.cli.uploads import Upload
from shared.domain.errors import InvalidInput, UnreadablePhoto
from shared.photos import strip_words
from shared.photos.container import open_photo
from shared.photos.metadata import read_metadata
from shared.photos.segments import is_jpeg

SAMPLES = ROOT / "events" / "photos"
MANIFEST = "manifest.jsonl"
FOLDER = "demo"
HELD_BACK = 10
MOST_NEW = 40
MOST_PHOTOS = 400
LEAST_WORDED = 10
MAX_PIXELS = 100_000_000


@dataclass(frozen=True, slots=True)
class NewPhoto:
    """A photo that the library gets as pixels only.

    Attributes
    ----------
    path : Path
        With its owner's words.
    key : str
    captions : tuple of str
        What people wrote of it, the owner first: what it is searched by, never learned from.
    tags : tuple of str
        The owner's, to hold the learned ones against.
    """

    path: Path
    key: str
    captions: tuple[str, ...]
    tags: tuple[str, ...]

    def without_words(self, folder: Path) -> Upload:
        """A copy below `folder` that holds pixels and the camera's facts, but no words."""
        copy = folder / self.key
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(strip_words(self.path.read_bytes()))
        return Upload(copy, self.key)


@dataclass(frozen=True, slots=True)
class Cast:
    """The photos of a demo.

    Attributes
    ----------
    name : str
        Of the collection, for people.
    library : tuple of Upload
        Photos that are learned from, their owner's words in the files.
    new : tuple of NewPhoto
    worded : int
        Photos of the library with owner's words.
    left_out : int
        Photos of the folder beyond what a demo takes.
    """

    name: str
    library: tuple[Upload, ...]
    new: tuple[NewPhoto, ...]
    worded: int
    left_out: int = 0


def cast(folder: Path | None) -> Cast:
    """The samples by their manifest, or an owner's folder with a tenth of the photos with words held back.

    Raises
    ------
    InvalidInput
        Where the folder holds no photos.
    """
    return _samples(SAMPLES) if folder is None else _owned(folder)


def _samples(folder: Path) -> Cast:
    rows = [json.loads(line) for line in (folder / MANIFEST).read_text().splitlines()]
    new = tuple(
        NewPhoto(
            folder / row["file"],
            f"{FOLDER}/new/{row['file']}",
            (row["description"], *row["other_captions"]),
            tuple(row["tags"]),
        )
        for row in rows
        if row["new"]
    )
    library = tuple(Upload(folder / row["file"], f"{FOLDER}/{row['file']}") for row in rows if not row["new"])
    return Cast("the samples of events/photos", library, new, len(library))


def _owned(folder: Path) -> Cast:
    found = uploads.find([folder], FOLDER).uploads
    if not found:
        raise InvalidInput(f"There are no photos in {folder}: name a folder with some")
    taken = sorted(found, key=lambda upload: hashlib.sha256(upload.key.encode()).digest())[:MOST_PHOTOS]
    worded = [photo for upload in taken if (photo := _worded(upload))]
    held = worded[: min(MOST_NEW, len(worded) // HELD_BACK)] if len(worded) >= LEAST_WORDED else []
    jpegs = tuple(photo for photo in held if is_jpeg(photo.path.read_bytes()[:3]))
    kept = {photo.path for photo in jpegs}
    library = tuple(upload for upload in taken if upload.path not in kept)
    return Cast(str(folder), library, jpegs, len(worded) - len(jpegs), len(found) - len(taken))


def _worded(upload: Upload) -> NewPhoto | None:
    try:
        with open_photo(upload.path.read_bytes(), max_pixels=MAX_PIXELS) as image:
            words = read_metadata(image).words
    except UnreadablePhoto:
        return None
    if not (words.description or words.tags):
        return None
    captions = (words.description,) if words.description else ()
    key = upload.key.replace(f"{FOLDER}/", f"{FOLDER}/new/", 1)
    return NewPhoto(upload.path, key, captions, words.tags)


def missing_words(found: Cast) -> Iterable[str]:
    """What a cast cannot show for want of words, in sentences."""
    if found.worded == 0:
        yield (
            "None of these photos carries a caption or keywords in its file (IPTC or XMP), so there is "
            "nothing to learn tags and sentences from: people and the models' own words are all to see."
        )
    elif not found.new:
        yield (
            f"Only {found.worded} of these photos carry words in their files: too few to hold some back "
            "and show what is learned."
        )
