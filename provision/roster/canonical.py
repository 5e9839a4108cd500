"""One cell of a choice, a size or a truth value to its canonical text. Each function takes a stripped, filled cell.

They raise ValueError with the reason, a sentence for people that goes into the row error.
"""

from __future__ import annotations

import difflib
import re
import zoneinfo
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import cache

from provision.model import LANGUAGES, NO_LIMIT, ROLES, STATUSES, UNLIMITED, Action, Shape, UserKind

_TRUE = frozenset({"true", "yes", "y", "1"})
_FALSE = frozenset({"false", "no", "n", "0"})

#: names and ISO codes of the languages that have a code at Box (developer.box.com, Language codes)
_LANGUAGE_NAMES = {
    "bengali": "bn",
    "danish": "da",
    "german": "de",
    "de-de": "de",
    "de-at": "de",
    "de-ch": "de",
    "english": "en",
    "english (us)": "en",
    "en-us": "en",
    "english (uk)": "gb",
    "en-gb": "gb",
    "en-ie": "gb",
    "english (canada)": "e2",
    "en-ca": "e2",
    "english (australia)": "e3",
    "en-au": "e3",
    "spanish": "es",
    "es-es": "es",
    "spanish (latin america)": "s2",
    "es-419": "s2",
    "es-mx": "s2",
    "finnish": "fi",
    "fi-fi": "fi",
    "french": "fr",
    "fr-fr": "fr",
    "french (canada)": "f2",
    "fr-ca": "f2",
    "hindi": "hi",
    "hi-in": "hi",
    "italian": "it",
    "it-it": "it",
    "japanese": "ja",
    "ja-jp": "ja",
    "korean": "ko",
    "ko-kr": "ko",
    "norwegian": "nb",
    "norwegian (bokmal)": "nb",
    "nb-no": "nb",
    "no": "nb",
    "dutch": "nl",
    "nl-nl": "nl",
    "nl-be": "nl",
    "polish": "pl",
    "pl-pl": "pl",
    "portuguese": "pt",
    "pt-br": "pt",
    "pt-pt": "pt",
    "russian": "ru",
    "ru-ru": "ru",
    "swedish": "sv",
    "sv-se": "sv",
    "turkish": "tr",
    "tr-tr": "tr",
    "chinese (simplified)": "zh",
    "zh-cn": "zh",
    "zh-hans": "zh",
    "chinese (traditional)": "zt",
    "zh-tw": "zt",
    "zh-hant": "zt",
}

#: the commonest Windows names of time zones (Unicode CLDR, windowsZones)
_WINDOWS_ZONES = {
    "hawaiian standard time": "Pacific/Honolulu",
    "pacific standard time": "America/Los_Angeles",
    "mountain standard time": "America/Denver",
    "central standard time": "America/Chicago",
    "eastern standard time": "America/New_York",
    "atlantic standard time": "America/Halifax",
    "e. south america standard time": "America/Sao_Paulo",
    "gmt standard time": "Europe/London",
    "w. europe standard time": "Europe/Berlin",
    "romance standard time": "Europe/Paris",
    "central europe standard time": "Europe/Budapest",
    "central european standard time": "Europe/Warsaw",
    "gtb standard time": "Europe/Bucharest",
    "fle standard time": "Europe/Kiev",
    "turkey standard time": "Europe/Istanbul",
    "russian standard time": "Europe/Moscow",
    "south africa standard time": "Africa/Johannesburg",
    "arabian standard time": "Asia/Dubai",
    "india standard time": "Asia/Kolkata",
    "singapore standard time": "Asia/Singapore",
    "china standard time": "Asia/Shanghai",
    "tokyo standard time": "Asia/Tokyo",
    "korea standard time": "Asia/Seoul",
    "aus eastern standard time": "Australia/Sydney",
    "new zealand standard time": "Pacific/Auckland",
}

#: words of directories and HR systems; who is on leave or cannot sign in just now is still employed
_STATUS_WORDS = {
    "enabled": "active",  # Entra
    "on leave": "active",  # Workday
    "staged": "active",  # this and the next: Okta API reference, User status
    "provisioned": "active",
    "recovery": "active",
    "password expired": "active",
    "locked out": "active",
    "deprovisioned": "inactive",
    "suspended": "inactive",  # Okta, Google Workspace
    "archived": "inactive",  # Google Workspace
    "disabled": "inactive",
    "terminated": "inactive",
}
#: the role that exports show and nobody can write
ADMIN = "admin"
_ROLE_WORDS = {"co-admin": "coadmin", "co admin": "coadmin", "member": "user"}
_KIND_WORDS = {"managed user": "managed", "app user": "app"}

