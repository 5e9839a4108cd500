"""Where a command meets the person: what it was asked for, what it prints, how it shows progress, when it is stopped.

Standard output belongs to the answer (one JSON object with ``--json``); everything else goes to standard error.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from types import FrameType
from typing import Any

from rich.console import Console

from provision.apply.halt import Halt, interrupted
from provision.box.pacing.timing import Timing
from provision.cli.terms import Terms
from provision.errors import BoxFault, InputError, Interrupted, Throttled

#: seconds between two plain lines of progress where there is no terminal
_QUIET_SPELL = 10.0
#: seconds of a pause that Box asks for which a person is told of
_LONG_PAUSE = 10.0


class Desk:
    """The terminal, the clock and the stop button of one command."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        self.halt = Halt()
        self.log: Callable[..., None] | None = None
        self._paused_until = 0.0
        self.console = Console(
            stderr=True,
            quiet=terms.quiet,
            no_color=not terms.color or bool(os.environ.get("NO_COLOR")),
            highlight=False,
            soft_wrap=False,
        )

    @property
    def timing(self) -> Timing:
        """Time and chance for the calls; sleeping ends when the command is stopped."""
        return Timing(time.monotonic, self.halt.sleep, Random())  # noqa: S311 - jitter, not a secret

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    def say(self, text: str) -> None:
        """One line to the person."""
        self.console.print(text, markup=False)

    def print(self, text: str) -> None:
        """One line of the answer itself, on standard output."""
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except OSError as error:
            # what is still in the buffer would fail once more at exit, with a traceback
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            if not isinstance(error, BrokenPipeError):  # a reader who has seen enough is no error
                raise InputError(
                    f"The answer could not be written to standard output: {error.strerror}.",
                    cause="a full disk behind the redirection",
                    remedy="make room, or look into the run folder",
                ) from None

    def complain(self, text: str) -> None:
        """An error: always said, even with --quiet."""
        first, _, rest = text.partition("\n")
        loud = Console(stderr=True, no_color=self.console.no_color, highlight=False, soft_wrap=True)
        loud.print(first, style="bold red", markup=False)
        if rest:
            loud.print(rest, markup=False)

    def answer(self, found: Mapping[str, Any]) -> None:
        """The one JSON object on standard output."""
        self.print(json.dumps(found, ensure_ascii=False))

    @property
    def asks(self) -> bool:
        """Whether a person at a terminal is asked; a pipe never is, since the job itself was told to run."""
        return not self.terms.yes and sys.stdin.isatty() and sys.stderr.isatty()

    def confirm(self, question: str) -> bool:
        """Ask the person; yes where nobody is to be asked."""
        if not self.asks:
            return True
        sys.stderr.write(f"{question} [y/N] ")  # even with --quiet: somebody is waited for
        sys.stderr.flush()
        return sys.stdin.readline().strip().casefold() in ("y", "yes")

    @contextlib.contextmanager
    def progress(self, what: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show how far something is: a bar with the time left on a terminal, a line now and then without one."""
        if self.console.is_terminal and not self.terms.quiet:
            with _bar(self.console, what, total) as show:
                yield show
        else:
            yield _lines(self.say, what, total)

    def retried(self, fault: BoxFault) -> None:
        """A call to Box is tried again; a long pause is told to the person too."""
        answer = fault.answer
        pause = fault.retry_after if isinstance(fault, Throttled) else 0.0
        self.note(
            "retry", fault=type(fault).__name__, http_status=answer.http_status, code=answer.code,
            request_id=answer.request_id, retry_after=pause,
        )  # fmt: skip
        if pause >= _LONG_PAUSE and time.monotonic() >= self._paused_until:
            self._paused_until = time.monotonic() + pause
            self.say(f"Box asks for a pause of {pause:.0f} s (HTTP 429); going on at {self._at(pause)}.")

    def away(self, fault: BoxFault, wait: float, left: float) -> None:
        """Box answers nobody; when it is asked again, and until when."""
        answer = fault.answer
        told = f"HTTP {answer.http_status}" if answer.http_status else fault.silence
        self.note("away", http_status=answer.http_status, code=answer.code, wait=wait, left=left)
        self.say(
            f"Box does not answer ({told}). Asking again in {wait:.0f} s; giving up at {self._at(left)}."
        )

    def back(self, after: float) -> None:
        """Box answers again."""
        self.note("back", after=after)
        self.say(f"Box answers again after {after:.0f} s; going on.")

    def paced(self, why: str, wait: float) -> None:
        """No call leaves for so many seconds, and why; without a wait, what else there is to know of the budget."""
        self.note("paced", why=why, wait=wait)
        if time.monotonic() >= self._paused_until:
            self._paused_until = time.monotonic() + wait
            self.say(f"{why}; going on at {self._at(wait)}." if wait else f"{why}.")

    def note(self, event: str, **facts: object) -> None:
        """Keep an event in the log of the run, if there is one yet."""
        if self.log is not None:
            self.log(event, self.now(), **facts)

    def _at(self, seconds: float) -> str:
        return f"{self.now() + timedelta(seconds=seconds):%H:%M:%S} UTC"

    @contextlib.contextmanager
    def stoppable(self) -> Iterator[None]:
        """Within this, the first Ctrl-C or SIGTERM asks for an orderly stop and the second ends the process."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._stop) for number in signals}
        try:
            yield
        finally:
            for number, action in before.items():
                signal.signal(number, action)

    @contextlib.contextmanager
    def careful(self) -> Iterator[None]:
        """Within this, a stop is taken note of and acted on at the next safe moment; elsewhere it is raised at once."""
        self._careful += 1
        try:
            yield
        finally:
            self._careful -= 1

    _careful = 0

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        if self.halt.wanted:
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
            return
        self.halt.request(interrupted() if self._careful else _early())
        os.write(2, b"\nStopping in good order; once more stops at once.\n")
        if not self._careful:
            raise _early()


def _early() -> Interrupted:
    return Interrupted(
        "The run was stopped before anything was changed in Box.", remedy="run it again when you like"
    )


def somebody() -> str:
    """The name of the operating system's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody without a name"


@contextlib.contextmanager
def _bar(console: Console, what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def _lines(say: Callable[[str], None], what: str, total: int | None) -> Callable[[int], None]:
    said = time.monotonic()

    def show(done: int) -> None:
        nonlocal said
        if done == total or time.monotonic() - said >= _QUIET_SPELL:
            said = time.monotonic()
            say(f"{what}: {done:,}" + (f" of {total:,}" if total else ""))

    return show
