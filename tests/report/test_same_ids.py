"""An app user whose external id is somebody else's Box id is another person, from the plan to the reconciliation."""

from __future__ import annotations

from dataclasses import replace

from provision.journal.value import Outcome
from provision.model import Status
from provision.plan.value import Plan
from provision.report.reconciling.reconcile import reconcile
from tests.plan.builders import (
    after,
    all_done,
    app_row,
    app_user,
    directory,
    make_job,
    memory,
    plan,
    roster,
    row,
    user,
)

JOB = make_job("partial", "column")
#: the box id of Mia is the external id of two: a client of long ago, and one whose account is not made yet
USERS = (user("mia@acme.example", "11"), user("ole@acme.example", "12"), app_user("11", "600"))
ROWS = (
    row("mia@acme.example", phone="1"),
    row("ole@acme.example", phone="2"),
    app_row("11", phone="3"),
    app_row("12", phone="4"),
)


def _planned() -> Plan:
    return plan(roster(*ROWS), directory(*USERS, job=JOB), memory(*USERS), JOB)


def test_their_operations_have_ids_of_their_own() -> None:
    ids = {change.key: change.id for change in _planned().changes}

    assert ids == {
        "mia@acme.example": "update:11",
        "ole@acme.example": "update:12",
        "11": "update:app=11",
        "12": "create:app=12",
    }


def test_each_is_reconciled_with_its_own_outcome() -> None:
    made = _planned()
    outcomes = {
        **all_done(made),
        "update:11": Outcome("update:11", Status.FAILED, "11"),
        "create:app=12": Outcome("create:app=12", Status.NOT_ATTEMPTED),
    }
    carried_out = replace(
        made, changes=tuple(c for c in made.changes if outcomes[c.id].status is Status.DONE)
    )
    now = after(directory(*USERS, job=JOB), carried_out, JOB).frame
    table = reconcile(made, outcomes, now).table
    told = dict(
        zip(
            zip(table["kind"], table["external_id"] + table["login"], strict=True),
            table["outcome"],
            strict=True,
        )
    )

    assert {key: status for key, status in told.items() if status} == {
        ("managed", "mia@acme.example"): "failed",
        ("managed", "ole@acme.example"): "done",
        ("app", "11AppUser_600@boxdevedition.com"): "done",
        ("app", "12"): "not_attempted",
    }
