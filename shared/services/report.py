"""The end of a training: measure, judge, publish, promote; or write down what failed."""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import reduce
from itertools import combinations
from operator import add
from typing import Any

import numpy as np

from shared.domain.dataset import Plan, Shard
from shared.domain.errors import BundleInvalid, LostRace, ObjectMissing, TrainingBusy
from shared.learning.faces import FacePatterns
from shared.learning.holdout import without_folds
from shared.services import measuring
from shared.services.evaluation.base import Figure, bootstrap_mean, bootstrap_ratio
from shared.services.gate import Guarded, Verdict, judge
from shared.services.measuring import Answers, Measured
from shared.services.phases import PhaseRunner
from shared.services.reporting.advice import advise
from shared.services.reporting.content import COMPLETED, Comparison, Content, Example, People
from shared.services.reporting.page import render
from shared.services.reporting.totals import Totals
from shared.services.steps import Step
from shared.services.training_input import TrainingInput
from shared.storage import keys
from shared.storage.bundle import Alias, Bundle, version_name
from shared.storage.bundles import BundleRepository
from shared.storage.dataset import DatasetRepository
from shared.storage.erasures import ErasureRepository
from shared.storage.locks import TrainingLock
from shared.storage.observability import MetricUnit, logger, metrics
from shared.storage.runs import Run
from shared.storage.store import ObjectStore

PHASES = ("categories", "descriptions", "faces", "search_index", "improved_descriptions")
REPLACES_ERASED = "It goes live all the same: the bundle before it holds somebody who was erased"
EXAMPLES = 12
PAIRS = 40
RELATED = 12
TAGS, DETAILS, SEARCH = "Tags, F1", "Right details a description", "Search, found among the first ten"