_SIZE = re.compile(r"(\d+)(?:\.(\d+))?\s*(b|bytes|kb|mb|gb|tb|kib|mib|gib|tib)?", re.IGNORECASE)
_POWERS = {"b": 0, "k": 1, "m": 2, "g": 3, "t": 4}
#: the largest size Box's interface can hold: a signed number of 64 bits
_MOST = (1 << 63) - 1
_TOO_LARGE = "larger than any size Box can hold; write unlimited, or a number with a unit as 10 GB"
#: a number of bytes below is surely meant in another unit
_LEAST = 1 << 20


def boolean(text: str) -> str:
    """``true`` or ``false`` from true/false, yes/no, y/n, 1/0."""
    word = text.casefold()
    if word not in _TRUE | _FALSE:
        raise ValueError(f'"{text}" is neither yes nor no; write true or false')
    return "true" if word in _TRUE else "false"


def language(text: str) -> str:
    """Box's code of a language from the code itself, its English name or an ISO code such as ``en-GB``."""
    word = text.casefold().replace("_", "-")
    if word in LANGUAGES:
        return word
    if word in _LANGUAGE_NAMES:
        return _LANGUAGE_NAMES[word]
    raise ValueError(f'"{text}" is no language of Box; known are {" ".join(sorted(LANGUAGES))}')


def timezone(text: str) -> str:
    """The name of a time zone as the IANA database spells it, also from a Windows name."""
    word = text.casefold().replace(" ", "_")
    known = _WINDOWS_ZONES.get(text.casefold()) or _zones().get(word)
    if known:
        return known
    near = difflib.get_close_matches(word, [zone for zone in _zones() if "/" in zone], 1, 0.85)
    guess = f"; did you mean {_zones()[near[0]]}?" if near else "; write one as Europe/Berlin"
    raise ValueError(f'"{text}" is no time zone{guess}')


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(zoneinfo.available_timezones())}


def status(text: str) -> str:
    """A status of Box, also from the words that directories and HR systems have for it."""
    known = _STATUS_WORDS.get(text.casefold().replace("_", " "))
    return known or _choice(text, STATUSES, {}, "status")


def role(text: str) -> str:
    """A role that can be written; ``admin`` can only be read (Box API reference, POST /users), so it says nothing."""
    if text.casefold() == ADMIN:
        return ""
    return _choice(text, ROLES, _ROLE_WORDS, "role")


def kind(text: str) -> str:
    """The kind of user: managed or app."""
    return _choice(text, UserKind, _KIND_WORDS, "kind of user")


def action(text: str) -> str:
    """What a row of a partial roster asks for."""
    return _choice(text, Action, {}, "action")


def size(text: str) -> str:
    """Decimal bytes from bytes or a number with a unit (1 GB = 1024³ bytes); -1 from ``unlimited`` or -1."""
    if text.casefold() in ("unlimited", UNLIMITED):
        return UNLIMITED
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError("not a size; write bytes, a number with a unit as 10 GB, or unlimited")
    whole, decimals, unit = match.groups()
    if len(whole.lstrip("0")) > len(str(_MOST)):
        raise ValueError(_TOO_LARGE)
    amount = _bytes(whole, decimals) if unit is None else _in_units(f"{whole}.{decimals or 0}", unit)
    if amount > _MOST:
        raise ValueError(_TOO_LARGE)
    return UNLIMITED if amount >= NO_LIMIT else str(amount)


def _in_units(number: str, unit: str) -> int:
    return int(Decimal(number) * 1024 ** _POWERS[unit[0].casefold()])


def _bytes(whole: str, decimals: str | None) -> int:
    if decimals:
        raise ValueError("a size with decimals needs its unit, as 1.5 GB")
    if 0 < int(whole) < _LEAST:
        raise ValueError("a number without a unit means bytes, and so few cannot be meant; write it as 10 GB")
    return int(whole)


def _choice(text: str, known: Iterable[str], words: dict[str, str], what: str) -> str:
    word = text.casefold()
    choices = [str(choice) for choice in known]
    found = words.get(word, word)
    if found not in choices:
        raise ValueError(f'"{text}" is no {what}; known are {", ".join(choices)}')
    return found


#: what reads the cells of a shape; texts and addresses stay as they are
BY_SHAPE: dict[Shape, Callable[[str], str]] = {
    Shape.BOOLEAN: boolean,
    Shape.BYTES: size,
    Shape.LANGUAGE: language,
    Shape.TIMEZONE: timezone,
    Shape.STATUS: status,
    Shape.ROLE: role,
}
