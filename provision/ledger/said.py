"""What the roster said last in its table: one packed file a job (see roster_values.py), in parts, since no database takes a gigabyte in one cell."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from provision.ledger.tables import SAID, of

#: bytes of a part
_AT_ONCE = 1 << 26


def said_of(connection: sa.Connection, owner: Mapping[str, str]) -> tuple[bytes, str]:
    """What the roster said last, packed, b"" for nothing; and the name of the key of its fingerprints."""
    query = sa.select(SAID.c.packed, SAID.c.key_name).where(*of(SAID, owner)).order_by(SAID.c.part)
    parts = connection.execute(query).fetchall()
    return b"".join(packed for packed, _ in parts), parts[0][1] if parts else ""


def keep_said(connection: sa.Connection, owner: Mapping[str, str], packed: bytes, key_name: str) -> None:
    """Let this be what the roster said last."""
    connection.execute(SAID.delete().where(*of(SAID, owner)))
    for part, start in enumerate(range(0, len(packed) or 1, _AT_ONCE)):
        row = {"part": part, "packed": packed[start : start + _AT_ONCE], "key_name": key_name}
        connection.execute(SAID.insert(), [{**owner, **row}])
