"""Names that would lose their accents, or get other letters for them: what a file read in the wrong encoding does to people."""

from __future__ import annotations

import unicodedata

from provision.letters import plain
from provision.roster.text.languages import languages_of

#: a letter that an encoding does not have becomes one question mark, or one for each of its bytes in UTF-8
_LOST = ("?", "??", "???", "????")

#: Romanian as encodings have it that know of no comma below a letter; the other way round is a correction
_CEDILLAS = {"ș": "ş", "ț": "ţ"}
#: encodings that rosters come in, by which one name is taken for another
_ENCODINGS = (
    "cp1252", "cp1250", "cp1254", "cp1257", "iso8859-2", "iso8859-4", "iso8859-13", "mac_roman", "mac_latin2", "cp850", "cp852", "cp437", "utf-8",
    "mac_turkish", "cp857", "cp775", "cp1251", "koi8_u", "iso8859-5", "cp866", "cp1253", "cp1255", "cp1256", "cp932", "euc_jp", "cp949", "gb18030", "big5",
)  # fmt: skip


def loses_accents(before: str, after: str) -> bool:
    """Whether the new name is the old one, only that letters lost their accents: ``Zoë`` → ``Zoe``, ``M?ller``.

    One letter that did is enough. Letter case does not count. ``Mueller`` for ``Müller`` is a spelling, not a loss. The same bytes
    read in another encoding (``JosŽ`` for ``José``) are one.
    """
    old, new = (unicodedata.normalize("NFC", text).lower() for text in (before, after))
    if old.isascii() or old == new:
        return False
    ends = {0}  # all places of the new name that the letters so far may lead to
    for letter in old:
        ends = {end + len(form) for end in ends for form in _forms(letter) if new.startswith(form, end)}
    return len(new) in ends or _misread(before, after)


def _misread(before: str, after: str) -> bool:
    """Whether both names are the same bytes in two encodings, and the new one does not read better: that corrects one."""
    if after.isascii():
        return False
    old, new = (unicodedata.normalize("NFC", text) for text in (before, after))
    return bool(_bytes_of(old) & _bytes_of(new)) and _read_well(old) >= _read_well(new)


def _read_well(name: str) -> int:
    """How many words of a name have accents as a language of Europe has them."""
    return sum(bool(languages_of(word)) for word in name.split() if not word.isascii())


def _bytes_of(name: str) -> set[bytes]:
    found = set()
    for encoding in _ENCODINGS:
        try:
            found.add(name.encode(encoding))
        except UnicodeEncodeError:
            continue
    return found


def _forms(letter: str) -> tuple[str, ...]:
    """What may stand in the place of a letter."""
    if letter.isascii():
        return (letter,)
    return (letter, plain(letter), *_LOST, *_CEDILLAS.get(letter, ()))
