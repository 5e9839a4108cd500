"""Files that are too large to be meant: a cell that swallowed the rest of the file, columns without end."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.roster.files.grid import Grid
from provision.wording import tidy


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


def too_large(what: str, key: str, needed: float) -> RosterError:
    """The error for a file that is larger than one key of roster.limits allows."""
    return RosterError(
        f"{what}.",
        cause="line ends or delimiters were lost on the way, something strays far from the table, or it is another file.",
        remedy=f"export the roster again; if it is meant, write roster: limits: {{{key}: {needed}}} in the job file.",
    )


def beyond_memory(name: str) -> RosterError:
    """The error for a file whose reading takes more memory than this process can have."""
    return RosterError(
        f"{name} needs more memory to be read than there is for it.",
        cause="a cell or line without end, line ends that were lost, very much that was packed very small, or a small machine.",
        remedy="look whether the file is what it is meant to be, and export it again; or give the program more memory.",
    )
