"""Folders of this machine that a plan gives new people: what is to come of them, and whether it is still there. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from provision.journal.value import Note, Noted, noted
from provision.operations.content.starter_common import CONTENT, is_local, told_tree, written_tree
from provision.operations.value import Change, FieldChange
from provision.plan.wants.decided import Decided
from provision.trees import LocalTree


def with_trees(decided: Decided, trees: Mapping[str, LocalTree]) -> Decided:
    """With what comes of each folder, and how many requests that takes; ``trees`` by their place in the root."""
    if not trees:
        return decided
    told = {
        at: tuple(_told(change, trees) for change in parts)
        for at, parts in decided.changes.items()
        if any(map(is_local, parts))
    }
    return replace(decided, changes={**decided.changes, **told})


def _told(change: Change, trees: Mapping[str, LocalTree]) -> Change:
    if not is_local(change):
        return change
    written = written_tree(change.object, trees[change.object])
    return replace(change, fields=(FieldChange(CONTENT, "", written),))


def changed_trees(changes: Iterable[Change], trees: Mapping[str, LocalTree]) -> dict[str, tuple[Note, ...]]:
    """Operations whose folder is no longer as the plan says, by id: what is there now nobody has looked at."""
    return {
        change.id: noted(Noted.CONTENT_CHANGED)
        for change in changes
        if is_local(change)
        and (change.object not in trees or trees[change.object].digest != told_tree(change)[1])
    }
