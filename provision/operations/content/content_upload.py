"""A folder of this machine in somebody's root, made and filled as that person.

What is there already is looked at and compared, names and digests, so whatever is cut off is gone on with where it stands, and nothing
is overwritten: names are unique in a folder, and a second upload is refused. A large file goes in parts, each of which may be sent twice;
it is there once the last request has put them together. Box forgets parts of an upload that was not ended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provision.box.holdings import ContentRow, UploadedPart
from provision.errors import Conflict, NotFound
from provision.operations.content.folders import ROOT
from provision.operations.content.starter_common import contents, half_done, otherwise
from provision.operations.kind import Sent
from provision.operations.remote import Remote
from provision.operations.value import Change
from provision.trees import LocalFile, LocalTree

_FOLDER, _FILE = "folder", "file"


@dataclass(frozen=True, slots=True)
class _Place:
    """A folder in Box, and what lies in it, by folded name."""

    box_id: str
    rows: Mapping[str, ContentRow]


def send(change: Change, remote: Remote) -> Sent:
    """Make what is not there yet; Conflict for something else of a name."""
    tree, name = remote.trees[change.object], change.object.removeprefix("/")
    top = _folder(name, ROOT, change.box_id, remote)
    with half_done():
        _fill(top, tree, change.box_id, remote)
    return Sent(change.box_id, top.box_id)


def given(change: Change, remote: Remote) -> bool:
    """Whether all of it is there."""
    tree, whom = remote.trees[change.object], change.box_id
    top = _own(ROOT, whom, remote).get(change.object.removeprefix("/").casefold())
    if top is None or top.kind != _FOLDER:
        return False
    places = {"": _own(top.box_id, whom, remote)}
    for path in tree.folders:
        above, _, name = path.rpartition("/")
        row = places[above].get(name.casefold())
        if row is None or row.kind != _FOLDER:
            return False
        places[path] = _own(row.box_id, whom, remote)
    return all(_is_there(each, places[each.path.rpartition("/")[0]]) for each in tree.files)


def _is_there(file: LocalFile, rows: Mapping[str, ContentRow]) -> bool:
    row = rows.get(file.name.casefold())
    return row is not None and (row.kind, row.sha1) == (_FILE, file.sha1)


def _own(folder: str, whom: str, remote: Remote) -> Mapping[str, ContentRow]:
    """What lies in a folder of somebody, by folded name; what others share with them is shown there, too, and is not theirs."""
    return {each.name.casefold(): each for each in contents(folder, whom, remote) if each.owner in ("", whom)}


def _fill(top: _Place, tree: LocalTree, whom: str, remote: Remote) -> None:
    places = {"": top}
    for path in tree.folders:
        above, _, name = path.rpartition("/")
        places[path] = _made(name, places[above], whom, remote)
    for file in tree.files:
        remote.pause(0)  # much may be left: whoever stops a run does not wait for all of it
        _put(file, places[file.path.rpartition("/")[0]], whom, remote)


def _made(name: str, above: _Place, whom: str, remote: Remote) -> _Place:
    row = above.rows.get(name.casefold())
    if row is None:
        return remote.read(lambda: _folder(name, above.box_id, whom, remote))
    if row.kind != _FOLDER:
        raise otherwise()
    return _Place(row.box_id, _own(row.box_id, whom, remote))


def _folder(name: str, parent: str, whom: str, remote: Remote) -> _Place:
    """A folder, made unless it is there; one that was made just now is empty."""
    try:
        return _Place(remote.users.create_folder(name, parent, whom), {})
    except Conflict:
        with half_done():
            there = _own(parent, whom, remote).get(name.casefold())
            if there is None or there.kind != _FOLDER:
                raise otherwise() from None
            return _Place(there.box_id, _own(there.box_id, whom, remote))


def _put(file: LocalFile, above: _Place, whom: str, remote: Remote) -> None:
    """A file, unless it is there."""
    row = above.rows.get(file.name.casefold())
    if row is not None:
        _expect_same(row, file)
        return
    try:
        if file.large:
            _in_parts(file, above.box_id, whom, remote)
        else:
            remote.read(lambda: remote.users.upload(file, above.box_id, whom))
    except (
        Conflict,
        NotFound,
    ):  # it came by a try that was not answered, or somebody has put something there
        row = _own(above.box_id, whom, remote).get(file.name.casefold())
        if row is None:
            raise
        _expect_same(row, file)


def _expect_same(row: ContentRow, file: LocalFile) -> None:
    if (row.kind, row.sha1) != (_FILE, file.sha1):
        raise otherwise()


def _in_parts(file: LocalFile, parent: str, whom: str, remote: Remote) -> None:
    session = remote.read(lambda: remote.users.begin_upload(file, parent, whom))

    def sent(offset: int) -> UploadedPart:
        remote.pause(0)
        part = remote.read(lambda: remote.users.upload_part(session, file, offset, whom))
        remote.sent(file, part.offset + part.size)
        return part

    parts = [sent(offset) for offset in range(0, file.size, session.part_size)]
    remote.read(lambda: remote.users.end_upload(session, file, parts, whom))
