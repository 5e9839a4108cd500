"""A column of dates to ``YYYY-MM-DD``.

Understood: ISO dates, also with a time of day, which is dropped; ``DD.MM.YYYY``; and dates with slashes, if the
file itself says which part is the month: one cell with a first or second number above 12 decides for all of its
column, and for the other date columns if nothing in the file speaks against it. A day that is the same either way
(``03/03/2022``) is always understood. ``0000-00-00`` means that there is no date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from enum import Enum, auto

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_NEVER = ("0000", "00", "00")
_NO_DATE = "not a date; write YYYY-MM-DD"


class Order(Enum):
    """Which number of a date with slashes comes first in a column."""

    DAY_FIRST = auto()
    MONTH_FIRST = auto()
    UNKNOWN = auto()


def order_of(cells: Iterable[str]) -> Order:
    """Which order the dates with slashes among the cells prove."""
    pairs = [(int(match[1]), int(match[2])) for cell in cells if (match := _SLASHES.fullmatch(cell))]
    day_first = any(first > 12 for first, _ in pairs)
    month_first = any(second > 12 for _, second in pairs)
    if day_first == month_first:
        return Order.UNKNOWN
    return Order.DAY_FIRST if day_first else Order.MONTH_FIRST


def iso(text: str, order: Order) -> str:
    """One cell as ``YYYY-MM-DD``, or "" for no date. Raises ValueError with the reason for the row error."""
    if match := _ISO.fullmatch(text):
        return "" if match.groups() == _NEVER else _date(match[1], match[2], match[3])
    if match := _DOTS.fullmatch(text):
        return _date(match[3], match[2], match[1])
    if match := _SLASHES.fullmatch(text):
        return _slashes(match[1], match[2], match[3], order)
    raise ValueError(_NO_DATE)


def _slashes(first: str, second: str, year: str, order: Order) -> str:
    if order is Order.UNKNOWN and int(first) != int(second):
        raise ValueError("day and month cannot be told apart in this column; write YYYY-MM-DD")
    return _date(year, second, first) if order is Order.DAY_FIRST else _date(year, first, second)


def _date(year: str, month: str, day: str) -> str:
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError as error:
        raise ValueError("no such day in the calendar; write YYYY-MM-DD") from error
