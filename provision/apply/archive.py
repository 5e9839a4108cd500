"""Where the folder of a transfer comes to lie in the receiver's root: in an archive, sharded so that no folder overflows."""

from __future__ import annotations

from provision.apply.crew import Crew
from provision.errors import BoxFault, BoxRefused, Conflict, Interrupted
from provision.plan.value import Change

#: the folder everything of an account lies in (developer.box.com, Root folder)
_ROOT = "0"


def archived(change: Change, folder_id: str, crew: Crew) -> str:
    """Move the folder of a transfer into its archive; what is to be said of it, "" for a job without one.

    Nothing depends on it: a folder that cannot be moved, as while the transfer goes on, stays in the receiver's root.
    """
    if not change.archive:
        return ""
    try:
        as_user = "" if change.to == crew.me else change.to
        parent = _ROOT
        for name in change.archive.split("/"):
            parent = _made(name, parent, as_user, crew)
        crew.retry.read(lambda: crew.users.move_folder(folder_id, parent, as_user))
    except BoxFault as fault:
        return _stays(change, f"HTTP {fault.answer.http_status} {fault.answer.code}".rstrip())
    except (Interrupted, BoxRefused) as error:
        crew.halt.request(error)
        return _stays(change, "the run was stopped")
    return f"; its folder lies in {change.archive}"


def _made(name: str, parent: str, as_user: str, crew: Crew) -> str:
    """A folder, made unless it is there: Box names the one in the way."""
    try:
        return crew.retry.read(lambda: crew.users.create_folder(name, parent, as_user))
    except Conflict as fault:
        if not fault.box_id:
            raise
        return fault.box_id


def _stays(change: Change, why: str) -> str:
    return f"; its folder could not be moved into {change.archive} ({why}) and stays in the receiver's root"