@dataclass(frozen=True, slots=True)
class Report:
    """The actions of the `report` function: the only one that may promote."""

    store: ObjectStore
    dataset: DatasetRepository
    bundles: BundleRepository
    lock: TrainingLock
    now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def publish(self, step: Step) -> Mapping[str, Any]:
        """Publish what the phases solved, and promote it if the gate lets it pass.

        Returns
        -------
        mapping
            `status` is `completed`, `refused`, or `trial` for one that is published only.

        Raises
        ------
        TrainingBusy
            Where the execution was stopped, or lost the lock: what it learned is published, never promoted.
        """
        run = Run(self.store, step.run_id)
        started = run.json("input.json")
        asked = TrainingInput.parse(started["input"])
        version = version_name(step.run_id, datetime.fromisoformat(started["started_at"]))
        alias = self.bundles.alias()
        about = self._standing(version) or self._published(run, version, asked, alias)
        if self.lock.holder() != step.execution:
            raise TrainingBusy("This training was stopped before its end: start another one")
        verdict = Verdict(about["status"] == COMPLETED, tuple(about["reasons"]))
        status = self._promote(version, verdict, asked, alias.etag if alias else None)
        run.log("report-publish", [*verdict.reasons, f"ended: {status}, bundle {version}"])
        run.put_training_log()
        run.tidy()
        self.lock.release(step.execution)
        logger.info("Training ended", extra={"bundle": version, "status": status})
        metrics.add_metric(name=f"Trainings{status.capitalize()}", unit=MetricUnit.Count, value=1)
        return {"status": status, "run_id": step.run_id, "bundle": version}

    def fail(self, step: Step) -> Mapping[str, Any]:
        """Write down what failed and give the lock back; the live bundle stays."""
        run = Run(self.store, step.run_id)
        error, cause = str(step.error.get("Error", "")), _cause(str(step.error.get("Cause", "")))
        report = {
            "timestamp": self.now().isoformat(timespec="seconds"),
            "run_id": step.run_id,
            "status": "failed",
            "error": error,
            "cause": cause,
        }
        run.put_json("training_report.json", report)
        run.log("report-fail", [f"failed: {error}: {cause}"])
        run.put_training_log()
        self.lock.release(step.execution)
        metrics.add_metric(name="TrainingsFailed", unit=MetricUnit.Count, value=1)
        logger.error("Training failed", extra={"run_id": step.run_id, "error": error, "cause": cause})
        return {"error": error, "cause": cause}

    def _standing(self, version: str) -> dict[str, Any] | None:
        """What the bundle says of itself where this step published it before and is retried."""
        try:
            return self.bundles.load(version).manifest.about
        except BundleInvalid:
            return None

    def _published(self, run: Run, version: str, asked: TrainingInput, alias: Alias | None) -> dict[str, Any]:
        live = self.bundles.load(alias.version, alias.manifest_sha256) if alias else None
        files = {name: body for phase in PHASES for name, body in run.solved(phase).items()}
        content = self._content(run, version, files, live)
        files |= {"training_report.json": content.to_json(), "training_report.html": render(content)}
        about = self._about(run, asked, content)
        return self.bundles.publish(version, run.run_id, files, about).about

    def _promote(self, version: str, verdict: Verdict, asked: TrainingInput, etag: str | None) -> str:
        if not verdict.accepted:
            return "refused"
        if asked.trial and not asked.promote and etag is not None:
            return "trial"
        if ErasureRepository(self.store).unmet(self.bundles.load(version).manifest.about):
            return "refused"
        try:
            self.bundles.promote(version, etag)
        except LostRace:
            return "refused"
        return "completed"

    def _about(self, run: Run, asked: TrainingInput, content: Content) -> dict[str, Any]:
        return {
            "trained_at": content.timestamp.isoformat(timespec="seconds"),
            "input": asked.model_dump(mode="json"),
            "inputs": run.json("inputs.json")["digest"],
            "erasures": run.json("input.json").get("erasures", []),
            "photos": content.totals.images,
            "status": content.status,
            "reasons": list(content.verdict.reasons),
            "figures": {comparison.name: comparison.plain() for comparison in content.comparisons},
        }

    def _content(self, run: Run, version: str, files: Mapping[str, bytes], live: Bundle | None) -> Content:
        prefixes = run.prefixes()
        plan = run.plan(*prefixes)
        runner = PhaseRunner(run, self.dataset)
        totals = reduce(add, (Totals.of(runner.shard(prefix, plan)) for prefix in prefixes))
        photos = _measured_photos(runner, prefixes, plan)
        folds = [plan.fold_of[photo_id] for photo_id in photos.ids] if photos else []
        answers = measuring.learned(photos, folds, without_folds(version, files)) if photos else None
        comparisons, verdict = self._judged(photos, folds, answers, totals, live)
        if not verdict.accepted and live and ErasureRepository(self.store).unmet(live.manifest.about):
            verdict = Verdict(True, (*verdict.reasons, REPLACES_ERASED))
        pairs = _pairs(runner.shard(prefix, plan) for prefix in prefixes)
        return Content(
            version=version,
            run_id=run.run_id,
            timestamp=self.now(),
            totals=totals,
            verdict=verdict,
            comparisons=comparisons,
            people=_people(FacePatterns.load(files)),
            held_out=len(photos) if photos else 0,
            machine=_machine_made(files["improved_descriptions.json"]),
            pairs=pairs,
            related=_related(files["search_index.json"]),
            examples=self._examples(photos, answers),
            advice=advise(totals, photos, answers),
        )

    def _judged(
        self,
        photos: Shard | None,
        folds: Sequence[int],
        answers: Answers | None,
        totals: Totals,
        live: Bundle | None,
    ) -> tuple[tuple[Comparison, ...], Verdict]:
        recorded = _recorded(live)
        if photos is None or answers is None:
            return (), judge([], measured_before=bool(recorded))
        before = measuring.measure(photos, measuring.models_alone(photos))
        after = measuring.measure(photos, answers)
        common = measuring.most_common(photos, measuring.common_tags(totals.tags))
        popular = measuring.measure(photos, common)
        standing = self._live_measured(photos, folds, live)
        reference = standing or before
        guarded = [
            Guarded(TAGS, after.tag_f1, reference.tag_f1, popular.tag_f1, recorded.get(TAGS)),
            Guarded(DETAILS, after.right_details, reference.right_details, None, recorded.get(DETAILS)),
            Guarded(SEARCH, after.found, reference.found, None, recorded.get(SEARCH)),
        ]
        return _comparisons(before, after, standing), judge(guarded, measured_before=bool(recorded))

    def _live_measured(self, photos: Shard, folds: Sequence[int], live: Bundle | None) -> Measured | None:
        if live is None:
            return None
        without = without_folds(live.version, live.files)
        if not set(folds) <= set(without):
            return None
        return measuring.measure(photos, measuring.learned(photos, folds, without))

    def _examples(self, photos: Shard | None, answers: Answers | None) -> tuple[Example, ...]:
        if photos is None or answers is None:
            return ()
        return tuple(
            Example(
                photo_id=photo_id,
                key=photos.keys[row],
                thumbnail=self._thumbnail(photo_id),
                generic=photos.generic[row],
                description=answers.descriptions[row],
                tags=tuple((tag, score) for tag, score, applied in answers.tags[row] if applied),
                owner=photos.descriptions[row],
            )
            for row, photo_id in enumerate(photos.ids[:EXAMPLES])
        )

    def _thumbnail(self, photo_id: str) -> bytes | None:
        for entry in self.store.list(keys.thumbnails(photo_id)):
            try:
                return self.store.get(entry.key).body
            except ObjectMissing:
                continue
        return None


