"""What is said of a roster without a column for the key of its people, and which header might be meant."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

from provision.errors import LostHeader, RosterError
from provision.job.settings import RosterKind, RosterSettings
from provision.roster.cells.emails import address_columns
from provision.roster.files.grid import Grid
from provision.roster.mapping.headers import header_words, squash
from provision.wording import nearest, tidy

#: signs that stand within headers
_WITHIN = "-_'()[]./#\""
#: a telephone number, a date or an employee's number, where a header has none
_LONG_NUMBER = re.compile(r"(?:\d[\s./()-]*){6}")


def require_key(fields: Collection[str], settings: RosterSettings, grid: Grid, where: str) -> None:
    """Raise RosterError if the mapped fields do not tell who a row is about. ``where`` names file and header row."""
    if settings.kind is RosterKind.COLUMN and "kind" not in fields:
        raise _missing("kind", "kind (managed or app)", grid, where)
    if settings.kind is RosterKind.MANAGED and "login" not in fields:
        raise _missing("login", "the login (the e-mail address a managed user signs in with)", grid, where)
    if "login" not in fields and "external_id" not in fields:
        raise _missing("external_id", "a key: external_id, or login for existing accounts", grid, where)


def listed(headers: Iterable[str], limit: int = 30) -> str:
    """Headers in quotation marks for a message, the first ones if there are many."""
    known = [f'"{header[:60]}"' for header in headers if header]
    more = f" and {len(known) - limit} more" if len(known) > limit else ""
    return (", ".join(known[:limit]) or "none") + more


def _missing(field: str, what: str, grid: Grid, where: str) -> RosterError:
    shown = [tidy(header) for header in grid.headers]
    if any("@" in header for header in shown):
        return _no_header(where, "an e-mail address")
    if any(_LONG_NUMBER.search(header) for header in shown):
        return _no_header(where, "a long number")
    if sign := _other_delimiter(grid.headers):
        return RosterError(
            f'{where} has one column, "{_cut(shown)}": its cells seem to be separated by "{sign}".',
            cause="the export has another delimiter than a comma, a semicolon, a tab or |.",
            remedy=f"say it in the job file, as roster: delimiter: '{sign}'; or export the roster with commas.",
        )
    guess = _guess(field, shown, grid)
    lost = LostHeader(
        f"{where} has no column for {what}; its headers are: {listed(shown)}.",
        cause="the header is one the program does not know, the wrong sheet was taken, or the header row is missing.",
        remedy=f'map it in the job file, as roster: columns: {{"{guess}": {field}}}.',
    )
    lost.wanted, lost.guess = field, guess
    return lost


def _cut(shown: Iterable[str]) -> str:
    """The only header there is, cut where it is long."""
    return "".join(shown)[:60]


def _other_delimiter(shown: Iterable[str]) -> str:
    """What stands between known headers in the only header there is; "" where nothing does."""
    headers = [header for header in shown if header]
    if len(headers) != 1:
        return ""
    signs = dict.fromkeys(
        sign for sign in headers[0] if not sign.isalnum() and not sign.isspace() and sign not in _WITHIN
    )
    known = header_words()
    return next(
        (sign for sign in signs if sum(squash(part) in known for part in headers[0].split(sign)) > 1), ""
    )


def _guess(field: str, shown: list[str], grid: Grid) -> str:
    """The header that may be meant: for a login only one above e-mail addresses, else one that is spelt alike."""
    if field == "login":
        likely = [shown[place] for place in address_columns(grid.cells) if shown[place]]
        return next(iter(likely), "Your Header")
    return nearest(field, filter(None, shown)) or "Your Header"


def _no_header(where: str, sign: str) -> RosterError:
    """A person's cells in place of a header; they are not repeated."""
    return LostHeader(
        f"{where} seems to have no header: there is {sign} in that row.",
        cause="the export was made without its header row.",
        remedy="export it with a header, or name the header's row with roster.header_row in the job file.",
    )
