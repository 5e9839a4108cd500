"""A column of dates to ``YYYY-MM-DD``.

Understood: dates that begin with the year (``2026-12-31``, ``2026/12/31``, ``2026.12.31``, ``20261231``); ``DD.MM.YYYY``; dates
with a word for the month (see :mod:`provision.roster.cells.months`; ``3 Apr 2020``, ``3-Apr-2020``, ``April 3, 2020``, ``3. März 2020``,
``3 de abril de 2020``), whatever day of the week stands before it; and dates with slashes or hyphens, if the file itself says
which part is the month: one cell with a first or second number above 12 decides for all of its column, and for the other
date columns if nothing in the file speaks against it. A day that is the same either way (``03/03/2022``) is always
understood. A time of day is dropped.

A spreadsheet that is opened with the settings of another country turns ``05/12/2026`` into the 12th of May and leaves
``31/12/2026`` as text, since there is no 31st month. So in a column in which such texts are left over beside days of which
hardly one is above 12, the days may have changed places with their months, and nobody can tell which.

Nothing but zeros (``0000-00-00``, SAP's ``00.00.0000`` and ``00000000``) means that there is no date. A day before 1970 is none
either, but what other systems write for "no date" (.NET 0001-01-01, Excel 1900-01-00 or the number 0 or 1, SQL Server
1900-01-01): since it would be an end date long reached, it is an error and never a date. So is the first of January 1970
as an end date, which is the number 0 of a computer's clock.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from enum import Flag, auto
from functools import reduce
from operator import or_
from typing import NamedTuple

from provision.roster.cells.canonical import looks_like_code
from provision.roster.cells.months import Slavic, is_weekday, language_shown, means_two_months, month_number

#: hyphens and wide signs of other keyboards
_SIGNS = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u2013": "-", "\u2212": "-", "\uff0d": "-", "\uff0e": ".", "\uff0f": "/"}
)
_TIME = r"(?:(?:T|,? )\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?: ?[ap]\.?m\.?)?(?:Z|[+-]\d{2}:?\d{2})?)?"


def _form(date: str) -> re.Pattern[str]:
    """A date, with or without a time of day behind it."""
    return re.compile(date + _TIME, re.IGNORECASE)


_YEAR_FIRST = _form(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})")
_POINTS = re.compile(r"(\d{4})(?:\. ?|年 ?|년 ?)(\d{1,2})(?:\. ?|月 ?|월 ?)(\d{1,2})(?:\.|日|일)?")
#: years of the last two emperors of Japan, counted from 1, which is also called the first
_ERA = re.compile(r"(平成|令和) ?(\d{1,2}|元)年 ?(\d{1,2})月 ?(\d{1,2})日")
_BEFORE_ERA = {"平成": 1988, "令和": 2018}
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T?\d{4}(?:\d{2}(?:\.\d+)?)?Z?)?")
#: what stands behind a year in Croatian, Russian, Bulgarian and Ukrainian
_OF_YEAR = r"(?:\.| ?[гр]\.?| ?года| ?року)?"
_DOTS = _form(rf"(\d{{1,2}})\. ?(\d{{1,2}})\. ?(\d{{4}}){_OF_YEAR}")
_SLASHES = _form(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_WORD = r"([^\W\d_]+)"
_LETTERS = re.compile(_WORD)
_DAY_MONTH = re.compile(
    rf"(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?[ /-]\s*(?:de )?{_WORD}(?:[., /-]| de )\s*(\d{{4}}){_OF_YEAR}",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(rf"{_WORD}[. -]\s*(\d{{1,2}})(?:st|nd|rd|th)?(?:,\s*|\s+|-)(\d{{4}})", re.IGNORECASE)
_YEAR_MONTH_DAY = re.compile(rf"(\d{{4}})(?:\. ?|[ /-]){_WORD}[ ./-]\s*(\d{{1,2}})\.?", re.IGNORECASE)
#: a day of the week before a date, as in the long form of spreadsheets
_WEEKDAY = re.compile(r"([^\W\d_]+(?:-[^\W\d_]+)?)\.?,? (?=.*\d)")
#: a date with slashes as a spreadsheet leaves it, of whichever length of year
_LEFT_OVER = _form(r"(\d{1,2})([/-])(\d{1,2})\2(?:\d{4}|\d{2})")
#: what systems write for no date, as SAP its initial values
_NEVER = _form(r"(?:0000([-/.])00\1 ?00|00([-/.])00\2 ?0000|0{8})")
#: what a spreadsheet shows or stores for the number 0 or 1 in a column of dates, where no day is meant
_ZERO = frozenset(
    {"0", "1", "0.0", "1.0", "00:00:00", "1900-01-00", "1/0/1900", "01/00/1900", "0/1/1900", "00/01/1900"}
)
_FIRST_YEAR = 1970
_NO_DATE = "not a date; write YYYY-MM-DD"
#: a word that may stand for "no date", as ``permanent``
_TAUGHT = '"{word}" is not a date; write YYYY-MM-DD; or the job says what the word means, as roster: values: {{{field}: {{"{word}": ""}}}}'
_TWO_MONTHS = "the word for the month is another one in Polish than in Croatian; write YYYY-MM-DD"
#: years of the calendar of Thailand that are now; a last day in one of them would be reached by nobody
_BUDDHIST, _BUDDHIST_AHEAD = range(2540, 2600), 543
#: forms that are no date for certain, and why
_CAUSES = (
    (
        re.compile(r"\d{5}(?:[.,]\d+)?"),
        "a spreadsheet's number of a day; format the column as a date and export it again",
    ),
    (
        re.compile(r"\d{1,2}[-/. ](?:\d{1,2}|[a-z]{3,})[-/. ]\s*'?\d{2}" + _TIME, re.IGNORECASE),
        "a year of two figures; write YYYY-MM-DD",
    ),
    (
        re.compile(r"/Date\(-?\d+(?:[+-]\d{4})?\)/|-?\d{9,}"),
        "a computer's number of seconds, not a day; write YYYY-MM-DD",
    ),
    (
        re.compile(r"\d{7,8}"),
        "figures in a row are read as YYYYMMDD only, which this is not; write YYYY-MM-DD",
    ),
)
_TOO_EARLY = (
    f'a day before {_FIRST_YEAR}; usual cause: "no date" of another system, as 1900-01-01 or 0001-01-01; '
    "leave the cell empty"
)
#: the number 0 of a computer's clock
_EPOCH = dt.date(_FIRST_YEAR, 1, 1).isoformat()
_NO_LAST_DAY = f"the first day of {_FIRST_YEAR} is how computers write no date; leave the cell empty, or write the last day"
_CHANGED_PLACES = (
    "day and month may have changed places: other dates of the file were left as text, as a spreadsheet does that was "
    "opened with the settings of another country; import the original with the column as text, and write YYYY-MM-DD"
)


class Order(Flag):
    """What the dates of a column prove. What parts of a file prove is put together by ``|``.

    ``DAY_FIRST``, ``MONTH_FIRST``: some date with slashes has that order. ``LEFT_OVER``: some can be read in one order
    only, ``EITHER_WAY``: some in both. ``LOW``: some date that begins with the year, as a spreadsheet's cell does, would be
    another day with day and month the other way round, ``HIGH``: at least a quarter of them would be none.
    ``POLISH``, ``CROATIAN``: words for months are of that language.
    """

    UNKNOWN = 0
    DAY_FIRST = auto()
    MONTH_FIRST = auto()
    LEFT_OVER = auto()
    EITHER_WAY = auto()
    LOW = auto()
    HIGH = auto()
    POLISH = auto()
    CROATIAN = auto()
    CONTRADICTED = DAY_FIRST | MONTH_FIRST


#: by field, what its dates prove
Orders = Mapping[str, Order]
_KNOWN = (Order.DAY_FIRST, Order.MONTH_FIRST)
#: how many dates with a day above 12 show that nothing was turned round, as a share
_SHOWN_BY = 4


class DateReading(NamedTuple):
    """How a column is read: the order of dates with slashes, whether all others are to be believed, and whether these are last days."""

    order: Order
    turned: bool = False
    last: bool = False
    language: Slavic = Slavic.UNKNOWN


def proven(cells: Iterable[str]) -> Order:
    """What these dates prove."""
    texts = [text for text in (cell.translate(_SIGNS) for cell in cells) if _NEVER.fullmatch(text) is None]
    pairs = [(int(match[1]), int(match[3])) for cell in texts if (match := _SLASHES.fullmatch(cell))]
    left = [(int(match[1]), int(match[3])) for cell in texts if (match := _LEFT_OVER.fullmatch(cell))]
    days = [(int(match[4]), int(match[3])) for cell in texts if (match := _YEAR_FIRST.fullmatch(cell))]
    language = language_shown({word for text in texts for word in _LETTERS.findall(text)})
    signs = {
        Order.DAY_FIRST: any(first > 12 for first, _ in pairs),
        Order.MONTH_FIRST: any(second > 12 for _, second in pairs),
        Order.LEFT_OVER: any(max(pair) > 12 for pair in left),
        Order.EITHER_WAY: any(max(pair) <= 12 for pair in left),
        Order.LOW: any(day <= 12 and day != month for day, month in days),
        Order.HIGH: _SHOWN_BY * sum(day > 12 for day, _ in days) >= len(days) > 0,
        Order.POLISH: Slavic.POLISH in language,
        Order.CROATIAN: Slavic.CROATIAN in language,
    }
    return reduce(or_, (sign for sign, holds in signs.items() if holds), Order.UNKNOWN)


def decided(orders: Orders) -> dict[str, DateReading]:
    """By field, how its dates are read: in its own order, or else in the one that all fields prove together."""
    together = reduce(or_, orders.values(), Order.UNKNOWN)
    of_file = together & Order.CONTRADICTED
    language = (Slavic.POLISH if Order.POLISH in together else Slavic.UNKNOWN) | (
        Slavic.CROATIAN if Order.CROATIAN in together else Slavic.UNKNOWN
    )
    turned = any(_turned(order) for order in orders.values())
    own = {field: order & Order.CONTRADICTED for field, order in orders.items()}
    return {
        field: DateReading(
            own[field] if own[field] in _KNOWN else of_file,
            turned and Order.HIGH not in order,
            field == "end_date",
            language,
        )
        for field, order in orders.items()
    }


def _turned(order: Order) -> bool:
    """Whether a column shows that a spreadsheet took days for months."""
    both = Order.LEFT_OVER in order and Order.LOW in order
    return both and Order.EITHER_WAY not in order and Order.HIGH not in order


def iso(text: str, reading: DateReading) -> str:
    """One cell as ``YYYY-MM-DD``, or "" for no date. Raises ValueError with the reason for the row error."""
    text = text.translate(_SIGNS)
    if _NEVER.fullmatch(text):
        return ""
    if text in _ZERO:
        raise ValueError(_TOO_EARLY)
    day = _in_figures(text, reading) or _in_words(text, reading.language)
    if not day:
        raise ValueError(_why_none(text, "end_date" if reading.last else "start_date"))
    if reading.last and day == _EPOCH:
        raise ValueError(_NO_LAST_DAY)
    return day


def _why_none(text: str, field: str) -> str:
    """Why a text is no date; a word is repeated, which the job may teach."""
    if any(map(means_two_months, _LETTERS.findall(text))):
        return _TWO_MONTHS
    known = next((why for form, why in _CAUSES if form.fullmatch(text)), "")
    return known or (_TAUGHT.format(word=text, field=field) if looks_like_code(text) else _NO_DATE)


def _in_figures(text: str, reading: DateReading) -> str:
    """A date in figures alone; "" for what is none."""
    if match := _YEAR_FIRST.fullmatch(text):
        return _year_first(match[1], match[3], match[4], turned=reading.turned)
    if (match := _TOGETHER.fullmatch(text)) and (day := _together(*match.groups())):
        return day
    if match := _POINTS.fullmatch(text):
        return _date(*match.groups())
    if match := _ERA.fullmatch(text):
        year = _BEFORE_ERA[match[1]] + (1 if match[2] == "元" else int(match[2]))
        return _date(str(year), match[3], match[4])
    if match := _DOTS.fullmatch(text):
        return _date(match[3], match[2], match[1])
    if match := _SLASHES.fullmatch(text):
        return _slashes(match[1], match[3], match[4], reading.order)
    return ""


def _in_words(text: str, language: Slavic) -> str:
    """A date with a word for the month; "" for what is none."""
    before = _WEEKDAY.match(text)
    bare = text[before.end() :] if before and is_weekday(before[1]) else text
    if (match := _DAY_MONTH.fullmatch(bare)) and (month := month_number(match[2], language)):
        return _date(match[3], str(month), match[1])
    if (match := _MONTH_DAY.fullmatch(bare)) and (month := month_number(match[1], language)):
        return _date(match[3], str(month), match[2])
    if (match := _YEAR_MONTH_DAY.fullmatch(bare)) and (month := month_number(match[2], language)):
        return _date(match[1], str(month), match[3])
    return ""


def _year_first(year: str, month: str, day: str, *, turned: bool) -> str:
    if turned and int(day) <= 12 and int(day) != int(month):
        raise ValueError(_CHANGED_PLACES)
    return _date(year, month, day)


def _together(year: str, month: str, day: str) -> str:
    """Figures without anything between them; "" for those that are no day."""
    try:
        return _date(year, month, day)
    except ValueError:
        return ""


def _slashes(first: str, second: str, year: str, order: Order) -> str:
    if order not in _KNOWN and int(first) != int(second) and int(year) >= _FIRST_YEAR:
        raise ValueError("day and month cannot be told apart in this column; write YYYY-MM-DD")
    return _date(year, second, first) if order is Order.DAY_FIRST else _date(year, first, second)


def _date(year: str, month: str, day: str) -> str:
    if int(year) < _FIRST_YEAR:
        raise ValueError(_TOO_EARLY)
    if int(year) in _BUDDHIST:
        raise ValueError(
            f"a year of the Buddhist calendar, it seems, which is {int(year) - _BUDDHIST_AHEAD}; write YYYY-MM-DD"
        )
    try:
        return dt.date(int(year), int(month), int(day)).isoformat()
    except ValueError as error:
        raise ValueError("no such day in the calendar; write YYYY-MM-DD") from error
