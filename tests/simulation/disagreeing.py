"""Two jobs whose rosters say two things of the same people, with rows that cannot be used: one seed, one story.

Real files, plans and a ledger over a Box that is a few dictionaries. Two things may never happen: that a job locks or deletes
somebody whom the other one's last accepted roster names, in whatever row; and that anything goes back and forth while rosters
and Box stay as they are.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd

from provision.batches import Held
from provision.box.accounts import COLUMNS
from provision.directory.groups import MEMBER_COLUMNS, GroupSeen, GroupsRead
from provision.directory.scope import Directory, survey
from provision.errors import ProvisionError
from provision.job.settings import Job
from provision.journal.value import Outcome
from provision.ledger.store import Ledger
from provision.ledger.value import Taught
from provision.lessons.finished import lessons
from provision.model import Kind, Status
from provision.operations.groups.memberships import wanted_role
from provision.operations.value import Change
from provision.plan.build import make_plan
from provision.plan.occasion import Occasion
from provision.plan.value import Plan
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.planning.roster_intake import as_kept, refuse_nobody, take_in
from provision.runs.seal.key import made_key
from tests.apply.people import ME
from tests.apply.village import ENTERPRISE

from .nights import JOBS, login, name_of
from .schedule import Broken
from .worlds import START

_PEOPLE = range(1, 8)
_HEADER = ("external_id", "login", "name", "job_title", "phone", "status", "start_date", "groups", "aliases")
_GROUPS = ("", "", "Sales", "Board (admin)", "Board; Desk", "Sales; Desk", "(clear)")
#: how a row is spoilt, and which keys are left in it
_SPOILT = ("login", "date", "name", "keyless")
#: hours between two nights; the other job's claims are over after the last one
_GAPS = (13, 13, 30, 400)
_REMOVES = (Kind.DEACTIVATE, Kind.DELETE)


@dataclass
class Row:
    """What one job's roster says of a person; ``spoilt``: how it cannot be used, "" for a good one, "later" for who starts later."""

    title: str
    phone: str
    status: str = "active"
    groups: str = ""
    aliases: str = ""
    spoilt: str = ""

    @property
    def names(self) -> bool:
        """Whether it names the person as somebody who is there."""
        return self.status != "inactive"

    def cells(self, who: int) -> tuple[str, ...]:
        """The row in the file."""
        key, mail, name, start = f"{who:08d}", login(who), name_of(who), ""
        if self.spoilt == "login":
            mail = "no address"
        elif self.spoilt == "date":
            start = "2026-02-31"
        elif self.spoilt == "name":
            name += " of a family with a name that is longer than Box takes it"
        elif self.spoilt == "keyless":
            key, mail = "", ""
        elif self.spoilt == "later":
            start = "2031-01-01"
        return (key, mail, name, self.title, self.phone, self.status, start, self.groups, self.aliases)


Rows = dict[int, Row]


@dataclass
class Office:
    """The enterprise: accounts, the groups and who is in them, further addresses."""

    users: dict[str, dict[str, str]] = field(default_factory=dict)
    groups: dict[str, GroupSeen] = field(default_factory=dict)
    members: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    aliases: set[tuple[str, str]] = field(default_factory=set)
    made: int = 100

    def next_id(self) -> str:
        """An id that nothing has."""
        self.made += 1
        return str(self.made)

    def add(self, cells: Mapping[str, str]) -> str:
        """A new account."""
        box_id = self.next_id()
        blank = dict.fromkeys(COLUMNS, "") | {
            "kind": "managed",
            "role": "user",
            "status": "active",
            "enterprise_id": ENTERPRISE,
        }
        self.users[box_id] = blank | dict(cells) | {"box_id": box_id}
        return box_id

    def directory(self, job: Job) -> Directory:
        """What a listing shows."""
        rows = [[user[name] for name in COLUMNS] for user in self.users.values()]
        frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype="str")
        return survey(Held(frame), job.scope, job.roster.kinds, ME)

    def grouped(self) -> GroupsRead:
        """The groups and all their members."""
        rows = [(name, group, box_id, role) for name, (box_id, group, role) in self.members.items()]
        frame = pd.DataFrame(rows, columns=list(MEMBER_COLUMNS), dtype="str")
        return GroupsRead(tuple(self.groups.values()), frame, frozenset(self.groups))

    def carry_out(self, plan: Plan) -> dict[str, Outcome]:
        """Do all that does not wait."""
        held, outcomes = plan.holds, dict[str, Outcome]()
        for change in plan.changes:
            needs = [outcomes[one].box_id for one in change.needs if one in outcomes]
            if change.id in held or len(needs) < len(change.needs):
                outcomes[change.id] = Outcome(change.id, Status.HELD)
            else:
                outcomes[change.id] = Outcome(change.id, Status.DONE, self._do(change, outcomes))
        return outcomes

    def _do(self, change: Change, outcomes: Mapping[str, Outcome]) -> str:
        box_id = change.box_id or next(
            (outcomes[one].box_id for one in change.needs if one.startswith("create:")), ""
        )
        fields = {each.field: each.after for each in change.fields}
        match change.kind:
            case Kind.GROUP_CREATE:
                group_id = self.next_id()
                whose = (fields.get(name, "") for name in ("provenance", "external_sync_identifier"))
                self.groups[group_id] = GroupSeen(group_id, change.name, "managed_group", *whose)
                return group_id
            case Kind.CREATE:
                told = {name: cell for name, cell in fields.items() if name in COLUMNS}
                return self.add({"login": change.login, "name": change.name, **told})
            case Kind.DELETE:
                del self.users[box_id]
                self.members = {name: one for name, one in self.members.items() if one[0] != box_id}
            case Kind.MEMBERSHIP_ADD:
                group = change.group or next(
                    one.group_id for one in self.groups.values() if one.name == change.object
                )
                self.members[self.next_id()] = (box_id, group, wanted_role(change))
            case Kind.MEMBERSHIP_UPDATE:
                self.members[change.membership] = (*self.members[change.membership][:2], wanted_role(change))
            case Kind.MEMBERSHIP_REMOVE:
                del self.members[change.membership]
            case Kind.ALIAS_ADD:
                self.aliases.add((box_id, change.object))
            case Kind.ALIAS_REMOVE:
                self.aliases.discard((box_id, change.object))
            case _:
                self.users[box_id].update(fields)
        return box_id


class Story:
    """What one seed says of two rosters and the nights of their jobs."""

    def __init__(self, seed: int, folder: Path) -> None:
        self._random = Random(f"disagreeing {seed}")  # noqa: S311 - chance is the point
        self._folder = folder
        self.trace: list[str] = []
        self.absent_runs = self._random.choice((1, 1, 2))
        self.office = Office()
        for who in _PEOPLE:
            if self._random.random() < 0.8:
                self.office.add({"login": login(who), "name": name_of(who), "phone": "0"})
        stage = self._random.choice(("deactivate", "deactivate", "delete"))
        self.jobs = {name: _job(name, folder, self.absent_runs, stage) for name in JOBS}
        made_key(self.jobs[JOBS[0]])
        self.rows: dict[str, Rows] = {name: {} for name in JOBS}
        self._accepted: dict[str, tuple[float, Rows]] = {}
        self._hour, self._night = 0.0, 0

    def live(self, ledger: Ledger) -> None:
        """Some times the rosters change; after each change both jobs run until nothing may happen any more."""
        for job in JOBS:
            self.rows[job] = {who: self._row() for who in _PEOPLE if self._random.random() < 0.55}
            self.rows[job].setdefault(7, self._row()).spoilt = ""
        for _ in range(self._random.randint(2, 3)):
            self._until_it_stays(ledger)
            for _ in range(self._random.randint(2, 5)):
                self._changes(self.rows[self._random.choice(JOBS)])
            self._hour += self._random.choice(_GAPS)

    def _until_it_stays(self, ledger: Ledger) -> None:
        done: Counter[tuple[str, ...]] = Counter()
        order = self._random.sample(JOBS, 2)
        for number in range(self.absent_runs + 3):
            last = [one for job in order for one in self._run(job, ledger)]
            done.update(last)
            assert max(done.values(), default=0) < 2, f"done again in round {number}: {done.most_common(2)}"
        assert not last, f"rosters and Box have long been the same, and there is still to do: {last}"

    def _run(self, name: str, ledger: Ledger) -> list[tuple[str, ...]]:
        """One night of one job: what was done, told so that what is done again is the same."""
        self._hour += 13
        self._night += 1
        job, at = self.jobs[name], START + timedelta(hours=self._hour)
        Path(job.roster.path).write_text(_file(self.rows[name], self._night), encoding="utf-8")
        self.trace.append(f"=== night {self._night} of {name} at {self._hour} h: {self.rows[name]}")
        plan, taught, done = self._carried_out(job, ledger, at)
        if plan is None or taught is None:
            return []
        ledger.learn(ENTERPRISE, name, taught, Taught(f"night {self._night}", plan.as_of, at.isoformat()))
        if taught.roster_sha256:
            self._accepted[name] = (self._hour, dict(self.rows[name]))
        return done

    def _carried_out(self, job: Job, ledger: Ledger, at: datetime) -> tuple[Any, Any, list[tuple[str, ...]]]:
        try:
            roster = take_in(job, None, at)
            refuse_nobody(roster, job)
        except ProvisionError as error:
            self.trace.append(f"not taken: {error}")
            return None, None, []
        directory = self.office.directory(job)
        memory = ledger.memory(ENTERPRISE, job.name)
        occasion = Occasion(at, ENTERPRISE, groups=self.office.grouped())
        roster = replace(roster, profile=as_kept(roster.profile, job))
        plan = make_plan(roster, directory, memory, job, occasion)
        if plan.refused:
            self.trace.append(f"refused: {[guard.name for guard in plan.refused]}")
            return None, None, []
        self._judge(job.name, plan)
        outcomes = self.office.carry_out(plan)
        done = [one for one in plan.changes if outcomes[one.id].status is Status.DONE]
        self.trace.append(f"done {[one.id for one in done]}, held {list(plan.holds)}")
        self.trace += [
            f"  {why}" for why in plan.table["because"].tolist() if "claimed" in why or "other_roster" in why
        ]
        told = [(job.name, one.id, str([(each.field, each.after) for each in one.fields])) for one in done]
        return plan, lessons(plan, outcomes, memory, job.lifecycle.evidence), told

    def _judge(self, job: str, plan: Plan) -> None:
        other = JOBS[1 - JOBS.index(job)]
        hour, rows = self._accepted.get(other, (-1e9, {}))
        if self._hour - hour > 14 * 24:
            return
        for change in plan.changes:
            who = _who(self.office.users.get(change.box_id, {}).get("login", ""))
            locks = change.kind in _REMOVES and change.id not in plan.holds
            if locks and who in rows and rows[who].names:
                raise AssertionError(f"{job}: {change.id} of {login(who)}, whom {other} names: {rows[who]}")

    # --- what rosters say

    def _row(self) -> Row:
        random = self._random
        spoilt = (
            random.choice(_SPOILT) if random.random() < 0.2 else "later" if random.random() < 0.05 else ""
        )
        status = "active" if spoilt else random.choice(("active",) * 5 + ("inactive", ""))
        aliases = random.choice(
            ("", "", "", "(clear)", "a{}@acme.example", "a{0}@acme.example; b{0}@acme.example")
        )
        return Row(
            random.choice(("", "Buyer", "Seller")),
            random.choice(("", "1", "2")),
            status,
            random.choice(_GROUPS),
            aliases,
            spoilt,
        )

    def _changes(self, rows: Rows) -> None:
        who = self._random.choice(_PEOPLE[:-1])
        if who in rows and self._random.random() < 0.6:
            del rows[who]
        else:
            rows[who] = self._row()


