"""The broken workbooks: Excel files that are not what they look like."""

import struct

from generator.people import Row
from generator.writers import Sheet, workbook

_HEADER = ("external_id", "login", "name")
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def _people(*ids: str | int) -> list[Row]:
    named = (("ada.sample", "Ada Sample"), ("bo.muster", "Bo Muster"), ("cy.exemple", "Cy Exemple"))
    return [
        {"external_id": key, "login": f"{handle}@acme.example", "name": name}
        for key, (handle, name) in zip(ids, named, strict=True)
    ]


def valid() -> bytes:
    """A workbook with nothing wrong but the name it will get."""
    return workbook([Sheet("Employees", _HEADER, _people("000101", "000102", "000103"))])


def number_as_id() -> bytes:
    """Keys as Excel numbers: the leading zeros are gone, and long ones show as 1.2E+10."""
    return workbook([Sheet("Employees", _HEADER, _people(12000000417, 12000000418, 419))])


def wrong_sheet() -> bytes:
    """A workbook without the sheet that is asked for."""
    pivot: list[Row] = [{"Department": "Sales", "Headcount": 12}, {"Department": "Finance", "Headcount": 7}]
    notes = Sheet("Notes", above=("Roster moved to another file",))
    return workbook([notes, Sheet("Pivot", ("Department", "Headcount"), pivot)])


def corrupt() -> bytes:
    """The first two thirds of a workbook: the archive's index is missing."""
    whole = valid()
    return whole[: len(whole) * 2 // 3]


def password_protected() -> bytes:
    """The shell Excel puts around an encrypted workbook ([MS-OFFCRYPTO] 2.3): a compound file, no archive.

    There is nothing inside; a reader has to give up on seeing the stream named EncryptedPackage.
    """
    table = struct.pack("<128I", _FAT, _END, *range(3, 10), _END, *range(11, 18), _END, *[_FREE] * 110)
    folder = _entry("Root Entry", 5, child=1) + _entry("EncryptedPackage", 2, left=2, start=2, size=4096)
    folder += _entry("EncryptionInfo", 2, start=10, size=4096) + bytes(128)
    return _compound_header() + table + folder + bytes(512) * 16


def _compound_header() -> bytes:
    magic = bytes.fromhex("d0cf11e0a1b11ae1")
    versions = struct.pack("<16x5H6x", 0x3E, 3, 0xFFFE, 9, 6)
    places = struct.pack("<9I", 1, 1, 0, 4096, _END, 0, _END, 0, 0)
    return magic + versions + struct.pack("<I", 0) + places + struct.pack("<108I", *[_FREE] * 108)


def _entry(name: str, kind: int, child: int = _FREE, **where: int) -> bytes:
    title = f"{name}\0".encode("utf-16-le")
    links = struct.pack("<3I", where.get("left", _FREE), _FREE, child)
    place = struct.pack("<IQ", where.get("start", _END), where.get("size", 0))
    return title.ljust(64, b"\0") + struct.pack("<HBB", len(title), kind, 1) + links + bytes(36) + place
