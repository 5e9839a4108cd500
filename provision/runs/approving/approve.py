"""Approval: a person's word that lets what waits go on, kept with the run it is about."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from provision.deciders import Decider, people
from provision.errors import ExitCode, PlanError, UsageError
from provision.job.load import load_job
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.ledger.value import Release
from provision.plan.guards.approvals import GivenWords
from provision.plan.planfile import read_plan
from provision.plan.value import Plan
from provision.report.sentences.reasons import same_person
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.approving.approvable import (
    Approvable,
    ApprovalChoice,
    all_of,
    approvable,
    as_asked,
    chosen_of,
    said_of,
)
from provision.runs.approving.approvals import record, recorded, rows_of, word_of
from provision.runs.approving.hear import expect_newest, heard, let_go
from provision.runs.approving.inbox import leave, words_beside
from provision.runs.folder import APPROVALS_NAME, RunFolder, of_job
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.memory.memory_loss import expect_memory
from provision.runs.observer import Remark
from provision.runs.places.own_places import expect_own_places
from provision.runs.places.owners import group_of, is_member, is_of_others
from provision.runs.seal.seal import load_proven, owned_by_others, sealed_plan
from provision.runs.start import Begun
from provision.runs.who_decides import who_decides
from provision.wording import counted, moment

#: how long an approval counts that names no date
_USUAL = timedelta(days=7)
_OURS = "name a run of this job; see them with: provision runs JOB"


@dataclass(frozen=True, slots=True)
class Approved(Summary):
    """What somebody has approved; as JSON it is nothing but that."""

    approved: tuple[Mapping[str, Any], ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        names = ("run_id", "job", "exit_code", "error", "approved")
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody says of a run now: to which of it, in which words, beside ``earlier`` ones that still count."""

    run: RunFolder
    job: Job
    plan: Plan
    chosen: Approvable
    words: tuple[Release, ...]
    earlier: tuple[Release, ...]

    @property
    def by(self) -> Decider:
        """Who says it."""
        return self.words[0].by

    @property
    def rows(self) -> tuple[dict[str, Any], ...]:
        """What is kept of it."""
        return rows_of(self.chosen, self.words, self.plan, self.job.approvals.required)

    @property
    def wanting(self) -> int:
        """Of how many people the word is still wanted, for that of it for which most are."""
        so_far = (
            people(
                one.by for one in (*self.earlier, word) if (one.hold_id, one.aim) == (word.hold_id, word.aim)
            )
            for word in self.words
            if word.aim
        )
        return max(self.job.approvals.required - min(so_far, default=self.job.approvals.required), 0)


def approve(name: str, choice: ApprovalChoice, begun: Begun) -> Approved:
    """Release what waits in the run of this name. Raises UsageError for what does not wait, PlanError for an old question."""
    run = begun.open(name)
    if (theirs := _of_somebody_else(run, begun)) is not None:
        return _beside(run, theirs, choice, begun)
    job, now = load_proven(run, begun, signs_in=False), begun.observer.now()
    expect_memory(job)
    plan = of_job(sealed_plan(run.path, job, read_plan), run, job, _OURS)
    others = heard(job, plan.enterprise_id, begun.observer, teach=False).words
    with contextlib.closing(ledger_of(job)) as ledger:
        known = as_asked(ledger.releases(plan.enterprise_id, job.name), all_of(plan), ledger.key)
        said = _said((run, job, plan), (*known, *others), choice, now)
        if said.chosen.questions:
            expect_newest(plan, run, ledger)
        record(run, said.rows, job)  # first the proof of who said so, then its effect
        earlier = [one for one in others if (one.hold_id, one.aim) in said.chosen.asked]
        let_go((*earlier, *said.words), said.chosen, (plan, job), ledger, now)
    run.log("approved", now, **said.by.row, count=len(said.chosen), until=said.words[0].until)
    begun.observer.note(Remark(_done(said)))
    return _approved(said)


def _of_somebody_else(run: RunFolder, begun: Begun) -> Job | None:
    """The job of a run that another member of its ``runs_group`` has made; None for any other.

    Of the job file only that is used: where its runs lie, and the group. Nothing of it is opened, and no secret leaves.
    """
    job = begun.job or load_job(Path(run.about.job_path), os.environ, signs_in=False)
    return job if is_of_others(run.path, job) else None


def _beside(run: RunFolder, job: Job, choice: ApprovalChoice, begun: Begun) -> Approved:
    """The word of somebody who has neither key nor ledger, left beside the run for whoever carries it out."""
    begun.job = job
    expect_own_places(job)
    _expect_to_count(run, job)
    now = begun.observer.now()
    plan = of_job(read_plan(run.path), run, job, _OURS)
    known = [word_of(row) for row in recorded(run.path / APPROVALS_NAME) if "hold_id" in row]
    said = _said((run, job, plan), (*known, *words_beside(run, plan, job, now)), choice, now)
    path = leave(run, said.rows, said.by, job)
    begun.observer.note(Remark(f"{_done(said)}\nIt lies in {path} until then."))
    return _approved(said)


