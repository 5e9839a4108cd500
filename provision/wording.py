"""What messages are made of everywhere: numbers, moments, lengths of time and sizes in words, and what was meant."""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

#: characters that nobody can see and that change nothing in a text: marks of direction, which Windows puts around copied
#: text, zero width spaces, byte order marks, soft hyphens, fillers. (Not here: what joins letters or parts them, as in Persian)
MEANINGLESS = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2061\u2062\u2063"
    "\u2064\u2066\u2067\u2068\u2069\u206a\u206b\u206c\u206d\u206e\u206f\u3164\ufeff\uffa0\ufff9\ufffa\ufffb"
    + "".join(map(chr, (0xE0001, *range(0xE0020, 0xE0080))))
)
#: all that nobody can see: joiners and variation selectors too, which have a meaning between letters, but none around a text
INVISIBLE = MEANINGLESS + "\u200c\u200d" + "".join(map(chr, range(0xFE00, 0xFE10)))
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
#: what moves a cursor, changes colours, turns the direction of a line around or cannot be written: control characters but for the
#: line end and the tab, Unicode's Bidi_Control, its line and paragraph separators, halves of characters, invisible tags
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
#: from so many minutes on an estimate is told in hours
_LONG = 120


def harmless(text: str) -> str:
    """The text with a \ufffd for each character by which it could steer a terminal; line ends and tabs stay."""
    return _STEERING.sub("\ufffd", text)


def harmless_json(text: str) -> str:
    """A JSON text that says the same, such characters escaped as JSON allows."""
    return _STEERING.sub(lambda found: json.dumps(found[0])[1:-1], text)


def counted(number: int, noun: str, nouns: str = "") -> str:
    """A number with its noun: 1 account, 1,204 accounts; ``nouns`` where an s at the end will not do."""
    return f"{number:,} {plural(number, noun, nouns)}"


def plural(number: int, noun: str, nouns: str = "") -> str:
    """The noun alone, as it stands behind this number: account, accounts."""
    return noun if number == 1 else nouns or f"{noun}s"


#: letters of a name that are told in a list of names; an address has 254 at most
_LONG_NAME = 254


def shortened(names: Sequence[str], most: int = 10) -> str:
    """The first of many names, each by its beginning where it is very long, and how many more there are: a, b, c and 390 more."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    told = (name if len(name) <= _LONG_NAME else f"{name[: _LONG_NAME - 1]}…" for name in names[:most])
    return f"{', '.join(told)}{more}"


def moment(at: datetime, zone: tzinfo | None = None, *, seconds: bool = False) -> str:
    """A moment that sorts: 2026-03-02 01:03 UTC; by the clock of the ``zone``, or of the moment itself."""
    local = at if zone is None else at.astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S %Z}" if seconds else f"{local:%Y-%m-%d %H:%M %Z}"


def spelt_moment(stamp: str) -> str:
    """An ISO time stamp as people write it, in UTC: 2 March 2026, 01:03 UTC; what is no time stamp stays as it is."""
    try:
        when = datetime.fromisoformat(stamp)
    except ValueError:
        return stamp
    when = when.astimezone(UTC) if when.tzinfo else when
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}, {when:%H:%M} UTC"


def duration(seconds: float) -> str:
    """Seconds as people say them: 45 s, 3 min 20 s, 2 h 5 min. The blanks before the units do not break."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole}\u00a0s"
    if whole < 3600:
        return f"{whole // 60}\u00a0min {whole % 60}\u00a0s"
    return f"{whole // 3600:,}\u00a0h {whole % 3600 // 60}\u00a0min"


def estimate(minutes: float) -> str:
    """How long something will take, as far as that can be known: less than a minute, 3 minutes, 2.5 hours."""
    if minutes < 1:
        return "less than a minute"
    if minutes < _LONG:
        return counted(math.ceil(minutes), "minute")
    return f"{minutes / 60:,.1f} hours"


@lru_cache(4096)
def tidy(text: str) -> str:
    """A header or a word as it is shown and compared: NFKC, blanks and invisible characters collapsed."""
    if text.isascii():  # nothing of it is composed, and nothing invisible but blanks
        return " ".join(text.split())
    text = unicodedata.normalize("NFKC", text)
    return " ".join("".join(letter for letter in text if letter not in INVISIBLE).split())


def size(number: int) -> str:
    """Bytes in the largest unit of which they are a whole number (1 GB = 1024³ bytes): 10 GB, 1,000 bytes."""
    for unit, name in ((2**40, "TB"), (2**30, "GB"), (2**20, "MB")):
        if number and number % unit == 0:
            return f"{number // unit:,} {name}"
    return f"{number:,} bytes"


def nearest(word: str, known: Iterable[str], share: float = 0.6) -> str:
    """The one of ``known`` that was most likely meant by ``word``, or "" if none is near; letter case does not count.

    ``share`` (0–1) of all letters of both have to stand in the same order. Of equals the first in the alphabet is taken.
    """
    from rapidfuzz import fuzz, process

    found = process.extractOne(
        word, sorted(known), scorer=fuzz.ratio, processor=str.casefold, score_cutoff=100 * share
    )
    return found[0] if found else ""
