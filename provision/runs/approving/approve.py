"""Approval: a person's word that lets what waits go on, kept with the run it is about."""

from __future__ import annotations

import contextlib
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Any

from provision.deciders import Decider, people
from provision.errors import ExitCode, UsageError
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.ledger.value import HOLDS, Release
from provision.plan.guards.approvals import since_held
from provision.report.sentences.reasons import same_person
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.approving.approvable import (
    Approvable,
    ApprovalChoice,
    approvable,
    chosen_of,
    said_of,
    stoppable,
)
from provision.runs.approving.approvals import record, rows_of
from provision.runs.approving.hear import expect_newest, let_go
from provision.runs.approving.inbox import leave
from provision.runs.approving.opened import OpenedRun, opened
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.observer import Remark
from provision.runs.start import Begun
from provision.runs.who_decides import who_decides
from provision.wording import counted, moment

#: how long an approval counts that names no date
_USUAL = timedelta(days=7)
#: how long a word that holds something does: nothing goes on by itself soon, and all the while it is told as overdue
_LONG = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Approved(Summary):
    """What somebody has approved; as JSON it is nothing but that."""

    approved: tuple[Mapping[str, Any], ...] = ()
    #: the same in sentences
    told: str = ""

    def to_json(self) -> str:
        """One JSON object on one line."""
        names = ("run_id", "job", "exit_code", "error", "approved")
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Said:
    """What somebody says of a run now: to which of it, in which words, beside ``earlier`` ones that still count."""

    found: OpenedRun
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
        return rows_of(self.chosen, self.words, self.found.plan, self.required)

    @property
    def required(self) -> int:
        """Of how many people the job wants the word."""
        return self.found.job.approvals.required

    @property
    def holds(self) -> bool:
        """Whether it lets what is chosen wait."""
        return self.words[0].stops

    @property
    def wanting(self) -> int:
        """Of how many people the word is still wanted, for that of it for which most are."""
        if self.holds:
            return 0
        most = max((self._wanting(word) for word in self.words if word.aim), default=0)
        return max(most, 0)

    def _wanting(self, word: Release) -> int:
        about = [one for one in self.earlier if (one.hold_id, one.aim) == (word.hold_id, word.aim)]
        approvals, _ = since_held((*about, word))
        return self.required - people(one.by for one in approvals)


def approve(name: str, choice: ApprovalChoice, begun: Begun) -> Approved:
    """Release what waits in the run of this name, or hold what would go on.

    Raises UsageError for what does not wait, PlanError for an old question.
    """
    return decide(opened(name, begun), choice, begun)


def decide(found: OpenedRun, choice: ApprovalChoice, begun: Begun) -> Approved:
    """The same for a run that was opened just now."""
    now = begun.observer.now()
    said = _said(found, choice, now)
    told = _left_beside(said) if not found.own else _taken_down(said, now)
    begun.observer.note(Remark(told))
    return _approved(said, told)


def _taken_down(said: _Said, now: datetime) -> str:
    """Keep the word with the run, and let it take effect; what is told of it."""
    found = said.found
    run, job, plan = found.run, found.job, found.plan
    with contextlib.closing(ledger_of(job)) as ledger:
        if said.chosen.questions:
            expect_newest(plan, run, ledger)
        record(run, said.rows, job)  # first the proof of who said so, then its effect
        earlier = [one for one in found.others if (one.hold_id, one.aim) in said.chosen.asked]
        let_go((*earlier, *said.words), said.chosen, (plan, job), ledger, now)
    event = "held" if said.holds else "approved"
    run.log(event, now, **said.by.row, count=len(said.chosen), until=said.words[0].until)
    return _done(said)


def _left_beside(said: _Said) -> str:
    """Leave the word of somebody who has neither key nor ledger beside the run, for whoever carries it out."""
    path = leave(said.found.run, said.rows, said.by, said.found.job)
    return f"{_done(said)}\nIt lies in {path} until then."


def _said(found: OpenedRun, choice: ApprovalChoice, now: datetime) -> _Said:
    """What is chosen of what waits, or can be held, and the words on it. Raises UsageError."""
    given = found.given(now)
    earlier = tuple(given.releases)
    about = stoppable(found.plan, found.run) if choice.holds else approvable(found.plan, found.run, given)
    chosen = chosen_of(about, choice, found.run)
    until, says = _iso(_until(choice, found.job, now)), HOLDS if choice.holds else ""
    word = Release("", "", who_decides(choice.by), _iso(now), until, found.run.about.run_id, says)
    said = _Said(found, chosen, said_of(chosen, word), earlier)
    if said.required > 1 and not choice.holds:
        _expect_another(said)
    return said


def _expect_another(said: _Said) -> None:
    """One person under two names is one person. Raises UsageError."""
    mine = {(one.hold_id, one.aim) for one in said.words if one.aim}
    for one in said.earlier:
        same_name = (one.by.name, one.by.os_user) == (said.by.name, said.by.os_user)
        about_mine = (one.hold_id, one.aim) in mine and not one.stops
        if about_mine and one.by.may_be(said.by) and not same_name:
            raise UsageError(
                f"{one.by.told} has approved this already, and {said.by.told} may be the same person: two names that one user of "
                "the operating system gives, or two users with one name, are one person.",
                cause="approvals.required wants different people",
                remedy="let somebody else approve it, signed in to this machine as another user",
            )


def _approved(said: _Said, told: str) -> Approved:
    return Approved(
        run_id=said.found.run.about.run_id,
        job=said.found.job.name,
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        approved=said.rows,
        told=told,
    )


def _done(said: _Said) -> str:
    chosen, by, until = said.chosen, said.by.told, moment(datetime.fromisoformat(said.words[0].until))
    if said.holds:
        return (
            f"{by} holds {counted(len(chosen.operations), 'operation')} until {until}, or until somebody approves "
            f"{'it' if len(chosen.operations) == 1 else 'them'}."
        )
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
    return f"{' '.join(told)} {_wants(said) or _carried_out(said)}"


def _carried_out(said: _Said) -> str:
    return f"It is carried out by: {', '.join(next_command(said.found, asks=bool(said.chosen.questions)))}"


def _wants(said: _Said) -> str:
    """What is said where one word is not enough yet; "" where it is."""
    if not (more := said.wanting):
        return ""
    required = said.required
    who = "one more person" if more == 1 else f"{more} more people"
    return (
        f"That is {required - more} of {required} approvals (approvals.required): {who} has to approve it, as another user of the "
        f"operating system: provision approve {said.found.run.path}"
    )


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")


def next_command(found: OpenedRun, *, asks: bool) -> tuple[str, str]:
    """The command that carries decisions about a run out, and how; ``asks``: there are answers who is who, which make a new plan."""
    run, fleet = found.run, found.job.fleet
    if fleet is not None:
        return f"provision fleet {shlex.quote(str(fleet))}", "which plans afresh"
    if asks or (run.path / JOURNAL_NAME).exists():
        return f"provision run {run.about.job_path}", "which plans afresh"
    return (
        f"provision apply {run.path}",
        "just as that plan says; or the next run of the job, which plans afresh",
    )


def _until(choice: ApprovalChoice, job: Job, now: datetime) -> datetime:
    """The end of the last day on which a word counts."""
    text = choice.until
    if not text:
        return now.astimezone(UTC) + (_LONG if choice.holds else _USUAL)
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