def _expect_to_count(run: RunFolder, job: Job) -> None:
    """Raise where the word of this user would count for nothing, or the folder is one of nobody who counts."""
    group = group_of(job)
    if group is None or not is_member(os.geteuid(), group):
        raise UsageError(
            f"You are no member of the group {job.runs_group} (runs_group), so your approval would count for nothing.",
            remedy=f"let whoever looks after this machine put you into the group {job.runs_group}",
        )
    strange = owned_by_others(run.path, job)
    if strange or run.path.parent != job.runs.resolve():
        raise PlanError(
            f"Run {run.about.run_id} is not believed: {strange or run.path} is not one of {job.runs}, or of somebody who does not count.",
            cause="another user made it, or it was moved or copied",
            remedy="let whoever runs the job make a new plan: provision plan JOB",
        )


def _said(
    about: tuple[RunFolder, Job, Plan], words: Iterable[Release], choice: ApprovalChoice, now: datetime
) -> _Said:
    """What is chosen of what waits, and the words on it. Raises UsageError."""
    run, job, plan = about
    earlier, required = tuple(one for one in words if one.counts(now)), job.approvals.required
    chosen = chosen_of(approvable(plan, run, GivenWords(earlier, now, required)), choice, run)
    until = _iso(_until(choice.until, job, now))
    word = Release("", "", who_decides(choice.by), _iso(now), until, run.about.run_id)
    said = _Said(run, job, plan, chosen, said_of(chosen, word), earlier)
    if required > 1:
        _expect_another(said)
    return said


def _expect_another(said: _Said) -> None:
    """One person under two names is one person. Raises UsageError."""
    mine = {(one.hold_id, one.aim) for one in said.words if one.aim}
    for one in said.earlier:
        same_name = (one.by.name, one.by.os_user) == (said.by.name, said.by.os_user)
        if (one.hold_id, one.aim) in mine and one.by.may_be(said.by) and not same_name:
            raise UsageError(
                f"{one.by.told} has approved this already, and {said.by.told} may be the same person: two names that one user of "
                "the operating system gives, or two users with one name, are one person.",
                cause="approvals.required wants different people",
                remedy="let somebody else approve it, signed in to this machine as another user",
            )


def _approved(said: _Said) -> Approved:
    return Approved(
        run_id=said.run.about.run_id,
        job=said.job.name,
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        approved=said.rows,
    )


def _done(said: _Said) -> str:
    chosen, by, until = said.chosen, said.by.told, moment(datetime.fromisoformat(said.words[0].until))
    told = []
    if chosen.operations:
        told.append(f"{by} approves {counted(len(chosen.operations), 'operation')} until {until}.")
    told += [
        f"{by} knows of {asked.key} until {until}; nothing is done about the account."
        if asked.to_be_known
        else f"{by} says: {same_person(asked)}."
        for asked in chosen.questions
    ]
    if not chosen.operations and all(asked.to_be_known for asked in chosen.questions):
        return " ".join(told)
    return f"{' '.join(told)} {_wants(said) or f'It is carried out by: {_next_command(said.run, chosen)}'}"


def _wants(said: _Said) -> str:
    """What is said where one word is not enough yet; "" where it is."""
    if not (more := said.wanting):
        return ""
    required = said.job.approvals.required
    who = "one more person" if more == 1 else f"{more} more people"
    return (
        f"That is {required - more} of {required} approvals (approvals.required): {who} has to approve it, as another user of the "
        f"operating system: provision approve {said.run.path}"
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")


def _next_command(run: RunFolder, chosen: Approvable) -> str:
    if chosen.questions or (run.path / JOURNAL_NAME).exists():
        return f"provision run {run.about.job_path}, which plans afresh"
    return (
        f"provision apply {run.path}, just as that plan says; or the next run of the job, which plans afresh"
    )


def _until(text: str, job: Job, now: datetime) -> datetime:
    """The end of the last day on which an approval counts."""
    if not text:
        return now.astimezone(UTC) + _USUAL
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--until {text} is not a date.", remedy="write it as 2026-12-31") from None
    if day.year == MAXYEAR:  # the day after its last is in no calendar
        raise UsageError(f"--until {text} is too far away.", remedy="name a day of an earlier year")
    end = datetime.combine(day + timedelta(days=1), time(), job.lifecycle.zone())
    if end <= now:
        raise UsageError(f"--until {text} is over already.", remedy="name today or a later day")
    return end
