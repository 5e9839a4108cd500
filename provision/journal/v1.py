"""Journals of version 1, which said in words how an operation ended. Frozen: it only ever reads what lies on disks.

What later runs have to know of the words is a code; all else is kept as the sentence that it was.
"""

from __future__ import annotations

import sqlite3

import msgspec

from provision.because import as_written
from provision.errors import BoxAnswer
from provision.journal.value import Note, Noted, Outcome, noted
from provision.model import Status

VERSION = "1"

_LAST = (
    "SELECT change_id, event, status, box_id, note, http_status, code, request_id, attempts, at"
    " FROM entries WHERE seq IN (SELECT max(seq) FROM entries WHERE seq <= ? GROUP BY change_id) ORDER BY seq"
)
#: the types of these
_Row = tuple[str, str, str, str, str, int, str, str, int, str]
_FOUND = "found done after a lost answer"


def last_words(connection: sqlite3.Connection, last: int) -> dict[str, Outcome]:
    """The last word on each operation up to the entry of this number."""
    rows = msgspec.convert(connection.execute(_LAST, (last,)).fetchall(), list[_Row])
    return {row[0]: _outcome(row) for row in rows}


def _outcome(row: _Row) -> Outcome:
    change_id, event, status, box_id, note, http_status, code, request_id, attempts, at = row
    if event == "begin":
        return Outcome(change_id, Status.IN_DOUBT, notes=noted(Noted.BEGAN), at=at)
    answer = BoxAnswer(http_status, code, request_id)
    return Outcome(change_id, Status(status), box_id, _notes(status, note), answer, attempts, at)


def _notes(status: str, note: str) -> tuple[Note, ...]:
    if not note:
        return ()
    if status == Status.HELD:
        return noted(Noted.WAITS, why=as_written(note))
    return noted(Noted.FOUND) if note == _FOUND else noted(Noted.SAID, sentence=note)
