"""What the kinds of operation on folders and on who works with them share: which folder is meant, and who works with it."""

from __future__ import annotations

from provision.box.collaborators import Collaborator
from provision.errors import BoxAnswer, BoxFault, Conflict, NotFound, Rejected
from provision.journal.value import Noted
from provision.operations.content.pages import by_marker
from provision.operations.kind import Refusal, failed
from provision.operations.refusals import refused as refused_in_general
from provision.operations.remote import Remote
from provision.operations.value import Change

#: the folder everything of an account lies in (developer.box.com, Root folder)
ROOT = "0"
#: what Box calls somebody who works with a folder already (developer.box.com, Common errors); its guides have 400 and 409
_ALREADY = "user_already_collaborator"
#: the field that tells of collaborations in plans and reports
COLLABORATIONS = "collaborations"
#: our own word for a path at which there is no folder
_NO_FOLDER = "no_such_folder"


def written_access(folder: str, role: str) -> str:
    """A collaboration as plans and reports write it: the folder, and what one may do there."""
    return f"{folder} ({role})"


def told_role(told: str) -> str:
    """The role of a written collaboration, "" for none."""
    return told.rpartition(" (")[2].removesuffix(")")


def wanted_role(change: Change) -> str:
    """Which role an operation is about: that which it gives, or takes away."""
    return next((told_role(each.after or each.before) for each in change.fields), "")


def levels(path: str) -> list[str]:
    """The names of the folders along a path, from the root on."""
    return path.strip("/").split("/")


def folder_of(change: Change, remote: Remote) -> str:
    """The id of the folder that an operation is about; one that only its path names is looked up. NotFound if there is none."""
    if change.folder:
        return change.folder
    if not change.object.startswith("/"):
        return change.object
    folder = ROOT
    for name in levels(change.object):
        folder = named_in(folder, name, remote)
        if not folder:
            raise NotFound(BoxAnswer(code=_NO_FOLDER))
    return folder


def named_in(parent: str, name: str, remote: Remote) -> str:
    """The id of the folder of a name in another one, as the account behind the sign-in sees it, "" for none."""
    pages = by_marker(lambda marker: remote.users.find_folder(name, parent, "", marker))
    return next((page.folder_id for page in pages if page.folder_id), "")


def collaborator(folder: str, box_id: str, remote: Remote) -> Collaborator | None:
    """How an account works with a folder as it is now, None if it does not."""
    pages = by_marker(lambda marker: remote.users.collaborators(folder, marker))
    return next((one for page in pages for one in page.rows if one.box_id == box_id), None)


def works_already(fault: BoxFault) -> bool:
    """Whether Box let nobody in since the account, or the group, works with the folder already."""
    rejected = isinstance(fault, Rejected) and fault.answer.code == _ALREADY
    return isinstance(fault, Conflict) or rejected


def refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """What a fault means for a folder; a 404 may be about the folder or the account."""
    if isinstance(fault, NotFound) and not fault.doubtful:
        missing = fault.answer.code == _NO_FOLDER
        return failed(change, Noted.FOLDER_MISSING if missing else Noted.FOLDER_GONE)
    return refused_in_general(change, fault, remote)
