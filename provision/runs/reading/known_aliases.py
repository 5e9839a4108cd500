"""What the ledger knows of aliases, as Box shows it: asked for only where somebody wants it, a call for each account."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pandas as pd

from provision.box.connect import Connection
from provision.box.holdings import Alias
from provision.errors import NotFound
from provision.ledger.value import ALIAS_COLUMNS, AliasState, Memory
from provision.model import fold


def seen_again(memory: Memory, connection: Connection) -> Memory:
    """The memory without the aliases that are not there any more, and with those as added that are confirmed by now.

    Raises any BoxFault for an account that Box does not answer about: what was not seen is not forgotten.
    """
    known = memory.aliases
    box_ids = known["box_id"].unique().tolist()
    found = connection.retry.each([partial(_aliases, box_id, connection) for box_id in box_ids])
    there = dict(zip(box_ids, found, strict=True))
    rows = []
    for box_id, address, state, since in known[list(ALIAS_COLUMNS)].itertuples(index=False, name=None):
        alias = there[box_id].get(address)
        if alias is not None:
            now = AliasState.ADDED if state == AliasState.WAITS and alias.confirmed else AliasState(state)
            rows.append((box_id, address, now.value, since))
    return replace(memory, aliases=pd.DataFrame(rows, columns=list(ALIAS_COLUMNS), dtype="str"))


def _aliases(box_id: str, connection: Connection) -> dict[str, Alias]:
    try:
        found = connection.retry.read(partial(connection.box.aliases, box_id))
    except NotFound:
        return {}
    return {fold(alias.email): alias for alias in found}
