"""Two plans beside each other, in words: what is new, what is gone, what is another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from provision.operations.value import Change
from provision.plan.comparison import Comparison, PlannedOperation
from provision.plan.value import Plan
from provision.report.kind_words import KIND_WORDS
from provision.report.sentences.reasons import words
from provision.report.words import shown_value, spelled_out
from provision.wording import counted

#: lines of one part that a terminal shows; ``--json`` has all
_SHOWN = 50


def told(comparison: Comparison, first: tuple[str, Plan], second: tuple[str, Plan]) -> Iterator[str]:
    """The comparison for people, line by line; each plan with the id of its run."""
    for sign, (run_id, plan) in (("-", first), ("+", second)):
        yield f"{sign} {run_id} ({plan.as_of[:16].replace('T', ' ')} UTC): {counted(len(plan.changes), 'operation')}"
    if comparison.equal:
        yield "Both plans contain the same operations."
        return
    yield from _part("new", "+", comparison.added)
    yield from _part("gone", "-", comparison.removed)
    if comparison.changed:
        yield f"otherwise ({len(comparison.changed):,})"
        yield from _first(
            [f"  ~ {_named(after.change)}: {_between(before, after)}" for before, after in comparison.changed]
        )
    for name, before, after in comparison.guards:
        yield f"guard {name}: {before} → {after}"


def _part(title: str, sign: str, some: tuple[PlannedOperation, ...]) -> Iterator[str]:
    if some:
        yield f"{title} ({len(some):,})"
        yield from _first([f"  {sign} {_line(one)}" for one in some])


def _first(lines: list[str]) -> Iterator[str]:
    yield from lines[:_SHOWN]
    if len(lines) > _SHOWN:
        yield f"  and {len(lines) - _SHOWN:,} more, see --json"


def _line(one: PlannedOperation) -> str:
    held = " · waits for a person" if one.held else ""
    fields = "; ".join(_fields(one.change))
    return f"{_named(one.change)}: {fields or words(one.change.because)}{held}"


def _named(change: Change) -> str:
    return f"{KIND_WORDS[change.kind].heading.lower()} {change.key}"


def _fields(change: Change) -> Iterator[str]:
    for each in spelled_out(change):
        before, after = shown_value(each.field, each.before), shown_value(each.field, each.after)
        yield f"{each.field}: {before or '(empty)'} → {after or '(empty)'}"


def _between(before: PlannedOperation, after: PlannedOperation) -> str:
    """What differs between two operations of one id."""
    was, now = list(_fields(before.change)), list(_fields(after.change))
    parts = [f"no longer {each}" for each in was if each not in now] + [
        each for each in now if each not in was
    ]
    if before.change.to_key != after.change.to_key:
        parts.append(f"to {after.change.to_key}, previously to {before.change.to_key}")
    if before.held != after.held:
        parts.append("now waits for a person" if after.held else "no longer waits for a person")
    return "; ".join(parts) or "it does something else"


def as_values(comparison: Comparison) -> dict[str, Any]:
    """The comparison for programs."""
    return {
        "added": _values(comparison.added),
        "removed": _values(comparison.removed),
        "changed": [
            {**_value(after), "before": _value(before)["fields"], "held_before": before.held}
            for before, after in comparison.changed
        ],
        "guards": [
            {"name": name, "before": before, "after": after} for name, before, after in comparison.guards
        ],
    }


def _values(some: Iterable[PlannedOperation]) -> list[dict[str, Any]]:
    return [_value(one) for one in some]


def _value(one: PlannedOperation) -> dict[str, Any]:
    change = one.change
    fields = [{"field": each.field, "before": each.before, "after": each.after} for each in change.fields]
    return {
        "id": change.id,
        "kind": change.kind.value,
        "key": change.key,
        "fields": fields,
        "to": change.to,
        "held": one.held,
    }
