"""What the ledger knows of aliases, and the roster names, as Box shows it: asked for only where somebody wants it, a call for each account."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

import pandas as pd

from provision.box.connect import Connection
from provision.box.holdings import Alias
from provision.directory.scope import Directory
from provision.errors import NotFound
from provision.ledger.value import ALIAS_COLUMNS, AliasState, Memory
from provision.model import ALIAS_SEPARATOR, ALIASES, CLEAR, fold
from provision.roster.value import Roster


def named_by(roster: Roster, directory: Directory) -> dict[str, tuple[str, ...]]:
    """The further addresses that rows name of accounts with their logins, by Box id."""
    named: dict[str, tuple[str, ...]] = {}
    for rows in roster.people.each():
        if ALIASES not in rows:
            return {}
        some = rows[~rows[ALIASES].isin(("", CLEAR))]
        for login, cell in zip(some["login"].tolist(), some[ALIASES].tolist(), strict=True):
            named[fold(login)] = tuple(cell.split(ALIAS_SEPARATOR))
    logins = pd.Series(list(named), dtype="str")
    there = directory.where(lambda users: users["login_key"].isin(logins), ("box_id", "login_key"))
    found = zip(there["box_id"].tolist(), there["login_key"].tolist(), strict=True)
    return {box_id: named[login] for box_id, login in found}


def seen_again(memory: Memory, named: Mapping[str, tuple[str, ...]], connection: Connection) -> Memory:
    """The memory without the aliases that are not there any more, and with those as added that are confirmed by now.

    ``named``: further addresses that the roster names, by Box id; those that are there and nobody knew of are told as found.

    Raises any BoxFault for an account that Box does not answer about: what was not seen is not forgotten.
    """
    known = memory.aliases
    box_ids = list(dict.fromkeys([*known["box_id"].tolist(), *named]))
    found = connection.retry.each([partial(aliases_by_address, box_id, connection) for box_id in box_ids])
    there = dict(zip(box_ids, found, strict=True))
    rows = []
    for box_id, address, state, since in known[list(ALIAS_COLUMNS)].itertuples(index=False, name=None):
        alias = there[box_id].get(address)
        if alias is not None:
            now = AliasState.ADDED if state == AliasState.WAITS and alias.confirmed else AliasState(state)
            rows.append((box_id, address, now.value, since))
    places = {(box_id, address) for box_id, address, *_ in rows}
    for box_id, addresses in named.items():
        for address in addresses:
            seen = there[box_id].get(address)
            if seen is not None and seen.confirmed and (box_id, address) not in places:
                rows.append((box_id, address, AliasState.FOUND.value, ""))
    return replace(memory, aliases=pd.DataFrame(rows, columns=list(ALIAS_COLUMNS), dtype="str"))


def aliases_by_address(box_id: str, connection: Connection) -> dict[str, Alias]:
    """The further addresses of an account, folded; none of one that is not there. Raises any other BoxFault."""
    try:
        found = connection.retry.read(partial(connection.box.aliases, box_id))
    except NotFound:
        return {}
    return {fold(alias.email): alias for alias in found}
