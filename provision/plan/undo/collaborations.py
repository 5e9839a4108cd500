"""What takes back that somebody was let into a folder. Whether it is as the run left it, the operation looks just before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provision.because import Because, joined
from provision.journal.value import Outcome
from provision.model import Kind
from provision.operations.content.folders import place_of
from provision.operations.kind import made_by_need
from provision.operations.value import Change, FieldChange

#: what takes what back
BACK = {
    Kind.COLLABORATION_ADD: Kind.COLLABORATION_REMOVE,
    Kind.COLLABORATION_REMOVE: Kind.COLLABORATION_ADD,
}


def in_its_folder(change: Change, outcome: Outcome, outcomes: Mapping[str, Outcome]) -> Change:
    """An operation of the past with the id of the folder: as it found it, or as the same run made it."""
    if change.kind not in BACK:
        return change
    if change.of_nobody and not change.group:
        change = replace(change, group=outcome.box_id)
    if change.folder:
        return change
    place = place_of(change)
    by_id = "" if place.startswith("/") else place
    folder = by_id or outcome.made or made_by_need(change, Kind.FOLDER_CREATE, outcomes)
    return replace(change, folder=folder)


def out_of_group(past: Change, *, sure: bool) -> Change:
    """What takes back that a group was let in, or taken out."""
    doubt = "" if sure else Because.NOT_SURE
    because = joined(Because.UNDO_COLLABORATION, doubt)
    return replace(
        past,
        kind=BACK[past.kind],
        fields=turned_round(past),
        because=because,
        hold="",
        asks="",
        approved="",
        needs=(),
    )


def turned_round(change: Change) -> tuple[FieldChange, ...]:
    """The fields of what takes it back."""
    return tuple(FieldChange(each.field, each.after, each.before) for each in change.fields)
