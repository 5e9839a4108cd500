"""The reconciliation as CSV and JSON, written piece by piece: a million lines need no more memory than ten thousand."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import BinaryIO

import msgspec
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.batches import only
from provision.frames import end_to_end, of_arrow, one_piece
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


def pieces(table: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """The table in consecutive pieces of at most PIECE lines."""
    for start in range(0, len(table), PIECE):
        yield table.iloc[start : start + PIECE]


def _numbers(column: pd.Series) -> list[int | None]:
    numbers = as_shown(column).tolist()
    return [number or None for number in numbers] if column.name in BLANK_IF_ZERO else numbers


def as_shown(column: pd.Series) -> pd.Series:
    """A row as it is in its own source, whose name stands beside it; other numbers as they are."""
    return column % SOURCE_LINES if column.name == "line" else column


def write_csv(reconciliation: Reconciliation, path: Path) -> None:
    """All lines as CSV: UTF-8 with a byte order mark, which Excel needs to read accents right; commas; CRLF."""
    write_cells(only(reconciliation.table, COLUMNS), path)


def write_operations(reconciliation: Reconciliation, path: Path) -> None:
    """The table of operations as CSV, as :func:`write_csv` has it."""
    write_cells(only(reconciliation.operations, OPERATION_COLUMNS), path)


def write_cells(table: pd.DataFrame, path: Path) -> None:
    """A table for people and programs, in the form of :func:`write_csv`."""
    with path.open("wb") as file:
        file.write(codecs.BOM_UTF8 + ",".join(table.columns).encode() + b"\r\n")
        for piece in pieces(table):
            file.write(_csv_lines(piece))


def _csv_lines(table: pd.DataFrame) -> memoryview:
    """The bytes of some lines as the csv module of Python writes them, made column by column: no Python text a cell."""
    *before, last = (_csv_cells(table[name]) for name in table.columns)
    ended = pc.binary_join_element_wise(last, _word(""), _word("\r\n"))
    raw, bounds = end_to_end(of_arrow(pc.binary_join_element_wise(*before, ended, _word(","))))
    return raw[bounds[0] : bounds[-1]].data


def _csv_cells(column: pd.Series) -> pa.Array:
    """A column as it stands in a CSV file: within quotation marks what would be two cells or two lines without."""
    if column.name in NUMBERS:
        numbers = pa.array(as_shown(column).to_numpy())
        text = numbers.cast(pa.large_string())
        return pc.if_else(pc.equal(numbers, 0), _word(""), text) if column.name in BLANK_IF_ZERO else text
    text = one_piece(neutralised(column))
    split = pc.match_substring_regex(text, r'[",\r\n]')
    if not pc.any(split).as_py():
        return text
    mark = _word('"')
    quoted = pc.binary_join_element_wise(mark, pc.replace_substring(text, '"', '""'), mark, _word(""))
    return pc.if_else(split, quoted, text)


def _word(word: str) -> pa.Scalar:
    return pa.scalar(word, pa.large_string())


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
    encoder, separator = msgspec.json.Encoder(), b"\n"
    for piece in pieces(table):
        lines = encoder.encode_lines(_objects(piece, columns))
        file.write(separator + lines[:-1].replace(b"\n", b",\n"))  # in a text a line end is written otherwise
        separator = b",\n"


def _objects(table: pd.DataFrame, names: Sequence[str]) -> list[dict[str, str | int | None]]:
    columns = [_numbers(table[name]) if name in NUMBERS else table[name].tolist() for name in names]
    return [dict(zip(names, cells, strict=True)) for cells in zip(*columns, strict=True)]
