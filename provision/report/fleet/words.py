"""The words for the night of a fleet, for a terminal and for a page."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from provision.errors import ExitCode
from provision.model import Status
from provision.report.fleet.value import FleetLine, FleetNeed, FleetPage, FleetSummary, JobEnd
from provision.report.kind_words import label
from provision.report.value import RunStatus
from provision.wording import counted, duration, plural

#: the word for how a job ended, by exit code; 0 has two, by its status
_WORDS = {
    ExitCode.INPUT: "wrong input",
    ExitCode.CHANGES: "differs",
    ExitCode.HELD: "waits for a person",
    ExitCode.PARTIAL: "some failed",
    ExitCode.INTERRUPTED: "interrupted",
    ExitCode.LOCKED: "another run",
    ExitCode.BOX_REFUSED: "Box refused",
    ExitCode.OUR_FAULT: "our fault",
}
_TONES = {ExitCode.DONE: "good", ExitCode.HELD: "warn", ExitCode.INPUT: "warn", ExitCode.LOCKED: "warn"}
#: in which order somebody should look
_URGENT = (
    ExitCode.OUR_FAULT, ExitCode.BOX_REFUSED, ExitCode.PARTIAL, ExitCode.INTERRUPTED, ExitCode.INPUT, ExitCode.HELD,
    ExitCode.LOCKED, ExitCode.CHANGES, ExitCode.DONE,
)  # fmt: skip
#: enterprises that a terminal lists, and columns of a name there
_LISTED, _NAME = 40, 34


def end_word(line: FleetLine) -> str:
    """How a job ended, in a word or two."""
    if line.end is JobEnd.NOT_BEGUN:
        return "not begun"
    if line.end is JobEnd.LOST:
        return "workers lost"
    summary = line.summary
    if summary.exit_code == ExitCode.DONE:
        return "nothing to do" if summary.status == RunStatus.NO_CHANGES else "done"
    if summary.status == RunStatus.REFUSED:
        return "refused by a guard"
    return _WORDS[ExitCode(summary.exit_code)]


def ended_words(line: FleetLine, done: int, total: int) -> str:
    """What is said when a job has ended."""
    numbers = _numbers(line)
    again = f", {counted(line.tries, 'try', 'tries')}" if line.tries > 1 else ""
    return f"{line.name}: {end_word(line)}{f' ({numbers})' if numbers else ''}{again} · {done:,} of {total:,}"


def _numbers(line: FleetLine) -> str:
    outcomes = ((word, count) for word, count in line.summary.outcomes.items() if count)
    return ", ".join(f"{count:,} {label(word)}" for word, count in outcomes)


def headline(summary: FleetSummary) -> str:
    """The night in a sentence."""
    total, bad = len(summary.lines), sum(line.needs_a_person for line in summary.lines)
    if not bad:
        return (
            f"All {total:,} enterprises match their rosters"
            if total > 1
            else "The enterprise matches its roster"
        )
    return f"{bad:,} of {counted(total, 'enterprise')} {plural(bad, 'needs', 'need')} a person"


def error_of(summary: FleetSummary) -> str | None:
    """Why the night did not end with 0, and what to do; None where it did."""
    code = ExitCode(summary.exit_code)
    if code is ExitCode.DONE:
        return None
    words = [word for word in _worded(summary) if word]
    return f"{headline(summary)}: {', '.join(words)}.\n  do: {_to_do(summary, code)}"


def _worded(summary: FleetSummary) -> Iterator[str]:
    told: dict[str, int] = {}
    for line in urgent(summary.lines):
        if line.needs_a_person:
            told[end_word(line)] = told.get(end_word(line), 0) + 1
    yield from (f"{count:,} {word}" for word, count in told.items())


def _to_do(summary: FleetSummary, code: ExitCode) -> str:
    fleet = shlex.quote(summary.fleet_path or "FLEET")
    if code is ExitCode.HELD:
        return f"provision holds --fleet {fleet}"
    going_on = f"provision fleet {fleet} --resume {summary.fleet_id or 'RUN'}"
    if code is ExitCode.INTERRUPTED:
        return f"{going_on}, which goes on with what is left"
    return f"look at the report; once the cause is gone: {going_on}"


def urgent(lines: Sequence[FleetLine]) -> list[FleetLine]:
    """The lines in the order in which somebody should look."""
    return sorted(lines, key=lambda line: _URGENT.index(ExitCode(line.summary.exit_code)))


# --- a terminal ----------------------------------------------------------------------------------------


def table(summary: FleetSummary) -> Iterator[str]:
    """The night at 80 columns: those who need a person first, then the others as far as there is room."""
    lines = urgent(summary.lines)
    yield f"{'enterprise':<{_NAME}} {'ended':<19} {'done':>6} {'failed':>6} {'held':>5} exit"
    shown = [line for at, line in enumerate(lines) if at < _LISTED or line.needs_a_person]
    for line in shown:
        yield _row(line)
        if line.needs_a_person and (why := _first(line.summary.error)):
            yield f"    {why}"
    if left := len(lines) - len(shown):
        yield f"and {counted(left, 'enterprise')} more without problems"


def _row(line: FleetLine) -> str:
    outcomes = line.summary.outcomes
    bad = outcomes.get(Status.FAILED, 0) + outcomes.get(Status.IN_DOUBT, 0)
    held = max(line.summary.holds_total, outcomes.get(Status.HELD, 0))
    name = line.name if len(line.name) <= _NAME else f"{line.name[: _NAME - 1]}…"
    code = int(line.summary.exit_code)
    return f"{name:<{_NAME}} {end_word(line):<19} {outcomes.get(Status.DONE, 0):>6,} {bad:>6,} {held:>5,} {code:>4}"


def _first(error: str | None) -> str:
    """The first line of an error, short enough for a row."""
    first = (error or "").partition("\n")[0]
    return first if len(first) <= 74 else f"{first[:73]}…"


def night_in_short(summary: FleetSummary) -> Iterator[str]:
    """A bad end in a few lines, for whoever wants to hear of such ends only."""
    yield f"{summary.fleet}: {headline(summary)} (exit code {int(summary.exit_code)})."
    if summary.error:
        yield summary.error
    if summary.files.report_html:
        yield f"report: {summary.files.report_html}"


# --- a page --------------------------------------------------------------------------------------------


def page_of(summary: FleetSummary, seconds: float) -> FleetPage:
    """What the page of the night shows; it took so many seconds."""
    lines = urgent(summary.lines)
    people = summary.people
    tiles = (
        ("enterprises", len(lines), "plain"),
        ("in order", sum(not line.needs_a_person for line in lines), "good"),
        ("need a person", sum(line.needs_a_person for line in lines), "warn"),
        ("operations done", people.get(Status.DONE, 0), "good"),
        ("failed or in doubt", people.get(Status.FAILED, 0) + people.get(Status.IN_DOUBT, 0), "bad"),
        ("waiting for a person", sum(line.summary.holds_total for line in lines), "warn"),
    )
    return FleetPage(
        summary,
        headline(summary),
        _TONES.get(ExitCode(summary.exit_code), "bad"),
        f"Exit code {int(summary.exit_code)}, after {duration(seconds)}.",
        tiles,
        tuple(_need(line, summary) for line in lines if line.needs_a_person),
        tuple(_need(line, summary) for line in summary.lines if not line.needs_a_person),
    )


def _need(line: FleetLine, summary: FleetSummary) -> FleetNeed:
    tone = _TONES.get(ExitCode(line.summary.exit_code), "bad")
    reason, _, do = (line.summary.error or "").partition("\n  do: ")
    command = do
    if not command and line.summary.exit_code == ExitCode.PARTIAL:
        command = _to_do(summary, ExitCode.PARTIAL)
    return FleetNeed(
        line,
        end_word(line),
        tone,
        reason.replace("\n  usual cause:", " Usual cause:"),
        command,
        _numbers(line),
    )
