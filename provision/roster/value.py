"""The roster as a value: valid rows, rejected rows and why, and what was noticed on the way."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

#: columns every roster frame has; attribute columns follow for the fields that are mapped
FRAME_COLUMNS = ("line", "external_id", "login", "name", "kind", "action", "start_date", "end_date")
REJECTED_COLUMNS = ("line", "external_id", "login", "name", "kind", "reason")


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong with one row. ``line`` counts as the spreadsheet or editor does, 1 is the first line.

    ``column`` is the header in the file (or ""), ``field`` the roster field, ``reason`` a sentence without the value
    unless the value is a key, a code or a choice. ``sheet`` is "" for text files.
    """

    line: int
    column: str
    field: str
    reason: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class Roster:
    """Who ought to exist.

    ``frame``: one row a person, no key twice; columns are FRAME_COLUMNS, then a column for each mapped attribute and
    each ``tracking_codes.NAME``; ``line`` int64, all others text. "" means *not said*, ``(clear)`` means *empty it*;
    every other cell is canonical (see :mod:`provision.model`). ``kind`` and ``action`` are always filled.
    ``rejected``: one row for each bad row, REJECTED_COLUMNS; keys as far as they could be read, else "".
    ``rows`` counts the rows of the file that are not blank: ``len(frame) + len(rejected)``.
    """

    path: str
    sha256: str
    sheet: str
    rows: int
    frame: pd.DataFrame
    rejected: pd.DataFrame
    errors: tuple[RowError, ...]
    mapped: tuple[str, ...]
    ignored: tuple[str, ...]
    later: tuple[str, ...]
    notes: tuple[str, ...]
