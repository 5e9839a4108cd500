"""Whether a word with accents reads like a name of some language of Europe, by its letters and what stands beside them.

Read in the wrong encoding, vowels become consonants and consonants vowels: ``Dvořák`` is ``Dvoøák`` in Windows-1252, and
``Søren`` is ``Sřren`` in Windows-1250. So a letter of a language counts only where that language may have it.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

#: letters beside those of ASCII, by language
_LETTERS = {
    "da": "æøåéäöü", "sv": "åäöéü", "de": "äöüßé", "fr": "àâæçéèêëîïôœùûüÿ", "es": "áéíñóúüªº", "ca": "àçèéíïòóúü·",
    "pt": "áâãàçéêíóôõúü", "it": "àèéìíîòóùú", "nl": "éëïöüáóèê", "is": "áðéíóúýþæö", "sq": "ëç", "et": "äöõüšž",
    "pl": "ąćęłńóśźż", "cs": "áčďéěíňóřšťúůýž", "sk": "áäčďéíľňóôšťúýž", "hu": "áéíóöőúüű", "ro": "ăâîşţșț",
    "hr": "čćđšž", "tr": "çğıöşüâîû", "lt": "ąčęėįšųūž", "lv": "āčēģīķļņšūž",
}  # fmt: skip
_VOWELS = "aeiouyàáâãäåæèéêëìíîïòóôõöøùúûüýÿœąęóěůőűăıėįųūāēī"
_VOWEL = re.compile(f"[{_VOWELS}]")
#: the longest name without a vowel, as ``Škrt``
_NO_VOWEL = 4
#: by language and letters, where they may stand: ``L`` is one of them, ``V`` a vowel
_PLACES = {
    "pl": {"ńćśź": r"(?<=[Vśńrł])L(?!V)|(?<!\w)L(?!V)", "ąę": r"(?<=\w)(?<![aeouyó])L(?!V)"},
    "cs": {"ř": "(?<=V)L|L(?=V)", "čďťň": r"(?<=V)L|L(?=V)|(?<!\w)L(?=[ltmnprv])", "ěů": "(?<!V)L(?!V)"},
    "sk": {"čďťňľ": r"(?<=V)L|L(?=V)|(?<!\w)L(?=[ltmnprv])"},
    "hr": {"čćđ": "(?<=V)L|L(?=V)"},
    "hu": {"őű": "(?<!V)L(?!V)"},
    "ro": {"ă": "(?<![aeouâî])L(?![aeoâî])", "şţșț": r"(?<=V)L|L(?=V)|(?<!\w)L(?=[tcp])"},
    "tr": {"ğ": "(?<=V)L", "ı": "(?<![aeiouöü])L(?![aeiouöü])", "ş": "(?<=V)L|L(?=V)"},
    "lt": {"ėįųū": "(?<![aeouyąęėįųū])L(?!V)", "ąę": "(?<![aeouyąęėįųū])L(?!V)", "čšž": "(?<=V)L|L(?=V)"},
    "lv": {"āēīū": "(?<![aeouyāēīū])L(?![aeouyāēīū])", "čģķļņ": "(?<=V)L|L(?=V)"},
    "et": {"õ": "(?<!V)L"},
    "da": {"ø": "(?<!V)L(?![aiouáéíóú])", "å": "(?<!V)L", "æ": "(?<!V)L(?!V)"},
    "sv": {"å": "(?<!V)L(?!V)"},
    "fr": {"èêûæ": "L(?!V)", "ù": r"L(?!\w)", "ï": "(?<=V)L(?!V)", "à": r"L(?!\w)", "ÿ": "(?<=V)L"},
    "ca": {"èòà": "L(?!V)", "ï": "(?<=V)L(?!V)"},
    "es": {"ñ": "L(?=V)", "ªº": r"L(?!\w)"},
    "pt": {"ã": r"L(?=[oe])|L(?!\w)", "õ": "L(?=e)", "ê": "L(?!V)", "à": r"L(?!\w)"},
    "it": {"ìòùàè": r"L(?!\w)"},
    "nl": {"ï": "(?<=V)L(?!V)", "èê": "L(?!V)"},
    "is": {"ð": r"(?<=\w)L", "þ": r"(?<!\w)L(?=V|[rjv])"},
}  # fmt: skip


def _place(letters: str, place: str) -> re.Pattern[str]:
    sets = {"L": letters, "V": _VOWELS}
    inner = re.sub(r"\[V", f"[{_VOWELS}", place)
    return re.compile(re.sub("[LV]", lambda found: f"[{sets[found[0]]}]", inner))


@cache
def _places(language: str) -> tuple[tuple[frozenset[str], re.Pattern[str]], ...]:
    """The letters of a language, and what finds them where they may stand."""
    places = _PLACES.get(language, {}).items()
    return tuple((frozenset(letters), _place(letters, place)) for letters, place in places)


@lru_cache(1 << 16)
def languages_of(word: str) -> frozenset[str]:
    """The languages in which a word with accents may be a name; none for one with a sign or a capital in it, or without a vowel."""
    if _odd_capital(word) or (len(word) > _NO_VOWEL and _VOWEL.search(word.lower()) is None):
        return frozenset()
    lower = word.lower().replace("i\u0307", "i")
    foreign = {letter for letter in lower if letter > "\x7f"}
    known = (language for language, letters in _LETTERS.items() if foreign <= set(letters))
    return frozenset(language for language in known if _in_place(lower, language))


def _odd_capital(word: str) -> bool:
    """Whether a capital with an accent stands behind a small letter, or between a capital and a small letter: ``JŸrgen``."""
    return any(
        letter > "\x7f" and letter.isupper() and (before.islower() or (before.isupper() and behind.islower()))
        for before, letter, behind in zip(word, word[1:], f"{word[2:]} ", strict=False)
    )


def _in_place(word: str, language: str) -> bool:
    """Whether each letter stands where the language may have it."""
    return all(
        sum(map(word.count, letters)) == len(place.findall(word)) for letters, place in _places(language)
    )
