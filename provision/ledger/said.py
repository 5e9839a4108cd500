"""What the roster said last in its table: one packed file a job (see roster_values.py), and the name of its key."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from provision.ledger.packed import keep_packed, packed_of
from provision.ledger.tables import SAID, of


def said_of(connection: sa.Connection, owner: Mapping[str, str]) -> tuple[bytes, str]:
    """What the roster said last, packed, b"" for nothing; and the name of the key of its fingerprints."""
    made_with = sa.select(SAID.c.key_name).where(*of(SAID, owner)).order_by(SAID.c.part).limit(1)
    return packed_of(connection, SAID, owner), connection.execute(made_with).scalar() or ""


def keep_said(connection: sa.Connection, owner: Mapping[str, str], packed: bytes, key_name: str) -> None:
    """Let this be what the roster said last."""
    keep_packed(connection, SAID, owner, packed, {"key_name": key_name})
