"""What travels between who leads the night and who works, and what is known of each job in the end. No secret is in any of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from provision.fleet.reading import Assignment


class Again(StrEnum):
    """Why a job is worth another try in the same night."""

    #: another run holds the enterprise, or one that died did a moment ago
    LOCKED = "locked"
    #: Box was not reached, or told less than it was asked
    UNREACHABLE = "unreachable"
    #: it was cut off in the middle, and by nobody of ours
    CUT_OFF = "cut_off"
    #: its worker died or was lost from sight
    WORKER_LOST = "worker_lost"


@dataclass(frozen=True, slots=True)
class Task:
    """One job of one enterprise, for a worker. ``folder`` is the fleet's own, where the worker notes what it has begun.

    ``session``: by this word a stop is asked for. ``version``: of the program that leads. ``go_on``: a run folder that is to be
    gone on with though it came to its end, "" for none.
    """

    name: str
    folder: Path
    given: Assignment
    session: str
    version: str
    go_on: str = ""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a try ended: the run's summary as JSON, and whether another try is worth it. ``begun`` is false where the night was over."""

    name: str
    summary: str
    again: Again | None = None
    begun: bool = True
