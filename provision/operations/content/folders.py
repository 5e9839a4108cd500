"""What the kinds of operation on folders and on who works with them share: which folder is meant, and who works with it."""

from __future__ import annotations

from provision.box.collaborators import GROUP, Collaborator, Grantee
from provision.errors import BoxAnswer, BoxFault, Conflict, NotFound, Rejected
from provision.journal.value import Noted
from provision.operations.content.pages import by_marker
from provision.operations.kind import Refusal, failed
from provision.operations.refusals import refused as refused_in_general
from provision.operations.remote import Remote
from provision.operations.value import OF_GROUP, Change

#: the folder everything of an account lies in (developer.box.com, Root folder)
ROOT = "0"
#: what Box calls somebody who works with a folder already (developer.box.com, Common errors); its guides have 400 and 409
_ALREADY = "user_already_collaborator"
#: the field that tells of collaborations in plans and reports
COLLABORATIONS = "collaborations"
#: our own words for a path at which there is no folder, and a name that no group has
_NO_FOLDER, _NO_GROUP = "no_such_folder", "no_such_group"


#: what is told of them
_MISSING = {_NO_FOLDER: Noted.FOLDER_MISSING, _NO_GROUP: Noted.GROUP_UNKNOWN}


def grantee_of(change: Change) -> Grantee:
    """Whom an operation lets in or takes out. NotFound for a group that is not there."""
    if not change.of_nobody:
        return Grantee(change.box_id)
    if not change.group:
        raise NotFound(BoxAnswer(code=_NO_GROUP))
    return Grantee(change.group, GROUP)


def of_group(folder: str, group: str) -> str:
    """What names the access of a group to a folder in operations and ledgers."""
    return f"{folder}{OF_GROUP}{group}"


def place_of(change: Change) -> str:
    """The folder that an operation names: its Box id, or its path."""
    return change.object.partition(OF_GROUP)[0] if change.of_nobody else change.object


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
    place = place_of(change)
    if not place.startswith("/"):
        return place
    folder = ROOT
    for name in levels(place):
        folder = named_in(folder, name, remote)
        if not folder:
            raise NotFound(BoxAnswer(code=_NO_FOLDER))
    return folder


def named_in(parent: str, name: str, remote: Remote) -> str:
    """The id of the folder of a name in another one, as the account behind the sign-in sees it, "" for none."""
    pages = by_marker(lambda marker: remote.users.find_folder(name, parent, "", marker))
    return next((page.folder_id for page in pages if page.folder_id), "")


def collaborator(folder: str, who: Grantee, remote: Remote) -> Collaborator | None:
    """How somebody works with a folder as it is now, None if they do not."""
    pages = by_marker(lambda marker: remote.users.collaborators(folder, marker))
    return next((one for page in pages for one in page.rows if one.is_of(who)), None)


def works_already(fault: BoxFault) -> bool:
    """Whether Box let nobody in since the account, or the group, works with the folder already."""
    rejected = isinstance(fault, Rejected) and fault.answer.code == _ALREADY
    return isinstance(fault, Conflict) or rejected


def refused(change: Change, fault: BoxFault, remote: Remote) -> Refusal:
    """What a fault means for a folder; a 404 may be about the folder or the account."""
    if isinstance(fault, NotFound) and not fault.doubtful:
        return failed(change, _MISSING.get(fault.answer.code, Noted.FOLDER_GONE))
    return refused_in_general(change, fault, remote)
