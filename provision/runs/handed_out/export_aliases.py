"""The further addresses of everybody as a roster names them: Box lists them account by account."""

from __future__ import annotations

import pandas as pd

from provision.box.connect import Connection
from provision.job.settings import Job
from provision.model import ALIAS_SEPARATOR, UserKind
from provision.operations.people.addresses import is_on_the_way
from provision.runs.observer import Observer, Phase, go_on
from provision.runs.reading.connection import waited_for
from provision.runs.reading.known_aliases import aliases_by_address


def aliases_of(users: pd.DataFrame, job: Job, connection: Connection, observer: Observer) -> pd.Series[str]:
    """The cell of each of these users, "" for who has no alias: a call for each managed user. May raise any BoxFault.

    An address that a change of logins is on its way through is nobody's to keep.
    """
    cells = []
    with waited_for(job), observer.progress(Phase.LISTING) as show:
        for number, (box_id, kind) in enumerate(zip(users["box_id"], users["kind"], strict=True), 1):
            cells.append(_cell(box_id, connection) if kind == UserKind.MANAGED else "")
            go_on(observer)
            show(number)
    return pd.Series(cells, index=users.index, dtype="str")


def _cell(box_id: str, connection: Connection) -> str:
    found = aliases_by_address(box_id, connection)
    return ALIAS_SEPARATOR.join(sorted(address for address in found if not is_on_the_way(address)))
