"""What fresh lists of who works with folders say about the outcomes: which collaborations are not as we left them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from provision.box.collaborators import GROUP, USER, Collaborator, Grantee
from provision.journal.value import Note, Noted, Outcome, is_done, noted
from provision.model import Kind
from provision.operations.content.folders import wanted_role
from provision.operations.kind import made_by_need
from provision.operations.value import Change

#: by id of a folder who works with it, and in which role
FoldersNow = Mapping[str, Sequence[Collaborator]]

_OF_COLLABORATIONS = (Kind.COLLABORATION_ADD, Kind.COLLABORATION_REMOVE)


def touched_folders(changes: Iterable[Change], outcomes: Mapping[str, Outcome]) -> dict[str, str]:
    """The id of the folder of each operation on collaborations that is called done, by id of the operation, as far as it is known."""
    found: dict[str, str] = {}
    for change in changes:
        outcome = outcomes.get(change.id)
        if change.kind in _OF_COLLABORATIONS and is_done(outcome):
            folder = change.folder or outcome.made or made_by_need(change, Kind.FOLDER_CREATE, outcomes)
            found |= {change.id: folder} if folder else {}
    return found


def folders_not_shown(
    changes: Sequence[Change], outcomes: Mapping[str, Outcome], now: FoldersNow
) -> dict[str, tuple[Note, ...]]:
    """Why the lists do not prove an operation that is called done, by its id, proven ones left out."""
    touched = touched_folders(changes, outcomes)
    doubts = {}
    for change in changes:
        if change.id not in touched:
            continue
        who = Grantee(outcomes[change.id].box_id or change.box_id, GROUP if change.of_nobody else USER)
        here = now.get(touched[change.id], ())
        role = next((one.role for one in here if one.is_of(who)), "")
        added = change.kind is Kind.COLLABORATION_ADD
        if role != (wanted_role(change) if added else ""):
            doubts[change.id] = noted(Noted.COLLABORATORS_OTHERWISE)
    return doubts
