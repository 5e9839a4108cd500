"""The proof of what a run did to collaborations: who works with the folders now, read afresh, a call a thousand people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from provision.box.collaborators import Collaborator
from provision.box.connect import Connection
from provision.errors import NotFound
from provision.journal.value import Outcome
from provision.operations.content.pages import by_marker
from provision.report.reconciling.fresh_folders import FoldersNow, touched_folders
from provision.runs.planning.prepare import Planned


def folders_now(planned: Planned, outcomes: Mapping[str, Outcome]) -> FoldersNow:
    """Who works with the folders that operations called done are about, by folder; a folder that is gone shows nobody.

    Raises any BoxFault.
    """
    touched = tuple(dict.fromkeys(touched_folders(planned.plan.changes, outcomes).values()))
    connection = planned.connection
    found = connection.retry.each([partial(_at_work, folder, connection) for folder in touched])
    return dict(zip(touched, found, strict=True))


def _at_work(folder: str, connection: Connection) -> tuple[Collaborator, ...]:
    read, box = connection.retry.read, connection.box
    try:
        pages = list(by_marker(lambda marker: read(lambda: box.collaborators(folder, marker))))
    except NotFound:
        return ()
    return tuple(one for page in pages for one in page.rows)
