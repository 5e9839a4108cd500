"""Nights in memory: real rosters, plans, processes and ledgers over a Box that is a model, without sockets and folders of runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

from provision.apply.halt import Halt, interrupted
from provision.batches import Held
from provision.box.accounts import COLUMNS
from provision.directory.scope import Directory, survey
from provision.errors import ProvisionError
from provision.job.settings import Job
from provision.journal.value import Outcome
from provision.ledger.value import Lessons, Memory, Taught
from provision.lessons.finished import lessons
from provision.lessons.interrupted import after, salvaged
from provision.model import Kind, Status
from provision.plan.build import make_plan
from provision.plan.occasion import Occasion
from provision.plan.value import Plan
from provision.report.reconciling.reconcile import proven, reconcile
from provision.report.value import Mode, Reconciliation
from provision.roster.value import Roster
from provision.runs.ending import Course, conclude, situation_of
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.planning.roster_intake import as_kept, refuse_nobody, take_in
from provision.runs.seal.key import made_key
from tests.apply.people import ME
from tests.apply.village import ENTERPRISE

from .baton import Baton
from .nights import JOBS, UNTOUCHED, Edit, Night, Story, login, name_of, phone
from .process import Ended, Means, live
from .town import Town, Weather
from .truth import Line, Seen, Users

_PATIENCE = 300.0
#: how often in a hundred nights the weather is bad, and a process that was killed is gone on with in the same night
_BAD, _RESUMED = 35, 60


def dwellers(story: Story) -> Iterator[tuple[int | str, dict[str, str]]]:
    """Who has an account when a story begins: a person's number or the name of who is untouched, and the cells."""
    kind = story.rules.kind
    for who in sorted(story.here):
        yield who, account(who, kind)
    for name in UNTOUCHED:
        role = {"admin": "admin", "helper": "coadmin"}.get(name, "user")
        mail = f"{name}@{'else' if name == 'far' else 'acme'}.example"
        yield name, {"kind": "managed", "login": mail, "name": name.title(), "role": role, "status": "active"}
    if kind == "app":
        yield "stranger", {"kind": "app", "external_id": "stranger", "name": "App", "status": "active"}


def account(who: int, kind: str) -> dict[str, str]:
    """The account of a person as it is before anybody has looked after it."""
    key = {"login": login(who)} if kind == "managed" else {"external_id": f"{who:08d}"}
    return {"kind": kind, **key, "name": name_of(who), "phone": phone(who, 0), "status": "active"}


@dataclass
class _Unfinished:
    """A run that was cut off, or left doubts: what its journal said last."""

    plan: Plan
    outcomes: dict[str, Outcome]

    @property
    def sent(self) -> dict[str, int]:
        """The creates that may have been sent."""
        creates = [change.id for change in self.plan.changes if change.kind is Kind.CREATE]
        doubts = {name: self.outcomes[name] for name in creates if name in self.outcomes}
        return {name: max(one.attempts, 1) for name, one in doubts.items() if one.status is Status.IN_DOUBT}


