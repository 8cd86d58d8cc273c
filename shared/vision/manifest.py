"""The model manifest: which file does which task, where it comes from, and the hash it must have.

`manifest.json` in the models folder is written when the default set is built. An owner adds models of their
own, such as CLIP or a captioner, by an `owner.json` of the same form beside it; an entry of the same name
replaces the default's.
"""

import hashlib
from enum import StrEnum
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from shared.domain.errors import ModelUnavailable

MANIFEST, OWNER_MANIFEST = "manifest.json", "owner.json"
_BLOCK = 1 << 20


class Task(StrEnum):
    """What a model is for."""

    LABELS = "labels"
    OBJECTS = "objects"
    FACE_DETECTION = "face_detection"
    FACE_ENCODING = "face_encoding"
    TEXT = "text"
    CLIP = "clip"
    CAPTION = "caption"
    DATA = "data"


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileRef(_Strict):
    """One file of the models folder, or of a folder inside it, and its SHA-256."""

    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")

    @field_validator("file")
    @classmethod
    def _stays_inside(cls, value: str) -> str:
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("must name a file inside the models folder")
        return value


class Preprocessing(_Strict):
    """From upright sRGB pixels to the model's input: resized, then (x - mean) / scale, channels first.

    `size` is the side of a square the photo is resized to; `crop` keeps its aspect and takes the centre (as
    CLIP was trained), otherwise it is squeezed to the square.
    """

    size: int = Field(gt=0)
    mean: tuple[float, float, float] = (0.0, 0.0, 0.0)
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)
    crop: bool = False


class Origin(_Strict):
    """Where the weights come from, and the package and the revision of the recipe they were built by."""

    project: str
    package: str = ""
    version: str = ""
    package_sha256: str = ""
    recipe: str = ""


class ModelEntry(FileRef):
    """One model: identity, origin, how to feed it and what comes out."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$")
    task: Task
    licence: str
    origin: Origin
    preprocessing: Preprocessing | None = None
    outputs: tuple[str, ...] = ()
    companions: dict[str, FileRef] = Field(default_factory=dict)
    options: dict[str, str | int | float] = Field(default_factory=dict)

    @cached_property
    def identity(self) -> str:
        """The name and 12 hex digits of all that decides what the model says: its files, how it is fed."""
        how = self.model_dump_json(include={"preprocessing", "options"})
        text = "\n".join([*(f"{ref.file} {ref.sha256}" for ref in self.files()), how])
        return f"{self.name}@{hashlib.sha256(text.encode()).hexdigest()[:12]}"

    def files(self) -> tuple[FileRef, ...]:
        """Every file of the model, its own first."""
        return (self, *(self.companions[role] for role in sorted(self.companions)))


class ManifestFile(_Strict):
    """The content of `manifest.json` and of `owner.json`."""

    models: tuple[ModelEntry, ...] = ()


class Manifest:
    """The models of a folder, verified before they are given out.

    Parameters
    ----------
    directory : Path
    entries : sequence of ModelEntry
    """

    def __init__(self, directory: Path, entries: tuple[ModelEntry, ...]) -> None:
        self.directory = directory
        self._entries = {entry.name: entry for entry in entries}
        self._verified: set[str] = set()

    @classmethod
    def load(cls, directory: Path) -> Self:
        """Read the built manifest and the owner's, if there is one.

        Raises
        ------
        ModelUnavailable
            Where the default set has not been built, or a manifest does not have the right form.
        """
        built = directory / MANIFEST
        if not built.is_file():
            raise ModelUnavailable(f"There are no models in {directory}: run make models")
        entries = _parse(built).models
        owner = directory / OWNER_MANIFEST
        if owner.is_file():
            entries += _parse(owner).models
        return cls(directory, entries)

    @property
    def entries(self) -> tuple[ModelEntry, ...]:
        """All entries, by name."""
        return tuple(self._entries[name] for name in sorted(self._entries))

    def entry(self, name: str) -> ModelEntry:
        """The entry of this name.

        Raises
        ------
        ModelUnavailable
            Where there is none.
        """
        if name not in self._entries:
            raise ModelUnavailable(f"The manifest in {self.directory} has no model {name!r}: run make models")
        return self._entries[name]

    def first(self, task: Task) -> ModelEntry | None:
        """The first entry of a task by name, None where there is none."""
        return next((entry for entry in self.entries if entry.task is task), None)

    def path(self, ref: FileRef) -> Path:
        """The file's path, once its hash is checked (once a process).

        Raises
        ------
        ModelUnavailable
            Where the file is missing or is another than the manifest names.
        """
        path = self.directory / ref.file
        if ref.file not in self._verified:
            if not path.is_file():
                raise ModelUnavailable(
                    f"Model file {ref.file} is missing from {self.directory}: run make models"
                )
            if sha256_of(path) != ref.sha256:
                raise ModelUnavailable(
                    f"Model file {ref.file} is not the one the manifest names (its SHA-256 differs): "
                    "delete it and run make models"
                )
            self._verified.add(ref.file)
        return path

    def companion(self, entry: ModelEntry, role: str) -> Path:
        """The verified path of a model's further file, such as its tokenizer.

        Raises
        ------
        ModelUnavailable
            Where the entry names none for this role, or the file is not what it should be.
        """
        if role not in entry.companions:
            raise ModelUnavailable(
                f"Model {entry.name} needs a {role!r} under companions in its manifest entry"
            )
        return self.path(entry.companions[role])


def sha256_of(path: Path) -> str:
    """SHA-256 of a file in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def _parse(path: Path) -> ManifestFile:
    try:
        return ManifestFile.model_validate_json(path.read_bytes())
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the file"
        raise ModelUnavailable(f"{path} is not a model manifest: {where}: {first['msg']}") from error
