"""The end of a command in a few lines, for whoever wants to hear of bad ends only."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from provision.errors import ExitCode
from provision.findings import Code
from provision.report.fleet.value import FleetSummary
from provision.report.fleet.words import night_in_short
from provision.report.kind_words import label
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.report.words import STATUS_SENTENCE
from provision.wording import counted

#: what to do where no error has said it, by exit code
_DO = {
    ExitCode.CHANGES: "provision apply {run}",
    ExitCode.HELD: "provision holds JOB; release what is right with: provision approve {run} --person WHO --by NAME",
    ExitCode.PARTIAL: "look at the report, then: provision resume {run}",
    ExitCode.INTERRUPTED: "provision resume {run}",
}


def in_short(summary: Summary, told: Collection[str] = ()) -> Iterator[str]:
    """Headline, counts, what to do, and where the report lies; an error in ``told`` was said already."""
    if isinstance(summary, FleetSummary):
        yield from night_in_short(summary)
        return
    job = f"{summary.job}: " if summary.job else ""
    yield f"{job}{STATUS_SENTENCE[RunStatus(summary.status)]} (exit code {summary.exit_code})."
    if told_counts := " · ".join(counts(summary)):
        yield told_counts
    if summary.error and summary.error not in told:
        yield summary.error
    if "do: " not in (summary.error or "") and (todo := to_do(summary)):
        yield f"  do: {todo}"
    if report := summary.files.report_html or summary.files.run_dir:
        yield f"report: {report}"


def to_do(summary: Summary) -> str:
    """What to do where no error has said it, "" for nothing; JOB stands for the job file."""
    looked_ahead = any(found.code is Code.SUPPOSED_DAY for found in summary.findings)
    if summary.exit_code not in _DO or (looked_ahead and summary.exit_code == ExitCode.CHANGES):
        return ""
    run = summary.files.run_dir
    if run is None and summary.exit_code == ExitCode.CHANGES:
        return "provision run JOB"
    return _DO[ExitCode(summary.exit_code)].format(run=run or "RUN")


def counts(summary: Summary) -> Iterator[str]:
    """What was planned and how it went, a line each; nothing where nothing was."""
    if summary.planned:
        yield f"planned: {', '.join(f'{count:,} {kind}' for kind, count in summary.planned.items())}"
    ended = [f"{count:,} {label(word)}" for word, count in summary.outcomes.items() if count]
    if ended:
        yield f"outcome: {', '.join(ended)}"
    if summary.roster.rejected:
        yield f"{counted(summary.roster.rejected, 'roster row')} rejected"
