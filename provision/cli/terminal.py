"""The terminal, an observer of runs: what it prints and asks, how it shows progress, and the signals that stop a run.

Standard output belongs to the answer (one JSON object with ``--json``); everything else goes to standard error.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO

from provision.apply.halt import Halt, interrupted
from provision.cli.flags import Flags
from provision.cli.streams import answered, answered_json, for_people, for_programs
from provision.cli.traces import Spell
from provision.errors import UsageError
from provision.runs.observer import (
    Confirmation,
    Note,
    Phase,
    Previewed,
    Reconciled,
    Remark,
    Serving,
    TakenBack,
    Trouble,
    stopped_early,
    system_timing,
)
from provision.wording import duration, harmless

if TYPE_CHECKING:
    from provision.cli.page import Page

#: seconds between two plain lines of progress where there is no terminal
_QUIET_SPELL = 10.0


class Terminal:
    """The terminal, the clock and the stop button of one command."""

    def __init__(self, flags: Flags) -> None:
        self.flags = flags
        self.now = flags.clock
        self.halt = Halt()
        self.timing = system_timing(self.halt)
        self.complained: set[str] = set()
        self.spells: list[Spell] = []  # what took long, and how long, for whoever collects that
        self.people = for_people()
        self.no_color = not flags.color or bool(os.environ.get("NO_COLOR"))

    @cached_property
    def console(self) -> Page:
        """What people read. Made when something is to be said: rich is a good part of the start of a quiet command."""
        return self._page(self.people, quiet=self.flags.quiet, no_color=self.no_color, soft_wrap=False)

    @staticmethod
    def _page(file: TextIO, **manner: Any) -> Page:
        from provision.cli.page import Page

        return Page(file, **manner)

    def note(self, note: Note) -> None:
        """Say it; troubles even with --quiet, and nothing else."""
        match note:
            case Trouble(text):
                self.complain(text)
            case Remark(text):
                self.say(text)
            case Serving(address, idle):
                self._point_to(address, idle)
            case _:
                if not self.flags.quiet:
                    self._show(note)

    def _show(self, note: TakenBack | Previewed | Reconciled) -> None:
        from provision.report.terminal import render_plan, render_result

        match note:
            case TakenBack():
                from provision.cli.undo_words import show_taken_back

                show_taken_back(note, self.console)
            case Previewed(plan, row_errors, files, findings):
                render_plan(plan, row_errors, self.console, files, findings)
            case Reconciled(reconciliation, facts, files):
                render_result(reconciliation, facts, self.console, files)

    def _point_to(self, address: str, idle: float) -> None:
        """Where the page is: nobody could use it without, so that is said with ``--quiet``, too."""
        self.say("Open this in a browser on this machine; it works once:")
        if self.flags.json:
            self._page(self.people, no_color=self.no_color).print(address, markup=False, soft_wrap=True)
        else:
            answered(address)
        self.say(f"It ends with its button, with Ctrl-C, or after {duration(idle)} without activity.")

    def say(self, text: str) -> None:
        """One line to the person."""
        if not self.flags.quiet:
            self.console.say(text)

    def print(self, text: str) -> None:
        """One line of the answer, on standard output; with ``--json`` that belongs to programs, and people read it beside."""
        if self.flags.json:
            self.say(text)
        else:
            answered(text)

    def tell(self, text: str) -> None:
        """Sentences of the answer: as ``print``, and wrapped where standard output is a terminal."""
        for line in self.answers.wrapped(text):
            self.print(line)

    @property
    def answers(self) -> Page:
        """The console whose width the answer has; with ``--json`` that of what people read."""
        return self.console if self.flags.json else self._page(for_programs())

    def complain(self, text: str) -> None:
        """An error: always said, even with --quiet."""
        self.complained.add(text)
        first, _, rest = text.partition("\n")
        loud = self._page(self.people, no_color=self.no_color) if self.flags.quiet else self.console
        loud.print(first, style="bold red", markup=False, soft_wrap=True)
        if rest:
            loud.print(rest, markup=False, soft_wrap=True)

    def answer(self, found: Mapping[str, Any]) -> None:
        """The one JSON object on standard output."""
        answered_json(json.dumps(found, ensure_ascii=False))

    @property
    def asks(self) -> bool:
        """Whether a person types here and is asked, wherever the output goes; a pipe never is, since the job was told to run."""
        return not self.flags.yes and sys.stdin is not None and sys.stdin.isatty()

    def confirm(self, asked: Confirmation) -> bool:
        """Show the plan and ask the person; yes where nobody is to be asked. Raises UsageError where somebody cannot be."""
        if not self.asks:
            return True
        with _where_one_types() as shown:
            there = self._page(shown, no_color=self.no_color)
            if asked.plan is not None and not self.flags.quiet:
                from provision.report.terminal import render_plan

                render_plan(asked.plan, asked.row_errors, there, None, asked.findings)
            shown.write(f"{harmless(asked.question)} [y/N] ")  # even with --quiet: somebody is waited for
            shown.flush()
            try:
                return sys.stdin.readline().strip().casefold() in ("y", "yes")
            except OSError:  # the terminal is gone, and nobody has said yes
                return False

    @contextlib.contextmanager
    def progress(self, phase: Phase, total: int | None = None) -> Iterator[Callable[[int], None]]:
        """Show how far something is: a bar with the time left on a terminal, a line now and then without one."""
        began, seen = self.now(), 0
        with self._shown(phase, total) as show:

            def counted(done: int) -> None:
                nonlocal seen
                seen = done
                show(done)

            try:
                yield counted
            finally:
                self.spells.append(Spell(phase, began, self.now(), seen))

    @contextlib.contextmanager
    def _shown(self, phase: Phase, total: int | None) -> Iterator[Callable[[int], None]]:
        if not self.flags.quiet and self.console.is_terminal:
            with _bar(self.console, phase, total) as show:
                yield show
        else:
            yield _lines(self.say, phase, total)

    @contextlib.contextmanager
    def stoppable(self) -> Iterator[None]:
        """Within this, the first Ctrl-C or SIGTERM asks for an orderly stop and the second ends the process.

        Signals come to the main thread alone; a command in another thread is stopped by ``halt``.
        """
        if threading.current_thread() is not threading.main_thread():
            yield
            return
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
        self.halt.request(interrupted() if self._careful else stopped_early())
        with contextlib.suppress(OSError):
            os.write(2, b"\nStopping in good order; once more stops at once.\n")
        if not self._careful:
            raise stopped_early()


@contextlib.contextmanager
def _where_one_types() -> Iterator[TextIO]:
    """The terminal at which somebody types, to be written to; standard error where that is one."""
    if sys.stderr is not None and sys.stderr.isatty():
        yield sys.stderr
        return
    try:
        name = "CONOUT$" if os.name == "nt" else os.ttyname(sys.stdin.fileno())
        shown = Path(name).open("w", encoding="utf-8")  # noqa: SIM115 - closed below
    except OSError:
        raise UsageError(
            "Nothing was changed: accounts would be removed, and there is no way to ask for confirmation.",
            cause="a manual run whose terminal cannot be written to",
            remedy="look at the plan, then run it again with --yes",
        ) from None
    with shown:
        yield shown


@contextlib.contextmanager
def _bar(console: Page, what: str, total: int | None) -> Iterator[Callable[[int], None]]:
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
