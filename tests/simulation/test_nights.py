"""Nights by chance: two jobs, damaged rosters, faults, kills, admins at work. What may never happen is in ``truth.py``.

A failing seed is printed with the command that replays it; ``make soak`` lives through ten thousand of them.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.examples import either

from . import chaos
from .soak import lived

#: stories in which something of everything happens; the first is lived through to its end
_STORIES = (18, 10, 3)
_HAPPENS = (
    "killed ",
    "an admin: ",
    "exit code 0",
    "exit code 3",
    "deactivate:",
    "create:",
    "delete:",
)


@pytest.mark.soak
def test_nights_in_memory_remove_nobody_without_proof_and_lose_nobody() -> None:
    told = "\n".join(line for seed in either(_STORIES, range(240)) for line in lived(seed, "nights"))

    assert [what for what in _HAPPENS if what not in told] == []


@pytest.mark.soak
def test_nights_over_sockets_hold_what_those_in_memory_do() -> None:
    told = "\n".join(line for seed in either((3,), range(12)) for line in lived(seed, "sockets"))

    assert [what for what in ("exit code 0", "fault ") if what not in told] == []


@pytest.mark.soak
def test_two_rosters_that_disagree_lock_nobody_whom_one_names_and_do_nothing_by_turns() -> None:
    told = "\n".join(line for seed in either((2,), range(60)) for line in lived(seed, "disagreeing"))

    happens = ("deactivate:", "group_claimed:", "other_roster:", "row=names_by_row", "membership_remove:")
    assert [what for what in happens if what not in told] == []


@pytest.mark.soak
@pytest.mark.parametrize("seed", either((14,), range(4)))
def test_chaos_loses_nobody_either(tmp_path: Path, seed: int) -> None:
    """Kills, twins, edited plans and lost ledgers, each in some world of ``make soak``; a few nights of one here."""
    told = chaos.run(seed, tmp_path, most=either(4, None))

    assert any(line.startswith("chaos: ") for line in told)
