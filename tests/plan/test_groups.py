"""Which group a name means, what rows and rules ask for, and what warrants an operation on groups."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from provision.directory.groups import GroupSeen, GroupsRead
from provision.job.groups import GroupSettings
from provision.job.settings import Job
from provision.ledger.value import GROUP_COLUMNS, Memory, blank
from provision.model import Kind, UserKind
from provision.operations.value import Change
from provision.plan.groups.proof import proof_of_groups
from provision.plan.groups.resolve import KnownGroups, creation, identifier_of
from provision.plan.groups.warrant import GroupWarrants
from provision.plan.groups.wishes import wishes_of
from provision.plan.value import Plan

from .builders import make_job

OURS = "box-provision"


def remembering(*rows: tuple[str, str, str]) -> Memory:
    return replace(blank(), groups=pd.DataFrame(list(rows), columns=list(GROUP_COLUMNS), dtype="str"))


def known(*groups: tuple[str, str, str, str], memory: Memory | None = None) -> KnownGroups:
    listed = tuple(GroupSeen(box_id, name, "managed_group", *rest) for box_id, name, *rest in groups)
    return KnownGroups.of(GroupsRead(listed), job(), memory or blank())


def job(**settings: object) -> Job:
    return make_job(name="nightly", groups={"create": True, **settings})


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Sales", "1"),
        ("sales", "1"),
        ("Twin", "2"),
        ("twin", "3"),
        ("TWIN", ""),  # which of the two, nobody can tell
        ("Old name", "4"),  # known by the id that the ledger kept
        ("Made", "5"),  # known by what the job calls it
        ("Gone", ""),
    ],
)
def test_a_name_means_the_group_that_has_it_or_had_it(name: str, meant: str) -> None:
    groups = known(
        ("1", "Sales", "", ""),
        ("2", "Twin", "", ""),
        ("3", "twin", "", ""),
        ("4", "New name", "", ""),
        ("5", "Made elsewhere", OURS, identifier_of("nightly", "made")),
        ("6", "Not ours", "AD", identifier_of("nightly", "gone")),
        memory=remembering(("old NAME", "4", ""), ("Gone", "77", "")),
    )
    found = groups.meant(name)

    assert (found.group_id if found else "") == meant


def asked(cells: dict[str, list[str]], **settings: object) -> dict[int, dict[str, tuple[bool, bool]]]:
    """By position, the groups asked for: whether as an admin, and whether by a rule."""
    rows = pd.DataFrame(cells, dtype="str")
    found = wishes_of(rows, np.ones(len(rows), bool), GroupSettings.model_validate(settings))
    told: dict[int, dict[str, tuple[bool, bool]]] = {}
    lines = zip(
        found.at.tolist(), found.name.tolist(), found.admin.tolist(), found.by_rule.tolist(), strict=True
    )
    for at, name, admin, by_rule in lines:
        told.setdefault(at, {})[found.names[name]] = (admin, by_rule)
    return told


def test_cells_and_rules_are_read_together() -> None:
    rules = [
        {
            "if": {"job_title": ["Buyer", "head of buying"], "tracking_codes.Team": "A"},
            "add": ["Buyers", "Chiefs (admin)"],
        },
        {"if": {"tracking_codes.team": ["", "A"]}, "add": ["Teams"]},
        {"if": {"phone": "1"}, "add": ["Phones"]},
    ]
    cells = {
        "groups": ["A; B (admin)", "(clear)", "", "A"],
        "job_title": ["HEAD  of Buying", "Buyer", "Seller", ""],
        "tracking_codes.Team": ["A", "(clear)", "B", "A"],
    }

    assert asked(cells, rules=rules) == {
        0: {
            "A": (False, False),
            "B": (True, False),
            "Buyers": (False, True),
            "Chiefs": (True, True),
            "Teams": (False, True),
        },
        1: {"Teams": (False, True)},
        3: {"A": (False, False), "Teams": (False, True)},
    }
    assert asked(cells, column="off") == {}


def test_a_rule_that_lacks_a_value_is_undecided_unless_another_field_is_unlike() -> None:
    rules = [{"if": {"job_title": "Buyer", "phone": "1"}, "add": ["Buyers"]}]
    rows = pd.DataFrame({"job_title": ["Buyer", "", "Seller"], "phone": ["", "1", ""]}, dtype="str")
    found = wishes_of(rows, np.ones(3, bool), GroupSettings.model_validate({"rules": rules}))

    assert found.untold["Buyers"].tolist() == [True, True, False]
    assert found.unlike["Buyers"].tolist() == [False, False, True]
    assert len(found.at) == 0


def operation(kind: Kind, **more: object) -> Change:
    made = Change(kind, UserKind.MANAGED, 2, "300", "", "a@x.example", "A", (), because="group_named")
    return replace(made, **{"object": "Sales", "group": "1", **more})


@pytest.mark.parametrize(
    ("change", "settings", "told"),
    [
        (operation(Kind.MEMBERSHIP_ADD), {}, ""),
        (operation(Kind.MEMBERSHIP_ADD, line=0), {}, "no row of the roster asks for it"),
        (operation(Kind.MEMBERSHIP_REMOVE), {}, "the job does not manage the group"),
        (operation(Kind.MEMBERSHIP_REMOVE), {"manage": ["SAL*"]}, ""),
        (operation(Kind.MEMBERSHIP_REMOVE, group="9"), {}, ""),
        (creation("Fresh", "nightly"), {}, "nobody is to join the group that it makes"),
        (creation("Needed", "nightly"), {}, ""),
        (creation("Needed", "nightly"), {"create": False}, "nobody is to join the group that it makes"),
    ],
)
def test_what_nothing_warrants_is_told(change: Change, settings: dict[str, object], told: str) -> None:
    made = remembering(("Nine", "9", "2026-01-01T00:00:00+00:00"))
    needing = operation(Kind.MEMBERSHIP_ADD, needs=(creation("Needed", "nightly").id,))
    plan = small(change, needing)

    assert GroupWarrants.of(plan, job(**settings), made).against(change) == told
    assert GroupWarrants.of(plan, make_job(), made).against(change) == "the job has no section on groups"


def small(*changes: Change) -> Plan:
    from provision.batches import Held
    from provision.plan.value import DirectoryFacts, RosterFacts

    facts = RosterFacts("r", "", 0, 0, 0, "full")
    return Plan(
        "nightly",
        "1",
        "2026-01-01",
        facts,
        DirectoryFacts(0, 0, 0, ""),
        changes,
        (),
        {},
        Held(pd.DataFrame()),
    )


def test_a_group_that_a_run_made_unheard_is_learned_as_the_jobs_own() -> None:
    from provision.directory.groups import NamedGroup
    from provision.lessons.groups import groups_known

    named = (NamedGroup("Sales", "1"), NamedGroup("Fresh", "2", ours=True), NamedGroup("Old", "3", ours=True))
    memory = remembering(("Old", "3", "2025-01-01T00:00:00+00:00"), ("Gone", "4", ""))
    learned = groups_known(replace(small(), groups=named), {}, memory)

    assert learned is not None
    assert learned.values.tolist() == [["Sales", "1", ""], ["Fresh", "2", "2026-01-01"]]
    assert groups_known(small(), {}, memory) is None


def test_the_proof_takes_a_page_a_thousand_members_and_the_groups_where_one_is_made() -> None:
    members = pd.DataFrame(
        {"membership_id": "1", "group_id": ["1"] * 1_000, "box_id": "3", "role": "member"}, dtype="str"
    )
    read = GroupsRead((GroupSeen("1", "Sales", "managed_group", "", ""),), members)
    fresh = operation(Kind.MEMBERSHIP_ADD, group="", object="Fresh")

    assert proof_of_groups([], read) == proof_of_groups([operation(Kind.MEMBERSHIP_ADD)], None) == 0
    assert proof_of_groups([operation(Kind.MEMBERSHIP_REMOVE)], read) == 1
    assert proof_of_groups([operation(Kind.MEMBERSHIP_ADD)], read) == 2
    assert proof_of_groups([creation("Fresh", "n"), fresh], read) == 2
