"""What must hold after every process, and at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from provision.journal.value import Noted, Outcome
from provision.ledger.value import Lessons
from provision.model import Kind, Status, Verdict, fold
from provision.operations.people.addresses import is_on_the_way
from provision.operations.value import Change
from provision.report.sentences.notes import words_of
from tests.apply.people import assert_converged

from .process import Ended
from .town import Town, asked_by
from .worlds import World


def assert_process(ended: Ended, town: Town) -> None:
    """After each process, dead or alive."""
    assert town.ghosts == 0, "a process that was killed has sent something"
    assert not town.watch.broken, "; ".join(town.watch.broken)
    changes = {change.id: change for change in ended.plan.changes}
    assert ended.outcomes.keys() <= changes.keys(), "an outcome of nothing that was planned"
    final = [
        one for one in ended.told if not one.says(Noted.NEED_NOT_DONE)
    ]  # what it needs may be found done yet
    twice = [name for name, n in Counter(outcome.change_id for outcome in final).items() if n > 1]
    assert not twice, f"told twice: {twice}"
    if not ended.killed and not ended.stopped:
        assert ended.outcomes.keys() == changes.keys(), (
            f"without an outcome: {changes.keys() - ended.outcomes.keys()}"
        )
    for name, outcome in ended.outcomes.items():
        if outcome.status is Status.DONE and changes[name].box_id not in town.edited:
            assert _true(changes[name], outcome, town), f"{name} is said to be done and is not: {outcome}"
        if outcome.status is Status.SKIPPED:
            assert changes[name].box_id in town.edited, (
                f"{name} was skipped, and nobody has touched the account: {words_of(outcome)}"
            )
    for outcome in final:
        _assert_counted(changes[outcome.change_id], outcome, ended)


def _true(change: Change, outcome: Outcome, town: Town) -> bool:
    return town.came_true(change if change.box_id else replace(change, box_id=outcome.box_id))


def _makes(change: Change, key: str) -> bool:
    return change.kind is Kind.CREATE and key in (change.external_id, fold(change.login))


def _assert_counted(change: Change, outcome: Outcome, ended: Ended) -> None:
    """The attempts of earlier processes and those of this one add up."""
    before = ended.earlier[change.id].attempts if change.id in ended.earlier else 0
    sent = ended.sent.get(asked_by(change).name, 0)
    assert outcome.attempts >= before + sent, (
        f"{change.id}: {before} + {sent} attempts, told {outcome.attempts}"
    )


def assert_salvaged(lessons: Lessons, ended: Ended, town: Town) -> None:
    """Whoever an unfinished run made, and can be seen, is owned."""
    owned = set(lessons.accounts["box_id"])
    for change in ended.plan.changes:
        if change.kind is Kind.CREATE and change.id in ended.outcomes:
            made = town.with_key(change.external_id or fold(change.login))
            assert len(made) != 1 or made[0] in owned, f"{made[0]} was made and is not owned"


def assert_settled(town: Town, world: World, ended: Ended) -> None:
    """At the end: the roster, nobody twice unless it was said."""
    said = [words_of(outcome) for outcome in ended.outcomes.values() if outcome.status is Status.IN_DOUBT]
    held = ended.plan.table["external_id"][ended.plan.table["verdict"] == Verdict.HELD]
    for key in sorted({user["external_id"] or fold(user["login"]) for user in town.users.values()}):
        ids = town.with_key(key)
        told = any(all(box_id in note for box_id in ids) for note in said)
        planned_afresh = (held == key).any()
        assert len(ids) < 2 or told or planned_afresh, f"{key} is there twice and nobody says so: {ids}"
        idle = [box_id for box_id in ids if box_id not in town.used]
        made = next((ended.outcomes.get(one.id) for one in ended.plan.changes if _makes(one, key)), None)
        provable = made is not None and made.attempts >= len(
            ids
        )  # each of them explained by a request of ours
        assert len(idle) < 2 or planned_afresh or not provable, f"{key} is there twice and nobody uses {idle}"
    assert_converged(town.users, world.aims)
    assert {**town.in_groups(), **world.in_groups} == town.in_groups(), f"in groups: {town.in_groups()}"
    assert {**town.at_work(), **world.at_work} == town.at_work(), f"at work: {town.at_work()}"
    for key, wanted in world.given.items():
        ids = town.with_key(key)
        there = {path: sha1 for box_id in ids for path, sha1 in town.holds(box_id).items()}
        waits = len(ids) > 1 and (held == key).any()  # two accounts of one person: somebody has to look first
        assert there == wanted or waits, f"{key} has {there}"
    on_the_way = [
        address
        for box_id, mine in town.further.items()
        for address in mine
        if is_on_the_way(address) and (box_id, address) not in town.again
    ]
    assert not on_the_way, f"an address on the way was left: {on_the_way}"
    for box_id in town.senders:
        assert len(town.landed(box_id)) == 1, f"what {box_id} owned was sent {len(town.landed(box_id))} times"
    for box_id, before in town.before.items():
        _assert_only_what_was_planned(before, town.users.get(box_id, before), world)


def _assert_only_what_was_planned(before: Mapping[str, str], now: Mapping[str, str], world: World) -> None:
    """Accounts keep every cell that the roster does not speak of."""
    keys = ("external_id", "login")
    row = next(
        each.row
        for each in world.aims
        if any(before[key] and before[key] == each.before.get(key) for key in keys)
    )
    spoken = {*row, *(("status",) if row.get("action") else ())}
    moved = [name for name in before if before[name] != now[name] and name not in spoken]
    assert not moved, f"{before['box_id']}: nobody has planned to change {moved}"


def assert_unharmed(ended: Ended) -> None:
    """Box was away for less than anybody's patience, and nothing else went wrong: nobody's operation is given up.

    But for a transfer that may have begun, which this run does not send again, and what waits for it.
    """
    unsure = {change.id for change in ended.open if ended.leaves_to_the_next_run(change)}
    unsure |= {change.id for change in ended.open if ended.waits_for_somebody(change)}
    left = [change.id for change in ended.open if not {change.id, *change.needs} & unsure]
    assert not left, f"given up for an outage: {left}"
