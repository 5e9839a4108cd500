"""The journal of the run that is under way: opened before the first request, finished and closed after the last."""

from __future__ import annotations

import contextlib

from provision.errors import Locked, ProvisionError
from provision.journal.book import JOURNAL_NAME, Journal
from provision.runs.folder import APPLYING, RunFolder
from provision.runs.observer import Observer
from provision.runs.planning.prepare import Planned
from provision.runs.seal.closing import close_journal
from provision.runs.seal.notes import sealed_notes
from provision.runs.selection import Attempt, identity


def begun_journal(planned: Planned, run: RunFolder, attempt: Attempt, observer: Observer) -> Journal:
    """The journal, and a word in the log that requests may leave from now on: without it none has left, whatever else is there."""
    journal = _opened(planned, run, attempt, observer)
    try:
        run.log(APPLYING, observer.now())
    except BaseException:
        journal.close()
        raise
    return journal


def leave_journal(
    planned: Planned, run: RunFolder, attempt: Attempt, reason: ProvisionError | None, observer: Observer
) -> None:
    """Finish the journal unless there is a ``reason`` for an early end, and seal what it says.

    Before the summary is written: a journal that is younger than its summary was cut off.
    """
    if isinstance(reason, Locked):
        return  # whoever has the enterprise now may read it just then, and closes it
    if reason is None:
        with contextlib.closing(_opened(planned, run, attempt, observer)) as journal:
            journal.finish()
    close_journal(run, planned.job, ended=reason is None)


def _opened(planned: Planned, run: RunFolder, attempt: Attempt, observer: Observer) -> Journal:
    path, whose = run.path / JOURNAL_NAME, identity(planned.plan)
    notes = sealed_notes(attempt.notes(), whose, run.about.run_id, planned.job)
    return Journal(path, whose, lambda: observer.now().isoformat(timespec="milliseconds"), notes)
