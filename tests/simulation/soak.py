"""Schedules or nights without end, from the command line: ``python -m tests.simulation.soak nights --seed 1 --count 100``.

Prints failing seeds with the command that replays each; ends with 1 if there were any.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from functools import partial
from itertools import count, islice
from multiprocessing import get_context
from pathlib import Path

from provision.__main__ import look_rarely_for_cycles
from tests.place import quick_folder

from . import chaos, disagreeing, fleets, schedule, stories
from .schedule import Broken
from .sockets import OverSockets

#: seconds between two lines that tell how far it is
_TOLD_EVERY = 10.0
#: what can be lived through
WHAT: Mapping[str, Callable[[int, Path], list[str]]] = {
    "schedules": schedule.run,
    "nights": stories.run,
    "sockets": partial(stories.run, stage=OverSockets),
    "chaos": chaos.run,
    "disagreeing": disagreeing.run,
    "fleets": fleets.run,
    "restarts": fleets.restarted,
}


def lived(seed: int, what: str = "schedules") -> list[str]:
    """What happened in one of them."""
    with quick_folder() as path:
        return WHAT[what](seed, path)


def _seeds(start: int, number: int, minutes: float) -> Iterator[int]:
    ends_at = time.monotonic() + 60 * minutes if minutes else float("inf")
    for seed in count(start) if minutes else range(start, start + number):
        if time.monotonic() > ends_at:
            return
        yield seed


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _broken(seed: int, what: str) -> str:
    """What one seed has shown to be broken, "" for nothing."""
    try:
        lived(seed, what)
    except Broken as broken:
        return str(broken)
    return ""


def _ended(what: str, seeds: Iterator[int], jobs: int) -> Iterator[tuple[int, str]]:
    """Every seed with what it has shown, as they end; ``jobs`` at once."""
    if jobs == 1:
        yield from ((seed, _broken(seed, what)) for seed in seeds)
        return
    with ProcessPoolExecutor(jobs, get_context("spawn"), look_rarely_for_cycles) as pool:
        begun: dict[Future[str], int] = {
            pool.submit(_broken, seed, what): seed for seed in islice(seeds, 2 * jobs)
        }
        while begun:
            for future in wait(begun, return_when=FIRST_COMPLETED).done:
                yield begun.pop(future), future.result()
                begun |= {pool.submit(_broken, seed, what): seed for seed in islice(seeds, 1)}


def soak(what: str, seeds: Iterator[int], jobs: int) -> int:
    """Live through all of them; how many broke a promise."""
    failed, done, told_at = 0, 0, time.monotonic()
    for seed, broken in _ended(what, seeds, jobs):
        if broken:
            failed += 1
            _tell(f"SEED {seed}: {broken}\n")
        done += 1
        if time.monotonic() - told_at > _TOLD_EVERY:
            told_at = time.monotonic()
            _tell(f"{done:,} {what}, {failed} broken, now at seed {seed}")
    _tell(f"{done:,} {what}, {failed} broken")
    return failed


def digest(start: int, number: int, what: str = "schedules") -> str:
    """One fingerprint of all that happened in some of them."""
    told = hashlib.sha256()
    for seed in range(start, start + number):
        told.update("\n".join(lived(seed, what)).encode())
    return told.hexdigest()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=sorted(WHAT), nargs="?", default="schedules")
    parser.add_argument("--seed", type=int, default=None, help="the first seed; by chance if not given")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--minutes", type=float, default=0.0, help="instead of a count")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="so many side by side")
    parser.add_argument("--digest", action="store_true", help="print only a fingerprint of what happened")
    given = parser.parse_args()
    start = random.SystemRandom().randrange(10**9) if given.seed is None else given.seed
    if given.digest:
        _tell(digest(start, given.count, given.what))
        return 0
    if given.count == 1 and not given.minutes:
        return _replayed(start, given.what)
    _tell(f"{given.what} from seed {start}")
    seeds = _seeds(start, given.count, given.minutes)
    return int(soak(given.what, seeds, min(given.jobs, given.count)) > 0)


def _replayed(seed: int, what: str) -> int:
    """One seed with all that happens in it."""
    try:
        _tell("\n".join(lived(seed, what)))
    except Broken as broken:
        _tell(f"SEED {seed}: {broken}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
