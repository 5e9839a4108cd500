"""Packed files in a table, in parts, since no database takes a gigabyte in one cell."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from provision.ledger.tables import of

#: bytes of a part
_AT_ONCE = 1 << 26


def packed_of(connection: sa.Connection, table: sa.Table, owner: Mapping[str, str]) -> bytes:
    """The file that belongs to a job in an enterprise, b"" for none."""
    query = sa.select(table.c.packed).where(*of(table, owner)).order_by(table.c.part)
    return b"".join(connection.execute(query).scalars())


def keep_packed(
    connection: sa.Connection,
    table: sa.Table,
    owner: Mapping[str, str],
    packed: bytes,
    beside: Mapping[str, str],
) -> None:
    """Put a file in the place of the one there is; ``beside``: the other columns of its rows."""
    connection.execute(table.delete().where(*of(table, owner)))
    for part, start in enumerate(range(0, len(packed) or 1, _AT_ONCE)):
        row = {"part": part, "packed": packed[start : start + _AT_ONCE], **beside}
        connection.execute(table.insert(), [{**owner, **row}])
