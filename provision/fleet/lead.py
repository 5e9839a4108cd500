"""A night of a fleet from beginning to end: read, given to workers, kept, told."""

from __future__ import annotations

import fnmatch
import itertools
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from provision import __version__
from provision.errors import ExitCode, UsageError
from provision.files import whole
from provision.fleet.cluster import workers
from provision.fleet.folder import REPORT_NAME, FleetFolder, find_folder, new_folder, taken
from provision.fleet.night import Agenda, Lead
from provision.fleet.reading import Fleet, assignment_of, load_fleet
from provision.fleet.rows import Row
from provision.fleet.value import Task
from provision.notify.send import Parcel, send
from provision.report.fleet.render import write_fleet_page
from provision.report.fleet.value import FleetLine, FleetSummary, JobEnd
from provision.report.fleet.words import error_of
from provision.report.messages.night import night_events, night_message
from provision.report.sentences.nightly import notify_failed
from provision.report.summary import Files
from provision.report.value import RunStatus
from provision.runs.ending import gravest
from provision.runs.observer import Observer, Remark
from provision.wording import counted, nearest

#: how jobs ended that a resumed night leaves alone: nothing left over, or a person's turn, for whom a new run plans afresh
_SETTLED = (ExitCode.DONE, ExitCode.HELD)
_STATUS = {
    ExitCode.DONE: RunStatus.APPLIED,
    ExitCode.HELD: RunStatus.HELD,
    ExitCode.PARTIAL: RunStatus.PARTIAL,
    ExitCode.INTERRUPTED: RunStatus.INTERRUPTED,
}


@dataclass(frozen=True, slots=True)
class FleetWishes:
    """What is wanted of a night: ``only`` these jobs, by name, with ``*``; ``resume``: go on with that night, "" for a new one.

    ``prepared_by``: a module that each process of a local cluster is prepared by.
    """

    only: tuple[str, ...] = ()
    resume: str = ""
    prepared_by: str = ""


def lead(path: Path, wishes: FleetWishes, observer: Observer) -> FleetSummary:
    """Lead the night of the fleet in this file. Raises InputError for a fleet, a choice or a cluster that cannot be used.

    However single jobs end is told by the result, whose exit code is the most serious of theirs.
    """
    fleet = load_fleet(path)
    rows = chosen(fleet, wishes.only)
    began = observer.now()
    folder = _folder(fleet, wishes.resume, began)
    with folder.held(), workers(fleet.settings, wishes.prepared_by) as pool, observer.careful():
        agenda, kept = _agenda(fleet, rows, folder, resumed=bool(wishes.resume))
        observer.note(
            Remark(
                f"Fleet {fleet.settings.name}: {counted(len(agenda.rows), 'job')}, night {folder.about.fleet_id}"
            )
        )
        lines = Lead(agenda, pool, folder, observer).through()
        ordered = tuple(found for row in fleet.rows if (found := lines.get(row.name) or kept.get(row.name)))
        summary = _summary(fleet, folder, ordered, began, observer.now())
        return _told(summary, fleet, folder, (observer.now() - began).total_seconds(), observer)


def chosen(fleet: Fleet, only: Sequence[str]) -> tuple[Row, ...]:
    """The rows that are named, by their names, the names of their jobs or the ids of their enterprises; all without any."""
    wanted = [each.strip() for text in only for each in text.split(",") if each.strip()]
    if only and not wanted:
        raise UsageError(
            "--only has no value, so it would select every enterprise.",
            remedy="name some, or leave it out",
        )
    for each in wanted:
        if not any(_fits(row, each) for row in fleet.rows):
            near = nearest(each, [row.name for row in fleet.rows])
            raise UsageError(
                f"--only {each}: no job of the fleet {fleet.settings.name} is called so.",
                cause="a mistyped name, or a job that was taken out of the fleet file",
                remedy=f"did you mean {near}?" if near else f"it has {_some_names(fleet)}",
            )
    return tuple(row for row in fleet.rows if not wanted or any(_fits(row, each) for each in wanted))


def _fits(row: Row, wanted: str) -> bool:
    names = (row.name, row.identity.job, row.identity.label)
    return any(fnmatch.fnmatchcase(name, wanted) for name in names if name)


def _some_names(fleet: Fleet) -> str:
    names = [row.name for row in itertools.islice(fleet.rows, 10)]
    more = f" and {len(fleet.rows) - 10:,} more" if len(fleet.rows) > 10 else ""
    return f"{', '.join(names)}{more}"


def _folder(fleet: Fleet, resume: str, now: datetime) -> FleetFolder:
    if resume:
        return find_folder(resume, fleet.runs, fleet.settings.name)
    return new_folder(fleet.runs, fleet.settings.name, fleet.path, now, _digits())


def _digits() -> Iterator[str]:
    while True:
        yield secrets.token_hex(2)


def _agenda(
    fleet: Fleet, rows: Sequence[Row], folder: FleetFolder, *, resumed: bool
) -> tuple[Agenda, dict[str, FleetLine]]:
    """What is left to do, and the ends of what an earlier process of this night was done with."""
    session = secrets.token_hex(4)
    kept, tasks = {}, {}
    for row in fleet.rows:
        before = folder.kept(row.name) if resumed else None
        if row in rows and not (before is not None and before.summary.exit_code in _SETTLED):
            go_on = taken(folder.path, row.name).run if before is not None else ""
            tasks[row.name] = Task(
                row.name, folder.path, assignment_of(row, fleet), session, __version__, go_on
            )
        elif before is not None:
            kept[row.name] = replace(before, end=JobEnd.KEPT)
    left = tuple(row for row in rows if row.name in tasks)
    return Agenda(fleet, left, tasks, session, len(kept)), kept


def _summary(
    fleet: Fleet, folder: FleetFolder, lines: tuple[FleetLine, ...], began: datetime, ended: datetime
) -> FleetSummary:
    code = gravest(line.summary.exit_code for line in lines)
    quiet = all(line.summary.status == RunStatus.NO_CHANGES for line in lines)
    summary = FleetSummary(
        status=RunStatus.NO_CHANGES if quiet else _STATUS.get(code, RunStatus.FAILED),
        exit_code=int(code),
        files=Files(run_dir=str(folder.path), report_html=str(folder.path / REPORT_NAME)),
        started_at=began.isoformat(timespec="seconds"),
        finished_at=ended.isoformat(timespec="seconds"),
        fleet_id=folder.about.fleet_id,
        fleet=fleet.settings.name,
        fleet_path=str(fleet.path),
        lines=lines,
    )
    return replace(summary, error=error_of(summary))


def _told(
    summary: FleetSummary, fleet: Fleet, folder: FleetFolder, seconds: float, observer: Observer
) -> FleetSummary:
    """The summary, once it is kept, set on a page, and whoever wants to hear of it has been told."""
    whole(folder.path / REPORT_NAME, lambda part: write_fleet_page(summary, seconds, part))
    folder.ended(summary.as_told)
    for trouble in _notified(summary, fleet):
        observer.note(Remark(trouble))
    return summary


def _notified(summary: FleetSummary, fleet: Fleet) -> Iterator[str]:
    found = night_events(summary)
    parcels = [
        Parcel(place, notify.url, night_message(summary))
        for place, notify in enumerate(fleet.settings.notify, start=1)
        if notify.url and found & set(notify.on)
    ]
    for address, why in send(parcels):
        told = notify_failed(address, why)
        yield f"{told.level}: {told.sentence}\n  do: {told.do}"
