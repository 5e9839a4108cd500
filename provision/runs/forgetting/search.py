"""Where a person still occurs: every byte of every file, and what is packed in it."""

from __future__ import annotations

import base64
import contextlib
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from provision.files import address_to_read
from provision.runs.forgetting.eraser import Eraser

_SQLITE = b"SQLite format 3\0"
_PAGE = b"<!doctype html>"
#: what a page brings along for its script: people whom no list shows, and histories
_IN_A_PAGE = re.compile(rb'<script type="text/plain" id="\w+">([\w+/=]*)</script>')


@dataclass(frozen=True, slots=True)
class LeftOver:
    """A file or a folder that shows the person, or may; ``why`` it could not be written anew, "" where nothing said so."""

    file: str
    why: str = ""


def still_shown(paths: Iterable[Path], eraser: Eraser, *, named: bool = False) -> list[LeftOver]:
    """Those of these files that show the person; ``named``: by a value that is too short to be told in a sentence, too."""
    return [
        LeftOver(str(path))
        for path in paths
        if path.is_file()
        and not path.is_symlink()
        and any(_shows(text, eraser, named=named) for text in _texts(path))
    ]


def _shows(text: str, eraser: Eraser, *, named: bool) -> bool:
    return eraser.shows(text) or (named and len(text) < 200 and eraser.text(text) != text)


def _texts(path: Path) -> Iterator[str]:
    """What a file says: its bytes as they are, and unpacked."""
    content = path.read_bytes()
    yield content.decode("utf-8", "replace")
    if content.startswith(b"PK"):
        with contextlib.suppress(zipfile.BadZipFile), zipfile.ZipFile(path) as packed:
            yield from (packed.read(name).decode("utf-8", "replace") for name in packed.namelist())
    if content.startswith(b"PAR1"):
        with contextlib.suppress(OSError, pa.ArrowException):
            yield from _cells(pq.read_table(path))
    for packed in _IN_A_PAGE.findall(content) if content.startswith(_PAGE) else ():
        with contextlib.suppress(ValueError, zlib.error):
            yield from zlib.decompress(base64.b64decode(packed)).decode("utf-8", "replace").splitlines()
    if content.startswith(_SQLITE):
        with contextlib.suppress(sqlite3.Error), contextlib.closing(_opened(path)) as database:
            yield from (str(cell) for row in _rows(database) for cell in row if isinstance(cell, str))


def _cells(table: pa.Table) -> Iterator[str]:
    for column in table.columns:
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            yield from (cell for cell in column.unique().to_pylist() if cell)


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(address_to_read(path), uri=True)


def _rows(database: sqlite3.Connection) -> Iterator[tuple[object, ...]]:
    names = [
        name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    ]
    for name in names:
        yield from database.execute(f'SELECT * FROM "{name}"')  # noqa: S608 - names of the file's own tables
