"""A journal written anew with other words, for a person who is to be forgotten: the only place that changes what was written."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from provision.journal.foreign import bounded, expect_plain
from provision.journal.trouble import disk, sound

#: the columns of an entry that may name somebody, in whatever version of a journal
_OF_PEOPLE = frozenset({"change_id", "box_id", "notes", "note", "made"})


def rewrite_journal(
    path: Path, text: Callable[[str], str], about: Callable[[Mapping[str, str]], Mapping[str, str]]
) -> None:
    """Change every cell that may name somebody by ``text``, and what the journal says of itself by ``about``.

    Nothing of before is left in the file, nor beside it. Raises DamagedFile for what is no journal of ours, RunFolderError when
    the disk refuses.
    """
    with (
        disk(path),
        contextlib.closing(bounded(sqlite3.connect(path, isolation_level=None))) as journal,
        sound(path),
    ):
        expect_plain(path, journal)
        journal.execute("PRAGMA journal_mode = DELETE")
        journal.execute("PRAGMA secure_delete = ON")
        journal.execute("BEGIN IMMEDIATE")
        there = {row[1] for row in journal.execute("PRAGMA table_info(entries)")}
        for name in sorted(_OF_PEOPLE & there):
            cells = journal.execute(f"SELECT DISTINCT {name} FROM entries").fetchall()  # noqa: S608 - names of ours
            changed = [(told, cell) for (cell,) in cells if (told := text(cell)) != cell]
            journal.executemany(f"UPDATE entries SET {name} = ? WHERE {name} = ?", changed)  # noqa: S608 - likewise
        notes = about(dict(journal.execute("SELECT name, value FROM about")))
        journal.executemany("INSERT OR REPLACE INTO about VALUES (?, ?)", sorted(notes.items()))
        journal.execute("COMMIT")
        journal.execute("VACUUM")
