"""The way in: the roster is read, and what was once good speaks against a file that is damaged or names nobody."""

from __future__ import annotations

import contextlib
from datetime import datetime
from pathlib import Path

from provision.errors import CutOff, LostHeader, Refused, RosterError
from provision.job.settings import Authority, Job
from provision.ledger.place import nothing_there
from provision.ledger.value import Baseline
from provision.roster.profile.profile import Profile, from_json, keyed
from provision.roster.read import read_roster
from provision.roster.row_errors import format_row_errors
from provision.roster.value import Roster
from provision.runs.observer import Observer
from provision.runs.who_decides import who_decides

#: of the reasons why a roster names nobody so many are told
_TOLD = 3


def take_in(job: Job, path: Path | None, now: datetime) -> Roster:
    """The job's roster, or the one at ``path``, as it reads ``now``.

    Raises RosterError for a file that cannot be read, Refused for one that is cut off or lacks a column where the job has
    accepted a better one before.
    """
    try:
        return read_roster(job.roster, path, now.astimezone(job.lifecycle.zone()).date().isoformat())
    except (CutOff, LostHeader) as error:
        known = accepted(job)
        if not known:
            raise
        raise Refused(
            f"Refused: {error.what}\n{_better(known[0])}", cause=error.cause, remedy=error.remedy
        ) from error


def refuse_nobody(roster: Roster, job: Job) -> None:
    """Raise RosterError for a full roster without one row that can be used; no flag allows it.

    The first roster of a job can remove nobody, so its rows are told one by one in the report instead.
    """
    error = nobody(roster, job)
    if error is not None and accepted(job):
        raise error


def nobody(roster: Roster, job: Job) -> RosterError | None:
    """What is said of a full roster without one row that can be used, None for any other.

    A row that the job leaves out can be used; a guard looks at how many are.
    """
    if job.roster.authority is not Authority.FULL or roster.valid or len(roster.excluded):
        return None
    reasons = "\n".join(list(format_row_errors(roster))[:_TOLD])
    return RosterError(
        f"{roster.path} has {roster.rows:,} rows, and not one of them can be used.\n{reasons}".rstrip(),
        cause="a column that was blanked or swapped with another, or an export of something else",
        remedy="export the roster again; an empty roster is never taken as everybody having left",
    )


def accepted(job: Job) -> tuple[Baseline, ...]:
    """The rosters of this job that were accepted last, newest first; a ledger that is not there is not made."""
    return rosters_known(job)[0]


def rosters_known(job: Job) -> tuple[tuple[Baseline, ...], frozenset[str]]:
    """The same, and the SHA-256 of every complete roster that was accepted."""
    if nothing_there(job.state.url):
        return (), frozenset()
    from provision.runs.job_ledger import known_ledger_of

    with contextlib.closing(known_ledger_of(job)) as ledger:
        return ledger.baselines(job.name), ledger.rosters(job.name)


def as_kept(profile: Profile | None, job: Job) -> Profile | None:
    """The profile of a roster as those are that the ledger keeps, to be compared with them."""
    from provision.runs.key import known_key

    key = known_key(job)
    return keyed(profile, key.of_fingerprints, job.name) if profile and key else profile


def accept(roster: Roster, job: Job, observer: Observer) -> Baseline | None:
    """Let this roster be what the next ones are compared with, in the name of whoever runs this; None without a profile."""
    if roster.profile is None:
        return None
    from provision.runs.job_ledger import ledger_of
    from provision.runs.key import made_key

    full = job.roster.authority is Authority.FULL
    profile = keyed(roster.profile, made_key(job).of_fingerprints, job.name)
    baseline = Baseline(profile.to_json(), observer.now().isoformat(), who_decides(), full)
    with contextlib.closing(ledger_of(job)) as ledger:
        ledger.accept(job.name, baseline)
    return baseline


def _better(baseline: Baseline) -> str:
    profile = from_json(baseline.profile)
    rows = f"{profile.rows:,} rows, " if profile else ""
    return f"The last accepted roster ({rows}{baseline.at[:16].replace('T', ' ')} UTC) was whole."
