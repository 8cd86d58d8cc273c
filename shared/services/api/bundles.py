"""Bundles as clients see them: listed, compared, reported on, rolled back."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.domain.errors import BundleInvalid, ObjectMissing
from shared.services.api import views
from shared.storage import keys
from shared.storage.bundles import Bundle, BundleRepository, Listed
from shared.storage.presigned import Presigner

REPORT = "training_report.json"
REPORT_PAGE = "training_report.html"


@dataclass(frozen=True, slots=True)
class Bundles:
    """Shows bundles, and makes an earlier one live again."""

    repository: BundleRepository
    library: Presigner

    def all(self) -> views.Bundles:
        """Every bundle, newest first."""
        alias = self.repository.alias()
        return views.Bundles(
            bundles=tuple(_view(listed) for listed in self.repository.list()),
            live=alias.version if alias else None,
            previous=alias.previous if alias else None,
        )

    def rollback(self, version: str | None) -> views.Bundles:
        """Make a bundle live again, the one before by default; records follow by reprocessing.

        Where none is live, the one named becomes the first: its owner's decision, whatever the gate said.
        """
        if version and self.repository.alias() is None:
            self.repository.promote(version, None)
        else:
            self.repository.rollback(version)
        return self.all()

    def report(self, version: str | None) -> views.ReportView:
        """The report of a bundle's training, of the live one by default.

        Raises
        ------
        ObjectMissing
            Where there is no such bundle, or nothing was learned yet.
        """
        bundle = self._bundle(version)
        has_page = REPORT_PAGE in bundle.files
        return views.ReportView(
            version=bundle.version,
            report=_report(bundle),
            page_url=self.library.read(keys.bundle(bundle.version, REPORT_PAGE)) if has_page else None,
        )

    def compare(self, first: str, second: str) -> views.Comparison:
        """The numbers in which two bundles' reports differ."""
        one, other = (dict(_numbers(_report(self._bundle(version)))) for version in (first, second))
        names = sorted({*one, *other})
        pairs = {name: (one.get(name), other.get(name)) for name in names}
        differing = {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}
        return views.Comparison(first=first, second=second, figures=differing)

    def _bundle(self, version: str | None) -> Bundle:
        try:
            bundle = self.repository.load(version) if version else self.repository.latest()
        except BundleInvalid as error:
            raise ObjectMissing(str(error)) from error
        if bundle is None:
            raise ObjectMissing("Nothing was learned yet: start a training")
        return bundle


def _report(bundle: Bundle) -> dict[str, Any]:
    if REPORT not in bundle.files:
        raise ObjectMissing(f"The bundle {bundle.version} has no report: train again")
    report: dict[str, Any] = json.loads(bundle.files[REPORT])
    return report


def _numbers(value: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a report under its dotted name."""
    if isinstance(value, Mapping):
        for key in value:
            yield from _numbers(value[key], f"{name}.{key}" if name else str(key))
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield name, value


def _view(listed: Listed) -> views.BundleView:
    manifest = listed.manifest
    if manifest is None:
        return views.BundleView(version=listed.version, state=str(listed.state))
    files = {name: ref.size for name, ref in manifest.files.items()}
    return views.BundleView(
        version=listed.version,
        state=str(listed.state),
        run_id=manifest.run_id,
        size=sum(files.values()),
        files=files,
        about=manifest.about,
    )
