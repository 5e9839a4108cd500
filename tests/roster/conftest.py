"""Roster files made in the test, and the room's front door to read them."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import xlsxwriter

from provision.job.settings import RosterSettings
from provision.roster import Roster, read_roster


@pytest.fixture
def write(tmp_path: Path) -> Callable[[bytes | str, str], Path]:
    """Puts a file into the test's folder; text is written as UTF-8."""

    def put(content: bytes | str, name: str = "employees.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return put


@pytest.fixture
def read(write: Callable[[bytes | str, str], Path]) -> Callable[..., Roster]:
    """Reads a text, bytes or a file as a roster; keywords are settings of the job."""

    def roster(content: bytes | str | Path, name: str = "employees.csv", **settings: object) -> Roster:
        path = content if isinstance(content, Path) else write(content, name)
        return read_roster(RosterSettings.model_validate({"path": str(path), **settings}))

    return roster


@pytest.fixture
def workbook() -> Callable[..., bytes]:
    """Makes the bytes of an .xlsx workbook: sheet name to rows of cells; text, numbers, dates, truth values."""

    def book(**sheets: Iterable[Iterable[object]]) -> bytes:
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True, "default_date_format": "yyyy-mm-dd"}) as file:
            for name, rows in sheets.items():
                sheet = file.add_worksheet(name)
                for row, cells in enumerate(rows):
                    for column, cell in enumerate(cells):
                        if isinstance(cell, str):
                            sheet.write_string(row, column, cell)
                        elif cell is not None:
                            sheet.write(row, column, cell)
        return stream.getvalue()

    return book
