"""Small rosters, directories, memories and jobs of invented people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from provision.batches import Held, Spool
from provision.box.accounts import COLUMNS, Whoami
from provision.directory.scope import Directory, survey
from provision.job.settings import Job
from provision.journal.value import Outcome
from provision.keyed import FingerprintKey
from provision.ledger.progress import Progress, rows_of
from provision.ledger.value import (
    ABSENCE_COLUMNS,
    ANSWER_COLUMNS,
    KNOWN_COLUMNS,
    MANAGER_COLUMNS,
    SAME,
    Memory,
)
from provision.model import Kind, Status
from provision.operations.registry import ENDINGS
from provision.operations.value import Change
from provision.plan.build import make_plan
from provision.plan.occasion import Occasion
from provision.plan.value import Plan
from provision.report.sentences.reasons import words
from provision.roster.value import FRAME_COLUMNS, REJECTED_COLUMNS, Roster

ENTERPRISE = "777"
ME = Whoami("1", ENTERPRISE)
NOW = datetime(2026, 3, 2, 1, 0, 7, tzinfo=UTC)

Cells = dict[str, str]


def row(login: str = "", **cells: str) -> Cells:
    """A row of a roster, of a managed user unless it says otherwise."""
    return {"name": "Ada Example", "kind": "managed", "action": "upsert", "login": login, **cells}


def app_row(external_id: str, **cells: str) -> Cells:
    """A row of an app user."""
    return row(**{"kind": "app", "external_id": external_id, **cells})


def roster(*rows: Cells, bad: tuple[Cells, ...] = (), left: tuple[Cells, ...] = ()) -> Roster:
    """Valid rows from line 2 on, then bad ones, then those that the job leaves out."""
    columns = dict.fromkeys(FRAME_COLUMNS) | dict.fromkeys(name for cells in rows for name in cells)
    frame = _text([{**cells, "line": str(at)} for at, cells in enumerate(rows, 2)], columns)
    bad_rows = [
        {"reason": "name: 61 characters; Box takes 50", **cells, "line": str(at)}
        for at, cells in enumerate(bad, 2 + len(rows))
    ]
    left_out = [
        {"reason": "excluded:column=Type,key=roster.where", **cells, "line": str(at)}
        for at, cells in enumerate(left, 2 + len(rows) + len(bad))
    ]
    return Roster(
        path="people.csv",
        sha256="ab" * 32,
        sheet="",
        rows=len(rows) + len(bad) + len(left),
        valid=len(rows),
        people=Held(frame.astype({"line": "int64"})),
        rejected=_text(bad_rows, REJECTED_COLUMNS).astype({"line": "int64"}),
        errors=(),
        mapped=(),
        ignored=(),
        notes=(),
        excluded=_text(left_out, REJECTED_COLUMNS).astype({"line": "int64"}),
    )


def user(login: str, box_id: str, **cells: str) -> Cells:
    """An existing user: managed, active, without rights."""
    usual = {
        "name": "Ada Example", "kind": "managed", "role": "user", "status": "active", "language": "en",
        "space_amount": "10737418240", "enterprise_id": ENTERPRISE,
    }  # fmt: skip
    return {**usual, "login": login, "box_id": box_id, **cells}


def app_user(external_id: str, box_id: str, **cells: str) -> Cells:
    """An existing app user; Box makes up the login."""
    login = f"AppUser_{box_id}@boxdevedition.com"
    return user(**{"login": login, "box_id": box_id, "kind": "app", "external_id": external_id, **cells})


def directory(*users: Cells, job: Job | None = None) -> Directory:
    """These users as the job sees them."""
    job = job or make_job()
    return survey(Held(_text(users, COLUMNS)), job.scope, job.roster.kinds, ME)


def in_batches(existing: Directory, count: int = 2) -> Directory:
    """The same enterprise on disk, as one too large for memory lies there: ids of all sizes in every batch."""
    spool = Spool()
    for first in range(count):
        spool.append(existing.frame.iloc[first::count].reset_index(drop=True))
    return replace(existing, listed=spool)


#: what fingerprints are made with here
KEY = FingerprintKey(b"invented for tests, known to all")


def memory(
    *known: Cells,
    absences: Mapping[str, tuple[int, str, str]] | None = None,
    rows: int = 0,
    answers: Mapping[str, str] | None = None,
    progress_by_id: Mapping[str, Progress] | None = None,
    managers: Mapping[str, str] | None = None,
) -> Memory:
    """The ledger knows these users; absences are ``missed_runs, first_missed, last_missed`` by box id.

    ``answers``: by external id the box id of the account that somebody said is of the same person. ``ways`` are those of
    leavers by box id, ``managers`` the last known ones.
    """
    said = [
        {"external_id": ours, "box_id": theirs, "answer": SAME} for ours, theirs in (answers or {}).items()
    ]
    missed = [(box_id, *absence) for box_id, absence in (absences or {}).items()]
    frame = pd.DataFrame(missed, columns=list(ABSENCE_COLUMNS)).astype(
        dict.fromkeys(ABSENCE_COLUMNS, "str") | {"missed_runs": "int64"}
    )
    named = [{"box_id": box_id, "manager": manager} for box_id, manager in (managers or {}).items()]
    return Memory(
        _text(known, KNOWN_COLUMNS), frame, rows, stages=rows_of(progress_by_id or {}),
        managers=_text(named, MANAGER_COLUMNS), answers=_text(said, ANSWER_COLUMNS), key=KEY,
    )  # fmt: skip


def make_job(authority: str = "full", kind: str = "managed", **sections: Any) -> Job:
    """A job; what is not said has its default."""
    return Job.model_validate(
        {
            "version": 1,
            "name": "nightly",
            "box": {"auth": {"method": "token", "token": "invented"}},
            "roster": {"path": "people.csv", "authority": authority, "kind": kind},
            **sections,
        }
    )


def plan(
    people: Roster, existing: Directory, known: Memory | None = None, job: Job | None = None, **when: Any
) -> Plan:
    """The plan of a job that may have run before."""
    occasion = Occasion(**{"as_of": NOW, "enterprise_id": ENTERPRISE, **when})
    return make_plan(people, existing, known or memory(), job or make_job(), occasion)


def told(made: Plan, login: str) -> tuple[str, str]:
    """The verdict on the one person with this login, and why."""
    found = made.table[made.table["login"] == login]
    assert len(found) == 1, made.table
    return found["verdict"].item(), words(found["because"].item())


def only_change(made: Plan) -> Change:
    """The one operation of a plan."""
    assert len(made.changes) == 1, made.changes
    return made.changes[0]


def fields(change: Change) -> dict[str, tuple[str, str]]:
    """Before and after by field."""
    return {each.field: (each.before, each.after) for each in change.fields}


def all_done(made: Plan) -> dict[str, Outcome]:
    """Every operation went well; accounts created get an id from their key."""
    return {
        change.id: Outcome(change.id, Status.DONE, change.box_id or f"new-{change.key}")
        for change in made.changes
    }


def after(existing: Directory, made: Plan, job: Job) -> Directory:
    """A model of Box: the directory when every operation of the plan has been carried out."""
    users = {cells["box_id"]: dict(cells) for cells in existing.frame[list(COLUMNS)].to_dict("records")}
    for change in made.changes:
        new = {each.field: each.after for each in change.fields}
        if change.kind in ENDINGS:
            del users[change.box_id]
        elif change.kind is Kind.CREATE:
            box_id = f"new-{change.key}"
            empty = app_user("", box_id) if change.user_kind == "app" else user("", box_id)
            users[box_id] = empty | new
        else:
            users[change.box_id] |= new
    return directory(*users.values(), job=job)


def _text(rows: Any, columns: Any) -> pd.DataFrame:
    names = list(columns)
    cells = [[each.get(name, "") for name in names] for each in rows]
    return pd.DataFrame(cells, columns=names, dtype="str")
