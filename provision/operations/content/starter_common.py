"""What the two sorts of starter content share: how plans write them, what lies in folders of Box, and a doubt that they leave behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from provision.box.holdings import ContentRow
from provision.errors import (
    Away,
    BoxAnswer,
    BoxRefused,
    Conflict,
    Expired,
    Interrupted,
    Lost,
    NotSent,
    Throttled,
)
from provision.model import Kind
from provision.operations.content.pages import by_marker
from provision.operations.remote import Remote
from provision.operations.value import Change
from provision.trees import LocalTree

#: the field that tells of starter content in plans and reports
CONTENT = "content"
#: bytes of a part of an upload, as Box usually has them; it says so when one is begun (Box API reference, Upload sessions)
_PART = 8 * 1024 * 1024
#: our own word for something else of a name
_OTHERWISE = "content_otherwise"
_WRITTEN = re.compile(
    r"(?P<place>/.*) \(files=\d+ folders=\d+ bytes=\d+ calls=(?P<calls>\d+) sha256=(?P<digest>[0-9a-f]+)\)"
)


def is_local(change: Change) -> bool:
    """Whether an operation brings a folder of this machine."""
    return change.kind is Kind.STARTER_CONTENT and not change.folder


def written_copy(folder: str) -> str:
    """A copy of a folder of Box, as plans and reports write it."""
    return f"copy of folder {folder}"


def written_tree(place: str, tree: LocalTree) -> str:
    """A folder of this machine in a root, as plans and reports write it: what comes, by how many requests, and its fingerprint."""
    counts = f"files={len(tree.files)} folders={len(tree.folders)} bytes={tree.size} calls={_calls(tree)}"
    return f"{place} ({counts} sha256={tree.digest})"


def _calls(tree: LocalTree) -> int:
    """A request for each folder and file; for a large file one to begin, one for each part, and one to end."""
    parts = sum(2 + -(-each.size // _PART) - 1 for each in tree.files if each.large)
    return 1 + len(tree.folders) + len(tree.files) + parts


def told_tree(change: Change) -> tuple[str, str]:
    """The place in the root and the fingerprint of a local folder that an operation brings; "" for what is none."""
    found = _told(change)
    return (found["place"], found["digest"]) if found else ("", "")


def told_calls(change: Change) -> int:
    """How many requests bring a local folder."""
    found = _told(change)
    return int(found["calls"]) if found else 1


def _told(change: Change) -> re.Match[str] | None:
    return next((_WRITTEN.fullmatch(each.after) for each in change.fields if each.field == CONTENT), None)


def contents(folder: str, as_user: str, remote: Remote) -> list[ContentRow]:
    """All that lies in a folder, as an account sees it; asked until it is answered."""
    pages = by_marker(lambda marker: remote.read(lambda: remote.users.contents(folder, as_user, marker)))
    return [each for page in pages for each in page.rows]


def otherwise() -> Conflict:
    """Something else of a name lies where something was to come."""
    return Conflict(BoxAnswer(code=_OTHERWISE))


@contextmanager
def half_done() -> Iterator[None]:
    """Around what follows a request that was carried out: trouble then leaves a doubt, even such as shows that nothing was sent."""
    try:
        yield
    except Away as away:
        away.doubtful = True
        raise
    except (NotSent, Throttled, Expired, Interrupted, BoxRefused) as trouble:
        raise Lost from trouble