def _measured_photos(runner: PhaseRunner, prefixes: Sequence[str], plan: Plan) -> Shard | None:
    """The photos to measure on, those with the smallest ids; None where there are none."""
    found: list[Shard] = []
    missing = measuring.MEASURED
    for prefix in prefixes:
        shard = runner.shard(prefix, plan)
        rows = measuring.measurable(shard, plan.fold_of, cross_fitted=plan.cross_fitted)[:missing]
        missing -= len(rows)
        if len(rows):
            found.append(shard.take(rows))
        if not missing:
            break
    return Shard.concatenate(found) if found else None


def _comparisons(before: Measured, after: Measured, live: Measured | None) -> tuple[Comparison, ...]:
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


def _recorded(live: Bundle | None) -> dict[str, Figure]:
    figures = live.manifest.about.get("figures", {}) if live else {}
    return {
        name: Figure(**row["after"]) for name, row in figures.items() if row["after"]["value"] is not None
    }


def _people(faces: FacePatterns) -> People:
    return People(
        people=len(faces.people),
        named=sum(bool(person.name) for person in faces.people),
        faces=sum(len(person.faces) for person in faces.people) + len(faces.unassigned),
        unassigned=len(faces.unassigned),
        questions=len(faces.questions),
    )


def _machine_made(improved: bytes) -> dict[str, int]:
    answers = json.loads(improved)
    return {
        "descriptions": sum(answer["improved"] != answer["description"] for answer in answers),
        "suggested_tags": sum(len(answer["suggested_tags"]) for answer in answers),
    }


def _pairs(shards: Iterator[Shard]) -> tuple[tuple[str, str, int], ...]:
    counted: Counter[tuple[str, str]] = Counter()
    for shard in shards:
        for tags in shard.tags:
            counted.update(combinations(sorted(set(tags)), 2))
    ranked = sorted(counted.items(), key=lambda item: (-item[1], item[0]))[:PAIRS]
    return tuple((first, second, count) for (first, second), count in ranked if count > 1)


def _related(search_index: bytes) -> tuple[tuple[str, tuple[str, ...]], ...]:
    synonyms = json.loads(search_index)["synonyms"]
    longest = sorted(synonyms.items(), key=lambda item: (-len(item[1]), item[0]))[:RELATED]
    return tuple((word, tuple(others)) for word, others in longest)


def _cause(text: str) -> str:
    """The message of a Lambda error, whose cause is JSON; anything else as it is."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return str(found.get("errorMessage", text)) if isinstance(found, dict) else text
