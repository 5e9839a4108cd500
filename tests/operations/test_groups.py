"""What a 409 means for a group that is made and for a membership that begins."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provision.errors import BoxAnswer, Conflict
from provision.model import Kind, Status
from provision.operations.registry import operation_of
from provision.operations.remote import Remote
from provision.plan.groups.resolve import creation
from tests.apply.village import ENTERPRISE, Village

from .samples import membership

CONFLICT = Conflict(BoxAnswer(409, "conflict"))


@pytest.fixture
def village() -> Village:
    return Village([{"login": "mia@acme.example", "kind": "managed"}])


def test_a_group_that_came_up_meanwhile_is_not_taken_for_ours(village: Village) -> None:
    change, remote = creation("Sales", "nightly"), Remote(village, lambda call: call(), ENTERPRISE)
    theirs = village.create_group({"name": "SALES", "external_sync_identifier": "else"})
    operation = operation_of(change)
    refusal = operation.refused(change, CONFLICT, remote)

    assert (refusal.status, refusal.notes[0].facts) == (Status.FAILED, {"group_id": theirs})
    assert operation.seen(change, remote).box_id == ""


def test_a_group_that_an_earlier_try_made_is_done(village: Village) -> None:
    change, remote = creation("Sales", "nightly"), Remote(village, lambda call: call(), ENTERPRISE)
    sent = operation_of(change).send(change, remote)
    refusal = operation_of(change).refused(change, CONFLICT, remote)

    assert (refusal.status, refusal.box_id) == (Status.DONE, sent.box_id)


def test_who_is_there_in_another_role_is_told(village: Village) -> None:
    [box_id], remote = village.users, Remote(village, lambda call: call(), ENTERPRISE)
    village.join(box_id, "Buyers", "member")
    [group] = village.all_groups
    for after, status in (("Buyers (admin)", Status.FAILED), ("Buyers", Status.DONE)):
        change = membership(Kind.MEMBERSHIP_ADD, "", after, group)
        change = replace(change, box_id=box_id)
        refusal = operation_of(change).refused(change, CONFLICT, remote)

        assert refusal.status is status
