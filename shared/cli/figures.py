"""The key figures of a training, as its report states them."""

import json
from typing import Any

from shared.cli.console import out
from shared.storage.bundles import Bundle, Manifest

REPORT = "training_report.json"
FACTS = (
    ("photos", "total_images"),
    ("tags", "total_tags"),
    ("photos with faces", "images_with_faces"),
    ("photos with a detailed description", "images_with_detailed_desc"),
)


def read(bundle: Bundle) -> dict[str, Any]:
    """The report of a bundle's training."""
    report: dict[str, Any] = json.loads(bundle.files[REPORT])
    return report


def show(bundle: Bundle) -> None:
    """Print what a training learned from and how it measured."""
    report = read(bundle)
    facts = ", ".join(f"{report[name]} {said}" for said, name in FACTS if name in report)
    out.print(f"{bundle.version}: {facts}", soft_wrap=True)


def photos(manifest: Manifest) -> str:
    """How many photos a bundle was learned from; empty where its manifest does not say."""
    return str(manifest.about.get("photos", ""))
