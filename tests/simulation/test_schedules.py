"""A thousand schedules, each from one seed: workers, faults, kills, clocks. What must hold is in ``verdict.py``.

A failing seed is printed with the command that replays it; ``make soak`` goes on where this stops.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .soak import digest, lived
from .worlds import WORLDS, world

#: schedules in one test, and how many tests there are
_CHUNK, _CHUNKS = 60, 12
_ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("chunk", range(_CHUNKS))
def test_every_schedule_converges_with_nobody_twice_and_everything_accounted_for(chunk: int) -> None:
    for seed in range(chunk * _CHUNK, (chunk + 1) * _CHUNK):
        lived(seed)


@pytest.mark.parametrize("seed", range(10))
def test_same_seed_tells_the_same_story(seed: int) -> None:
    assert lived(seed) == lived(seed)


@pytest.mark.parametrize("hash_seed", ["1", "4711"])
def test_the_story_does_not_hang_on_the_order_of_hashes(hash_seed: str) -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation.soak", "--seed", "0", "--count", "15", "--digest"],
        cwd=_ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert told.stdout.strip() == digest(0, 15)


def test_the_worlds_are_small_and_hold_every_kind_of_operation() -> None:
    plans = [world(number).plan for number in range(WORLDS)]

    assert all(3 <= len(plan.changes) <= 8 for plan in plans)
    assert {change.kind.value for plan in plans for change in plan.changes} == {
        "create", "update", "activate", "deactivate", "delete",
    }  # fmt: skip
