"""Hundreds of schedules, each from one seed: workers, faults, kills, clocks. What must hold is in ``verdict.py``.

A failing seed is printed with the command that replays it; ``make soak`` lives through more of them.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from provision.model import Kind
from tests.examples import either

from .soak import digest, lived
from .town import FATES
from .worlds import WORLDS, world

#: schedules in one test, and how many tests there are
_CHUNK, _CHUNKS = either(30, 60), either(4, 12)
#: what happens in some schedule of every chunk
_HAPPENS = (
    *(fate.value for fate in FATES), "killed ", "asked to stop ", "Box is away until ", "an admin changes ", "--- plan 2 is made",
    "external ids unique: True", "external ids unique: False",
)  # fmt: skip
_ROOT = Path(__file__).parents[2]


@pytest.mark.soak
@pytest.mark.parametrize("chunk", range(_CHUNKS))
def test_every_schedule_converges_with_nobody_twice_and_everything_accounted_for(chunk: int) -> None:
    # small frames of Python's own text are quicker, and the same
    with pd.option_context(
        "mode.string_storage", "python" if chunk else pd.get_option("mode.string_storage")
    ):
        told = "\n".join(line for seed in range(chunk * _CHUNK, (chunk + 1) * _CHUNK) for line in lived(seed))

    assert [what for what in _HAPPENS if what not in told] == []


@pytest.mark.parametrize("seed", range(10))
def test_same_seed_tells_the_same_story(seed: int) -> None:
    assert lived(seed) == lived(seed)


def test_the_story_does_not_hang_on_the_order_of_hashes() -> None:
    """The seed of our own process is there by chance mostly; the other process has another."""
    hash_seed = "4711" if os.environ.get("PYTHONHASHSEED") == "1" else "1"
    told = subprocess.run(
        [sys.executable, "-m", "tests.simulation.soak", "--seed", "0", "--count", "4", "--digest"],
        cwd=_ROOT, env={**os.environ, "PYTHONHASHSEED": hash_seed}, capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert told.stdout.strip() == digest(0, 4)


def test_the_worlds_are_small_and_hold_every_kind_of_operation() -> None:
    plans = [world(number).plan for number in range(WORLDS)]

    assert all(3 <= len(plan.changes) <= 11 for plan in plans)
    assert {change.kind for plan in plans for change in plan.changes} == set(Kind)
