"""The reconciliation as CSV and JSON, written piece by piece: a million lines need no more memory than ten thousand."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import pandas as pd

from provision.batches import only
from provision.model import SOURCE_LINES
from provision.report.tables.formulas import neutralised
from provision.report.value import (
    BLANK_IF_ZERO,
    COLUMNS,
    NUMBERS,
    OPERATION_COLUMNS,
    Reconciliation,
    RunFacts,
)

#: lines written at a time
PIECE = 20_000

#: a line as a spreadsheet takes it: numbers stay numbers, None is an empty cell
Cells = tuple[str | int | None, ...]


def pieces(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The table in consecutive pieces of at most PIECE lines."""
    for start in range(0, len(table), PIECE):
        yield table.iloc[start : start + PIECE]


def safe_cells(table: pd.DataFrame) -> Iterator[Cells]:
    """The lines as a spreadsheet may have them: no cell is a formula, a number that means *none* is empty."""
    for piece in pieces(table):
        columns = [_safe(piece[name]) for name in piece.columns]
        yield from zip(*columns, strict=True)


def _safe(column: pd.Series) -> list[Any]:
    if column.name not in NUMBERS:
        return neutralised(column).tolist()
    return _numbers(column)


def _numbers(column: pd.Series) -> list[int | None]:
    blank = column.name in BLANK_IF_ZERO
    # as it is in its own source, whose name stands beside it
    numbers = (column % SOURCE_LINES if column.name == "line" else column).tolist()
    return [number or None for number in numbers] if blank else numbers


def write_csv(reconciliation: Reconciliation, path: Path) -> None:
    """All lines as CSV: UTF-8 with a byte order mark, which Excel needs to read accents right; commas; CRLF."""
    write_cells(only(reconciliation.table, COLUMNS), path)


def write_operations(reconciliation: Reconciliation, path: Path) -> None:
    """The table of operations as CSV, as :func:`write_csv` has it."""
    write_cells(only(reconciliation.operations, OPERATION_COLUMNS), path)


def write_cells(table: pd.DataFrame, path: Path) -> None:
    """A table for people and programs, in the form of :func:`write_csv`."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(table.columns)
        writer.writerows(safe_cells(table))


def write_json(reconciliation: Reconciliation, facts: RunFacts, path: Path) -> None:
    """``{"run": …, "totals": …, "rows": […], "operations": […]}`` with raw values, one object a line."""
    told = asdict(facts)
    findings, holds = told.pop("findings"), told.pop("holds")
    head = {
        "run": {**told, "mode": reconciliation.mode.value},
        "totals": asdict(reconciliation.totals) | {"statement": reconciliation.statement},
        "findings": findings["told"],
        "findings_total": findings["total"],
        "holds": holds["told"],
        "holds_total": holds["total"],
    }
    with path.open("wb") as file:
        file.write(msgspec.json.encode(head)[:-1] + b',\n"rows":[')
        _write_objects(reconciliation.table, COLUMNS, file)
        file.write(b'\n],\n"operations":[')
        _write_objects(reconciliation.operations, OPERATION_COLUMNS, file)
        file.write(b"\n]}\n")


def _write_objects(table: pd.DataFrame, columns: Sequence[str], file: BinaryIO) -> None:
    separator = b"\n"
    for row in _objects(table, columns):
        file.write(separator + msgspec.json.encode(row))
        separator = b",\n"


def _objects(table: pd.DataFrame, names: Sequence[str]) -> Iterator[dict[str, str | int | None]]:
    for piece in pieces(table):
        columns = [_numbers(piece[name]) if name in NUMBERS else piece[name].tolist() for name in names]
        for cells in zip(*columns, strict=True):
            yield dict(zip(names, cells, strict=True))
