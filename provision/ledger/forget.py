"""One person taken out of the ledger: what it knows of their accounts and keys, and where others' rows name them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping

import pandas as pd
import sqlalchemy as sa

from provision.ledger.roster_values import pack, unpack
from provision.ledger.said import keep_said, said_of
from provision.ledger.tables import (
    ABSENCES,
    ACCOUNTS,
    ALIASES,
    ANSWERS,
    HOLDS,
    INVITES,
    MANAGERS,
    NAMED,
    ONBOARDING,
    RELEASES,
    SAID,
    STAGES,
    WANTS,
    of,
)
from provision.ledger.wants import keep_wants_without
from provision.model import fold

#: tables with a row for an account, an address or somebody who waits, and the columns that say whose it is
_ROWS: tuple[tuple[sa.Table, tuple[str, ...]], ...] = (
    (ACCOUNTS, ("box_id", "external_id", "login")),
    (ABSENCES, ("box_id",)),
    (STAGES, ("box_id",)),
    (NAMED, ("box_id",)),
    (MANAGERS, ("box_id",)),
    (ALIASES, ("box_id", "address")),
    (INVITES, ("login",)),
    (ANSWERS, ("external_id", "login", "box_id")),
    (HOLDS, ("box_id", "external_id", "login")),
)
#: tables whose rows name whom they are about within a longer text
_NAMING: tuple[tuple[sa.Table, str], ...] = (
    (HOLDS, "hold_id"),
    (RELEASES, "hold_id"),
    (ONBOARDING, "person"),
)
#: what names others beside an account
_BESIDE = ("manager", "transfer_to")
_AT_ONCE = 500
#: the tables that know of people: a new one is to be looked through, too
TABLES_OF_PEOPLE = (*(table for table, _ in _ROWS), RELEASES, ONBOARDING, SAID, WANTS)


def forget(
    connection: sa.Connection, job: str, keys: Collection[str], names_them: Callable[[str], bool]
) -> int:
    """Take out of a job's part whoever has one of these keys, in whatever enterprise; how many rows went or were changed.

    ``names_them``: whether a text, as the id of an operation, is about the person.
    """
    owner = {"job": job}
    wanted = sorted({form for key in keys for form in (key, fold(key))})
    gone = sum(_delete(connection, table, owner, name, wanted) for table, names in _ROWS for name in names)
    for table, name in _NAMING:
        cells = (
            connection.execute(sa.select(table.c[name]).where(*of(table, owner)).distinct()).scalars().all()
        )
        gone += _delete(connection, table, owner, name, [cell for cell in cells if names_them(cell)])
    for name in _BESIDE:
        for some in _pieces(wanted):
            beside = MANAGERS.update().where(*of(MANAGERS, owner), MANAGERS.c[name].in_(some))
            gone += connection.execute(beside.values({name: ""})).rowcount
    return gone + _said(connection, owner, wanted) + _wants(connection, owner, wanted)


def _delete(
    connection: sa.Connection, table: sa.Table, owner: Mapping[str, str], name: str, cells: Iterable[str]
) -> int:
    return sum(
        connection.execute(table.delete().where(*of(table, owner), table.c[name].in_(some))).rowcount
        for some in _pieces(list(cells))
    )


def _pieces(cells: list[str]) -> Iterable[list[str]]:
    """So many as a statement takes."""
    return (cells[at : at + _AT_ONCE] for at in range(0, len(cells), _AT_ONCE))


def _said(connection: sa.Connection, owner: Mapping[str, str], box_ids: Collection[str]) -> int:
    """What the roster said last of these accounts."""
    gone = 0
    for enterprise_id in _enterprises(connection, SAID, owner):
        mine = {**owner, "enterprise_id": enterprise_id}
        packed, key_name = said_of(connection, mine)
        said = unpack(packed)
        about: pd.Series[bool] = said["box_id"].isin(list(box_ids))
        if about.any():
            gone += int(about.sum())
            keep_said(connection, mine, pack(said[~about].reset_index(drop=True)), key_name)
    return gone


def _wants(connection: sa.Connection, owner: Mapping[str, str], wanted: list[str]) -> int:
    """What the roster wants of these people."""
    return sum(
        keep_wants_without(connection, {**owner, "enterprise_id": enterprise_id}, wanted, wanted)
        for enterprise_id in _enterprises(connection, WANTS, owner)
    )


def _enterprises(connection: sa.Connection, table: sa.Table, owner: Mapping[str, str]) -> list[str]:
    """The enterprises of which a table has something of a job."""
    found = connection.execute(sa.select(table.c.enterprise_id).where(*of(table, owner)).distinct())
    return list(found.scalars().all())
