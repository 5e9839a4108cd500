"""SQLite ledgers that somebody has put something into: what computes in them is seen before it is read."""

from __future__ import annotations

import sqlalchemy as sa

from provision.ledger.tables import TABLES

#: what is no plain table, nor an index of one
_COMPUTES = "SELECT type, name FROM sqlite_master WHERE type NOT IN ('table', 'index') OR sql NOT LIKE 'CREATE ' || type || ' %'"


def computes(connection: sa.Connection) -> bool:
    """Whether something computes in the place of a table, perhaps without end, or changes what is written to one.

    Views of other names are their maker's: nobody here reads them.
    """
    found = connection.exec_driver_sql(_COMPUTES).all()
    return any(kind == "trigger" or name in TABLES.tables for kind, name in found)