def _who(mail: str) -> int:
    return next((who for who in _PEOPLE if login(who) == mail), 0)


def _file(rows: Rows, night: int) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((*_HEADER, "Exported"))
    for who, row in sorted(rows.items()):
        cells = row.cells(who)
        writer.writerow((*cells[:-1], cells[-1].format(who), f"export {night}"))
    return text.getvalue()


def _job(name: str, folder: Path, absent_runs: int, stage: str) -> Job:
    counted = ("removals", "memberships_added", "memberships_removed", "aliases_removed", "groups")
    guards: dict[str, Any] = {each: {"count": 100} for each in counted}
    guards |= dict.fromkeys(("creates", "updates", "mass_change", "stale"), "off") | {
        "shrink": {"percent": 100}
    }
    told: dict[str, Any] = {
        "version": 1, "name": name, "box": {"base_url": "https://box.example", "auth": {"method": "token", "token": "${T}"}},
        "roster": {"path": str(folder / f"{name}.csv"), "kind": "managed"}, "state": f"sqlite:///{folder}/ledger.db",
        "lifecycle": {
            "evidence": {"absent_runs": absent_runs, "absent_hours": 0}, "leavers": [{"after": "0d", "do": stage}],
        },
        "guards": guards, "scope": {"domains": ["acme.example"]},
        "groups": {"create": True, "manage": ["*"]}, "aliases": {"remove": True},
    }  # fmt: skip
    return Job.model_validate(told)


def run(seed: int, folder: Path) -> list[str]:
    """Live through one story; what happened. Raises Broken when something happens that may not."""
    story = Story(seed, folder)
    with closing(ledger_of(story.jobs[JOBS[0]])) as ledger:
        try:
            story.live(ledger)
        except AssertionError as error:
            raise Broken(seed, str(error), story.trace, "disagreeing") from error
    return story.trace


def some(seeds: Iterator[int], folder: Path) -> str:
    """What happened in all of these, as one text."""
    return "\n".join(line for seed in seeds for line in run(seed, folder / str(seed)))