class InMemory:
    """One enterprise in memory and the two jobs over it. ``trace`` is what has happened."""

    def __init__(self, story: Story, seed: int, folder: Path) -> None:
        self._random = random = Random(f"weather {seed}")  # noqa: S311 - chance is the point
        self._folder = folder
        self._baton = Baton(random)
        self._weather = Weather(random)
        self._halt = Halt()
        self._luck = (0.0, 0.0)
        self._baton.mishap, self._baton.hurry = self._mishap, lambda: self._halt.wanted
        people = list(dwellers(story))
        self.town = Town([cells for _, cells in people], self._baton, self._weather, unique=True)
        self.whose = dict(zip(self.town.users, (who for who, _ in people), strict=True))
        self._kind = story.rules.kind
        self.jobs = {name: _job(name, folder, story) for name in JOBS}
        made_key(self.jobs[JOBS[0]])  # without one nothing is remembered of a roster
        self._ledger = ledger_of(self.jobs[JOBS[0]])
        self._unfinished: dict[str, list[_Unfinished]] = {name: [] for name in JOBS}

    @property
    def trace(self) -> list[str]:
        """What has happened, a line each."""
        return self.town.trace

    @property
    def users(self) -> Users:
        """Everybody who has an account now, when all has landed that is on its way."""
        return {box_id: dict(user) for box_id, user in self.town.users.items()}

    def close(self) -> None:
        """Let go of the ledger."""
        self._ledger.close()

    def night(self, night: Night) -> Seen:
        """Live through one night."""
        self.town.settle()
        for edit in night.edits:
            self._happens(edit)
        self.town.told(
            f"=== night {night.number} of {night.job} at {night.hour} h, {len(night.feed.people)} in the file"
        )
        before, job = self.users, self.jobs[night.job]
        self.town.writes.clear()
        path = Path(job.roster.path)
        path.write_bytes(night.feed.content)
        os.utime(path, ns=(night.written, night.written))
        try:
            roster = take_in(job, None, night.at)
            refuse_nobody(roster, job)
        except ProvisionError as error:
            self.town.told(f"the roster is not taken: {error}")
            return Seen(int(error.exit_code), False, (), before, before, refused=True)
        return self._planned(night, roster, before)

    def _planned(self, night: Night, roster: Roster, before: Users) -> Seen:
        job = self.jobs[night.job]
        directory = self._directory(job)
        memory, sent = self._recalled(night, directory)
        roster = replace(roster, profile=as_kept(roster.profile, job))
        plan = make_plan(roster, directory, memory, job, Occasion(night.at, ENTERPRISE))
        if plan.refused:
            self.town.told(f"refused: {[guard.name for guard in plan.refused]}")
            told = reconcile(plan, {}, None)
            code = conclude(Course.PLAN, situation_of(told)).exit_code
            return Seen(int(code), False, (), before, self.users, lines_of(told), refused=True)
        self.town.wants(plan)
        self.town.watch.listed()
        self.town.told(f"plan: {[change.id for change in plan.changes]}, held {list(plan.holds)}")
        ended = self._carried_out(night, plan, sent)
        if ended.killed:
            self._unfinished[night.job].append(_Unfinished(plan, ended.outcomes))
            return Seen(None, False, tuple(self.town.writes), before, self.users)
        return self._ended(night, ended, memory, directory, before)

    def _recalled(self, night: Night, directory: Directory) -> tuple[Memory, dict[str, int]]:
        """What the ledger knows, and what the runs that were cut off teach it still."""
        memory = self._ledger.memory(ENTERPRISE, night.job)
        sent: dict[str, int] = {}
        for number, each in enumerate(self._unfinished[night.job]):
            sent |= each.sent
            taught = salvaged(each.plan, each.outcomes, directory, memory)
            memory = after(memory, taught)
            self._learn(night, taught, f"unfinished {number}", each.plan)
        self._unfinished[night.job].clear()
        return memory, sent

    def _carried_out(self, night: Night, plan: Plan, sent: dict[str, int]) -> Ended:
        bad = not night.calm and self._random.random() * 100 < _BAD
        for _ in range(4):
            self._set_out(bad=bad)
            means = Means(self.town, self._baton, night.at.isoformat, self._folder, self._random.randint(1, 3), 3,
                          _PATIENCE, self._random.randrange(10**6), sent, at_once=True)  # fmt: skip
            ended = live(plan, f"night{night.number}", means, self._halt)
            assert not self.town.watch.broken, "; ".join(self.town.watch.broken)
            if not ended.killed or self._random.random() * 100 > _RESUMED:
                break
        return ended

    def _ended(self, night: Night, ended: Ended, memory: Memory, directory: Directory, before: Users) -> Seen:
        job, plan, reason = self.jobs[night.job], ended.plan, self._halt.reason
        if reason is None:
            now = self._directory(job) if self.town.writes else directory
            told = reconcile(plan, ended.outcomes, now.frame)
            taught = lessons(plan, proven(ended.outcomes, told), memory, job.lifecycle.evidence)
        else:
            told = reconcile(plan, ended.outcomes, None, mode=Mode.APPLIED)
            taught = salvaged(plan, ended.outcomes, directory, memory)
        code = int(conclude(Course.RUN, situation_of(told, reason)).exit_code)
        self.town.told(f"exit code {code}")
        self._learn(night, taught, f"night {night.number}", plan)
        if reason is not None or any(one.status is Status.IN_DOUBT for one in told.outcomes.values()):
            self._unfinished[night.job].append(_Unfinished(plan, ended.outcomes))
        sent = tuple(self.town.writes)
        return Seen(code, reason is None, sent, before, self.users, lines_of(told))

    def _learn(self, night: Night, taught: Lessons, run: str, plan: Plan) -> None:
        origin = Taught(f"{night.number} {run}", plan.as_of, night.at.isoformat())
        self._ledger.learn(ENTERPRISE, night.job, taught, origin)

    def _directory(self, job: Job) -> Directory:
        frame = pd.DataFrame(list(self.town.listed()), columns=list(COLUMNS), dtype="str")
        return survey(Held(frame), job.scope, job.roster.kinds, ME)

    # --- what goes wrong, and what others do

    def _set_out(self, *, bad: bool) -> None:
        """A process begins, in this weather."""
        random, weather = self._random, self._weather
        self._baton.dead, self._halt = False, Halt()
        weather.clear()
        self._luck = (0.0, 0.0)
        if bad:
            weather.faults, weather.late = random.choice((0.0, 0.1, 0.3)), random.randint(1, 12)
            weather.lag = random.choice((0, 0, 4))
            self._luck = (random.choice((0.0, 0.02, 0.08)), random.choice((0.0, 0.0, 0.03)))
        self.town.watch.begin()

    def _mishap(self, where: str) -> None:
        killed, stopped = self._luck
        if killed and self._random.random() < killed:
            self.town.told(f"killed {where}")
            self._baton.kill()
        if stopped and self._random.random() < stopped:
            self.town.told(f"asked to stop {where}")
            self._halt.request(interrupted())

    def _happens(self, edit: Edit) -> None:
        """An admin does something in Box."""
        ids = [box_id for box_id in self.town.users if self.whose.get(box_id) == edit.who]
        self.town.told(f"an admin: {edit}")
        if edit.what == "make" and not ids:
            self.whose[self.town._add(account(edit.who, self._kind))] = edit.who
        for box_id in ids:
            if edit.what == "delete":
                del self.town.users[box_id]
            elif edit.what == "lock":
                self.town.users[box_id]["status"] = "inactive"
            elif edit.what == "phone":
                self.town.users[box_id]["phone"] = "+49 0"


def _job(name: str, folder: Path, story: Story) -> Job:
    told: dict[str, Any] = {
        "version": 1, "name": name, "box": {"base_url": "https://box.example", "auth": {"method": "token", "token": "${T}"}},
        "roster": {"path": str(folder / f"{name}.csv"), **story.rules.roster(name)}, "state": f"sqlite:///{folder}/ledger.db",
        **story.rules.sections(),
    }  # fmt: skip
    return Job.model_validate(told)


def lines_of(told: Reconciliation) -> list[Line]:
    """The lines of a reconciliation."""
    columns = ("line", "external_id", "login", "box_id", "verdict", "outcome")
    rows = zip(*(told.table[name].tolist() for name in columns), strict=True)
    return [
        Line(line, key or mail, box_id, verdict, outcome)
        for line, key, mail, box_id, verdict, outcome in rows
    ]
