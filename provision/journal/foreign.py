"""Journals that somebody else than this program made: what computes in them, or takes all memory, is seen before it is read."""

from __future__ import annotations

import sqlite3
from pathlib import Path

from provision.records import damaged

RECOVER = (
    "put it back from a backup, or run the job again: it looks at the enterprise, and plans what is left"
)
#: what computes when it is read, written or checked, perhaps without end; the column ``type`` alone could lie. In a table's text no
#: more brackets stand than those about its columns, and about the one condition that is ours
_COMPUTED = (
    "SELECT 1 FROM sqlite_master WHERE sql NOT LIKE 'CREATE ' || type || ' %' OR type NOT IN ('table', 'index')"
    " UNION ALL SELECT 1 FROM sqlite_master WHERE type = 'index' AND sql != 'CREATE INDEX by_change ON entries (change_id)'"
    " UNION ALL SELECT 1 FROM sqlite_master WHERE type = 'table' AND"
    " replace(sql, 'CHECK (event IN (''begin'', ''end''))', '') LIKE '%(%(%'"
    " UNION ALL SELECT 1 FROM pragma_table_xinfo('entries') WHERE hidden"
    " UNION ALL SELECT 1 FROM pragma_table_xinfo('about') WHERE hidden"
)
#: bytes of a cell; the longest of ours are notes, and a file with holes may hold a thousand million
_LONGEST = 16 << 20


def bounded(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The same, which takes no more memory for a cell than any of ours has."""
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    return connection


def expect_plain(path: Path, connection: sqlite3.Connection) -> None:
    """Raise DamagedFile for tables that are computed, or that compute when something is written."""
    if connection.execute(_COMPUTED).fetchone():
        raise damaged(path, "it has a view, a trigger, or something else that computes", RECOVER)
