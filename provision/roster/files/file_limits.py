"""Files that are too large to be meant: a cell that swallowed the rest of the file, columns without end."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from provision.errors import TooLarge
from provision.job.limits import FileLimits
from provision.roster.files.grid import Grid
from provision.wording import tidy

#: rows that do not fit the header, and are listed one by one, at most
_MISFITS = 100_000


def refuse_beyond(grid: Grid, limits: FileLimits, where: str) -> None:
    """Raise RosterError for more columns or a longer cell than the job lets a file have. ``where`` names file and header row."""
    refuse_columns(len(grid.headers), limits, where)
    for place, column in enumerate(grid.cells.columns):
        longest = pc.max(pc.binary_length(column)).as_py() or 0
        if longest > limits.cell and (row := _longer(column, limits.cell)) is not None:
            line, characters = grid.lines[row[0]], row[1]
            raise too_large(
                f'{where}: row {line}, column "{tidy(grid.headers[place])}" has {characters:,} characters; the job takes '
                f"{limits.cell:,} a cell",
                "cell",
                characters,
            )


def refuse_columns(columns: int, limits: FileLimits, where: str) -> None:
    """Raise RosterError for more columns than the job lets a file have, before room is made for their cells."""
    if columns > limits.columns:
        raise too_large(
            f"{where} has {columns:,} columns; the job takes {limits.columns:,}", "columns", columns
        )


def _longer(column: pa.ChunkedArray, limit: int) -> tuple[int, int] | None:
    """The first row with more characters than that, and how many; the bytes were more."""
    lengths = pc.utf8_length(column).to_numpy()
    longer = lengths > limit
    return (int(longer.argmax()), int(lengths[longer.argmax()])) if longer.any() else None


def refuse_size(size: int, most: tuple[str, float], name: str) -> None:
    """Raise RosterError for more bytes than a key of roster.limits lets a file have; ``most``: the key, and how many GB."""
    key, limit = most
    if size > limit * (1 << 30):
        raise too_large(f"{name} has more than {limit:g} GB; the job takes no more", key, size / (1 << 30))


def refuse_misfits(rows: int, where: str) -> None:
    """Raise RosterError for more rows that do not fit the header than anybody corrects: each takes a hundred times its bytes.

    ``where``: the file, or the first of these rows and what is wrong with it.
    """
    if rows > _MISFITS:
        raise TooLarge(
            f"{where}; more than {_MISFITS:,} rows of the file do not fit its header.",
            cause="line ends or delimiters were lost on the way, or the file is no table.",
            remedy="export the roster again.",
        )


def too_large(what: str, key: str, needed: float) -> TooLarge:
    """The error for a file that is larger than one key of roster.limits allows."""
    return TooLarge(
        f"{what}.",
        cause="line ends or delimiters were lost on the way, something strays far from the table, or it is another file.",
        remedy=f"export the roster again; if it is meant, write roster: limits: {{{key}: {needed}}} in the job file.",
    )


def beyond_memory(name: str) -> TooLarge:
    """The error for a file whose reading takes more memory than this process can have."""
    return TooLarge(
        f"{name} needs more memory to be read than there is for it.",
        cause="a cell or line without end, line ends that were lost, very much that was packed very small, or a small machine.",
        remedy="look whether the file is what it is meant to be, and export it again; or give the program more memory.",
    )
