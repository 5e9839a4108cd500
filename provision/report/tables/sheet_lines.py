"""Lines of a sheet as they stand in its file: the library asks a dozen questions of each of millions of cells.

What a cell comes to is what xlsxwriter makes of it, with ``constant_memory``, which puts a line into a scratch file as soon as the next one
begins. This reaches into the library: a release that does it in another way is noticed by the tests of workbooks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from provision.report.tables import Cells

#: Excel's limit for the text of one cell; letters outside of the first plane count twice
_LONGEST = 32_767
#: what has another form in the file, or may have: signs of XML, control characters, what looks like one, blanks at either end
_UNUSUAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x|^\s|\s$")
#: as Excel writes what XML cannot hold: _x0007_
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff]")
_LOOKS_LIKE_ONE = re.compile(r"(_x[0-9a-fA-F]{4}_)")


def write_lines(sheet: Any, lines: Iterable[Cells], formats: Sequence[Any]) -> None:
    """Put these lines below the header of a sheet, each cell in the format of its column; numbers stay numbers."""
    from xlsxwriter.utility import xl_col_to_name

    number = 1
    sheet._write_single_row(number)  # noqa: SLF001  the header
    styles = [each._get_xf_index() for each in formats]  # noqa: SLF001  nothing open tells it
    opened = [(f'<c r="{xl_col_to_name(at)}', f'" s="{style}"') for at, style in enumerate(styles)]
    for number, cells in enumerate(lines, start=2):
        if told := _told(number, cells, opened):
            sheet.fh.write(f'<row r="{number}">{told}</row>')
    sheet._check_dimensions(number - 1, len(formats) - 1)  # noqa: SLF001  what the sheet extends to
    sheet.previous_row = number


def _told(number: int, cells: Cells, opened: Iterable[tuple[str, str]]) -> str:
    told = []
    for (place, style), cell in zip(opened, cells, strict=True):
        if isinstance(cell, int):
            told.append(f"{place}{number}{style}><v>{cell:.16G}</v></c>")
        elif cell:
            told.append(f'{place}{number}{style} t="inlineStr"><is>{_text(cell)}</is></c>')
    return "".join(told)


def _text(cell: str) -> str:
    if len(cell) <= _LONGEST // 2 and not _UNUSUAL.search(cell):
        return f"<t>{cell}</t>"
    cell = fitting(cell).encode("utf-16-le", "surrogatepass")[: 2 * _LONGEST].decode("utf-16-le", "ignore")
    cell = _CONTROL.sub(lambda found: f"_x{ord(found[0]):04X}_", _LOOKS_LIKE_ONE.sub(r"_x005F\1", cell))
    kept = ' xml:space="preserve"' if cell != cell.strip() else ""
    for sign, stands in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        cell = cell.replace(sign, stands)
    return f"<t{kept}>{cell}</t>"


def fitting(text: str) -> str:
    """The text, cut where one cell cannot hold it."""
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
