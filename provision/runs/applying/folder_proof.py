"""The proof of what a run did to collaborations: who works with the folders now, read afresh, a call a thousand people."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from provision.box.connect import Connection
from provision.errors import NotFound
from provision.journal.value import Outcome
from provision.report.reconciling.fresh_folders import FoldersNow, touched_folders
from provision.runs.planning.prepare import Planned


def folders_now(planned: Planned, outcomes: Mapping[str, Outcome]) -> FoldersNow:
    """Who works with the folders that operations called done are about, by folder; a folder that is gone shows nobody.

    Raises any BoxFault.
    """
    touched = dict.fromkeys(touched_folders(planned.plan.changes, outcomes).values())
    return {folder: _roles(folder, planned.connection) for folder in touched}


def _roles(folder: str, connection: Connection) -> dict[str, str]:
    roles: dict[str, str] = {}
    marker, first = "", True
    while first or marker:
        try:
            page = connection.retry.read(partial(connection.box.collaborators, folder, marker))
        except NotFound:
            return {}
        roles |= {one.box_id: one.role for one in page.rows}
        marker, first = page.marker, False
    return roles
