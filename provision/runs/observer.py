"""Whoever watches a run: what is said to them, what they are asked, how they stop it, and whose clock it goes by.

A terminal is one observer; a review server, a scheduler or a test is another. A run knows nobody but this Protocol.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Protocol, TypeAlias

from provision.apply.halt import Halt
from provision.box.pacing.timing import Timing
from provision.errors import Interrupted
from provision.findings import NONE_FOUND, Findings

if TYPE_CHECKING:
    from provision.plan.undo.undo import Undo
    from provision.plan.value import Plan
    from provision.report.summary import Files
    from provision.report.value import Reconciliation, RunFacts


class Phase(StrEnum):
    """What takes long enough to be watched; the value is how it is said."""

    RUNS = "Reading the runs"
    LISTING = "Reading the enterprise"
    APPLYING = "Applying"


@dataclass(frozen=True, slots=True)
class Remark:
    """Something worth knowing, in a sentence or a few lines."""

    text: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that went wrong, in up to three lines; never to be kept from a person."""

    text: str


@dataclass(frozen=True, slots=True)
class Previewed:
    """A plan is made. ``row_errors`` are the sentences about bad roster rows, ``files`` what lies in the run folder.

    ``findings`` is all that was noticed.
    """

    plan: Plan
    row_errors: tuple[str, ...] = ()
    files: Files | None = None
    findings: Findings = NONE_FOUND


@dataclass(frozen=True, slots=True)
class Reconciled:
    """A plan was carried out, and this is what came of it."""

    reconciliation: Reconciliation
    facts: RunFacts
    files: Files


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What an undo could not take back, and why; ``remarks`` on what comes next.

    ``request`` is where the text for Box support lies, None if nobody needs it.
    """

    undo: Undo
    remarks: tuple[str, ...]
    request: Path | None


@dataclass(frozen=True, slots=True)
class Serving:
    """A page is served at an address that opens it once, until ``idle`` seconds have passed without a request."""

    address: str
    idle: float


Note: TypeAlias = Remark | Trouble | Previewed | Reconciled | TakenBack | Serving


@dataclass(frozen=True, slots=True)
class Confirmation:
    """A question before something is lost; ``plan`` and ``row_errors`` are what it is about, if it is about people."""

    question: str
    plan: Plan | None = None
    row_errors: tuple[str, ...] = ()
    findings: Findings = NONE_FOUND


class Observer(Protocol):
    """Who watches a run. Notes, questions and progress come from the thread that runs it; notes of waits and of large files from any."""

    @property
    def halt(self) -> Halt:
        """The stop button: whoever requests it has the run end in good order."""
        ...

    @property
    def timing(self) -> Timing:
        """Time and chance for the calls to Box; its sleep has to end when the run is to stop."""
        ...

    def now(self) -> datetime:
        """The time, in UTC."""
        ...

    def note(self, note: Note) -> None:
        """Something happened."""
        ...

    def confirm(self, asked: Confirmation) -> bool:
        """Whether to go on; also the answer where nobody is there to be asked."""
        ...

    def progress(
        self, phase: Phase, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Around something long: what it gives is told how many are done, of ``total`` if that is known."""
        ...

    def careful(self) -> AbstractContextManager[None]:
        """Around what must not be torn: a stop is asked for by ``halt`` meanwhile, never raised."""
        ...


class Unattended:
    """An observer with nobody there: it says nothing, and goes on where a person would be asked.

    To be extended by whoever wants to hear or decide some of it. ``timing`` is the time and chance for the calls to Box;
    the system's unless given.
    """

    def __init__(self, now: Callable[[], datetime] | None = None, timing: Timing | None = None) -> None:
        self.halt = Halt()
        self.now = now or utc_now
        self.timing = timing or system_timing(self.halt)

    def stop(self) -> None:
        """Have the run end in good order, from any thread; what is in flight is finished."""
        from provision.apply.halt import interrupted

        self.halt.request(interrupted())

    def note(self, note: Note) -> None:
        """Not said."""

    def confirm(self, asked: Confirmation) -> bool:
        """Yes: who starts a run without a person means it."""
        return True

    def progress(
        self,
        phase: Phase,
        total: int | None = None,
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Not shown."""
        return contextlib.nullcontext(_nobody)

    def careful(self) -> AbstractContextManager[None]:
        """Nothing to do: here a stop is never raised."""
        return contextlib.nullcontext()


def utc_now() -> datetime:
    """The system's time, in UTC."""
    return datetime.now(UTC)


def system_timing(halt: Halt) -> Timing:
    """The system's clock and chance; sleeping ends when the run is stopped."""
    return Timing(time.monotonic, halt.sleep, Random())  # noqa: S311 - jitter, not a secret


def stopped_early() -> Interrupted:
    """The error for a run that was stopped before it began to change anything."""
    return Interrupted(
        "The run was stopped before anything was changed in Box.", remedy="run it again when you like"
    )


def go_on(observer: Observer) -> None:
    """Raise Interrupted if the run was stopped, Locked if it lost the enterprise; called where nothing is changed yet."""
    reason = observer.halt.reason
    if reason is not None:
        raise stopped_early() if isinstance(reason, Interrupted) else reason


def _nobody(_done: int) -> None:
    pass
