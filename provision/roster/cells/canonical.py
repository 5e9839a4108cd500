"""One cell of a choice, a size or a truth value to its canonical text. Each function takes a stripped, filled cell.

They raise ValueError with the reason, a sentence for people that goes into the row error. It goes to terminals, logs
and mails, so it repeats the cell only where that can hardly be a person's: see :func:`looks_like_code`.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Callable, Iterable
from functools import cache

from provision.letters import plain
from provision.model import (
    ADMIN,
    ALIAS_SEPARATOR,
    AS_ADMIN,
    GROUP_NAME_LETTERS,
    LANGUAGES,
    LIST_SEPARATOR,
    ROLES,
    STATUSES,
    Action,
    Shape,
    UserKind,
    fold,
)
from provision.roster.cells.sizes import size
from provision.roster.cells.vocabulary import (
    FALSE_WORDS,
    LANGUAGE_NAMES,
    RENAMED_ZONES,
    STATUS_WORDS,
    TRUE_WORDS,
)
from provision.wording import nearest

_ROLE_WORDS = {"co-admin": "coadmin", "co admin": "coadmin", "member": "user"}
_KIND_WORDS = {"managed user": "managed", "app user": "app"}

#: what is surely no address is told of its row; Box has the last word
_ADDRESS = re.compile(r"[^\s@,;<>]+@[^\s@,;<>]+\.[^\s@,;<>.]+")


#: longest text that is taken for a code
_CODE_LENGTH = 20
#: some words, as systems have for a status; hardly anything of a person
_WORDS = re.compile(r"(?=.{1,30}$)[^\W\d_]+(?:(?: - | ?\(| |/)[^\W\d_]+){0,3}\)?|-?\d")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_/-]*")


def looks_like_code(text: str) -> bool:
    """Whether a cell reads like a code that was mistyped: short, plain letters, at most one digit.

    All else may be a phone number, a salary or a sentence that slipped into the wrong column.
    """
    return (
        len(text) <= _CODE_LENGTH and _CODE.fullmatch(text) is not None and sum(map(str.isdigit, text)) <= 1
    )


def _not(text: str, what: str) -> str:
    """``"text" is <what>``, or ``the cell is <what>`` where the text may be personal."""
    return f'"{text}" is {what}' if looks_like_code(text) else f"the cell is {what}"


#: how a job says what a word of a language means
_TEACH = "the job can say what a word means, as roster: values: {language: {Czech: en}}"


def boolean(text: str) -> str:
    """``true`` or ``false`` from true/false, yes/no, y/n, 1/0, and what spreadsheets show and people write in other languages."""
    word = plain(text.casefold())
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError(_not(text, "neither yes nor no; write true or false"))
    return "true" if word in TRUE_WORDS else "false"


def language(text: str) -> str:
    """Box's code of a language from the code itself, its English name or an ISO code such as ``en-GB``."""
    word = text.casefold().replace("_", "-")
    if word in LANGUAGES:
        return word
    if known := LANGUAGE_NAMES.get(plain(word)):
        return known
    raise ValueError(_not(text, f"no language of Box; known are {' '.join(sorted(LANGUAGES))}; {_TEACH}"))


def timezone(text: str) -> str:
    """The name of a time zone as the IANA database spells it, also from a Windows name."""
    word = text.casefold().replace(" ", "_")
    known = _zones().get(word) or _windows_zones().get(text.casefold())
    if known:
        return known
    near = nearest(word, [zone for zone in _zones().values() if "/" in zone], 0.85)
    guess = f"did you mean {near}?" if near else "write one as Europe/Berlin"
    raise ValueError(_not(text, f"no time zone; {guess}"))


@cache
def _zones() -> dict[str, str]:
    return {name.casefold(): name for name in sorted(zoneinfo.available_timezones())}


@cache
def _windows_zones() -> dict[str, str]:
    """The IANA names of all zones by what Windows calls them, in lower case (Unicode CLDR, windowsZones)."""
    from tzlocal.windows_tz import win_tz

    return {name.casefold(): zone for name, zone in win_tz.items()} | RENAMED_ZONES


def status(text: str) -> str:
    """A status of Box, also from the words that the Admin Console, directories and HR systems have for it."""
    words = re.findall(r"[^\W_]+", plain(text.casefold()))
    known = STATUS_WORDS.get(" ".join(word for word in words if word != "or"))
    if known or text.casefold() in STATUSES:
        return known or text.casefold()
    named = f'"{text}"' if looks_like_code(text) or _WORDS.fullmatch(text) else "the cell"
    raise ValueError(
        f"{named} is no status; known are {', '.join(STATUSES)}; the job can say what a word means, "
        "as roster: values: {status: {Retired: inactive}}"
    )


def role(text: str) -> str:
    """A role; ``admin`` can only be read (Box API reference, POST /users)."""
    if text.casefold() == ADMIN:
        return ADMIN
    try:
        return _choice(text, ROLES, _ROLE_WORDS, "role")
    except ValueError as error:
        raise ValueError(f"{error}; if the column says something else, map it to ignore") from None


def kind(text: str) -> str:
    """The kind of user: managed or app."""
    return _choice(text, UserKind, _KIND_WORDS, "kind of user")


def action(text: str) -> str:
    """What a row of a partial roster asks for."""
    return _choice(text, Action, {}, "action")


def groups(text: str) -> str:
    """Names of groups with "; " between, each once and in alphabetical order, " (admin)" behind those that one is an admin of."""
    found: dict[str, str] = {}
    for part in text.split(LIST_SEPARATOR):
        name, is_admin = group_named(part)
        if not name:
            continue
        if len(name) > GROUP_NAME_LETTERS:
            raise ValueError(
                f"the name of a group has {len(name)} characters; Box takes {GROUP_NAME_LETTERS}"
            )
        as_admin = is_admin or found.get(name, "").endswith(AS_ADMIN)
        found[name] = f"{name}{AS_ADMIN}" if as_admin else name
    ordered = sorted(found, key=lambda name: (name.casefold(), name))
    return f"{LIST_SEPARATOR} ".join(found[name] for name in ordered)


def group_named(text: str) -> tuple[str, bool]:
    """The name of a group as a roster or a job writes it, and whether as its admin; "" for no name."""
    name = " ".join(text.split())
    if name.casefold().endswith(AS_ADMIN):
        return name[: -len(AS_ADMIN)].rstrip(), True
    return name, False


def aliases(text: str) -> str:
    """E-mail addresses with ``;`` between, each once, in lower case and alphabetical order."""
    found = {part for each in text.split(ALIAS_SEPARATOR) if (part := fold(each))}
    wrong = sum(_ADDRESS.fullmatch(each) is None for each in found)
    if wrong:
        raise ValueError(f"{wrong} of {len(found)} are no e-mail addresses; separate several with ;")
    return ALIAS_SEPARATOR.join(sorted(found))


def _choice(text: str, known: Iterable[str], words: dict[str, str], what: str) -> str:
    word = text.casefold()
    choices = [str(choice) for choice in known]
    found = words.get(word, word)
    if found not in choices:
        raise ValueError(_not(text, f"no {what}; known are {', '.join(choices)}"))
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
