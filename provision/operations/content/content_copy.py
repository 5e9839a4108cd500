"""A copy of a folder of Box in somebody's root, made as that person, so that it is theirs from its beginning.

Box copies only what whoever copies can see, so the account is let into the folder for the moment of the copy, with access alone,
and out again (developer.box.com, Populate user content). Nobody else is let in so; it marks what is ours, even where an earlier
process was cut off in between. Names are unique in a folder: a second copy is refused, and what is there then is compared with the
folder, names and digests.
"""

from __future__ import annotations

from contextlib import suppress

from provision.box.collaborators import Collaborator
from provision.box.holdings import ContentRow
from provision.errors import BoxFault, Conflict, NotFound
from provision.operations.content import folders
from provision.operations.content.later import left_before
from provision.operations.content.starter_common import contents, half_done
from provision.operations.kind import Sent
from provision.operations.remote import Remote
from provision.operations.value import Change

#: what it takes to copy a folder: to see it and to download from it (Box help centre, Collaborator permission levels)
_ROLE = "viewer"


def send(change: Change, remote: Remote) -> Sent:
    """Let in, copy, let out. What is there already is not copied again."""
    there = copied(change, remote) if left_before(change) else None
    if there is not None and ours(change, remote) is None:
        return Sent(change.box_id, there.box_id, found=True)
    access, earlier = _let_in(change, remote)
    if earlier and (there := there or copied(change, remote)):
        _let_out(access, remote)
        return Sent(change.box_id, there.box_id, found=True)
    made = _made(change, access, remote)
    with half_done():
        _let_out(access, remote)
    return Sent(change.box_id, made)


def calls(change: Change) -> int:
    """The account is let in, the copy is made, and it is let out; the name and the root are looked at for what an earlier run has left."""
    return 3 + 2 * left_before(change)


def copied(change: Change, remote: Remote) -> ContentRow | None:
    """The copy of the folder in the account's root, None for none, or for something else of its name."""
    name = remote.read(lambda: remote.users.folder_name(change.folder)).casefold()
    there = (each for each in contents(folders.ROOT, change.box_id, remote) if each.name.casefold() == name)
    own = (each for each in there if each.owner in ("", change.box_id) and each.box_id != change.folder)
    found = next((each for each in own if each.kind == "folder"), None)
    if found is None:
        return None
    wanted, given = _below(change.folder, "", remote), _below(found.box_id, change.box_id, remote)
    return found if {**given, **wanted} == given else None


def ours(change: Change, remote: Remote) -> Collaborator | None:
    """The collaboration by which this operation has let the account in, and not out again yet."""
    there = remote.read(lambda: folders.collaborator(change.folder, folders.grantee_of(change), remote))
    return there if there is not None and there.access_only else None


def _made(change: Change, access: str, remote: Remote) -> str:
    """The id of the copy, made now or by a try that was not answered. ``access`` is ended where Box refuses it."""
    try:
        return remote.users.copy_folder(change.folder, change.box_id)
    except BoxFault as fault:
        if fault.transient:
            raise  # tried again, and the access with it
        with half_done():
            found = copied(change, remote) if isinstance(fault, Conflict) else None
            if found is not None:
                return found.box_id
            _let_out(access, remote)
        raise


def _let_in(change: Change, remote: Remote) -> tuple[str, bool]:
    """The id of the collaboration that this operation has made, "" for none; and whether the account could see the folder before."""
    try:
        made = remote.read(
            lambda: remote.users.collaborate(
                change.folder, folders.grantee_of(change), _ROLE, access_only=True
            )
        )
    except BoxFault as fault:
        if not folders.works_already(fault):
            raise
        there = ours(change, remote)
        return there.collaboration_id if there else "", True
    return made.collaboration_id, False


def _let_out(collaboration_id: str, remote: Remote) -> None:
    if collaboration_id:
        with suppress(NotFound):
            remote.read(lambda: remote.users.end_collaboration(collaboration_id))


def _below(folder: str, as_user: str, remote: Remote, above: str = "") -> dict[str, tuple[str, str]]:
    """All that lies in a folder, by folded path: what it is, and its digest."""
    found: dict[str, tuple[str, str]] = {}
    for each in contents(folder, as_user, remote):
        path = f"{above}/{each.name.casefold()}"
        found[path] = (each.kind, each.sha1)
        if each.kind == "folder":
            found |= _below(each.box_id, as_user, remote, path)
    return found
