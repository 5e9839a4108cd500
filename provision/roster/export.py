"""Writes people as a roster file that reads back as it was."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from provision.errors import UsageError
from provision.files import whole_where_named
from provision.job.settings import Authority
from provision.model import UserKind
from provision.roster.cells.normalise import normalise
from provision.roster.cells.text_columns import tidy_text
from provision.roster.checks.check import check
from provision.roster.mapping.tricks import MARKED, MARKED_FIELDS, QUOTED, TRICK
from provision.roster.value import FRAME_COLUMNS
from provision.wording import counted

_Writer: TypeAlias = Callable[[pd.DataFrame, Path], None]

#: limits of an .xlsx sheet (Microsoft, Excel specifications and limits)
_SHEET_ROWS = 1_048_576
_CELL_LENGTH = 32_767


def write_roster(users: pd.DataFrame, path: Path) -> tuple[str, ...]:
    """Write one row a person to ``path``: .csv, .tsv, .xlsx or .parquet by its ending.

    ``users``: columns are roster fields (see :mod:`provision.model`), cells canonical text, "" for not said; a column
    ``line`` is left out. Read again, the rows are the same: programs read this file, so cells are written as they
    are (in .xlsx as text cells), also those that begin with ``=``; text is UTF-8 without a byte order mark, lines end
    with CRLF (RFC 4180). A cell that the reader would refuse or take for another value (a line end in a name,
    ``#N/A``) is left empty, which leaves the account as it is; the notes that are returned count these. The file
    appears whole or not at all, with mode 0600. Raises UsageError for another ending and where it cannot be written.
    """
    writer = _writer_for(path)
    rows, notes = _sayable(users.drop(columns="line", errors="ignore").astype("str"))
    whole_where_named(path, lambda part: writer(rows, part))
    return (*notes, *_formulas(rows, path))


def write_as_it_is(table: pd.DataFrame, path: Path) -> tuple[str, ...]:
    """Write a table of text that is no roster, in the same forms; returns and raises as :func:`write_roster`."""
    writer = _writer_for(path)
    whole_where_named(path, lambda part: writer(table, part))
    return _formulas(table, path)


def _formulas(rows: pd.DataFrame, path: Path) -> tuple[str, ...]:
    """A sentence for text files with cells that a spreadsheet would run, since a program is to read them as they are."""
    if _WRITERS[path.suffix.casefold()] not in (_csv, _tsv):
        return ()
    # a number with a sign is a number there, too: -1 is how Box writes unlimited
    run = (
        rows[name].str.contains(_FORMULA, regex=True) & ~rows[name].str.fullmatch(r"-\d+") for name in rows
    )
    cells = sum(int(each.sum()) for each in run)
    if not cells:
        return ()
    sentence = (
        f"{counted(cells, 'cell')} of {path.name} would be run as a formula by a spreadsheet: this file is written to be read back, "
        "so cells stand as they are; to look at it in a spreadsheet, export it as .xlsx"
    )
    return (sentence,)


def _writer_for(path: Path) -> _Writer:
    writer = _WRITERS.get(path.suffix.casefold())
    if writer is None:
        raise UsageError(
            f"{path.name} has an ending that no writer is for.", remedy=f"choose one of {' '.join(_WRITERS)}."
        )
    return writer


def _sayable(users: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The cells as they are to be written, and a sentence for each column in which some had to be left empty."""
    written = users.reset_index(drop=True)
    if "space_amount" in written:
        written["space_amount"] = _with_unit(written["space_amount"])
    lost = _lost(written, users.reset_index(drop=True))
    notes = tuple(
        f"{field}: {int(mask.sum()):,} of {len(written):,} cells cannot be said in a roster and are left empty"
        for field, mask in lost.items()
    )
    return written.assign(**{field: written[field].mask(mask, "") for field, mask in lost.items()}), notes


def _with_unit(sizes: pd.Series) -> pd.Series:
    """Small sizes with their unit: the reader takes a small number without one for a slip."""
    few = sizes.str.fullmatch(r"[1-9]\d{0,6}")
    return sizes.mask(few, sizes + " B")


def _lost(written: pd.DataFrame, users: pd.DataFrame) -> dict[str, pd.Series]:
    """By field, which cells would not read back as they are meant. Keys that stand twice are no fault of a cell."""
    read, findings, _, _ = normalise(written, {})
    empty = pd.Series("", index=written.index, dtype="str")
    kind = written.get("kind", pd.Series(UserKind.MANAGED.value, index=written.index, dtype="str"))
    keys = {field: read.get(field, empty) for field in FRAME_COLUMNS[1:]}
    frame = pd.DataFrame({"line": written.index, **keys, **read, "kind": kind})
    refused = [*findings, *check(frame, Authority.PARTIAL)]
    lost = {
        str(field): (read[field] != tidy_text(users[field])) | users[field].str.fullmatch(TRICK)
        for field in read
        if field not in _KEPT
    }
    for field in set(MARKED_FIELDS) & set(lost):
        lost[field] |= users[field].str.fullmatch(MARKED)
    if "name" in lost:
        lost["name"] |= users["name"].str.fullmatch(QUOTED)
    for finding in refused:
        if finding.field in lost:
            lost[finding.field] |= pd.Series(written.index.isin(finding.rows), index=written.index)
    filled = {field: mask & (written[field] != "") for field, mask in lost.items()}
    return {field: mask for field, mask in filled.items() if mask.any()}


#: the beginning of a cell, also where another separator would begin one, that a spreadsheet may take for a formula
_FORMULA = r"(?:^|[;|\t\r\n])[\s\"']*[=+\-@＝＋－＠]"

#: fields that say who the row is about; without them it would be nobody's
_KEPT = ("login", "kind", "action")


def _csv(users: pd.DataFrame, path: Path) -> None:
    _text(users, path, ",")


def _tsv(users: pd.DataFrame, path: Path) -> None:
    _text(users, path, "\t")


def _text(users: pd.DataFrame, path: Path, delimiter: str) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(users.columns)
        writer.writerows(users.itertuples(index=False, name=None))


def _xlsx(users: pd.DataFrame, path: Path) -> None:
    import xlsxwriter

    _refuse_too_large(users, path)
    options = {"constant_memory": True, "strings_to_urls": False}
    with path.open("wb") as file, xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("Roster")
        sheet.freeze_panes(1, 0)
        for row, cells in enumerate([tuple(users.columns), *users.itertuples(index=False, name=None)]):
            for column, cell in enumerate(cells):
                if cell:
                    sheet.write_string(row, column, cell)


def _refuse_too_large(users: pd.DataFrame, path: Path) -> None:
    longest = max((int(users[field].str.len().max()) for field in users if len(users)), default=0)
    if len(users) >= _SHEET_ROWS or longest > _CELL_LENGTH:
        raise UsageError(
            f"{path.name.removeprefix('.').removesuffix('.part')} would need {len(users) + 1:,} rows with up to {longest:,} "
            f"characters a cell; a sheet has {_SHEET_ROWS:,} rows and {_CELL_LENGTH:,} characters.",
            remedy="write a .csv or .parquet file.",
        )


def _parquet(users: pd.DataFrame, path: Path) -> None:
    users.to_parquet(path, index=False)


_WRITERS: dict[str, _Writer] = {
    ".csv": _csv,
    ".tsv": _tsv,
    ".xlsx": _xlsx,
    ".parquet": _parquet,
}
