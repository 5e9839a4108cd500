"""Names as people write them who have no accents, and as they are compared."""

from __future__ import annotations

import unicodedata
from functools import cache


def plain(text: str) -> str:
    """A text as people write it who have no accents: ``Łukasz Strauß`` is ``Lukasz Strauss``. Letter case stays.

    Only Latin letters become others. A name in another script has many spellings in ours, and many names one spelling.
    """
    if text.isascii():
        return text
    return "".join(map(_plain_letter, unicodedata.normalize("NFD", text)))


#: of ASCII whatever is neither a letter nor a digit becomes a blank
_LETTERS = {code: " " for code in range(128) if not chr(code).isalnum()}


def plain_name(name: str) -> str:
    """A name without accents and letter case, its parts in alphabetical order: ``Ömer, Otto`` is ``omer otto``."""
    if name.isascii():
        return " ".join(sorted(name.lower().translate(_LETTERS).split()))
    bare = plain(unicodedata.normalize("NFKC", name.casefold()))
    letters = "".join(sign if sign.isalnum() else " " for sign in bare)
    return " ".join(sorted(letters.split()))


@cache
def _plain_letter(letter: str) -> str:
    """Also of those that Unicode does not take apart: ø, ł, ß."""
    if unicodedata.combining(letter):
        return ""
    if letter.isascii() or not unicodedata.name(letter, "").startswith("LATIN"):
        return letter
    from anyascii import anyascii

    return anyascii(letter)
