"""Whether what a ledger tells can be what was written there: a flipped bit is noticed before anybody is judged by it.

A database checks its pages and no text in them. Whoever reads is given moments that are moments, numbers that are numbers and
reasons that are codes; anything else is a ValueError, which the ledger tells as damage.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from provision.because import parsed
from provision.ledger.value import Baseline, Hold, Memory, Release


def sound(memory: Memory) -> Memory:
    """The same. Raises ValueError for a memory that cannot be what was written."""
    accounts, absences, stages = memory.accounts, memory.absences, memory.stages
    for frame, names in (
        (accounts, ("left_at", "since")),
        (absences, ("first_missed", "last_missed")),
        (stages, ("at",)),
        (memory.claims, ("accepted_at", "since")),
        (memory.groups, ("made_at",)),
        (memory.invites, ("since", "told")),
        (memory.onboarding, ("since",)),
    ):
        for name in names:
            _moments(frame[name].unique().tolist())
    _moments(one.as_of for one in memory.spent)
    _moments(one.accepted_at for one in memory.others)
    _moments(one.at for one in memory.called)
    _numbers(one.done for one in memory.spent)
    _numbers(one.made for one in memory.called)
    _numbers((memory.accepted_rows,))
    sound_baselines(memory.baselines)
    sound_holds(memory.holds)
    sound_releases(memory.releases)
    return memory


def sound_baselines(baselines: tuple[Baseline, ...]) -> tuple[Baseline, ...]:
    """The same. Raises ValueError."""
    _moments(one.at for one in baselines)
    return baselines


def sound_holds(holds: tuple[Hold, ...]) -> tuple[Hold, ...]:
    """The same. Raises ValueError."""
    _moments(at for one in holds for at in (one.since, one.seen))
    _numbers(one.nights for one in holds)
    for one in holds:
        parsed(one.because)
    return holds


def sound_releases(releases: tuple[Release, ...]) -> tuple[Release, ...]:
    """The same. Raises ValueError."""
    _moments(at for one in releases for at in (one.at, one.until))
    return releases


def sound_moment(text: str) -> str:
    """The same. Raises ValueError for what is no moment."""
    _moments((text,))
    return text


def _moments(texts: Iterable[str]) -> None:
    for text in texts:
        if text and datetime.fromisoformat(text).tzinfo is None:
            raise ValueError("a moment without its offset, which compares with no other")


def _numbers(values: Iterable[object]) -> None:
    if not all(isinstance(value, int) for value in values):
        raise ValueError("a number that is none")
