"""Any graph of operations: one outcome each, nothing before what it needs, and the lowest rank of those that are ready."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from provision.apply.context import ExecutionContext, WorkList
from provision.apply.executor import carry_out, freed
from provision.apply.halt import Halt
from provision.apply.snapshot import keeper
from provision.box.pacing.retry import Patience, Retry
from provision.box.pacing.timing import Timing
from provision.journal.book import Journal
from provision.journal.value import Noted, Outcome, noted
from provision.model import Kind, Status, UserKind
from provision.operations.registry import operation_of
from provision.operations.remote import Remote
from provision.operations.value import Change
from tests.examples import examples
from tests.place import quick_folder

from .changes import change
from .village import ENTERPRISE, Fate, Village

HELD, SKIPPED = "held", "skipped"
#: what becomes of an operation once it may begin; a fate is that of all its requests
ENDS = (*(Fate.FINE,) * 4, Fate.LOST_BEFORE, Fate.TROUBLE_AFTER, Fate.NOT_SENT, HELD, SKIPPED)


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Change], dict[str, Any]]:
    """Operations of any kinds, each on an account of its own, in any order; what each needs is among those made before."""
    made: list[Change] = []
    for number in range(draw(st.integers(1, 9))):
        kind = draw(st.sampled_from(_KINDS))
        one = _operation(kind, number)
        needs = (
            draw(st.lists(st.sampled_from(made), max_size=3, unique_by=lambda each: each.id)) if made else []
        )
        made.append(replace(one, needs=tuple(each.id for each in needs)))
    ends = {each.id: draw(st.sampled_from(ENDS)) for each in made}
    return draw(st.permutations(made)), ends


#: folders are looked for and made by what the job says, so that their kinds cannot stand on their own; see tests/operations
_KINDS = [
    kind
    for kind in Kind
    if kind
    not in (Kind.FOLDER_CREATE, Kind.COLLABORATION_ADD, Kind.COLLABORATION_REMOVE, Kind.STARTER_CONTENT)
]


def _operation(kind: Kind, number: int) -> Change:
    if kind is Kind.CREATE:
        key = f"new-{number}"
        fields = {"external_id": key, "name": "N"}
        return change(kind, user_kind=UserKind.APP, external_id=key, fields=fields)
    fields = {Kind.UPDATE: {"phone": "1"}, Kind.LOGIN_CHANGE: {"login": f"p{number}.new@a.example"}}.get(
        kind, {}
    )
    one = change(kind, str(1000 + number), login=f"p{number}@a.example", fields=fields)
    if kind is Kind.GROUP_CREATE:
        one = change(kind, fields={"name": f"G{number}", "external_sync_identifier": f"n:{number}"})
        return replace(one, name=f"G{number}", subject=f"G{number}")
    if kind in (Kind.MEMBERSHIP_ADD, Kind.MEMBERSHIP_UPDATE, Kind.MEMBERSHIP_REMOVE):
        # everybody is in one group, and not in the other
        joins = kind is Kind.MEMBERSHIP_ADD
        return replace(one, object="A", group="80002" if joins else "80000", membership=str(80_003 + number))
    objects = {
        Kind.ARCHIVE_MOVE: "Leavers",
        Kind.ALIAS_ADD: f"p{number}.more@a.example",
        Kind.ALIAS_REMOVE: f"p{number}.new@a.example",
    }
    return replace(one, to="1020", object=objects.get(kind, ""), made="70000")


class _Book(Journal):
    """A journal that says what began and ended in which order, and gives each operation its fate."""

    def watched(self, village: Village, ends: Mapping[str, Any]) -> _Book:
        self.events: list[tuple[str, str]] = []
        self._village, self._ends = village, ends
        return self

    def begin(self, change_id: str) -> None:
        self.events.append(("begin", change_id))
        self._village.fates = itertools.repeat(self._ends[change_id])
        super().begin(change_id)

    def end(self, outcome: Outcome) -> Outcome:
        self.events.append(("end", outcome.change_id))
        return super().end(outcome)


def _village() -> Village:
    """Everybody there, and a folder that can be moved."""
    village = Village({"kind": "managed", "login": f"p{n}@a.example", "status": "active"} for n in range(21))
    assert village.transfer("1019", "1020") == "70000"
    for name in ("All", "Other", "None yet"):
        village.create_group({"name": name})
    for box_id in list(village.users)[:9]:
        village.add_membership(box_id, "80000", "admin")
    village.further = {str(1000 + n): {f"p{n}.new@a.example": True} for n in range(21)}
    return village


def _lived(
    changes: Sequence[Change], ends: Mapping[str, Any], folder: Path
) -> tuple[_Book, dict[str, Outcome], list[str]]:
    village, told = _village(), []
    timing = Timing(lambda: 0.0, lambda _seconds: None, Random(1))  # noqa: S311 - jitter
    retry = Retry(Patience(tries=1), timing)
    book = _Book(folder / "journal", {}, lambda: "now").watched(village, ends)
    context = ExecutionContext(
        Remote(village, retry.read, ENTERPRISE), retry, book, 1, Halt(), keeper(folder)
    )
    held = {name: "in_step" for name, end in ends.items() if end == HELD}
    skipped = {name: noted(Noted.MOVED_GONE) for name, end in ends.items() if end == SKIPPED}
    work = WorkList(changes, skipped, held=held)
    outcomes = carry_out(work, context, lambda outcome: told.append(outcome.change_id))
    book.close()
    return book, outcomes, told


def _turns(changes: Sequence[Change], outcomes: Mapping[str, Outcome]) -> list[str]:
    """The order in which operations may go, by what became of them; whatever is not among them waited in vain."""
    went: list[str] = []
    while True:
        done = {name for name in went if outcomes[name].status is Status.DONE}
        ready = [one for one in changes if one.id not in went and set(one.needs) <= done]
        if not ready:
            return went
        rank = min(operation_of(one).rank for one in ready)
        went += [one.id for one in ready if operation_of(one).rank == rank]


@given(graphs())
@examples(180)
def test_a_graph_is_gone_through_in_order_with_one_outcome_for_each(
    graph: tuple[list[Change], dict[str, Any]],
) -> None:
    changes, ends = graph
    with quick_folder() as folder:
        book, outcomes, told = _lived(changes, ends, folder)

    assert sorted(told) == sorted(outcomes) == sorted(one.id for one in changes)
    turns = _turns(changes, outcomes)
    begun = [name for what, name in book.events if what == "begin"]
    assert begun == [name for name in turns if ends[name] not in (HELD, SKIPPED)]
    for one in changes:
        outcome = outcomes[one.id]
        waited = outcome.says(Noted.NEED_NOT_DONE)
        in_vain = any(outcomes[need].status is not Status.DONE for need in one.needs)
        if in_vain and ends[one.id] == HELD and not one.completes:  # it waits for a word of its own
            assert outcome.status is Status.HELD
            continue
        assert waited == in_vain
        assert waited == (one.id not in turns)
        # whoever is invited has to answer first: what needs that waits likewise
        ends_so = (
            {Status.NOT_ATTEMPTED, Status.WAITING}
            if _after_waiting(one, outcomes)
            else {Status.NOT_ATTEMPTED}
        )
        assert not waited or (outcome.status in ends_so and outcome.attempts == 0)
        before = book.events[: book.events.index(("end", one.id))]
        assert waited or {("end", need) for need in one.needs} <= set(before)


def _after_waiting(change: Change, outcomes: dict[str, Outcome]) -> bool:
    return any(outcomes[need].status is Status.WAITING for need in change.needs)


@given(graphs())
@examples(60)
def test_what_may_begin_ends_as_its_requests_do(graph: tuple[list[Change], dict[str, Any]]) -> None:
    changes, ends = graph
    with quick_folder() as folder:
        _, outcomes, _ = _lived(changes, ends, folder)
    may = {HELD: {Status.HELD}, SKIPPED: {Status.SKIPPED}, Fate.FINE: {Status.DONE}}
    trouble = {Status.IN_DOUBT, Status.FAILED, Status.NOT_ATTEMPTED, Status.DONE, Status.WAITING}

    for name in _turns(changes, outcomes):
        assert outcomes[name].status in may.get(ends[name], trouble)


def test_what_was_found_done_at_last_frees_all_that_waits_for_it_in_turn() -> None:
    first, second, third = (_operation(Kind.UPDATE, number) for number in range(3))
    second, third = replace(second, needs=(first.id,)), replace(third, needs=(second.id,))
    waits = [
        Outcome(
            change.id, Status.NOT_ATTEMPTED, notes=noted(Noted.NEED_NOT_DONE, need=need, status="in_doubt")
        )
        for change, need in ((second, first.id), (third, second.id))
    ]
    outcomes = {first.id: Outcome(first.id, Status.DONE), **{one.change_id: one for one in waits}}
    left = freed(WorkList([third, second, first]), outcomes)

    assert {change.id for change in left.changes} == {second.id, third.id}
