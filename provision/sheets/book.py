"""One workbook, opened: its sheets, its cells some at a time, and what is refused of it before or while it is read."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from threading import Thread
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from provision.sheets.archive import NO_ARCHIVE, archive_of, letters_of, parts_of_sheets, unpacked
from provision.sheets.extent import (
    is_small_ods,
    is_suspicious,
    long_text,
    reach,
    reach_of_binary,
    reach_of_ods,
)
from provision.sheets.handed import HandedRows, handed_rows
from provision.sheets.marks import Marks, marks_of
from provision.sheets.ods_marks import ODS_CONTENT, marks_of_ods

#: rows handed on in one go, and their cells: what is made of them still fits the caches
_ROWS, _CELLS = 500, 50_000


class BookRefused(Exception):
    """Why a workbook is not read: a code, and numbers and names for a sentence that is made elsewhere."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.told = {"code": code, **facts}


class OpenedWorkbook:
    """The workbook. ``limits`` are those of the job by name; ``thorough``: what it says of itself is not believed."""

    def __init__(self, content: bytes, limits: Mapping[str, float], *, thorough: bool) -> None:
        self._limits, self._thorough = limits, thorough
        self._archive = archive_of(content)
        self._look_before()
        try:
            self._book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        except PasswordError as error:
            raise BookRefused("locked") from error
        except CalamineError as error:
            raise BookRefused("damaged") from error
        self._loaded: dict[str, Any] = {}
        self._marks: dict[str, Marks] = {}
        self._cells = self._characters = 0

    def _look_before(self) -> None:
        self._parts: dict[str, str] = {}
        if self._archive is None:
            return
        size, most = unpacked(self._archive), self._limits["unpacked"]
        if size > most:
            raise BookRefused("unpacked", bytes=size)
        try:
            if self._thorough or is_suspicious(self._archive):
                self._refuse_long_text()
            self._parts = parts_of_sheets(self._archive)
            if self._thorough or is_small_ods(self._archive):
                self._refuse_far_cells()
        except NO_ARCHIVE as error:
            raise BookRefused("damaged") from error

    def _refuse_long_text(self) -> None:
        found = long_text(self._archive, int(self._limits["cell"])) if self._archive else None
        if found:
            sheet = next((name for name, part in self._parts_by_name() if part == found.part), "")
            raise BookRefused("text", part=found.part, sheet=sheet, cell=found.cell, characters=found.bytes)

    def _parts_by_name(self) -> Iterator[tuple[str, str]]:
        if self._archive:
            yield from parts_of_sheets(self._archive).items()

    def _refuse_far_cells(self) -> None:
        """Look at all cells of all sheets, where one of them has cost a reader its life."""
        if self._archive is None:
            return
        for sheet, part in self._parts.items():
            self._refuse_reach(sheet, reach(self._archive, part, enough=0))
        for name in self._archive.namelist():
            if name.startswith("xl/worksheets/") and name.endswith(".bin"):
                self._refuse_reach("", reach_of_binary(self._archive.read(name), enough=0))
        if "content.xml" in self._archive.namelist():
            for sheet, far in reach_of_ods(self._archive).items():
                self._refuse_reach(sheet, far)

    def _refuse_reach(self, sheet: str, far: tuple[int, int]) -> None:
        rows, columns = far
        if rows > self._limits["rows"] or rows * columns > self._limits["cells"]:
            raise BookRefused("reach", sheet=sheet, rows=rows, columns=columns)

    def sheets(self) -> list[tuple[str, bool]]:
        """Names of the sheets with cells, in their order, and whether each is visible."""
        sheets = [info for info in self._book.sheets_metadata if info.typ == SheetTypeEnum.WorkSheet]
        return [(info.name, info.visible == SheetVisibleEnum.Visible) for info in sheets]

    def load(self, sheet: str, rows: int) -> dict[str, Any]:
        """The first rows of a sheet, texts no longer than a cell may be, and the column (from 0) in which its rows begin.

        Its marks are looked for while it is read, which lets go of the interpreter.
        """
        part = self._parts.get(sheet)
        try:
            if part and self._archive:
                self._refuse_reach(sheet, reach(self._archive, part, int(self._limits["cells"])))
        except NO_ARCHIVE as error:
            raise BookRefused("damaged") from error
        beside = Thread(target=self._look_for_marks, args=(sheet, part))
        beside.start()
        try:
            found = self._book.get_sheet_by_name(sheet)
        except CalamineError as error:
            raise BookRefused("damaged") from error
        finally:
            beside.join()
        self._loaded[sheet] = found
        self._refuse_reach(sheet, (found.total_height, found.total_width))
        self._cells += found.height * found.width
        if self._cells > self._limits["cells"]:
            raise BookRefused("cells", cells=self._cells)
        most = int(self._limits["cell"])
        head = [
            [cell[:most] if isinstance(cell, str) else cell for cell in row]
            for row in islice(found.iter_rows(), rows)
        ]
        first = found.start[1] if found.start else 0
        return {"first": first, "head": head}

    def _look_for_marks(self, sheet: str, part: str | None) -> None:
        is_ods = self._archive is not None and ODS_CONTENT in self._archive.namelist()
        try:
            if part and self._archive:
                self._marks[sheet] = marks_of(self._archive, part)
            elif is_ods and self._archive:
                self._marks[sheet] = marks_of_ods(self._archive, sheet)
            else:
                self._marks[sheet] = Marks()
        except NO_ARCHIVE:
            return  # told when they are asked for

    def filled(self, sheet: str, place: int) -> bool:
        """Whether there is anything below the row at ``place``, from 0."""
        below = islice(self._loaded[sheet].iter_rows(), place + 1, None)
        return any(not isinstance(cell, str) or cell.strip() for row in below for cell in row)

    def columns(self, sheet: str, place: int) -> Iterator[HandedRows | int]:
        """The rows below that at ``place``, some hundred at a time so that few objects live at once.

        Rows without anything are only counted: a single cell far below makes very many of them.
        """
        found = self._loaded[sheet]
        below = found.iter_rows()
        header = next(islice(below, place, place + 1))
        rows_at_once = max(1, min(_ROWS, _CELLS // max(1, found.width)))
        blank, line = [""] * found.width, place + 2
        while rows := list(islice(below, rows_at_once)):
            if rows[0] == blank and all(row == blank for row in rows):
                yield len(rows)
            else:
                columns = list(zip(*rows, strict=True))
                sizes = list(map(_sizes, columns))
                self._refuse_long(sheet, columns, sizes, (line, header))
                yield handed_rows(columns, sizes)
            line += len(rows)

    def _refuse_long(
        self,
        sheet: str,
        columns: Sequence[Sequence[Any]],
        sizes: Sequence[Sequence[int] | None],
        place: tuple[int, Sequence[object]],
    ) -> None:
        """Raise BookRefused for a cell that is too long, and where all together are more than the workbook may unpack to.

        ``place``: the number of the first row, and the header.
        """
        most, long = self._limits["cell"], []
        for number, (cells, lengths) in enumerate(zip(columns, sizes, strict=True)):
            of_texts = lengths or [len(cell) if isinstance(cell, str) else 0 for cell in cells]
            together = sum(of_texts)
            self._characters += together
            if together > most:
                long += [(at, number, size) for at, size in enumerate(of_texts) if size > most]
        if long:
            at, number, characters = min(long)
            line, header = place
            raise BookRefused(
                "cell",
                sheet=sheet,
                row=line + at,
                header=str(header[number])[:200],
                letters=letters_of(self._loaded[sheet].start[1] + number),
                characters=characters,
            )
        if self._characters > self._limits["unpacked"]:
            raise BookRefused("unpacked", bytes=self._characters)

    def marks(self, sheet: str, place: int, width: int) -> dict[str, Any]:
        """What the cells do not say. ``merged``: by column of the table, the first range below the header that is merged."""
        marks = self._marks.get(sheet)
        if marks is None:
            raise BookRefused("unpackable")
        return {
            "failed": sorted(marks.failed),
            "uncalculated": sorted(marks.uncalculated),
            "hidden": sorted(marks.hidden),
            "columns": self._hidden_columns(sheet, marks, width),
            "merged": self._merged(sheet, marks, place, width),
        }

    def _hidden_columns(self, sheet: str, marks: Marks, width: int) -> list[int]:
        """Columns of the table that the sheet does not show."""
        start = self._loaded[sheet].start
        first = start[1] if start else 0
        return [at for at in range(width) if any(low <= at + first <= high for low, high in marks.columns)]

    def _merged(
        self, sheet: str, marks: Marks, place: int, width: int
    ) -> list[tuple[int, int, int, int, int]]:
        found = self._loaded[sheet]
        first = found.start[1] if found.start else 0
        merged: dict[int, tuple[int, int, int, int]] = {}
        told = ((*start, *end) for start, end in found.merged_cell_ranges or ())
        for top, left, bottom, right in chain(told, marks.merged):
            if bottom > place and len(merged) < width:
                for column in range(max(left, first), min(right, first + width - 1) + 1):
                    if (
                        bottom > top or column > left
                    ):  # else it is the one cell of the range that has the value
                        merged.setdefault(column - first, (top, left, bottom, right))
        return [(column, *cells) for column, cells in merged.items()]


def _sizes(cells: Sequence[Any]) -> list[int] | None:
    """The characters of each of these cells; None where a number or a date is among them."""
    try:
        return list(map(len, cells))
    except TypeError:
        return None


def in_json(value: object) -> str:
    """A value on one line; dates and times as the text that they are in a roster."""
    return json.dumps(value, default=_text, separators=(",", ":"))


def _text(cell: object) -> str:
    match cell:
        case dt.datetime():
            return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat(" ")
        case dt.date() | dt.time():
            return cell.isoformat()
        case _:
            return str(cell)
