"""Which encoding of Europe a text is in that is not Unicode: told by its names, and by the addresses beside them.

Encodings of neighbouring regions use the same bytes for other letters. Where a text reads differently in two of them, a reading
counts for more whose names read like names (see :mod:`provision.roster.text.languages`) and stand, without their accents, in the
e-mail address of the same line. Nothing is guessed: where that does not decide, the person is asked.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from anyascii import anyascii

from provision.roster.files.time_limit import expect_time
from provision.roster.text.languages import languages_of

#: the encodings that are told from each other, by the names that people know; of two that read a text alike the first is taken
ENCODINGS = {
    "windows-1252": "cp1252", "windows-1250": "cp1250", "windows-1254": "cp1254", "windows-1257": "cp1257",
    "iso-8859-2": "iso8859-2", "iso-8859-9": "iso8859-9", "iso-8859-13": "iso8859-13", "iso-8859-15": "iso8859-15",
    "iso-8859-4": "iso8859-4",
}  # fmt: skip
#: encodings of old machines: never chosen, but doubted with where names read better in one of them
_OLDER = {
    "mac-roman": "mac-roman", "mac-latin2": "mac-latin2", "mac-turkish": "mac-turkish",
    "cp850": "cp850", "cp852": "cp852", "cp857": "cp857", "cp775": "cp775",
}  # fmt: skip
# each of these begins where nothing of the same kind stands before, so that none goes over the same bytes twice
_LINE = re.compile(rb"[^\r\n]+")
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
#: what stands between words: quotation marks, dashes, blanks
_BETWEEN = re.compile(
    "[\u2018\u2019\u201c\u201d\u201e\u201a\u2013\u2014\u2026\u2039\u203a\u2022\u00ab\u00bb\u00a0\u00b4]+"
)
#: marks that stand around words, never within one, and those that never stand behind a letter
_AROUND = frozenset("\u201c\u201d\u2026\u2039\u203a\u2022\u00ab\u00bb\u2014")
_BEFORE = frozenset("\u201e\u201a")
#: those that stand before no small letter: a word that is quoted so is a name, or is not alone
_NEVER_FIRST = frozenset("\u2026\u201a\u201e")
#: a left quotation mark is none behind a letter, but where ``\u201a`` opened it; as an apostrophe it stands before a vowel
_LEFT, _CLOSED = "\u2018", "\u201a"
_VOWEL_OR_H = re.compile(r"[aeiouyh\x80-\uffff]")
_DASH = "\u2013"
_ADDRESS = re.compile(rb"(?<![A-Za-z0-9._%+'-])([A-Za-z0-9._%+'-]+)@")
#: lines and different words that are looked at, at most
_LINES, _WORDS = 50_000, 20_000
#: bytes of a word and of the addresses of its line that are compared: no name is longer, and no line of one person has more of them
_LONGEST, _LOCALS = 100, 1_000
#: so much more evidence a reading needs than another that has some
_MORE = 9
#: so many names have to read differently before one language for all of them says anything
_FEW = 3
#: share of the names that a reading has to make sense of
_SENSE = 0.75
#: how some letters are written with two of ASCII
_TWO = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "đ": "dj"})


class Recognised(NamedTuple):
    """The names of the encodings that a text may be in, the likeliest first; more than one is a doubt, none is no text."""

    names: tuple[str, ...]
    #: where in the text it reads differently in them, an offset in bytes
    place: int = 0
    #: the encodings of old machines in which it reads as well as in the one that it is taken for
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Reading:
    """A text in one encoding: its names, and which of them make sense and stand in the address beside them, by position."""

    name: str
    names: tuple[str, ...]
    sensible: frozenset[int]
    addressed: frozenset[int]

    @property
    def covered(self) -> int:
        """How many names one language explains, the one that explains most."""
        counts = Counter(each for word in self.names if word for each in languages_of(word))
        return max(counts.values(), default=0)


def recognised(content: bytes) -> Recognised:
    """The encodings that may be meant by these bytes, which are not UTF-8."""
    found = _words(content)
    likely = _likely(ENCODINGS, found)
    best = [each for each in likely if all(_beats(each, other) for other in likely if other is not each)]
    left = best[:1] or sorted(likely, key=_strength, reverse=True)
    old = _likely(_OLDER, found) if left else []
    if left:
        left = [*(each for each in old if _reads_better(each, left[0])), *left]
    if len(left) < 2:
        also = (each for each in old if not _reads_better(left[0], each))
        return Recognised(tuple(each.name for each in left), also=tuple(each.name for each in also))
    places = list(found)
    apart = next(
        place
        for place, pair in enumerate(zip(left[0].names, left[1].names, strict=True))
        if pair[0] != pair[1]
    )
    return Recognised(tuple(each.name for each in left), places[apart][1])


def _words(content: bytes) -> dict[tuple[bytes, int], bytes]:
    """Each word that is not ASCII, with where it stands first, and the local parts of the addresses of that line."""
    words: dict[bytes, tuple[int, bytes]] = {}
    strange = (line for line in _LINE.finditer(content) if not line[0].isascii())
    for line in islice(strange, _LINES):
        expect_time()
        local = b" ".join(_ADDRESS.findall(line[0]))[:_LOCALS]
        for word in _WORD.finditer(line[0]):
            if not word[0].isascii():
                words.setdefault(word[0][:_LONGEST], (line.start() + word.start(), local))
        if len(words) > _WORDS:
            break
    return {(word, place): local for word, (place, local) in words.items()}


def older(content: bytes) -> dict[str, float]:
    """The encodings of old machines in which these bytes read like names, each with the share that one language explains."""
    return {each.name: each.covered / len(each.names) for each in _likely(_OLDER, _words(content))}


def _likely(encodings: Mapping[str, str], found: dict[tuple[bytes, int], bytes]) -> list[_Reading]:
    """The words in each of the encodings that make sense of them; of those that read alike the first one."""
    made = (_reading(name, codec, found) for name, codec in encodings.items())
    different = {each.names: each for each in reversed([each for each in made if each is not None])}
    return [each for each in reversed(different.values()) if _makes_sense(each)]


def _reading(name: str, codec: str, found: dict[tuple[bytes, int], bytes]) -> _Reading | None:
    """The words in an encoding; None if it does not have their bytes, or has control characters for them."""
    words: list[str] = []
    sensible, addressed = set(), set()
    for place, ((word, _), local) in enumerate(found.items()):
        expect_time()
        try:
            text = word.decode(codec)
        except UnicodeDecodeError:
            return None
        if any("\x7f" < letter < "\xa0" for letter in text):
            return None
        parts = [part for part in _BETWEEN.split(text) if not part.isascii()]
        words.append(text)
        if all(map(languages_of, parts)) and not _broken_by_a_mark(text):
            sensible.add(place)
        if parts and all(_stands_in(part, local.decode()) for part in parts):
            addressed.add(place)
    return _Reading(name, tuple(words), frozenset(sensible), frozenset(addressed))


def _broken_by_a_mark(text: str) -> bool:
    """Whether a mark stands where only a letter can: ``Mu–oz``, ``G”ran``, ``Jos‚``, ``…mer``. A dash may join two names."""
    if text[:1] in _NEVER_FIRST and text[1:2].islower():
        return True
    if text[-1:] == _LEFT and len(text) > 1 and text[-2].isalpha() and _CLOSED not in text:
        return True
    for before, mark, behind in zip(text, text[1:], f"{text[2:]} ", strict=False):
        within = before.isalpha() and behind.isalpha()
        if (before.isalpha() and mark in _BEFORE) or (within and mark in _AROUND):
            return True
        if within and mark == _LEFT and behind.islower() and _VOWEL_OR_H.match(behind) is None:
            return True
        if within and mark == _DASH and behind.islower():
            return True
    return False


def _stands_in(word: str, local: str) -> bool:
    """Whether a name stands in an address, its accents left out or written as two letters. A sign is none: ``Gro§``."""
    if not word.isalpha():
        return False
    plain, lower = re.sub("[^a-z]", "", local.lower()), word.lower()
    return any(len(spelt) > 2 and spelt in plain for spelt in map(_spelt, (lower, lower.translate(_TWO))))


def _spelt(word: str) -> str:
    return re.sub("[^a-z]", "", anyascii(word).lower())


def _makes_sense(reading: _Reading) -> bool:
    return len(reading.sensible | reading.addressed) >= _SENSE * len(reading.names)


def _strength(reading: _Reading) -> int:
    return len(reading.sensible) + len(reading.addressed)


def _beats(one: _Reading, other: _Reading) -> bool:
    """Whether a reading is far better than another, by the names that read differently, or else by one language for all."""
    for_one, for_other, apart = _weighed(one, other)
    if for_one or for_other:
        return for_one > _MORE * for_other
    return apart >= _FEW and one.covered > other.covered


def _reads_better(one: _Reading, other: _Reading) -> bool:
    """Whether more speaks for a reading than for another."""
    for_one, for_other, _ = _weighed(one, other)
    return for_one > for_other


def _weighed(one: _Reading, other: _Reading) -> tuple[int, int, int]:
    """What speaks for each of two readings, and how many names read differently in them."""
    apart = {
        place for place, pair in enumerate(zip(one.names, other.names, strict=True)) if pair[0] != pair[1]
    }
    for_one = len((one.sensible - other.sensible) & apart) + len((one.addressed - other.addressed) & apart)
    for_other = len((other.sensible - one.sensible) & apart) + len((other.addressed - one.addressed) & apart)
    return for_one, for_other, len(apart)
