"""The headers that roster files usually have, and the roster field each one means.

Sources: the bulk upload template of Google Workspace, the CSV templates of Okta and Microsoft Entra, the standard
reports of Workday and BambooHR, and the bulk edit file of the Box Admin Console. Within a field the order is the
rank: if a file has several of them, the first is read and the others are ignored. Under some of them cells are written
in the system's own way (see :mod:`provision.roster.cells.systems`).
"""

from __future__ import annotations

import re
from functools import cache

from provision.model import ROSTER_FIELDS
from provision.roster.mapping.headers_abroad import (
    ABROAD,
    FAMILY_ABROAD,
    GIVEN_ABROAD,
    NO_LAST_DAY_ABROAD,
    spelt,
)
from provision.roster.mapping.headers_farther import (
    FAMILY_FARTHER,
    FARTHER,
    GIVEN_FARTHER,
    NO_LAST_DAY_FARTHER,
)
from provision.wording import tidy

_SYNONYMS: dict[str, tuple[str, ...]] = {
    "external_id": (
        "external app user id",
        "employee id",
        "employee number",
        "employee no",
        "employee #",
        "worker id",
        "personnel number",
        "staff id",
    ),
    "login": (
        "box login",
        "user principal name",
        "primary email",
        "primary work email",
        "email primary work",
        "work email",
        "email work",
        "work email address",
        "business email",
        "company email",
        "email address",
        "email",
        "mail",
        "user name",
    ),
    "name": ("display name", "full name", "employee name"),
    "status": ("account status", "worker status", "account enabled"),
    "role": ("box role",),
    "language": ("preferred language",),
    "timezone": (),
    "job_title": ("business title", "employee title", "position title", "title", "position"),
    "phone": (
        "work phone",
        "phone work",
        "business phone",
        "office phone",
        "telephone number",
        "phone number",
        "primary phone",
        "mobile phone",
        "phone mobile",
        "mobile",
    ),
    "address": (
        "work address",
        "office address",
        "business address",
        "postal address",
        "address work",
        "street address",
    ),
    "space_amount": ("storage quota", "storage allocated", "storage limit", "storage", "gb"),
    "is_sync_enabled": ("sync", "box sync", "sync enabled", "enable sync"),
    "can_see_managed_users": ("shared contacts",),
    "is_external_collab_restricted": (
        "external collaboration restricted",
        "external collab restricted",
        "external collaboration restriction",
    ),
    "start_date": (
        "hire date",
        "original hire date",
        "date of hire",
        "employee hire date",
        "first day of work",
        "first working day",
        "first day",
        "date of joining",
        "joining date",
        "join date",
        "date joined",
        "employment start date",
    ),
    "end_date": (
        "termination date",
        "last day of work",
        "last day",
        "date of termination",
        "employee leave date time",
        "last working day",
        "last working date",
        "last day worked",
        "last date worked",
        "last day at work",
        "last day of employment",
        "last date of employment",
        "employment end date",
        "separation date",
        "date of separation",
        "leaving date",
        "date of leaving",
        "date left",
        "exit date",
        "final day",
    ),
    "groups": ("group",),
    "manager": (
        "manager email",
        "manager id",
        "supervisor",
        "supervisor email",
        "reports to",
        "reporting to",
    ),
    "aliases": ("email aliases", "alias"),
}

#: for a roster of app users: the keys portals use; an e-mail column is not a login there, because Box makes it
_APP_SYNONYMS: dict[str, tuple[str, ...]] = {
    **_SYNONYMS,
    "external_id": (
        "external app user id",
        "client id",
        "customer id",
        "account id",
        "member id",
        "contact id",
        "portal id",
        "user id",
        "employee id",
        "employee number",
    ),
    "login": ("box login",),
    "name": (
        "display name",
        "full name",
        "client name",
        "customer name",
        "contact name",
        "client",
        "customer",
    ),
}

#: what reads like a last day and is none: a contract goes on or is prolonged, and the date stays
NO_LAST_DAY = (
    "contract end date",
    "contract end",
    "end of contract",
    "contract expiry date",
    "contract expiry",
    "end of contract date",
    "fixed term end date",
    "fixed term contract end date",
    "assignment end date",
    *spelt((*NO_LAST_DAY_ABROAD, *NO_LAST_DAY_FARTHER)),
)

#: what a person is called, in one cell: perhaps the first name only, so it is never taken for the whole name
CALLED = (
    "preferred name", "known as", "nickname", "goes by", "chosen name", "name in use", "nom d'usage", "nom usuel", "nombre preferido", "nome social",
)  # fmt: skip

#: headers for the two parts of a name, where no column has the whole name
GIVEN_NAMES = (
    "first name",
    "given name",
    "legal first name",
    "legal name first name",
    "preferred first name",
    "preferred name first name",
    "forename",
)
FAMILY_NAMES = (
    "last name",
    "surname",
    "family name",
    "legal last name",
    "legal name last name",
    "preferred last name",
    "preferred name last name",
)
#: headers of a whole name that is written for lists rather than for a person; read only where the parts are missing
LISTED_NAMES = ("worker", "last name, first name")


def squash(header: str) -> str:
    """A header as it is recognised: lower case letters and digits, without hints such as ``[Required]``.

    Okta writes the fields of a person as ``profile.login``; the first word says nothing.
    """
    text = tidy(header).casefold().removeprefix("profile.")
    if text.isalnum():  # as most are: hints have a bracket or a blank
        return text
    bare = re.sub(r"\[[^\]]*\]", " ", text) if re.sub(r"\[[^\]]*\]", "", text).strip() else text
    bare = re.sub(r"\s+required\s*$", "", bare)
    return "".join(letter for letter in bare if letter.isalnum() or letter == "#")


def _ranked(synonyms: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    return {
        name: tuple(dict.fromkeys(map(squash, (name, *synonyms.get(name, ()), *_abroad(name, synonyms)))))
        for name in ROSTER_FIELDS
    }


def _abroad(name: str, synonyms: dict[str, tuple[str, ...]]) -> tuple[str, ...]:
    """What the field is called in other languages; an e-mail column is no login of an app user there either."""
    if name == "login" and synonyms is _APP_SYNONYMS:
        return ()
    return spelt((*ABROAD.get(name, ()), *FARTHER.get(name, ())))


#: roster field to squashed headers, best first
RECOGNISED = _ranked(_SYNONYMS)
RECOGNISED_APP = _ranked(_APP_SYNONYMS)
GIVEN = tuple(dict.fromkeys(map(squash, (*GIVEN_NAMES, *spelt((*GIVEN_ABROAD, *GIVEN_FARTHER))))))
FAMILY = tuple(dict.fromkeys(map(squash, (*FAMILY_NAMES, *spelt((*FAMILY_ABROAD, *FAMILY_FARTHER))))))
LISTED = tuple(squash(header) for header in LISTED_NAMES)


def is_portal_key(header: str) -> bool:
    """Whether a header is what portals call the key of their clients, and no employee's number."""
    return squash(header) in {*RECOGNISED_APP["external_id"]} - {*RECOGNISED["external_id"]}


@cache
def header_words() -> frozenset[str]:
    """Every header that is recognised, squashed."""
    tables = (*RECOGNISED.values(), *RECOGNISED_APP.values(), GIVEN, FAMILY, LISTED)
    return frozenset(word for ranks in tables for word in ranks)
