"""Somebody new is given a copy of a folder of Box: it is made in their root, and as them, so that it is theirs from its beginning.

``folder`` is the id of the folder that is copied. Box copies only what whoever copies can see, so the account is let into it for the
moment of the copy, with access alone, and out again (developer.box.com, Populate user content). Nobody else is let in so; it marks what
is ours, even where an earlier process was cut off in between. Names are unique in a folder: a second copy is refused, and what is there then
is compared with the folder, names and digests.
"""

from __future__ import annotations

from contextlib import suppress

from provision.because import Because
from provision.box.collaborators import Collaborator
from provision.box.holdings import ContentRow
from provision.errors import (
    BoxFault,
    BoxRefused,
    Conflict,
    Expired,
    Interrupted,
    Lost,
    NotFound,
    NotSent,
    Throttled,
)
from provision.journal.value import Noted, noted
from provision.model import Kind, Status
from provision.operations import folders
from provision.operations.kind import (
    LookResult,
    Operation,
    Refusal,
    Sent,
    Sight,
    never_shown,
    nothing_learned,
)
from provision.operations.later import blocked, is_blocked, left_before
from provision.operations.pages import by_marker
from provision.operations.remote import Remote
from provision.operations.value import Change

#: the field that tells of starter content in plans and reports
CONTENT = "content"
#: what it takes to copy a folder: to see it and to download from it (Box help centre, Collaborator permission levels)
_ROLE = "viewer"


def written_copy(folder: str) -> str:
    """A copy of a folder, as plans and reports write it."""
    return f"copy of folder {folder}"


def _send(change: Change, remote: Remote) -> Sent:
    there = _copied(change, remote) if left_before(change) else None
    if there is not None and _ours(change, remote) is None:
        return Sent(change.box_id, there.box_id, found=True)
    access, earlier = _let_in(change, remote)
    if earlier and (there := there or _copied(change, remote)):
        _let_out(access, remote)
        return Sent(change.box_id, there.box_id, found=True)
    made = _made(change, access, remote)
    try:
        _let_out(access, remote)
    except (NotSent, Throttled, Expired, Interrupted, BoxRefused) as trouble:
        raise Lost from trouble  # the copy is made: what came of all this has to be looked for
    return Sent(change.box_id, made)


def _made(change: Change, access: str, remote: Remote) -> str:
    """The id of the copy, made now or by a try that was not answered. ``access`` is ended where Box refuses it."""
    try:
        return remote.users.copy_folder(change.folder, change.box_id)
    except BoxFault as fault:
        if fault.transient:
            raise  # tried again, and the access with it
        found = _copied(change, remote) if isinstance(fault, Conflict) else None
        if found is not None:
            return found.box_id
        _let_out(access, remote)
        raise


def _let_in(change: Change, remote: Remote) -> tuple[str, bool]:
    """The id of the collaboration that this operation has made, "" for none; and whether the account could see the folder before."""
    try:
        made = remote.read(
            lambda: remote.users.collaborate(change.folder, change.box_id, _ROLE, access_only=True)
        )
    except BoxFault as fault:
        if not folders.works_already(fault):
            raise
        there = _ours(change, remote)
        return there.collaboration_id if there else "", True
    return made.collaboration_id, False


def _let_out(collaboration_id: str, remote: Remote) -> None:
    if collaboration_id:
        with suppress(NotFound):
            remote.read(lambda: remote.users.end_collaboration(collaboration_id))


def _ours(change: Change, remote: Remote) -> Collaborator | None:
    """The collaboration by which this operation has let the account in, and not out again yet."""
    there = remote.read(lambda: folders.collaborator(change.folder, change.box_id, remote))
    return there if there is not None and there.access_only else None


def _copied(change: Change, remote: Remote) -> ContentRow | None:
    """The copy of the folder in the account's root, None for none, or for something else of its name."""
    name = remote.read(lambda: remote.users.folder_name(change.folder)).casefold()
    there = (each for each in _contents(folders.ROOT, change.box_id, remote) if each.name.casefold() == name)
    found = next((each for each in there if each.kind == "folder" and each.box_id != change.folder), None)
    if found is None or not _holds(
        _tree(change.folder, "", remote), _tree(found.box_id, change.box_id, remote)
    ):
        return None
    return found


def _contents(folder: str, as_user: str, remote: Remote) -> list[ContentRow]:
    pages = by_marker(lambda marker: remote.read(lambda: remote.users.contents(folder, as_user, marker)))
    return [each for page in pages for each in page.rows]


def _tree(folder: str, as_user: str, remote: Remote, above: str = "") -> dict[str, tuple[str, str]]:
    """All that lies in a folder, by folded path: what it is, and its digest."""
    found: dict[str, tuple[str, str]] = {}
    for each in _contents(folder, as_user, remote):
        path = f"{above}/{each.name.casefold()}"
        found[path] = (each.kind, each.sha1)
        if each.kind == "folder":
            found |= _tree(each.box_id, as_user, remote, path)
    return found


def _holds(wanted: dict[str, tuple[str, str]], there: dict[str, tuple[str, str]]) -> bool:
    return all(there.get(path) == what for path, what in wanted.items())


def _seen(change: Change, remote: Remote) -> Sight:
    """It has happened once the copy is there and the access is not."""
    try:
        there = _copied(change, remote)
    except BoxFault as fault:
        if not is_blocked(fault):
            raise
        there = None  # nothing could be done as this account yet
    if there is None or _ours(change, remote) is not None:
        return Sight(LookResult.NO)
    return Sight(LookResult.YES, change.box_id)


def _refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    if later := blocked(change, fault, nothing_done=True):
        return later
    if isinstance(fault, Conflict):
        status = Status.IN_DOUBT if fault.doubtful else Status.FAILED
        return Refusal(status, noted(Noted.CONTENT_OTHERWISE), change.box_id)
    return folders.refused(change, fault, remote)


def _calls(change: Change) -> int:
    """The account is let in, the copy is made, and it is let out; the name and the root are looked at for what an earlier run has left."""
    return 3 + 2 * left_before(change)


STARTER_CONTENT = Operation(
    Kind.STARTER_CONTENT,
    rank=51,
    held_back=True,
    late=(2.0, 4.0),
    calls=_calls,
    send=_send,
    seen=_seen,
    refused=_refused,
    shown=never_shown,
    teach=nothing_learned,
    stays=lambda _change: Because.STARTER_CONTENT_STAYS.value,
)
