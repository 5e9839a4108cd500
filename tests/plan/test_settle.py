"""A plan is the same however the people come: at once, or in batches of which one at a time is in memory."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

import pandas as pd
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from provision.batches import Spool
from provision.directory.scope import Directory
from provision.job.settings import Job
from provision.ledger.value import MANAGER_COLUMNS, Memory
from provision.plan.build import Occasion, make_plan
from provision.plan.value import Plan
from provision.roster.value import Roster

from .builders import (
    ENTERPRISE,
    NOW,
    Cells,
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
    people = roster(*rows, bad=world.bad)
    return people, directory(*users, job=job), known, job


def _answers(users: list[Cells]) -> st.SearchStrategy[dict[str, str]]:
    """Some external ids, each for an account of its own."""
    boxes = st.permutations([each["box_id"] for each in users])
    ids = st.lists(st.sampled_from([*IDS, "C-calm1"]), unique=True, max_size=2)
    return st.builds(lambda ours, theirs: dict(zip(ours, theirs, strict=False)), ids, boxes)


def _managers(named: dict[str, str]) -> pd.DataFrame:
    rows = [(box_id, manager, "") for box_id, manager in named.items()]
    return pd.DataFrame(rows, columns=list(MANAGER_COLUMNS), dtype="str")


_CUTS = st.lists(st.integers(0, 12), min_size=1, max_size=4)


@settings(max_examples=60, deadline=None, phases=[Phase.generate])
@given(crowd=_crowds(), cuts=st.tuples(_CUTS, _CUTS))
def test_a_plan_is_the_same_in_however_many_batches_people_come(
    crowd: tuple[Roster, Directory, Memory, Job], cuts: tuple[list[int], list[int]]
) -> None:
    people, there, known, job = crowd
    whole = _planned(people, there, known, job)
    _assert_same(_planned(*_cut(people, there, cuts), known, job), whole)
