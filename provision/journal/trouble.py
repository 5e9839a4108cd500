"""What goes wrong with the file of a journal, told in words: by the disk, or since it is none of ours."""

from __future__ import annotations

import contextlib
import errno
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from provision.files import trouble_with
from provision.journal.foreign import RECOVER
from provision.records import damaged

#: what SQLite's complaints are called by the operating system, which is how a person is told
_ERRNO = {
    sqlite3.SQLITE_FULL: errno.ENOSPC,
    sqlite3.SQLITE_READONLY: errno.EACCES,
    sqlite3.SQLITE_CANTOPEN: errno.EACCES,
    sqlite3.SQLITE_PERM: errno.EACCES,
    sqlite3.SQLITE_IOERR: errno.EIO,
}


@contextlib.contextmanager
def disk(path: Path) -> Iterator[None]:
    """Around what reads and writes: what the disk refuses. Raises RunFolderError."""
    with trouble_with(path):
        try:
            yield
        except sqlite3.Error as error:
            number = _ERRNO.get(_code(error), 0)
            raise OSError(number, os.strerror(number) if number else str(error)) from None


@contextlib.contextmanager
def sound(path: Path) -> Iterator[None]:
    """Around what reads. Raises DamagedFile for a file that is no journal, or a damaged one; any other trouble is the disk's."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        if _code(error) == sqlite3.SQLITE_NOTADB or "no such table" in str(error):
            raise damaged(path, "it is no journal at all", RECOVER) from None
        if _code(error) in _ERRNO:
            raise
        raise damaged(path, str(error), RECOVER) from None
    except (ValueError, TypeError, LookupError):  # text that is none, another status than there is
        raise damaged(path, "an entry is damaged", RECOVER) from None


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; the extended ones carry it in their low byte."""
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF
