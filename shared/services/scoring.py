"""What a bundle is worth on the library's own photos, each judged by what has learned no word of it."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial

import numpy as np

from shared.domain.dataset import Shard
from shared.domain.errors import BundleInvalid, EyeError, MetadataNotFound
from shared.learning.holdout import without_folds
from shared.services import measuring
from shared.services.evaluation.base import Figure, bootstrap_mean, bootstrap_ratio
from shared.services.measuring import Measured
from shared.services.reporting.content import Comparison
from shared.storage.bundles import BundleRepository
from shared.storage.dataset import DatasetRepository
from shared.storage.runs import Run
from shared.storage.store import ObjectStore

TAGS, DETAILS, SEARCH = "Tags, F1", "Right details a description", "Search, found among the first ten"


@dataclass(frozen=True, slots=True)
class Score:
    """What the live bundle is worth: its version, the photos it was scored on, and the figures."""

    version: str
    photos: int
    comparisons: tuple[Comparison, ...]


def score_live(store: ObjectStore) -> Score:
    """Score the live bundle on the photos its training held out, as the last export left them.

    Raises
    ------
    EyeError
        Where no bundle is live, or none of its held-out photos is left.
    """
    live = BundleRepository(store).latest()
    if live is None:
        raise EyeError("No bundle is live to be scored: run `eye train`, or name a folder with --data.")
    run, dataset = Run(store, live.manifest.run_id), DatasetRepository(store)
    photos, folds = held_out(run, partial(_current, dataset))
    if photos is None:
        raise EyeError("No photo that the live bundle held out is left: write words and run `eye train`.")
    without = without_folds(live.version, live.files)
    if not set(folds) <= set(without):
        raise BundleInvalid(f"Bundle {live.version} was not solved without its held-out photos: train again")
    before = measuring.measure(photos, measuring.models_alone(photos))
    after = measuring.measure(photos, measuring.learned(photos, folds, without))
    return Score(live.version, len(photos), compare(before, after, None))


def held_out(run: Run, load: Callable[[str, Collection[str]], Shard]) -> tuple[Shard | None, list[int]]:
    """The photos to measure on, those with the smallest ids, and the fold of each.

    Parameters
    ----------
    load : callable
        From a shard's prefix and photo ids to those of these photos that are there.
    """
    found: list[Shard] = []
    folds: list[int] = []
    missing, cross_fitted = measuring.MEASURED, run.cross_fitted()
    for prefix in run.prefixes():
        fold_of = run.folds(prefix)
        shard = load(prefix, fold_of.keys())
        rows = measuring.measurable(shard, fold_of, cross_fitted=cross_fitted)[:missing]
        missing -= len(rows)
        if len(rows):
            found.append(shard.take(rows))
            folds += [fold_of[shard.ids[row]] for row in rows.tolist()]
        if not missing:
            break
    return (Shard.concatenate(found) if found else None), folds


def compare(before: Measured, after: Measured, live: Measured | None) -> tuple[Comparison, ...]:
    """The figures of the models alone, of the new bundle and of the live one."""

    def compared(name: str, figure: Callable[[Measured], Figure]) -> Comparison:
        return Comparison(name, figure(before), figure(after), figure(live) if live else None)

    rows = [
        compared(DETAILS, lambda m: bootstrap_mean(m.right_details)),
        compared(
            "Share of a description's details that are right",
            _share(lambda m: m.right_details, lambda m: m.details),
        ),
        compared(TAGS, lambda m: bootstrap_mean(m.tag_f1)),
        compared("Applied tags that are right", _share(lambda m: m.applied_right, lambda m: m.applied)),
        compared(SEARCH, lambda m: bootstrap_mean(m.found)),
    ]
    return tuple(row for row in rows if not np.isnan(row.before.value) or not np.isnan(row.after.value))


def _share(
    part: Callable[[Measured], measuring.Values], whole: Callable[[Measured], measuring.Values]
) -> Callable[[Measured], Figure]:
    return lambda m: bootstrap_ratio(part(m), whole(m))


def _current(dataset: DatasetRepository, prefix: str, among: Collection[str]) -> Shard:
    entry = dataset.entry(prefix)
    if entry is None:
        raise MetadataNotFound
    return dataset.load(prefix, entry.digest, among=among)
