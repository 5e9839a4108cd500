"""How much storage a cell says, in bytes."""

from __future__ import annotations

import re
from decimal import Decimal

from provision.model import NO_LIMIT, UNLIMITED

_SIZE = re.compile(
    r"(\d+)(?:([.,])(\d+))?\s*(b|bytes?|o|octets?|[kmgt](?:i?[bo])?|[kmgt]bytes?|(?:kilo|mega|giga|tera)bytes?|[кмгт]б)?",
    re.IGNORECASE,
)
#: blanks and apostrophes between thousands, which are nothing else, and the other signs where it is sure that they are
_BETWEEN = re.compile(r"(?<=\d)[ '\u2019\u00a0\u2009\u202f](?=\d{3}(?!\d))")
_THOUSANDS = re.compile(
    r"^(?:\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:,\d{3}){2,}|\d{1,3}(?:\.\d{3})+(?=,)|\d{1,3}(?:,\d{3})+(?=\.))(?!\d)"
)
_ROUNDED = re.compile(r"\d+(?:[.,]\d+)?e\+?\d+", re.IGNORECASE)
_POWERS = {"b": 0, "o": 0, "k": 1, "m": 2, "g": 3, "t": 4, "к": 1, "м": 2, "г": 3, "т": 4}
_NO_LIMIT_WORDS = (
    "unlimited", "unbegrenzt", "illimité", "illimitato", "ilimitado", "onbeperkt", "bez limitu", "nieograniczony", "neomezeně",
    "obegränsad", "ubegrænset", "ubegrenset", "rajoittamaton", "korlátlan", "sınırsız", "nelimitat", "без ограничений",
    "無制限", "无限制", "無限制", "무제한", UNLIMITED,
)  # fmt: skip
#: the largest size Box's interface can hold: a signed number of 64 bits
_MOST = (1 << 63) - 1
_TOO_LARGE = "larger than any size Box can hold; write unlimited, or a number with a unit as 10 GB"
#: a number of bytes below is surely meant in another unit
_LEAST = 1 << 20


def size(text: str) -> str:
    """Decimal bytes from bytes or a number with a unit (1 GB = 1 Go = 1024³ bytes); -1 from ``unlimited`` or -1.

    The decimals may stand behind a comma or a dot, unless there are three of them: ``1,024 GB`` and ``1.024 GB`` may be
    either, by where they were written. Raises ValueError with the reason for the row error.
    """
    if text.casefold() in _NO_LIMIT_WORDS:
        return UNLIMITED
    if _ROUNDED.fullmatch(text):
        raise ValueError("a spreadsheet has rounded this number; write it with a unit, as 10 GB")
    match = _SIZE.fullmatch(_without_thousands(text))
    if match is None:
        raise ValueError("not a size; write bytes, a number with a unit as 10 GB, or unlimited")
    whole, sign, decimals, unit = match.groups()
    if sign and len(decimals) == len("000") and whole.strip("0"):
        mark = "comma" if sign == "," else "dot"
        raise ValueError(
            f"a {mark} before three figures may mean thousands or decimals; write it as 1024 GB or 1.5 GB"
        )
    if len(whole.lstrip("0")) > len(str(_MOST)):
        raise ValueError(_TOO_LARGE)
    amount = _bytes(whole, decimals) if unit is None else _in_units(f"{whole}.{decimals or 0}", unit)
    if amount > _MOST:
        raise ValueError(_TOO_LARGE)
    return UNLIMITED if amount >= NO_LIMIT else str(amount)


def _without_thousands(text: str) -> str:
    """A number without what stands between its thousands, where that is certain."""
    return _THOUSANDS.sub(lambda found: re.sub("[.,]", "", found[0]), _BETWEEN.sub("", text))


def _in_units(number: str, unit: str) -> int:
    return int(Decimal(number) * 1024 ** _POWERS[unit[0].casefold()])


def _bytes(whole: str, decimals: str | None) -> int:
    if decimals and decimals.strip("0"):
        raise ValueError("a size with decimals needs its unit, as 1.5 GB")
    if 0 < int(whole) < _LEAST:
        raise ValueError("a number without a unit means bytes, and so few cannot be meant; write it as 10 GB")
    return int(whole)
