"""A column of dates to ``YYYY-MM-DD``.

Understood: ISO dates, also with a time of day, which is dropped; ``DD.MM.YYYY``; dates with an English month
(``3 Apr 2020``, ``3-Apr-2020``, ``April 3, 2020``); and dates with slashes, if the file itself says which part is the
month: one cell with a first or second number above 12 decides for all of its column, and for the other date columns
if nothing in the file speaks against it. A day that is the same either way (``03/03/2022``) is always understood.

``0000-00-00`` means that there is no date. A day before 1970 is none either, but what other systems write for
"no date" (.NET 0001-01-01, Excel 1900-01-00 or the number 0 or 1, SQL Server 1900-01-01): since it would be an end
date long reached, it is an error and never a date.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from enum import Flag, auto
from functools import reduce
from operator import or_

_ISO = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?")
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")
_DAY_MONTH = re.compile(r"(\d{1,2})[ /-]\s*([a-z]+)[., /-]\s*(\d{4})", re.IGNORECASE)
_MONTH_DAY = re.compile(r"([a-z]+)[. -]\s*(\d{1,2})(?:,\s*|\s+|-)(\d{4})", re.IGNORECASE)
_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_NEVER = ("0000", "00", "00")
#: what a spreadsheet shows or stores for the number 0 or 1 in a column of dates, where no day is meant
_ZERO = frozenset(
    {"0", "1", "0.0", "1.0", "00:00:00", "1900-01-00", "1/0/1900", "01/00/1900", "0/1/1900", "00/01/1900"}
)
_FIRST_YEAR = 1970
_NO_DATE = "not a date; write YYYY-MM-DD"
_TOO_EARLY = (
    f'a day before {_FIRST_YEAR}; usual cause: "no date" of another system, as 1900-01-01 or 0001-01-01; '
    "leave the cell empty"
)


class Order(Flag):
    """Which number of dates with slashes comes first. What parts of a file prove is put together by ``|``."""

    UNKNOWN = 0
    DAY_FIRST = auto()
    MONTH_FIRST = auto()
    CONTRADICTED = DAY_FIRST | MONTH_FIRST


#: by field, what its dates prove
Orders = Mapping[str, Order]
_KNOWN = (Order.DAY_FIRST, Order.MONTH_FIRST)


def proven(cells: Iterable[str]) -> Order:
    """What the dates with slashes among the cells prove."""
    pairs = [(int(match[1]), int(match[2])) for cell in cells if (match := _SLASHES.fullmatch(cell))]
    day_first = any(first > 12 for first, _ in pairs)
    month_first = any(second > 12 for _, second in pairs)
    return (Order.DAY_FIRST if day_first else Order.UNKNOWN) | (
        Order.MONTH_FIRST if month_first else Order.UNKNOWN
    )


def decided(orders: Orders) -> dict[str, Order]:
    """By field, the order in which its dates are read: its own, or else the one that all fields prove together."""
    of_file = reduce(or_, orders.values(), Order.UNKNOWN)
    return {field: order if order in _KNOWN else of_file for field, order in orders.items()}


def iso(text: str, order: Order) -> str:
    """One cell as ``YYYY-MM-DD``, or "" for no date. Raises ValueError with the reason for the row error."""
    if text in _ZERO:
        raise ValueError(_TOO_EARLY)
    if match := _ISO.fullmatch(text):
        return "" if match.groups() == _NEVER else _date(match[1], match[2], match[3])
    if match := _DOTS.fullmatch(text):
        return _date(match[3], match[2], match[1])
    if match := _SLASHES.fullmatch(text):
        return _slashes(match[1], match[2], match[3], order)
    if match := _DAY_MONTH.fullmatch(text):
        return _date(match[3], _month(match[2]), match[1])
    if match := _MONTH_DAY.fullmatch(text):
        return _date(match[3], _month(match[1]), match[2])
    raise ValueError(_NO_DATE)


def _slashes(first: str, second: str, year: str, order: Order) -> str:
    if order not in _KNOWN and int(first) != int(second) and int(year) >= _FIRST_YEAR:
        raise ValueError("day and month cannot be told apart in this column; write YYYY-MM-DD")
    return _date(year, second, first) if order is Order.DAY_FIRST else _date(year, first, second)


def _month(word: str) -> str:
    """The number of a month from its English name, whole or cut after the third letter (or ``Sept``)."""
    known = word.casefold()
    for number, name in enumerate(_MONTHS, 1):
        if known in (name, name[:3]) or (known, name) == ("sept", "september"):
            return str(number)
    raise ValueError(_NO_DATE)


def _date(year: str, month: str, day: str) -> str:
    if int(year) < _FIRST_YEAR:
        raise ValueError(_TOO_EARLY)
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError as error:
        raise ValueError("no such day in the calendar; write YYYY-MM-DD") from error
