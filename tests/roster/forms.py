"""A small roster of two people in each form that is read, as programs write it."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from provision.roster import write_roster

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_PEOPLE = [("login", "name"), ("a@x.example", "Ada"), ("b@x.example", "Zoë Weiß")]
_FORMATS = Path(__file__).parents[2] / "sample_data" / "formats"


def sample(ending: str, folder: Path) -> bytes:
    """The bytes of a file with this ending; ``folder`` is for what is made on the way."""
    match ending:
        case ".xls":  # a binary form that nothing here writes
            return (Path(__file__).parent / "stored" / "people.xls").read_bytes()
        case ".xlsb":
            return _xlsb(_PEOPLE)
        case ".ods":
            return (_FORMATS / "bamboohr.ods").read_bytes()
        case ".txt":
            return "\n".join(";".join(row) for row in _PEOPLE).encode()
    path = folder / f"made{'.xlsx' if ending == '.xlsm' else ending}"
    write_roster(pd.DataFrame(_PEOPLE[1:], columns=list(_PEOPLE[0]), dtype="str"), path)
    return path.read_bytes()


def _xlsb(rows: Sequence[Sequence[str]]) -> bytes:
    """A workbook in the binary form of Excel, whose parts are records: a kind, a length, and bytes (MS-XLSB 2.3)."""
    sheet = [
        _record(129),
        _record(148, struct.pack("<IIII", 0, len(rows) - 1, 0, len(rows[0]) - 1)),
        _record(145),
    ]
    for number, row in enumerate(rows):
        sheet.append(_record(0, struct.pack("<I", number) + bytes(13)))
        sheet += [_record(6, struct.pack("<II", at, 0) + _text(cell)) for at, cell in enumerate(row)]
    names = _record(156, struct.pack("<II", 0, 1) + _text("r1") + _text("Staff"))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types"/>'.encode(),
        "_rels/.rels": _leads_to("b", "officeDocument", "xl/workbook.bin"),
        "xl/workbook.bin": b"".join([_record(131), _record(143), names, _record(144), _record(132)]),
        "xl/_rels/workbook.bin.rels": _leads_to("r1", "worksheet", "worksheets/sheet1.bin"),
        "xl/worksheets/sheet1.bin": b"".join([*sheet, _record(146), _record(130)]),
    }
    return packed(parts)


def packed(parts: dict[str, bytes]) -> bytes:
    """An archive of these parts."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name, content in parts.items():
            new.writestr(name, content)
    return stream.getvalue()


def unpacked(content: bytes) -> dict[str, bytes]:
    """The parts of an archive; none of what is no archive."""
    stream = io.BytesIO(content)
    if not zipfile.is_zipfile(stream):
        return {}
    with zipfile.ZipFile(stream) as old:
        return {name: old.read(name) for name in old.namelist()}


def _record(kind: int, content: bytes = b"") -> bytes:
    return _number(kind) + _number(len(content)) + content


def _number(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    said = bytearray()
    while value > 0x7F:
        said.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*said, value])


def _text(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _leads_to(name: str, kind: str, part: str) -> bytes:
    told = f'<Relationship Id="{name}" Type="{_OFFICE}/{kind}" Target="{part}"/>'
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{told}</Relationships>'.encode()
