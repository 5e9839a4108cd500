"""A saved plan, opened to be applied: whether it is whole and still wanted, and which targets have moved."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from provision.apply.users import moved_targets
from provision.box.connect import connect
from provision.cli.desk import Desk
from provision.cli.lock import only_run
from provision.cli.planning import Noticed, Planned, read_directory, recall
from provision.cli.runfolder import RunFolder
from provision.errors import PlanError
from provision.job.fingerprint import fingerprint
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.ledger.store import open_ledger
from provision.plan.guard import check_allowed, rejudge
from provision.plan.planfile import read_plan
from provision.plan.value import Plan
from provision.report.archive import reopen

_AGAIN = "make a new plan: provision plan JOB"


@contextlib.contextmanager
def reopened(run: RunFolder, job: Job, desk: Desk) -> Iterator[tuple[Planned, dict[str, str]]]:
    """The plan with everything to apply it, and the operations whose target moved, while the enterprise is locked.

    Raises PlanError for a plan that is edited, applied already, of a changed job or for another enterprise.
    """
    check_allowed(desk.terms.allow)
    plan = read_plan(run.path)
    _of_this_job(plan, run, job)
    plan = replace(plan, guards=rejudge(plan.guards, desk.terms.allow))
    facts = reopen(run.path)[1]
    noticed = Noticed(facts.ignored, facts.later, facts.row_errors)
    connection = connect(job.box, job.apply, desk.timing)
    if connection.me.enterprise_id != plan.enterprise_id:
        raise PlanError(
            f"The plan is for enterprise {plan.enterprise_id}, the sign-in is for {connection.me.enterprise_id}.",
            cause="other credentials in the environment than when the plan was made",
            remedy=f"sign in to the plan's enterprise, or {_AGAIN}",
        )
    with only_run(job, plan.enterprise_id):
        _not_overtaken(plan, run, job)
        memory = recall(job, plan.enterprise_id)
        users = read_directory(job, connection, desk).frame
        yield (
            Planned(job, plan, noticed, users, connection, memory),
            moved_targets(plan.changes, users),
        )


def _of_this_job(plan: Plan, run: RunFolder, job: Job) -> None:
    if run.about.job_fingerprint != fingerprint(job):
        raise PlanError(
            f"The job {plan.job} was changed after this plan was made: it may want something else now.",
            cause="scope, mapping, lifecycle or guards were edited in the job file",
            remedy=_AGAIN,
        )


def _not_overtaken(plan: Plan, run: RunFolder, job: Job) -> None:
    """Asked under the lock, so that two processes cannot both hear yes."""
    if (run.path / JOURNAL_NAME).exists():
        raise PlanError(
            f"The plan of run {run.about.run_id} was applied already, or its application was begun.",
            cause="apply was called twice",
            remedy=f"look at its report; for what is still to be done {_AGAIN}",
        )
    with contextlib.closing(open_ledger(job.state)) as ledger:
        since = ledger.last_accepted(plan.enterprise_id, job.name)
    # a plan knows its time to the second
    if since and datetime.fromisoformat(since).replace(microsecond=0) > datetime.fromisoformat(plan.as_of):
        raise PlanError(
            f"The plan of run {run.about.run_id} was overtaken: the job was carried out again on {since[:16]}.",
            cause="the nightly run, or somebody else, applied a newer roster meanwhile",
            remedy=_AGAIN,
        )
