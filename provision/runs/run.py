"""A run from beginning to end: plan it, plan and carry it out, carry a saved plan out, go on with one, verify."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provision.job.settings import Job
from provision.report.findings import gathered
from provision.runs.applying.as_users import expect_some, signed_in_as
from provision.runs.applying.before_apply import with_hooks
from provision.runs.applying.concluded import verified
from provision.runs.applying.consent import ask, with_refusal
from provision.runs.applying.execute import (
    apply_plan,
    hold_all,
    leave_preview,
    present_plan,
    refused_again,
)
from provision.runs.ending import RunResult
from provision.runs.folder import RunFolder
from provision.runs.memory.lock import only_run
from provision.runs.memory.memory_loss import expect_memory, memory_loss
from provision.runs.observer import Observer, Previewed, Remark
from provision.runs.past.earlier_plans import beside_earlier
from provision.runs.places.fleeting import lost_soon
from provision.runs.planning.prepare import Planned, plan_from, prepare
from provision.runs.planning.reopen import reopened, resumed
from provision.runs.seal.seal import job_here
from provision.runs.selection import Attempt, RunOptions
from provision.runs.start import Begun


def plan(job: Job, options: RunOptions, begun: Begun) -> RunResult:
    """Read roster and enterprise, write the plan and its preview into a new run folder, change nothing."""
    if options.as_of:  # a look ahead is news for whoever asked for it alone
        return plan_quietly(job, options, begun)
    return begun.ended(lambda: plan_quietly(job, options, begun), preview=True)


def plan_quietly(job: Job, options: RunOptions, begun: Begun) -> RunResult:
    """The same, and nobody is notified of it."""
    observer, run = begun.observer, begun.start(job)
    prepared = prepare(job, options, observer, run, begun.notice)
    expect_memory(job, prepared.connection.me.enterprise_id)
    planned = plan_from(prepared, run, observer)
    planned = planned.with_findings(beside_earlier(planned, run))
    result = with_refusal(planned, present_plan(planned, run, observer), run, observer)
    if planned.plan.changes and not planned.plan.supposed:
        observer.note(Remark(f"The digest of this plan is {planned.plan.digest}; apply --digest demands it"))
    return result


def run(job: Job, options: RunOptions, begun: Begun) -> RunResult:
    """Plan and apply in one, while no other run works on the enterprise. Raises Locked if one does."""
    return begun.ended(lambda: _run(job, options, begun))


def _run(job: Job, options: RunOptions, begun: Begun) -> RunResult:
    observer, folder = begun.observer, begun.start(job)
    prepared = prepare(job, options, observer, folder, begun.notice)
    enterprise_id = prepared.connection.me.enterprise_id
    with only_run(job, enterprise_id, folder.about.run_id, observer):
        expect_memory(job, enterprise_id)
        planned = plan_from(prepared, folder, observer, teach=True)
        if planned.plan.refused:
            return with_refusal(planned, present_plan(planned, folder, observer), folder, observer)
        leave_preview(planned, folder, observer)
        attempt = Attempt(allow=options.allow, by_listing=options.by_listing)
        return _carried_out(planned, folder, attempt, observer, present_plan)


def apply(name: str, wanted: Attempt, begun: Begun) -> RunResult:
    """Carry out the saved plan of a run, and nothing but it; ``wanted`` says which kinds, and what guards are allowed.

    Raises PlanError for a plan that is edited, applied already, of a changed job or for another enterprise.
    """
    return begun.ended(lambda: _apply(name, wanted, begun))


def _apply(name: str, wanted: Attempt, begun: Begun) -> RunResult:
    folder, observer = begun.open(name).begun(begun.observer.now()), begun.observer
    job = job_here(folder, begun)
    with reopened(folder, job, wanted, observer) as (planned, attempt):
        return _gone_on(planned, folder, attempt, observer)


def resume(name: str, allow: Mapping[str, int], begun: Begun) -> RunResult:
    """Go on with a run that was interrupted or left failures, and finish it exactly once.

    Raises PlanError as :func:`apply` does, and for a run that was only planned.
    """
    return begun.ended(lambda: _resume(name, allow, begun))


def _resume(name: str, allow: Mapping[str, int], begun: Begun) -> RunResult:
    folder, observer = begun.open(name).begun(begun.observer.now()), begun.observer
    job = job_here(folder, begun)
    with resumed(folder, job, allow, observer) as (planned, attempt):
        return _gone_on(planned, folder, attempt, observer)


def verify(job: Job, options: RunOptions, observer: Observer, *, as_users: int | None = None) -> RunResult:
    """Read the enterprise again and tell what still differs from the roster; nothing is written.

    ``as_users``: as so many of its app users the app signs in, to see that it can; None for no such look.
    """
    if as_users is not None:
        expect_some(as_users)
    prepared = prepare(job, options, observer)
    loss = memory_loss(job, prepared.connection.me.enterprise_id)
    if loss is not None:
        observer.note(Remark(str(loss)))
    planned = plan_from(prepared, None, observer, loss=loss)
    if as_users is not None:
        planned = planned.with_findings(signed_in_as(planned, as_users, observer))
    found = gathered(planned.plan, planned.noticed.findings)
    observer.note(Previewed(planned.plan, planned.noticed.row_errors, findings=found))
    return with_refusal(planned, verified(planned, observer), None, observer)


def _gone_on(planned: Planned, folder: RunFolder, attempt: Attempt, observer: Observer) -> RunResult:
    if planned.plan.refused:
        return with_refusal(planned, refused_again(planned, folder, observer), folder, observer)
    return _carried_out(planned, folder, attempt, observer, refused_again)


def _warned(planned: Planned) -> Planned:
    """The same, with a word where what this run is about to learn will not last."""
    return planned.with_findings(lost_soon(planned.job, planned.memory))


def _carried_out(
    planned: Planned,
    folder: RunFolder,
    attempt: Attempt,
    observer: Observer,
    refused: Callable[[Planned, RunFolder, Observer], RunResult],
) -> RunResult:
    """What is safe goes on; what waits for a person is told and remembered. ``refused`` ends it if a program of the job says no."""
    if attempt.waits(planned.plan):
        return with_refusal(planned, hold_all(planned, folder, observer), folder, observer)
    planned = _warned(planned)
    ask(planned, attempt, observer)
    planned = with_hooks(planned, folder, attempt, observer)
    if planned.plan.refused:
        return with_refusal(planned, refused(planned, folder, observer), folder, observer)
    return with_refusal(planned, apply_plan(planned, folder, attempt, observer), folder, observer)
