"""Which cells are e-mail addresses: one expression over the whole column, a full check of what it doubts."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import arrow, equals, longest

_LOCAL = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
#: surely an address: ASCII, every part of a plain form
_PLAIN = rf"^{_LOCAL}@(?:{_LABEL}\.)+[A-Za-z]{{2,63}}$"

_ADDRESS_LIKE = re.compile(r"^\s*[^\s@]+@[^\s@]+\s*$")
#: quotation marks that a script or a word processor puts around a cell
_MARKS = "'\"`\u00b4\u2018\u2019\u201a\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a"
#: bytes that an address has at most, and its part before the @
_LONGEST, _LONGEST_LOCAL = 254, 64
#: rows that tell what a column holds
_LOOKED_AT = 200
_A_FEW = 20


def not_addresses(column: pd.Series) -> dict[int, str]:
    """Position of each filled cell that is no e-mail address, with why; nothing of the cell is in the reason.

    Syntax only, no look-up (RFC 5321, 5322, 6531, by the package email-validator).
    """
    text = arrow(column)
    plain = np.asarray(pc.match_substring_regex(text, _PLAIN), dtype=np.bool_)
    if longest(column) > _LONGEST_LOCAL:
        plain &= np.asarray(pc.less_equal(pc.find_substring(text, "@"), _LONGEST_LOCAL), dtype=np.bool_)
        plain &= np.asarray(pc.less_equal(pc.binary_length(text), _LONGEST), dtype=np.bool_)
    doubtful = np.flatnonzero(~plain & ~equals(column, ""))
    texts = text.take(pa.array(doubtful)).dictionary_encode()
    whys = [_why_not(each) for each in texts.dictionary.to_pylist()]
    told = [whys[code] for code in texts.indices.to_numpy().tolist()]
    return {place: why for place, why in zip(doubtful.tolist(), told, strict=True) if why}


def address_columns(cells: pa.Table) -> list[int]:
    """Positions of the columns that begin with e-mail addresses: over half of their first filled cells are one."""
    return [place for place, column in enumerate(cells.slice(0, _LOOKED_AT).columns) if _mostly(column)]


def first_addresses(cells: pa.Table, place: int) -> tuple[str, ...]:
    """The first addresses in a column, each once, a few."""
    found = (cell.strip() for cell in cells.slice(0, _LOOKED_AT).column(place).to_pylist())
    return tuple(dict.fromkeys(cell for cell in found if _ADDRESS_LIKE.search(cell)))[:_A_FEW]


def _mostly(column: pa.ChunkedArray) -> bool:
    found = [_ADDRESS_LIKE.search(cell) is not None for cell in column.to_pylist() if cell.strip()]
    return sum(found) * 2 > len(found)


def _why_not(text: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    if len(text) > 2 and text[0] in _MARKS and text[-1] in _MARKS:
        return 'there are quotation marks around it; export without them, or with a plain " around each cell'
    if any(mark in text for mark in ",;<>") or " " in text:
        return "there is a blank, comma, semicolon or bracket in it"
    if "@" not in text:
        return "there is no @ in it"
    try:
        validate_email(text, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return _brief(str(error))
    return ""


def _brief(message: str) -> str:
    first = re.split(r": |\. ", message, maxsplit=1)[0].rstrip(".")
    return first[:1].lower() + first[1:]
