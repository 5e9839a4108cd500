"""Tables to bytes, the same bytes every time: CSV, Excel, OpenDocument, Parquet."""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.sax.saxutils import escape

import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from generator.people import Cell, Row

_WRITTEN = datetime(2026, 1, 5, 8, 0)  # noqa: DTZ001 - a document property without a zone
_ODS_KIND = "application/vnd.oasis.opendocument.spreadsheet"


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: lines above the header (an empty string is an empty row), then a table."""

    title: str
    header: Sequence[str] = ()
    rows: Sequence[Row] = ()
    above: Sequence[str] = ()
    hidden: str = ""


def delimited(
    header: Sequence[str],
    rows: Iterable[Row],
    delimiter: str = ",",
    encoding: str = "utf-8",
    *,
    bom: bool = False,
) -> bytes:
    """A table as text with CRLF line ends; dates are ISO. bom: whether a byte order mark comes first."""
    text = io.StringIO("\ufeff" if bom else "", newline="")
    text.seek(0, io.SEEK_END)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([str(row[name]) for name in header] for row in rows)
    return text.getvalue().encode(encoding)


def workbook(sheets: Iterable[Sheet]) -> bytes:
    """An .xlsx as a person would keep it: numbers and dates as real cells, everything else as text."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        book.set_properties({"author": "Acme Example Ltd", "created": _WRITTEN})
        bold = book.add_format({"bold": True})
        iso = book.add_format({"num_format": "yyyy-mm-dd"})
        for sheet in sheets:
            _fill(book.add_worksheet(sheet.title), sheet, bold, iso)
    return content.getvalue()


def _fill(page: Worksheet, sheet: Sheet, bold: Format, iso: Format) -> None:
    for line, text in enumerate(sheet.above):
        if not text:
            continue
        page.write_string(line, 0, text, bold if line == 0 else None)
    top = len(sheet.above)
    for column, name in enumerate(sheet.header):
        page.write_string(top, column, name, bold)
        width = max((len(str(row[name])) for row in sheet.rows), default=0)
        page.set_column(
            column, column, min(40, 2 + max(width, len(name))), None, {"hidden": name == sheet.hidden}
        )
    for line, row in enumerate(sheet.rows, top + 1):
        for column, name in enumerate(sheet.header):
            _write(page, (line, column), row[name], iso)
    if sheet.header:
        page.freeze_panes(top + 1, 0)


def _write(page: Worksheet, place: tuple[int, int], cell: Cell, iso: Format) -> None:
    if isinstance(cell, date):
        page.write_datetime(*place, cell, iso)
    elif isinstance(cell, (int, float)):
        page.write_number(*place, cell)
    elif cell:
        page.write_string(*place, cell)


def opendocument(title: str, header: Sequence[str], rows: Iterable[Row]) -> bytes:
    """An .ods with one sheet; dates are date cells, everything else is text."""
    lines = [_ods_line(header), *(_ods_line(row[name] for name in header) for row in rows)]
    parts = {
        "mimetype": _ODS_KIND,
        "META-INF/manifest.xml": _ODS_MANIFEST,
        "content.xml": _ODS_CONTENT.format(title=escape(title), lines="".join(lines)),
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name), text)
    return content.getvalue()


def _ods_line(cells: Iterable[Cell]) -> str:
    return f"<table:table-row>{''.join(_ods_cells(cells))}</table:table-row>"


def _ods_cells(cells: Iterable[Cell]) -> Iterator[str]:
    for cell in cells:
        text = f"<text:p>{escape(str(cell))}</text:p>"
        kind = f'date" office:date-value="{cell}' if isinstance(cell, date) else "string"
        yield (
            f'<table:table-cell office:value-type="{kind}">{text}</table:table-cell>'
            if cell
            else "<table:table-cell/>"
        )


def columnar(header: Sequence[str], rows: Sequence[Row]) -> bytes:
    """A .parquet whose columns are text, int64 or date32, as a warehouse would write them."""
    table = pa.table({name: [row[name] for row in rows] for name in header})
    content = io.BytesIO()
    pq.write_table(table, content, compression="snappy")
    return content.getvalue()


_ODS_MANIFEST = f"""<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.3">
<manifest:file-entry manifest:full-path="/" manifest:version="1.3" manifest:media-type="{_ODS_KIND}"/>
<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>
"""
_ODS_CONTENT = """<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3">
<office:body><office:spreadsheet><table:table table:name="{title}">{lines}</table:table></office:spreadsheet></office:body>
</office:document-content>
"""
