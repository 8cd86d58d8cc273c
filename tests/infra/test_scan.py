"""Every exception from the scanner's rules is explained, where it stands."""

from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
LEAST_WORDS = 8


def test_every_rule_that_is_skipped_for_all_says_why() -> None:
    reason: list[str] = []
    skipped = {}
    for line in (ROOT / "infra" / "scan" / "checkov.yaml").read_text().splitlines():
        text = line.strip()
        if text.startswith("# "):
            reason.append(text.removeprefix("# "))
        else:
            if text.startswith("- CKV"):
                skipped[text.removeprefix("- ")] = " ".join(reason)
            reason = []

    assert len(skipped) == 6
    assert all(len(why.split()) >= LEAST_WORDS for why in skipped.values())


def test_every_rule_that_is_skipped_for_one_resource_says_why(resources: dict[str, dict[str, Any]]) -> None:
    skipped = {
        (name, one["id"]): one["comment"]
        for name, resource in resources.items()
        for one in resource.get("Metadata", {}).get("checkov", {}).get("skip", ())
    }

    assert set(skipped) == {("UploadsBucket", "CKV_AWS_21")}
    assert all(len(why.split()) >= LEAST_WORDS for why in skipped.values())


def test_ci_scans() -> None:
    assert "scan" in (ROOT / ".ci" / "run").read_text().split()
