"""A plan is the same however the people come: at once, or in batches of which one at a time is in memory."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.batches import Spool
from provision.directory.scope import Directory
from provision.hashes import hashed
from provision.job.settings import Job
from provision.ledger.value import MANAGER_COLUMNS, Memory
from provision.model import Kind
from provision.plan.build import make_plan
from provision.plan.large.settle import settle
from provision.plan.occasion import Occasion
from provision.plan.value import Plan
from provision.roster.value import Roster
from tests.examples import examples

from .builders import (
    ENTERPRISE,
    NOW,
    Cells,
    app_row,
    app_user,
    directory,
    make_job,
    memory,
    roster,
    row,
    user,
)
from .strategies import IDS, LOGINS, World, worlds

#: who is in step, and whom others name as their manager
_CALM = tuple(f"calm{number}@acme.example" for number in range(6))

_GUARDS = (
    {},
    {"by": "domain", "removals": {"percent": 20}},
    {"by": "job_title", "mass_change": {"percent": 20}, "updates": {"percent": 10}},
)


def _batches(frame: pd.DataFrame, cuts: list[int]) -> Spool:
    spool = Spool()
    bounds = [0, *sorted(min(cut, len(frame)) for cut in cuts), len(frame)]
    for first, last in pairwise(bounds):
        spool.append(frame.iloc[first:last])
    return spool


def _cut(people: Roster, there: Directory, cuts: tuple[list[int], list[int]]) -> tuple[Roster, Directory]:
    """The same in batches; the listing in any order."""
    order = list(range(there.tally.users))
    Random(len(cuts[0])).shuffle(order)  # noqa: S311 - any order will do
    shuffled = there.frame.iloc[order].reset_index(drop=True)
    return (
        replace(people, people=_batches(people.frame, cuts[0])),
        replace(there, listed=_batches(shuffled, cuts[1])),
    )


def _assert_same(one: Plan, other: Plan) -> None:
    assert one == other
    pd.testing.assert_frame_equal(one.table, other.table)
    assert one.said is not None
    assert other.said is not None
    pd.testing.assert_frame_equal(one.said.whole(), other.said.whole())


def _planned(people: Roster, there: Directory, known: Memory, job: Job) -> Plan:
    return make_plan(people, there, known, job, Occasion(NOW, ENTERPRISE))


def _jobs() -> st.SearchStrategy[dict[str, Any]]:
    """Everything in a job by which people have to do with each other."""
    stages = (
        [{"after": "0d", "do": "deactivate"}, {"after": "0d", "do": "transfer", "to": "manager"}],
        [{"after": "0d", "do": "transfer", "to": _CALM[0]}, {"after": "0d", "do": "delete"}],
        [{"after": "0d", "do": "delete", "content": "destroy"}],
    )
    return st.fixed_dictionaries(
        {
            "scope": st.fixed_dictionaries(
                {
                    "domains": st.sampled_from([[], ["acme.example"]]),
                    "protect_managers": st.booleans(),
                    "protect": st.sampled_from([[], ["calm1*", "E2"]]),
                }
            ),
            "guards": st.sampled_from(_GUARDS),
            "lifecycle": st.fixed_dictionaries(
                {
                    "leavers": st.sampled_from(stages),
                    "evidence": st.just({"absent_runs": 1, "absent_hours": 0}),
                }
            ),
            "attributes": st.sampled_from([{}, {"phone": "box"}, {"*": "report"}]),
        }
    )


@st.composite
def _crowds(draw: st.DrawFn) -> tuple[Roster, Directory, Memory, Job]:
    """A world of people who collide, and calm ones beside them, in any order, with a job that has to do with all."""
    world: World = draw(worlds())
    keys = st.sampled_from(["", "", *_CALM, *LOGINS, *IDS])
    calm = draw(st.lists(st.sampled_from(_CALM), unique=True))
    known_too = draw(st.lists(st.sampled_from(_CALM), unique=True))
    rows = [*world.rows, *(row(login, external_id=f"C-{login[:5]}") for login in calm)]
    rows = [each | {"manager": draw(keys), "transfer_to": draw(keys)} for each in draw(st.permutations(rows))]
    users = [*world.users, *(user(login, f"{200 + at}") for at, login in enumerate(_CALM))]
    settings_of = draw(_jobs())
    job = make_job(world.job.roster.authority.value, "column", **settings_of)
    ours = [
        {
            "box_id": each["box_id"],
            "kind": "managed",
            "login": each["login"],
            "external_id": f"C-{each['login'][:5]}",
        }
        for each in users
        if each["login"] in known_too
    ]
    known = replace(
        world.known,
        accounts=pd.concat([world.known.accounts, memory(*ours).accounts], ignore_index=True),
        managers=_managers(draw(st.dictionaries(st.sampled_from([each["box_id"] for each in users]), keys))),
        answers=memory(answers=draw(_answers(users))).answers,
    )
    left = [
        *world.left,
        *(row(login, external_id=draw(keys)) for login in draw(st.lists(st.sampled_from(_CALM), max_size=2))),
    ]
    people = roster(*rows, bad=world.bad, left=tuple(left))
    return people, directory(*users, job=job), known, job


def _answers(users: list[Cells]) -> st.SearchStrategy[dict[str, str]]:
    """Some external ids, each for an account of its own."""
    boxes = st.permutations([each["box_id"] for each in users])
    ids = st.lists(st.sampled_from([*IDS, "C-calm1"]), unique=True, max_size=2)
    return st.builds(lambda ours, theirs: dict(zip(ours, theirs, strict=False)), ids, boxes)


def _managers(named: dict[str, str]) -> pd.DataFrame:
    rows = [(box_id, manager, "") for box_id, manager in named.items()]
    return pd.DataFrame(rows, columns=list(MANAGER_COLUMNS), dtype="str")


_SINGLY = (list(range(1, 5)), list(range(1, 5)))


def _apart(people: Roster, there: Directory, known: Memory, job: Job) -> Plan:
    """The plan of everybody in a batch of their own, which is that of all at once."""
    made = _planned(*_cut(people, there, _SINGLY), known, job)
    _assert_same(made, _planned(people, there, known, job))
    return made


def test_who_is_in_step_is_set_aside_and_who_differs_is_left() -> None:
    people = roster(
        row("a@acme.example"), row("b@acme.example", phone="1"), app_row("C1"), row("new@acme.example")
    )
    job = make_job(kind="column")
    there = directory(
        user("a@acme.example", "11"),
        user("b@acme.example", "12"),
        app_user("C1", "13"),
        user("o@acme.example", "14"),
        job=job,
    )
    rest = settle(*_cut(people, there, _SINGLY), memory(), job, NOW)
    assert rest.aside.count == 2
    assert rest.roster.frame["login"].tolist() == ["b@acme.example", "new@acme.example"]
    assert rest.directory.frame["box_id"].tolist() == ["12", "14"]
    assert _apart(people, there, memory(), job).verdicts == {
        "create": 1,
        "unchanged": 2,
        "unowned": 1,
        "update": 1,
    }


#: rows beside an account a@x.example with the id 11, other accounts, and the ids that the ledger knows by login
CLASHES: dict[str, tuple[list[Cells], list[Cells], dict[str, str]]] = {
    "ledger": ([row("a@x.example", external_id="E1")], [user("b@x.example", "12")], {"b@x.example": "E1"}),
    "ledger, of an account beside another row": ([row("a@x.example", external_id="E1"), row("b@x.example")], [user("b@x.example", "12")], {"b@x.example": "E1"}),
    "ledger twice": ([row("a@x.example", external_id="E1"), row("b@x.example")], [user("b@x.example", "10")], {"a@x.example": "E1", "b@x.example": "E1"}),
    "row": ([row("a@x.example"), row("c@x.example", external_id="E1")], [], {"a@x.example": "E1"}),
    "login": ([row("a@x.example")], [user("A@x.example", "12")], {}),
    "other id": ([row("a@x.example", external_id="E1")], [], {"a@x.example": "E2"}),
}  # fmt: skip


def _elsewhere(cells: Cells, at: int) -> Cells:
    """The same person in a domain of their own, with ids of their own."""
    domain, ids = f"@x{at}.example", {"box_id": f"{at}-", "external_id": f"{at}-"}
    moved = {name: ids.get(name, "") + cell if cell else "" for name, cell in cells.items()}
    return moved | {"login": cells["login"].replace("@x.example", domain)}


def test_nobody_is_set_aside_whose_key_somebody_else_has() -> None:
    """Each clash in a domain of its own, so that they have nothing to do with each other."""
    rows, users, known, clashing = [], [], [], {}
    for at, (what, (said, others, ids)) in enumerate(CLASHES.items()):
        there = [user("a@x.example", "11"), *others]
        rows += [_elsewhere(cells, at) for cells in said]
        users += [_elsewhere(cells, at) for cells in there]
        known += [
            _elsewhere(cells | {"external_id": ids[cells["login"]]}, at)
            for cells in there
            if cells["login"] in ids
        ]
        clashing |= {_elsewhere(cells, at)["login"]: what for cells in said}
    remembered, people, existing = memory(*known), roster(*rows), directory(*users)
    rest = settle(*_cut(people, existing, _SINGLY), remembered, make_job(), NOW)
    left = set(rest.roster.frame["login"])
    assert [what for login, what in clashing.items() if login not in left] == []
    assert rest.aside.count == 0
    _apart(people, existing, remembered, make_job())


def test_nobody_is_set_aside_whose_id_an_account_elsewhere_was_given() -> None:
    """By an answer about an account beside another row, and by one that says otherwise than the ledger."""
    job = make_job(lifecycle={"evidence": {"absent_runs": 1, "absent_hours": 0}})
    known = memory(
        user("other@x.example", "12", external_id=""),
        user("other@y.example", "22", external_id="F1"),
        answers={"E1": "12", "F2": "22"},
    )
    people = roster(
        row("a@x.example", external_id="E1"),
        row("other@x.example"),
        row("a@y.example", external_id="F1"),
        row("c@x.example"),
    )
    there = directory(
        user("a@x.example", "11"),
        user("other@x.example", "12"),
        user("a@y.example", "21"),
        user("other@y.example", "22"),
        user("c@x.example", "13"),
    )
    rest = settle(*_cut(people, there, _SINGLY), known, job, NOW)
    assert {"a@x.example", "a@y.example"} <= set(rest.roster.frame["login"])
    _apart(people, there, known, job)


def test_an_app_user_is_not_set_aside_whose_key_another_row_has() -> None:
    """As the login of the account, as an id in the ledger, of an app user too; and none whose row has another login."""
    job = make_job(kind="column")
    others = (
        row("appuser_13@boxdevedition.com"),
        row("z@x.example", external_id="E9"),
        app_row("C20", login="y@x.example"),
    )
    mine = [app_row("C1"), app_row("C2"), app_row("C3"), app_row("C4", login="w@x.example")]
    there = [app_user(f"C{at}", f"{at + 12}") for at in range(1, 5)]
    known = memory(app_user("E9", "14"), app_user("C20", "15"))
    people, existing = roster(*mine, *others), directory(*there, job=job)
    rest = settle(*_cut(people, existing, _SINGLY), known, job, NOW)
    assert set(rest.roster.frame["external_id"]) >= {"C1", "C2", "C3", "C4"}
    assert rest.aside.count == 0
    _apart(people, existing, known, job)


#: two texts with one hash
_ONE_HASH = ("1000000000000011", "00018401C4EICdCO")


def test_two_accounts_whose_ids_have_one_hash_are_remembered_apart() -> None:
    ours = hashed(pd.Series(_ONE_HASH, dtype="str"))
    people = roster(row("b@x.example", external_id="E1"), row("c@x.example", external_id="E2"))
    left = [user(f"{at}@x.example", box_id, external_id=f"E{at}") for at, box_id in enumerate(_ONE_HASH, 1)]
    there = directory(*left, user("b@x.example", "21"), user("c@x.example", "22"))
    assert ours[0] == ours[1]
    assert _apart(people, there, memory(*left), make_job()).verdicts == {"held": 4}


def test_an_account_out_of_scope_that_somebody_answered_about_is_not_forgotten() -> None:
    job = make_job(scope={"domains": ["acme.example"]})
    there = directory(
        user("a@acme.example", "11"), user("b@other.example", "12"), user("c@acme.example", "13"), job=job
    )
    known = memory(user("a@acme.example", "11", external_id="E1"), answers={"E1": "12"})
    table = _apart(roster(row("c@acme.example")), there, known, job).table
    assert table["external_id"].tolist() == ["", ""]  # E1 is that of the other account now


@pytest.mark.parametrize(
    ("left", "earlier"),
    [("a@acme.example", "a@other.example"), ("a@other.example", "a@acme.example")],
    ids=["in step", "out of scope"],
)
def test_who_left_still_counts_as_a_locked_seat(left: str, earlier: str) -> None:
    """The one who is in step, and the one who is out of scope; the earlier of them is told."""
    first, later = "2026-01-05T00:00:00+00:00", "2026-01-06T00:00:00+00:00"
    job = make_job(scope={"domains": ["acme.example"]})
    people = roster(row("a@acme.example", status="inactive"), row("b@acme.example", status="active"))
    gone = [user(left, "11", status="inactive"), user(earlier, "13", status="inactive")]
    there = directory(*gone, user("b@acme.example", "12"), job=job)
    known = memory(gone[0] | {"left_at": later}, gone[1] | {"left_at": first})
    forecast = _apart(people, there, known, job).forecast
    assert forecast is not None
    assert forecast.seats.since == first


def test_a_bad_row_with_the_key_of_somebody_in_step_is_compared_with_them() -> None:
    """With the login in other letters, and with the id in the ledger."""
    people = roster(
        row("a@x.example", external_id="E1"),
        row("b@x.example", external_id="E2"),
        bad=(row("A@x.example"), row("", external_id="E2")),
    )
    there = [user("a@x.example", "11"), user("b@x.example", "12")]
    known = memory(there[0] | {"external_id": "E1"}, there[1] | {"external_id": "E2"})
    rest = settle(*_cut(people, directory(*there), _SINGLY), known, make_job(), NOW)
    assert set(rest.roster.frame["login"]) == {"a@x.example", "b@x.example"}
    assert rest.aside.count == 0
    _apart(people, directory(*there), known, make_job())


_HANDS_OVER = {
    "leavers": [{"after": "0d", "do": "transfer", "to": "manager"}],
    "evidence": {"absent_runs": 1, "absent_hours": 0},
}


def test_content_goes_to_somebody_who_is_set_aside() -> None:
    job = make_job(
        lifecycle=_HANDS_OVER,
        scope={"domains": ["acme.example"]},
        guards={"transfers": {"count": 9}, "removals": {"count": 9}},
    )
    managers = ("calm@acme.example", "CALM@acme.example", "M1", "far@other.example")
    gone = [user(f"gone{at}@acme.example", f"2{at}") for at in range(len(managers))]
    people = roster(row("calm@acme.example", external_id="M1"), row("b@acme.example"))
    there = directory(
        user("calm@acme.example", "11"), user("b@acme.example", "12"), *gone,
        user("far@other.example", "14"), job=job,
    )  # fmt: skip
    named = {each["box_id"]: manager for each, manager in zip(gone, managers, strict=True)}
    known = replace(memory(*gone), managers=_managers(named))
    changes = _apart(people, there, known, job).changes
    assert {named[change.box_id]: (change.kind, change.to) for change in changes} == {
        manager: (Kind.TRANSFER, "14" if manager.startswith("far") else "11") for manager in managers
    }
    assert len(changes) == len(managers)


@pytest.mark.parametrize(("to", "manager"), [("manager", "M1"), ("Calm@x.example", "")])
def test_content_of_somebody_in_the_roster_goes_to_whom_row_or_stage_names(to: str, manager: str) -> None:
    stages = [{"after": "0d", "do": "transfer", "to": to}]
    job = make_job(guards={"by": "kind"}, lifecycle={"by_segment": {"managed": stages}, "leavers": []})
    leaver = row("gone@x.example", end_date="2026-01-01", manager=manager)
    people = roster(row("calm@x.example", external_id="M1"), leaver)
    there = directory(user("calm@x.example", "11"), user("gone@x.example", "12"))
    [change] = _apart(people, there, memory(), job).changes
    assert (change.kind, change.to) == (Kind.TRANSFER, "11")


def test_the_manager_of_an_active_account_out_of_scope_is_not_removed() -> None:
    job = make_job(
        scope={"protect_managers": True, "domains": ["acme.example"]},
        lifecycle={"evidence": {"absent_runs": 1, "absent_hours": 0}},
    )
    there = directory(
        user("boss@acme.example", "11"),
        user("far@other.example", "12"),
        user("c@acme.example", "13"),
        job=job,
    )
    known = memory(user("boss@acme.example", "11"), managers={"12": "boss@acme.example"})
    made = _apart(roster(row("c@acme.example")), there, known, job)
    assert made.verdicts == {"protected": 1, "unchanged": 1}


@pytest.mark.parametrize(("said", "remembered"), [("boss@x.example", ""), ("", "boss@x.example")])
def test_the_manager_of_somebody_who_is_set_aside_is_not_removed(said: str, remembered: str) -> None:
    job = make_job(
        scope={"protect_managers": True}, lifecycle={"evidence": {"absent_runs": 1, "absent_hours": 0}}
    )
    people = roster(row("differs@x.example", phone="1"), row("calm@x.example", manager=said))
    there = directory(
        user("differs@x.example", "11"), user("calm@x.example", "12"), user("boss@x.example", "13")
    )
    known = replace(memory(user("boss@x.example", "13")), managers=_managers({"12": remembered}))
    assert settle(*_cut(people, there, ([2], [1])), known, job, NOW).aside.count == 1
    for cuts in (_SINGLY, ([2], [1])):
        made = _planned(*_cut(people, there, cuts), known, job)
        assert [change.kind for change in made.changes] == [Kind.UPDATE]
        assert made.verdicts == {"protected": 1, "unchanged": 1, "update": 1}


def test_limits_in_percent_count_who_is_set_aside() -> None:
    job = make_job(
        guards={"by": "domain", "removals": {"percent": 20}},
        lifecycle={"evidence": {"absent_runs": 1, "absent_hours": 0}},
    )
    stay = [f"p{number}@x.example" for number in range(9)]
    people = roster(*map(row, stay))
    everybody = [user(login, f"2{at}") for at, login in enumerate([*stay, "gone@x.example"])]
    made = _apart(people, directory(*everybody), memory(*everybody), job)
    assert [
        (each.name, each.population, each.verdict) for each in made.guards if each.name == "removals"
    ] == [("removals", 10, "ok")]


_CUTS = st.lists(st.integers(0, 12), min_size=1, max_size=4)


@examples(24)
@given(crowd=_crowds(), cuts=st.tuples(_CUTS, _CUTS))
def test_a_plan_is_the_same_in_however_many_batches_people_come(
    crowd: tuple[Roster, Directory, Memory, Job], cuts: tuple[list[int], list[int]]
) -> None:
    people, there, known, job = crowd
    whole = _planned(people, there, known, job)
    _assert_same(_planned(*_cut(people, there, cuts), known, job), whole)


def test_people_who_fit_into_memory_need_no_room_on_a_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "missing"))
    made = _planned(roster(row("a@x.example")), directory(user("a@x.example", "11")), memory(), make_job())
    assert made.verdicts == {"unchanged": 1}


def test_a_bad_row_still_leads_to_an_account_out_of_scope() -> None:
    job = make_job(scope={"domains": ["acme.example"]})
    there = directory(user("far@other.example", "12"), user("c@acme.example", "13"), job=job)
    people = roster(row("c@acme.example"), bad=(row("far@other.example"),))
    assert _apart(people, there, memory(), job).table["box_id"].tolist() == ["13", "12"]
