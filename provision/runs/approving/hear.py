"""What people have said takes effect: in the ledger, where plans look, and once only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from provision.deciders import people
from provision.errors import PlanError
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.ledger.store import Ledger
from provision.ledger.value import IdentityAnswer, Release
from provision.plan.value import Plan, Question
from provision.runs.approving.approvable import Approvable, aim_of, as_asked
from provision.runs.approving.approvals import record, rows_of
from provision.runs.approving.inbox import Delivered, inbox_of
from provision.runs.folder import RunFolder
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.observer import Observer, Remark
from provision.wording import counted


@dataclass(frozen=True, slots=True)
class Heard:
    """Words of others on runs of this job: those that are not in the ledger yet, and what is to be said of any of them."""

    words: tuple[Release, ...] = ()
    found: tuple[Finding, ...] = ()


def heard(job: Job, enterprise_id: str, observer: Observer, *, teach: bool) -> Heard:
    """What others have left beside runs of this job; ``teach``: taken over into record and ledger, by who holds the lock."""
    inbox = inbox_of(job, enterprise_id, observer.now())
    if not teach:
        return Heard(inbox.words, inbox.found)
    found = list(inbox.found)
    if inbox.words:
        with contextlib.closing(ledger_of(job)) as ledger:
            for each in inbox.delivered:
                found += _taken_over(each, job, ledger, observer)
    return Heard((), tuple(found))


def _taken_over(each: Delivered, job: Job, ledger: Ledger, observer: Observer) -> list[Finding]:
    run, plan, words, found = each.run, each.plan, each.words, []
    about, now = each.about, observer.now()
    if any(isinstance(about.asked[one.hold_id, one.aim], Question) for one in words):
        try:
            expect_newest(plan, run, ledger)
        except PlanError as error:  # an old question is not answered for good
            found.append(_old(run, error))
            words = tuple(one for one in words if not isinstance(about.asked[one.hold_id, one.aim], Question))
    # first its effect, which comes once however often it is told, then the record that lets nobody use it again
    let_go(words, about, (plan, job), ledger, now)
    record(run, rows_of(about, words, plan, job.approvals.required), job)
    for one in words:
        run.log("approved", now, **one.by.row, count=1, until=one.until, at_first=one.at)
    by = " and ".join(dict.fromkeys(one.by.told for one in words))
    if words:
        observer.note(
            Remark(f"{counted(len(words), 'approval')} of run {run.about.run_id} taken over, by {by}.")
        )
    return found


def let_go(
    words: Iterable[Release], about: Approvable, terms: tuple[Plan, Job], ledger: Ledger, now: datetime
) -> None:
    """Let words count: on operations from the next plan on, answers who is who at once, when enough people have given them."""
    (plan, job), asked, given = terms, about.asked, tuple(words)
    answers = {
        one: each for one in given if isinstance(each := asked[one.hold_id, one.aim], Question) and one.aim
    }
    required = job.approvals.required
    kept = [one for one in given if one not in answers or required > 1]
    ledger.release(plan.enterprise_id, plan.job, kept)
    for one, question in answers.items():
        so_far = [
            word
            for word in (one, *as_asked(ledger.releases(plan.enterprise_id, plan.job), about, ledger.key))
            if (word.hold_id, word.aim) == (one.hold_id, aim_of(question)) and word.counts(now)
        ]
        if people(word.by for word in so_far) >= required:
            same = IdentityAnswer(question.external_id, question.login, question.box_id, one.by, one.at)
            ledger.answer(plan.enterprise_id, plan.job, same)


def expect_newest(plan: Plan, run: RunFolder, ledger: Ledger) -> None:
    """Who is who may have been settled since; an old question is not answered for good. Raises PlanError."""
    since = ledger.last_accepted(plan.enterprise_id, plan.job, but=run.about.run_id)
    if since and datetime.fromisoformat(since) > datetime.fromisoformat(plan.as_of) + timedelta(seconds=1):
        raise PlanError(
            f"Run {run.about.run_id} is not the last one of its job, which was carried out again on {since[:16]}.",
            cause="the question was asked again, or settled, by a newer run",
            remedy="see what still waits, and in which run: provision holds JOB",
        )


def _old(run: RunFolder, error: PlanError) -> Finding:
    sentence = f"An answer beside run {run.about.run_id} counts for nothing: {error.what}"
    return Finding(Code.APPROVAL_NOT_COUNTED, Level.WARNING, sentence, error.remedy, file=str(run.path))
