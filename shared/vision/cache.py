"""Sights kept by what was looked at and with what, so that no photo is looked at twice by the same models.

For tests, evaluations and demos; the cloud keeps observations in records instead.
"""

import hashlib
import json
import os
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from shared.domain.observation import Box, Label, Observation, SeenObject
from shared.vision.faces import EncodedFace
from shared.vision.observer import Observer, PhotoLike, Sight

_FEATURE = "feature."


def default_directory() -> Path:
    """`$EYE_CACHE`, or `~/.cache/avinash-eye`."""
    configured = os.environ.get("EYE_CACHE")
    return Path(configured) if configured else Path.home() / ".cache" / "avinash-eye"


class CachedObserver:
    """An observer that looks only at photos it has not seen.

    Parameters
    ----------
    observer : Observer
    directory : Path or None
        Where sights are kept; the default directory if None.
    """

    def __init__(self, observer: Observer, directory: Path | None = None) -> None:
        self._observer = observer
        models = hashlib.sha256("\n".join(observer.models).encode()).hexdigest()[:16]
        self._directory = (directory or default_directory()) / "sights" / models

    @property
    def models(self) -> tuple[str, ...]:
        """Identities of everything that takes part in an observation, sorted."""
        return self._observer.models

    @property
    def encoding_space(self) -> str:
        """What the face encodings are comparable with."""
        return self._observer.encoding_space

    def observe(self, photo: PhotoLike, photo_id: str) -> Observation:
        """The photo's observation, from the cache where the same bytes were seen before."""
        path = self._directory / photo.content_sha256[:2] / f"{photo.content_sha256}.npz"
        sight = _read(path)
        if sight is None:
            sight = self._observer.look(photo.pixels)
            _write(path, sight)
        return sight.of(photo, photo_id, self.models, self.encoding_space)


def _write(path: Path, sight: Sight) -> None:
    said = {
        "labels": [asdict(label) for label in sight.labels],
        "objects": [asdict(seen) for seen in sight.objects],
        "faces": [{"box": asdict(f.box), "score": f.score, "quality": f.quality} for f in sight.faces],
        "caption": sight.caption,
    }
    encodings = [face.encoding for face in sight.faces]
    arrays: dict[str, Any] = {_FEATURE + name: block for name, block in sight.features.items()}
    arrays["said"] = np.frombuffer(json.dumps(said, sort_keys=True).encode(), np.uint8)
    arrays["text_vector"] = sight.text_vector
    arrays["encodings"] = np.stack(encodings) if encodings else np.zeros((0, 128), np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(f".{os.getpid()}.partial")
    with partial.open("wb") as file:
        np.savez(file, allow_pickle=False, **arrays)
    partial.replace(path)


def _read(path: Path) -> Sight | None:
    """A kept sight; None where there is none or the file is damaged, which looking again mends."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            said = json.loads(arrays["said"].tobytes())
            encodings = arrays["encodings"]
            features = {
                name.removeprefix(_FEATURE): arrays[name]
                for name in arrays.files
                if name.startswith(_FEATURE)
            }
            text_vector = arrays["text_vector"]
    except (OSError, EOFError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    return Sight(
        labels=tuple(Label(**label) for label in said["labels"]),
        objects=tuple(SeenObject(s["name"], s["score"], Box(**s["box"])) for s in said["objects"]),
        faces=tuple(
            EncodedFace(Box(**face["box"]), face["score"], encoding, face["quality"])
            for face, encoding in zip(said["faces"], encodings, strict=True)
        ),
        features=features,
        text_vector=text_vector,
        caption=said["caption"],
    )
