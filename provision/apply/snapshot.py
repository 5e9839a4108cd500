"""What is known of an account, put down before it is removed for good: nothing of it can be asked for afterwards."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TypeVar

import msgspec

from provision.box.accounts import Account
from provision.box.collaborators import Collaborator
from provision.box.holdings import Membership
from provision.box.pacing.retry import Retry
from provision.errors import BoxAnswer, BoxFault
from provision.files import inner_folder, whole
from provision.operations.content.pages import by_marker
from provision.operations.remote import Users
from provision.operations.value import Change

T = TypeVar("T")

#: puts a snapshot down for good under the Box id of its account. Raises RunFolderError.
Keep = Callable[[str, bytes], object]

#: where they lie in a run folder
SNAPSHOTS = "snapshots"

#: Box lists collaborations by folder, file or group, never by account, and lets nobody act as who is inactive
#: (Box API reference, Collaborations; developer.box.com, As-User)
_INACTIVE = "Box lists them by folder, and lets nobody look into those of an inactive account"
_NOT_FURTHER = "Box lists them by folder: only those of the account's own folders in its root are here, and not what it takes part in"
#: the folders whose collaborations are read; an account that shares more is told as such
_MOST_FOLDERS = 100
_TOO_MANY = f"Box lists them by folder: only those of the first {_MOST_FOLDERS} shared folders in the account's root are here"


def keeper(folder: Path) -> Keep:
    """Keeps snapshots in a folder, one file an account: whole, durable and private (0600)."""

    def keep(box_id: str, snapshot: bytes) -> Path:
        return whole(inner_folder(folder) / f"{box_id}.json", lambda part: part.write_bytes(snapshot))

    return keep


def snapshot_of(change: Change, account: Account, users: Users, retry: Retry) -> bytes:
    """Groups, aliases, settings and shared folders of an account as JSON; what Box does not let us read is named under ``unread``.

    Raises BoxFault if Box does not answer: then nobody knows, and nothing may be removed yet.
    """
    unread = {"collaborations": _INACTIVE if account.cells["status"] == "inactive" else _NOT_FURTHER}
    groups = _asked(lambda: _groups(change.box_id, users, retry), "groups", unread)
    aliases = _asked(lambda: retry.read(lambda: users.aliases(change.box_id)), "aliases", unread)
    collaborations = None
    if account.cells["status"] != "inactive":
        collaborations = _asked(
            lambda: _collaborations(change.box_id, users, retry, unread), "collaborations", unread
        )
    told = {
        "box_id": change.box_id,
        "external_id": change.external_id,
        "operation": change.kind.value,
        "because": change.because,
        "settings": dict(account.cells),
        "groups": groups,
        "aliases": aliases,
        "collaborations": collaborations,
        "unread": unread,
    }
    return msgspec.json.format(msgspec.json.encode(told), indent=1)


def _asked(ask: Callable[[], T], what: str, unread: dict[str, str]) -> T | None:
    """An answer; None where Box refuses it for good, which is noted."""
    try:
        return ask()
    except BoxFault as fault:
        if fault.transient or not fault.answer.http_status:
            raise
        unread[what] = _said(fault.answer)
        return None


def _said(answer: BoxAnswer) -> str:
    return f"Box answered HTTP {answer.http_status} {answer.code}".strip()


def _groups(box_id: str, users: Users, retry: Retry) -> list[Membership]:
    rows: list[Membership] = []
    offset: int | None = 0
    while offset is not None:
        page = retry.read(partial(users.memberships, box_id, offset))
        rows += page.rows
        offset = page.following
    return rows


def _collaborations(
    box_id: str, users: Users, retry: Retry, unread: dict[str, str]
) -> list[dict[str, object]]:
    """Who takes part in the account's own folders, folder by folder."""
    pages = by_marker(lambda marker: retry.read(lambda: users.shared_folders(box_id, marker)))
    folders = list(islice((one for page in pages for one in page.rows), _MOST_FOLDERS + 1))
    if len(folders) > _MOST_FOLDERS:
        unread["collaborations"] = _TOO_MANY
    return [
        {"folder": one.name, "folder_id": one.folder_id, "with": _with(one.folder_id, box_id, users, retry)}
        for one in folders[:_MOST_FOLDERS]
    ]


def _with(folder: str, owner: str, users: Users, retry: Retry) -> list[Collaborator]:
    pages = by_marker(lambda marker: retry.read(lambda: users.collaborators(folder, marker, owner)))
    return [one for page in pages for one in page.rows]
