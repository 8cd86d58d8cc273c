"""The end of a training: measure, judge, publish, promote; or write down what failed."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from shared.domain.dataset import Shard
from shared.domain.errors import BundleInvalid, LostRace, TrainingBusy
from shared.learning.faces import FacePatterns
from shared.learning.holdout import without_folds
from shared.services import measuring
from shared.services.evaluation.base import Figure
from shared.services.gate import Guarded, Verdict, judge
from shared.services.measuring import Answers, Measured
from shared.services.phases import PhaseRunner
from shared.services.reporting.advice import advise
from shared.services.reporting.content import COMPLETED, Comparison, Content
from shared.services.reporting.facts import (
    count_pairs,
    leading_pairs,
    learning_curve,
    machine_made,
    people_of,
    related_words,
)
from shared.services.reporting.page import render
from shared.services.reporting.pictures import Pictures
from shared.services.reporting.totals import Totals
from shared.services.scoring import DETAILS, SEARCH, TAGS, compare, held_out
from shared.services.steps import Step
from shared.services.training_input import TrainingInput
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
        status = self._promote(version, verdict, asked, about["compared_with"])
        run.log("report-publish", [*verdict.reasons, f"ended: {status}, bundle {version}"])
        run.put_training_log()
        run.end("trial" if asked.trial else status)
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
        run.end("failed")
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
        about = self._about(run, asked, content) | {"compared_with": alias.etag if alias else None}
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
        totals, pairs = Totals(), Counter[tuple[str, str]]()
        for prefix in prefixes:
            shard = runner.shard(prefix, plan, blocks=())
            totals += Totals.of(shard, plan.burst_of)
            pairs += count_pairs(shard)
        photos, folds = held_out(run, lambda prefix, among: runner.shard(prefix, plan, among=among))
        answers = measuring.learned(photos, folds, without_folds(version, files)) if photos else None
        comparisons, verdict = self._judged(photos, folds, answers, totals, live)
        if not verdict.accepted and live and ErasureRepository(self.store).unmet(live.manifest.about):
            verdict = Verdict(True, (*verdict.reasons, REPLACES_ERASED))
        people, pictures = people_of(FacePatterns.load(files)), Pictures(self.store)
        everybody = (runner.shard(prefix, plan, whole_library=True, blocks=()) for prefix in prefixes)
        return Content(
            version=version,
            run_id=run.run_id,
            timestamp=self.now(),
            totals=totals,
            verdict=verdict,
            comparisons=comparisons,
            people=people,
            held_out=len(photos) if photos else 0,
            machine=machine_made(files["improved_descriptions.json"]),
            pairs=leading_pairs(pairs),
            related=related_words(files["search_index.json"]),
            examples=pictures.examples(photos, answers),
            advice=advise(totals, photos, answers),
            curve=learning_curve(files["category_patterns.json"]),
            portraits=pictures.portraits(people.most, everybody),
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
        popular = measuring.measure(photos, measuring.most_common(photos, folds, totals.tags))
        standing = self._live_measured(photos, folds, live)
        reference = standing or before
        against = "what is live" if standing else "the models alone"
        guarded = [
            Guarded(name, new, old, popularity, recorded.get(name), against)
            for name, new, old, popularity in (
                (TAGS, after.tag_f1, reference.tag_f1, popular.tag_f1),
                (DETAILS, after.right_details, reference.right_details, None),
                (SEARCH, after.found, reference.found, None),
            )
        ]
        return compare(before, after, standing), judge(guarded, measured_before=bool(recorded))

    def _live_measured(self, photos: Shard, folds: Sequence[int], live: Bundle | None) -> Measured | None:
        if live is None:
            return None
        without = without_folds(live.version, live.files)
        if not set(folds) <= set(without):
            return None
        return measuring.measure(photos, measuring.learned(photos, folds, without))


def _recorded(live: Bundle | None) -> dict[str, Figure]:
    figures = live.manifest.about.get("figures", {}) if live else {}
    return {
        name: Figure(**row["after"]) for name, row in figures.items() if row["after"]["value"] is not None
    }


def _cause(text: str) -> str:
    """The message of a Lambda error, whose cause is JSON; anything else as it is."""
    try:
        found = json.loads(text)
    except ValueError:
        return text
    return str(found.get("errorMessage", text)) if isinstance(found, dict) else text
