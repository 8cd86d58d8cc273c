"""What holds of every step of a training, whichever function takes it."""

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from shared.domain.errors import InvalidInput
from shared.services.steps import Step, take_step
from shared.storage.store import DirectoryStore

EVENT = {"action": "observe", "run_id": "run-1"}


def test_no_cycles_are_looked_for_during_a_step_and_again_after_it(tmp_path: Path) -> None:
    def observe(_step: Step) -> Mapping[str, Any]:
        return {"looking": gc.isenabled()}

    assert take_step(EVENT, {"observe": observe}, DirectoryStore(tmp_path)) == {"looking": False}
    assert gc.isenabled()


def test_a_step_that_fails_leaves_the_collector_as_it_was_and_says_why_in_the_log(tmp_path: Path) -> None:
    def observe(_step: Step) -> Mapping[str, Any]:
        raise InvalidInput("the shard is broken")

    store = DirectoryStore(tmp_path)
    with pytest.raises(InvalidInput, match="the shard is broken"):
        take_step(EVENT, {"observe": observe}, store)
    assert gc.isenabled()
    (entry,) = store.list("runs/run-1/log/")
    assert b"failed in observe: InvalidInput: the shard is broken" in store.get(entry.key).body
