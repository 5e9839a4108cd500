"""Schedule after schedule, from the command line: ``python -m tests.simulation.soak --seed 1 --count 100``.

Prints failing seeds with the command that replays each; ends with 1 if there were any.
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
import time
from collections.abc import Iterator
from itertools import count

from tests.place import quick_folder

from .schedule import Broken, run

#: seconds between two lines that tell how far it is
_TOLD_EVERY = 10.0


def lived(seed: int) -> list[str]:
    """What happened in one schedule."""
    with quick_folder() as path:
        return run(seed, path)


def _seeds(start: int, number: int, minutes: float) -> Iterator[int]:
    ends_at = time.monotonic() + 60 * minutes if minutes else float("inf")
    for seed in count(start) if minutes else range(start, start + number):
        if time.monotonic() > ends_at:
            return
        yield seed


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _broken(seed: int, *, whole: bool) -> str:
    """What one schedule has shown to be broken, "" for nothing."""
    try:
        trace = lived(seed)
    except Broken as broken:
        return str(broken)
    if whole:
        _tell("\n".join(trace))
    return ""


def soak(start: int, number: int, minutes: float) -> int:
    """Live through so many schedules, or as many as fit into some minutes; how many broke a promise."""
    failed, done, told_at = 0, 0, time.monotonic()
    for seed in _seeds(start, number, minutes):
        broken = _broken(seed, whole=number == 1)
        if broken:
            failed += 1
            _tell(f"SEED {seed}: {broken}\n")
        done += 1
        if time.monotonic() - told_at > _TOLD_EVERY:
            told_at = time.monotonic()
            _tell(f"{done:,} schedules, {failed} broken, now at seed {seed}")
    _tell(f"{done:,} schedules from seed {start}, {failed} broken")
    return failed


def digest(start: int, number: int) -> str:
    """One fingerprint of all that happened in some schedules."""
    told = hashlib.sha256()
    for seed in range(start, start + number):
        told.update("\n".join(lived(seed)).encode())
    return told.hexdigest()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="the first seed; by chance if not given")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=0.0, help="instead of a count")
    parser.add_argument("--digest", action="store_true", help="print only a fingerprint of what happened")
    given = parser.parse_args()
    start = random.SystemRandom().randrange(10**9) if given.seed is None else given.seed
    if given.digest:
        _tell(digest(start, given.count))
        return 0
    return int(soak(start, given.count, given.minutes) > 0)


if __name__ == "__main__":
    sys.exit(main())
