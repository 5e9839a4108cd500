"""Two plans beside each other: what one has and the other has not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provision.operations.value import Change
from provision.plan.value import Plan, Ruling


@dataclass(frozen=True, slots=True)
class PlannedOperation:
    """One operation of a plan, and whether it waits for a person there."""

    change: Change
    held: bool

    @property
    def same(self) -> tuple[object, ...]:
        """What has to be equal for two operations of one id to be the same: what they do and whether they go on, not why."""
        one = self.change
        return (one.fields, one.to, one.destroys, self.held)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What the second plan has and the first has not (``added``), what it has no more (``removed``), what is in both and differs (``changed``).

    ``guards``: name, verdict in the first and in the second of each guard whose verdict differs.
    """

    added: tuple[PlannedOperation, ...]
    removed: tuple[PlannedOperation, ...]
    changed: tuple[tuple[PlannedOperation, PlannedOperation], ...]
    guards: tuple[tuple[str, str, str], ...]

    @property
    def equal(self) -> bool:
        """Whether both plans do the same to the same people."""
        return not (self.added or self.removed or self.changed or self.guards)


def compare(first: Plan, second: Plan) -> Comparison:
    """The second plan beside the first, in the order of the plans."""
    before, after = _planned(first), _planned(second)
    return Comparison(
        added=tuple(one for name, one in after.items() if name not in before),
        removed=tuple(one for name, one in before.items() if name not in after),
        changed=tuple(
            (before[name], one)
            for name, one in after.items()
            if name in before and before[name].same != one.same
        ),
        guards=tuple(_guards(first, second)),
    )


def _planned(plan: Plan) -> dict[str, PlannedOperation]:
    held = plan.holds
    return {change.id: PlannedOperation(change, change.id in held) for change in plan.changes}


def _guards(first: Plan, second: Plan) -> Iterator[tuple[str, str, str]]:
    before = {guard.name: guard.verdict for guard in first.guards}
    after = {guard.name: guard.verdict for guard in second.guards}
    for name in dict.fromkeys((*before, *after)):
        one, other = (
            before.get(name, Ruling.OK),
            after.get(name, Ruling.OK),
        )  # a guard that has nothing to count is not always asked
        if one != other:
            yield name, one, other
