"""Files that are made to hold whoever reads them: one kind a function, each as large as it is wanted."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import repeat
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet

_NAMES = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_ODF = "urn:oasis:names:tc:opendocument:xmlns:"
_HEAD = (
    '<row r="1"><c r="A1" t="inlineStr"><is><t>login</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
    '<row r="2"><c r="A2" t="inlineStr"><is><t>a@x.example</t></is></c><c r="B2" t="inlineStr"><is><t>Ada</t></is></c></row>'
)
#: bytes that are written in one go
_BLOCK = 1 << 20


class Bomb(NamedTuple):
    """``make`` writes one of a size, which is what it is for it to say: ``small`` for every day, ``large`` for a soak."""

    ending: str
    small: int
    large: int
    make: Callable[[Path, int], None]


def _blocks(text: str, size: int) -> Iterator[bytes]:
    """A text again and again, so many bytes or hardly more."""
    block = text.encode() * max(1, min(_BLOCK, size) // len(text))
    yield from repeat(block, max(1, size // len(block)))


def _text(path: Path, *parts: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        for part in parts:
            file.writelines(part)


# --- workbooks


def _xlsx(
    path: Path, rows: Iterable[bytes], *, shared: Iterable[bytes] = (), sheets: int = 1, before: str = ""
) -> None:
    """A workbook with the head of a roster, and whatever comes below it, on its first sheet; the others have the head."""
    named = "".join(f'<sheet name="S{n}" sheetId="{n}" r:id="r{n}"/>' for n in range(1, sheets + 1))
    told = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>'
        for n in range(1, sheets + 1)
    )
    told += f'<Relationship Id="s" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        new.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{_RELATIONS}"><Relationship Id="b" Type="{_OFFICE}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        )
        new.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_NAMES}" xmlns:r="{_OFFICE}"><sheets>{named}</sheets></workbook>',
        )
        new.writestr(
            "xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{_RELATIONS}">{told}</Relationships>'
        )
        _part(new, "xl/sharedStrings.xml", f'<sst xmlns="{_NAMES}">', shared, "</sst>")
        head = f'<worksheet xmlns="{_NAMES}">{before}<sheetData>{_HEAD}'
        for n in range(1, sheets + 1):
            _part(
                new, f"xl/worksheets/sheet{n}.xml", head, rows if n == 1 else (), "</sheetData></worksheet>"
            )


def _part(archive: zipfile.ZipFile, name: str, begin: str, middle: Iterable[bytes], end: str) -> None:
    with archive.open(name, "w", force_zip64=True) as part:
        part.write(begin.encode())
        for block in middle:
            part.write(block)
        part.write(end.encode())


def _far_cell(path: Path, size: int) -> None:
    _xlsx(
        path, [b'<row r="1048576"><c r="XFD%d"><v>1</v></c></row>' % size], before='<dimension ref="A1:B2"/>'
    )


def _tag_soup(tags: str) -> Callable[[Path, int], None]:
    return lambda path, size: _xlsx(path, _blocks(tags, size))


def _long_cell(path: Path, size: int) -> None:
    cell = [b'<row r="3"><c r="A3" t="inlineStr"><is><t>', *_blocks("a", size), b"</t></is></c></row>"]
    _xlsx(path, cell)


def _shared_strings(path: Path, size: int) -> None:
    """One long text that every cell of a sheet shows: its bytes are there once."""
    text = [b"<si><t>", b"a" * 100_000, b"</t></si>"]
    _xlsx(path, _blocks('<row><c t="s"><v>0</v></c><c t="s"><v>0</v></c></row>', size), shared=text)


def _many_shared_strings(path: Path, size: int) -> None:
    _xlsx(path, (), shared=_blocks("<si><t>a</t></si>", size))


def _many_sheets(path: Path, size: int) -> None:
    _xlsx(path, (), sheets=size)


def _lying_archive(path: Path, size: int) -> None:
    """An archive that says of its sheet that it unpacks to some bytes, and does not stop there."""
    _xlsx(path, _blocks("<c><v>1</v></c>", size))
    content = bytearray(path.read_bytes())
    place = content.rindex(b"xl/worksheets/sheet1.xml") - 46
    content[place + 24 : place + 28] = struct.pack("<I", 1_000)
    path.write_bytes(content)


def ods_frame(archive: zipfile.ZipFile) -> None:
    """What a reader wants to see before it looks at the sheets."""
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    archive.writestr("mimetype", kind)
    archive.writestr(
        "META-INF/manifest.xml",
        f'<manifest:manifest xmlns:manifest="{_ODF}manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{kind}"/></manifest:manifest>',
    )


def _ods_blanks(path: Path, size: int) -> None:
    """A cell that says to have so many blanks, and writes them once."""
    cells = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    rows = [("login", "name"), ("a@x.example", f'<text:s text:c="{size}"/>')]
    names = "".join(f' xmlns:{name}="{_ODF}{name}:1.0"' for name in ("office", "table", "text"))
    table = "".join(f"<table:table-row>{''.join(map(cells.format, row))}</table:table-row>" for row in rows)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        ods_frame(new)
        new.writestr(
            "content.xml",
            f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="S">{table}</table:table></office:spreadsheet></office:body></office:document-content>',
        )


def _ods(repeated: str) -> Callable[[Path, int], None]:
    """An .ods in which a row and a cell of it stand so often as they say."""

    def make(path: Path, size: int) -> None:
        cell = f'<table:table-cell {repeated.format(size=size)} office:value-type="string"><text:p>login</text:p></table:table-cell>'
        names = "".join(f' xmlns:{name}="{_ODF}{name}:1.0"' for name in ("office", "table", "text"))
        xml = (
            f"<office:document-content{names}><office:body><office:spreadsheet>"
            f'<table:table table:name="S"><table:table-row>{cell}</table:table-row>'
            f'<table:table-row table:number-rows-repeated="{size}">{cell}</table:table-row>'
            "</table:table></office:spreadsheet></office:body></office:document-content>"
        )
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
            ods_frame(new)
            new.writestr("content.xml", xml)

    return make


def _ods_text(path: Path, size: int) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        ods_frame(new)
        _part(new, "content.xml", "<office:document-content>", _blocks("<a>", size), "")


# --- Parquet


def _parquet(path: Path, **columns: object) -> None:
    pyarrow.parquet.write_table(pa.table(columns), path, compression="zstd")


def _parquet_cell(path: Path, size: int) -> None:
    _parquet(path, login=["a@x.example", "b@x.example"], name=["Ada", "x" * size])


def _parquet_repeats(path: Path, size: int) -> None:
    """A text of 100,000 characters in so many rows; it is stored once."""
    name = pa.DictionaryArray.from_arrays(pa.array([0] * size, pa.int32()), pa.array(["x" * 100_000]))
    _parquet(path, login=[f"p{row}@x.example" for row in range(size)], name=name)


def _parquet_rows(path: Path, size: int) -> None:
    """So many rows without anything, which take no room in the file."""
    _parquet(path, login=pa.nulls(size, pa.string()), name=pa.nulls(size, pa.string()))


def _parquet_columns(path: Path, size: int) -> None:
    _parquet(path, login=["a@x.example"], **{f"c{place}": [""] for place in range(size)})


def _parquet_liar(path: Path, size: int) -> None:
    """A file whose account of itself says that it has few rows and bytes; see how numbers are written in Thrift."""
    _parquet_repeats(path, size)
    content = bytearray(path.read_bytes())
    for number in {size, size * 100_000}:
        said, instead = _zigzag(number), _zigzag(1)
        instead = bytes([*(byte | 0x80 for byte in instead.ljust(len(said), b"\0")[:-1]), 0])
        content = content.replace(said, instead[: len(said)]) if len(said) > 1 else content
    path.write_bytes(content)


def _parquet_hidden(path: Path, size: int) -> None:
    """Some long texts, each in very many of so many rows: they have as many bytes as if no text stood twice."""
    places, texts = (
        pa.array([row % 5 for row in range(size)], pa.int32()),
        pa.array([at * 130_000 for at in "abcde"]),
    )
    name = pa.DictionaryArray.from_arrays(places, texts)
    table = pa.table({"login": [f"p{row}@x.example" for row in range(size)], "name": name})
    pyarrow.parquet.write_table(table, path, compression="zstd", store_schema=False)


def _parquet_alike(path: Path, size: int) -> None:
    """Texts that begin alike: of each the file has what the one before it has not."""
    schema = pa.schema({"login": pa.string(), "name": pa.string()})
    how = {"use_dictionary": False, "column_encoding": {"login": "PLAIN", "name": "DELTA_BYTE_ARRAY"}}
    with pyarrow.parquet.ParquetWriter(
        path, schema, compression="zstd", store_schema=False, write_statistics=False, **how
    ) as file:
        for start in range(0, size, 1_000):
            rows = range(start, start + 1_000)
            columns = {
                "login": [f"p{row}@x.example" for row in rows],
                "name": [f"{'x' * 130_000}{row}" for row in rows],
            }
            file.write_table(pa.table(columns, schema))


def _zigzag(number: int) -> bytes:
    """A number as Thrift writes it."""
    left, said = number << 1, bytearray()
    while left > 0x7F:
        said.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*said, left])


# --- texts


def _one_line(path: Path, size: int) -> None:
    _text(path, [b"login,name\n"], _blocks("a", size))


def _first_line(path: Path, size: int) -> None:
    _text(path, _blocks("login ", size))


def _one_quoted_cell(path: Path, size: int) -> None:
    _text(path, [b'login,name\na@x.example,"'], _blocks("a", size), [b'"\n'])


def _filled_with(text: str) -> Callable[[Path, int], None]:
    """A roster of somebody, and then a text again and again."""
    return lambda path, size: _text(path, [b"login,name\na@x.example,Ada\n"], _blocks(text, size))


def _columns(path: Path, size: int) -> None:
    header = ",".join(("login", "name", *(f"c{place}" for place in range(size))))
    _text(path, [header.encode(), b"\n", b"," * size, b"\n"])


def _utf16(path: Path, size: int) -> None:
    """What a mark says to be UTF-16 and is halves of letters."""
    _text(path, ["login,name\n".encode("utf-16")], _blocks("\x00ab\x05", size))


def _zeros(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.write(b"login,name\n")
        os.ftruncate(file.fileno(), size)


def _gzip(path: Path, size: int) -> None:
    import gzip

    with gzip.open(path, "wb") as file:
        for block in _blocks("login,name\n", size):
            file.write(block)


_MB, _GB = 10**6, 10**9
BOMBS: Mapping[str, Bomb] = {
    "a cell far away": Bomb(".xlsx", 1_048_576, 9_999_999_999, _far_cell),
    "ends of cells without a beginning": Bomb(".xlsx", 400_000, 40 * _MB, _tag_soup("</f></c>")),
    "beginnings of cells without an end": Bomb(".xlsx", 400_000, 40 * _MB, _tag_soup("<c ")),
    "elements within elements": Bomb(".xlsx", 400_000, 40 * _MB, _tag_soup("<a>")),
    "rows without anything": Bomb(".xlsx", 400_000, 60 * _MB, _tag_soup("<row/>")),
    "formulas without a result": Bomb(".xlsx", 400_000, 60 * _MB, _tag_soup("<row><c><f>A1</f></c></row>")),
    "a text packed a thousandfold": Bomb(".xlsx", 9 * _MB, 600 * _MB, _long_cell),
    "one text in every cell": Bomb(".xlsx", 100_000, 30 * _MB, _shared_strings),
    "texts that no cell shows": Bomb(".xlsx", 400_000, 200 * _MB, _many_shared_strings),
    "sheets without end": Bomb(".xlsx", 50, 20_000, _many_sheets),
    "an archive that lies about its size": Bomb(".xlsx", 400_000, 200 * _MB, _lying_archive),
    "a row without end": Bomb(".ods", 4_000_000_000, 4_000_000_000_000, _ods('')),
    "a cell without end": Bomb(".ods", 4_000_000_000, 4_000_000_000_000, _ods('table:number-columns-repeated="{size}"')),
    "blanks of an .ods that are written once": Bomb(".ods", 500_000, 4_000_000_000, _ods_blanks),
    "elements within elements of an .ods": Bomb(".ods", 400_000, 100 * _MB, _ods_text),
    "a cell of a Parquet file": Bomb(".parquet", 600_000, 300 * _MB, _parquet_cell),
    "a text in every row of a Parquet file": Bomb(".parquet", 25_000, 2_000_000, _parquet_repeats),
    "rows without anything in a Parquet file": Bomb(".parquet", 20_000, 50_000_000, _parquet_rows),
    "columns of a Parquet file": Bomb(".parquet", 1_001, 100_000, _parquet_columns),
    "texts of a Parquet file that stand very often": Bomb(".parquet", 100_000, 130_000, _parquet_hidden),
    "texts of a Parquet file that begin alike": Bomb(".parquet", 20_000, 100_000, _parquet_alike),
    "a Parquet file that lies about itself": Bomb(".parquet", 25_000, 2_000_000, _parquet_liar),
    "one line": Bomb(".csv", 150_000, 1 * _GB, _one_line),
    "one line in a large file": Bomb(".csv", 150_000, 240 * _MB, _one_line),
    "a first line": Bomb(".csv", 150_000, 1 * _GB, _first_line),
    "a quoted cell": Bomb(".csv", 150_000, 240 * _MB, _one_quoted_cell),
    "delimiters": Bomb(".csv", 150_000, 240 * _MB, _filled_with(",")),
    "line ends": Bomb(".csv", 150_000, 16 * _MB, _filled_with("\n")),
    "old line ends": Bomb(".csv", 150_000, 16 * _MB, _filled_with("\r")),
    "quotation marks": Bomb(".csv", 150_000, 240 * _MB, _filled_with('"')),
    "quotation marks and line ends": Bomb(".csv", 150_000, 16 * _MB, _filled_with('"\n')),
    "quoted cells without anything": Bomb(".csv", 150_000, 16 * _MB, _filled_with('"",')),
    "blanks before marks": Bomb(".csv", 150_000, 6 * _MB, _filled_with('a, "b"\n')),
    "rows of one cell": Bomb(".csv", 150_000, 16 * _MB, _filled_with("a\n")),
    "rows of one cell in a large file": Bomb(".csv", 150_000, 300 * _MB, _filled_with("a\n")),
    "rows too long": Bomb(".csv", 150_000, 16 * _MB, _filled_with("a,b,c\n")),
    "rows that are all wrong": Bomb(".csv", 150_000, 16 * _MB, _filled_with("abc,b\n")),
    "rows of the same person": Bomb(".csv", 150_000, 16 * _MB, _filled_with("a@x.example,Ada\n")),
    "columns": Bomb(".csv", 2_000, 1_000_000, _columns),
    "columns of a first line without end": Bomb(".csv", 2_000, 100_000_000, _columns),
    "halves of letters": Bomb(".csv", 150_000, 100 * _MB, _utf16),
    "nothing but zeros": Bomb(".csv", 150_000, 2 * _GB, _zeros),
    "something packed": Bomb(".csv", 150_000, 100 * _MB, _gzip),
}  # fmt: skip
