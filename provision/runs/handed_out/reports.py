"""Reports again, and the list of runs: what run folders tell, without Box."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

from provision.errors import DamagedFile, InputError, ProvisionError, UsageError
from provision.files import inner_folder
from provision.findings import Code, Finding, Level
from provision.job.load import load_job
from provision.job.settings import Job, ReportFormat
from provision.report.page.histories import NO_HISTORIES, Histories
from provision.report.summary import Files, Summary, files_of, summarise
from provision.report.value import Reconciliation, RunFacts
from provision.report.write import write_reports
from provision.runs.afterwards.redact import REDACTED, without_people
from provision.runs.ending import Fact, looked
from provision.runs.folder import RunFolder, runs_in, summary_of, told_summary
from provision.runs.history import told_so_far
from provision.runs.observer import Observer, Remark, Trouble
from provision.runs.past.histories import histories_of
from provision.runs.seal.closing import edited
from provision.runs.seal.seal import doubt_of, expect_used_here
from provision.runs.start import Begun

#: damaged records that a list tells of
_TOLD = 10


@dataclass(frozen=True, slots=True)
class ReportOptions:
    """What is to be written of a run: these formats of its reconciliation, and, if it is to be ``annotated``, its roster.

    ``out`` is where that goes, a file or a folder, None for the run folder; ``rosters`` are files in the place of those it read.
    ``redact``: the reconciliation is written without people, into a folder of its own.
    """

    formats: tuple[str, ...] = ()
    annotated: bool = False
    out: Path | None = None
    rosters: tuple[Path, ...] = ()
    redact: bool = False


@dataclass(frozen=True, slots=True)
class Reported(Summary):
    """The summary of a run whose roster was handed back: in which files."""

    annotated: tuple[str, ...] = ()


def report(name: str, options: ReportOptions, begun: Begun) -> Summary:
    """Write the reconciliation of the run of this name again. Raises UsageError for a format there is not."""
    expect_formats(options.formats)
    run = begun.open(name)
    job, doubt = _looked_at(run)
    reconciliation, facts = told_so_far(run, job)
    if doubt is not None:
        begun.observer.note(Trouble(doubt.sentence))
        facts = replace(facts, findings=facts.findings.beside((doubt,)))
    told = reconciliation, facts
    folder = run.path
    if options.redact:
        reconciliation, facts = without_people(run, told)
        folder = inner_folder(run.path / REDACTED)
    histories = NO_HISTORIES
    if job is not None and not options.redact and "html" in options.formats:
        histories = _histories(told, job, begun.observer)
    written = write_reports(reconciliation, facts, folder, options.formats, histories)
    for path in written.values():
        begun.observer.note(Remark(str(path)))
    files = files_of(run.path, {} if options.redact else written)
    if options.redact:
        files = Files(
            run_dir=files.run_dir, **{f"report_{form}": str(path) for form, path in written.items()}
        )
    summary = summarise(facts, reconciliation, files)
    summary = replace(summary, exit_code=int(looked({}).exit_code))
    if not options.annotated:
        return summary
    from provision.runs.handed_out.annotate import annotate

    paths = annotate((run, options.out), told, options.rosters, begun.observer)
    return Reported(**_fields(summary), annotated=tuple(map(str, paths)))


def _histories(told: tuple[Reconciliation, RunFacts], job: Job, observer: Observer) -> Histories:
    """What is known of the run's people today; a page without it is better than none."""
    try:
        return histories_of(told[0], job, observer.now())
    except ProvisionError as error:
        observer.note(Trouble(f"The page has no histories of people: {error.what}"))
        return NO_HISTORIES


def _fields(summary: Summary) -> dict[str, Any]:
    return {each.name: getattr(summary, each.name) for each in fields(Summary)}


def _looked_at(run: RunFolder) -> tuple[Job | None, Finding | None]:
    """The job of a run, None where it cannot be had, and what is said of a folder that its key does not prove.

    A report needs no job: an archive is read anywhere. Raises DamagedFile for a journal that the job's own seal contradicts.
    """
    try:
        job = load_job(Path(run.about.job_path), os.environ, signs_in=False)
    except InputError as error:
        return None, _unproven(run, error)
    try:
        if (doubt := edited(run.path, job)) is not None:
            raise doubt
        if (strange := doubt_of(run, job)) is not None:
            return job, _unproven(run, strange)
        expect_used_here(run, job)
    except DamagedFile:
        raise
    except InputError as error:
        return None, _unproven(run, error)
    return job, None


def _unproven(run: RunFolder, why: InputError) -> Finding:
    sentence = f"Run {run.about.run_id} is not proven, so anybody may have written what it says: {why.what}"
    return Finding(Code.FOLDER_NOT_PROVEN, Level.WARNING, sentence, why.remedy)


def expect_formats(names: Sequence[str]) -> None:
    """Raise UsageError for a format of reports that there is not."""
    for name in names:
        if name not in tuple(ReportFormat):
            raise UsageError(
                f"There is no report format {name!r}.", remedy=f"choose from {', '.join(ReportFormat)}"
            )


def listing(folder: Path, job: Job | None = None) -> RunListing:
    """The runs below a folder, newest first, all or those of one job; ``error`` names records that cannot be read.

    Raises InputError if the folder cannot be read.
    """
    mine: list[dict[str, Any]] = []
    damage: list[DamagedFile] = []
    for path in runs_in(folder):
        try:
            summary = told_summary(path)
        except DamagedFile as error:
            damage.append(error)
            summary = summary_of(path)
        if job is None or summary.get("job") in (job.name, None):
            mine.append(dict(summary) | {"run_dir": str(path)})
    end = looked({Fact.UNREAD: bool(damage)})
    told = "\n".join(map(str, damage[:_TOLD])) if damage else None
    return RunListing(exit_code=int(end.exit_code), status=end.status, error=told, runs=tuple(mine))


@dataclass(frozen=True, slots=True)
class RunListing(Summary):
    """The runs so far, each with its own summary; as JSON it is nothing but them."""

    runs: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        return json.dumps({"runs": self.runs}, ensure_ascii=False)
