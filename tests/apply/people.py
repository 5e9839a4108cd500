"""Who is in the village before, what the roster says of them, and the job that looks after it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import pandas as pd

from provision.batches import Held
from provision.box.client import Whoami
from provision.job.settings import Job
from provision.roster.value import FRAME_COLUMNS, REJECTED_COLUMNS, Roster

from .village import ENTERPRISE

JOB = Job.model_validate(
    {
        "version": 1,
        "name": "nightly",
        "box": {"base_url": "https://box.example", "auth": {"method": "token", "token": "${T}"}},
        "roster": {"path": "r.csv", "kind": "column"},
        "lifecycle": {"evidence": {"absent_runs": 1, "absent_hours": 0}},
        "guards": {"removals": {"count": 100}, "shrink": {"percent": 100}},
        "state": "sqlite://",
    }
)
ME = Whoami("1", ENTERPRISE)


class Person(NamedTuple):
    """One person: who is there before, and the row of the roster; empty is nobody, or nothing said."""

    key: str
    before: Mapping[str, str]
    row: Mapping[str, str]


PEOPLE = (
    Person("new-app", {}, {"kind": "app", "external_id": "new-app", "name": "Neu", "phone": "1"}),
    Person("new-app2", {}, {"kind": "app", "external_id": "new-app2", "name": "Neu"}),
    Person("new@a.example", {}, {"kind": "managed", "login": "new@a.example", "name": "N", "job_title": "Clerk"}),
    Person("mail@a.example", {},
           {"kind": "managed", "login": "mail@a.example", "name": "M", "notification_email": "m@b.example"}),
    Person("same@a.example", {"kind": "managed", "login": "same@a.example", "name": "S", "status": "active"},
           {"kind": "managed", "login": "same@a.example", "name": "S"}),
    Person("mover@a.example", {"kind": "managed", "login": "mover@a.example", "name": "M", "status": "active"},
           {"kind": "managed", "login": "mover@a.example", "name": "Mover", "phone": "77"}),
    Person("app-mover", {"kind": "app", "external_id": "app-mover", "name": "A", "status": "active"},
           {"kind": "app", "external_id": "app-mover", "name": "B"}),
    Person("back@a.example", {"kind": "managed", "login": "back@a.example", "name": "B", "status": "inactive"},
           {"kind": "managed", "login": "back@a.example", "name": "B", "status": "active"}),
    Person("out@a.example", {"kind": "managed", "login": "out@a.example", "name": "O", "status": "active"},
           {"kind": "managed", "login": "out@a.example", "name": "O", "action": "deactivate"}),
    Person("gone@a.example", {"kind": "managed", "login": "gone@a.example", "name": "G", "status": "active"},
           {"kind": "managed", "login": "gone@a.example", "name": "G", "action": "delete"}),
    Person("theirs@a.example", {"kind": "managed", "login": "theirs@a.example", "name": "T", "status": "active"}, {}),
)  # fmt: skip


def roster_of(people: Iterable[Person]) -> Roster:
    """The roster that says what these people's rows say."""
    people = tuple(people)
    columns = [*FRAME_COLUMNS, "status", "job_title", "phone", "notification_email"]
    columns += ["groups"] if any("groups" in each.row for each in people) else []
    blank = dict.fromkeys(columns, "") | {"action": "upsert"}
    rows = [{**blank, **each.row, "line": str(at)} for at, each in enumerate(people, 2) if each.row]
    frame = pd.DataFrame(rows, columns=columns, dtype="str").astype({"line": "int64"})
    rejected = pd.DataFrame({name: pd.Series(dtype="str") for name in REJECTED_COLUMNS}).astype(
        {"line": "int64"}
    )
    return Roster(
        "r.csv", "0" * 64, "", len(rows), len(rows), Held(frame), rejected, (), tuple(columns), (), ()
    )


def assert_converged(users: Mapping[str, Mapping[str, str]], people: Iterable[Person]) -> None:
    """Whether the users by id are what the roster says, and nobody else."""
    people = tuple(people)
    by_key = {user["external_id"] or user["login"]: user for user in users.values()}
    assert set(by_key) == {each.key for each in people if each.row.get("action") != "delete"}
    for key, before, row in people:
        if row.get("action") == "delete":
            continue
        ours = (
            "action",
            "kind",
            "groups",
            *(("external_id",) if row.get("kind") == "managed" else ()),
        )  # the ledger's, not Box's
        wanted = {name: cell for name, cell in row.items() if name not in ours}
        status = {"deactivate": "inactive"}.get(row.get("action", ""), "active")
        expected = (wanted or before) | {"status": status}
        assert {name: by_key[key][name] for name in expected} == expected
