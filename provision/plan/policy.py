"""Rules of the house asked of a plan: which of its operations each of them counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase

import msgspec

from provision.job.rules import SIDES, Conditions, Deny, PolicyRule
from provision.model import TRACKING_PREFIX
from provision.operations.value import Change, FieldChange
from provision.plan.value import Plan


@dataclass(frozen=True, slots=True)
class RuleVerdict:
    """What one rule says of a plan: the operations that it counts."""

    rule: PolicyRule
    found: tuple[Change, ...]

    @property
    def broken(self) -> bool:
        """Whether there are more of them than it allows."""
        return len(self.found) > self.rule.max


def judge_plan(plan: Plan, rules: Iterable[PolicyRule]) -> tuple[RuleVerdict, ...]:
    """What each rule says, held operations counted like others: who approves them need not know the rules."""
    return tuple(
        RuleVerdict(rule, tuple(change for change in plan.changes if _counts(change, rule.deny)))
        for rule in rules
    )


def _counts(change: Change, deny: Deny) -> bool:
    if deny.kind and change.kind not in deny.kind:
        return False
    return all(_fit(change, deny.where)) and not any(_fit(change, deny.unless))


def _fit(change: Change, conditions: Conditions) -> Iterator[bool]:
    """For each field whether one of its values fits one of its globs; letter case does not count."""
    for name, globs in conditions.items():
        values = [value.casefold() for value in _values(change, name)]
        yield any(fnmatchcase(value, glob.casefold()) for value in values for glob in globs)


def _values(change: Change, name: str) -> Iterator[str]:
    facts = {
        "login": change.login, "name": change.name, "external_id": change.external_id, "box_id": change.box_id,
        "account": change.user_kind.value, "status": change.status, "segment": change.segment, "to": change.to_key,
    }  # fmt: skip
    if name in facts:
        yield facts[name]
    side = next((each for each in SIDES if name.startswith(each)), "")
    for field in change.fields:
        yield from _sides(field, name.removeprefix(side), side)


def _sides(field: FieldChange, attribute: str, side: str) -> Iterator[str]:
    """The values of an attribute that a change of this field has, on that side or on both."""
    for text, of in ((field.before, "before."), (field.after, "after.")):
        if side not in ("", of):
            continue
        if field.field == attribute:
            yield text
        elif field.field == "tracking_codes" and attribute.startswith(TRACKING_PREFIX) and text:
            codes = msgspec.json.decode(text, type=dict[str, str])
            yield codes.get(attribute.removeprefix(TRACKING_PREFIX), "")
