"""Who is meant by ``--person``: the rows of the roster, by the keys by which a person is explained."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

import pandas as pd

from provision.box.connect import Connection
from provision.directory.lookup import Wanted, look_up
from provision.errors import InputError, UsageError
from provision.explain.trace import Keys, Sighting, follow, in_ledger, in_roster, meant, people
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import MADE_BY_BOX, fold, made_by_box
from provision.plan.few import Few
from provision.roster.reading import SourceReading
from provision.roster.value import Roster
from provision.runs.reading.connection import waited_for
from provision.wording import counted, nearest

#: keys farther from what was asked for are no help (share 0–1)
NEAR = 0.75
#: so many keys are compared with a misspelt one
_COMPARED = 200_000
_COLUMNS = ["line", "external_id", "login", "kind"]


def few_of(names: Sequence[str], roster: Roster, memory: Memory, job: Job, connection: Connection) -> Few:
    """The people of these names: each a login, an external id or a Box id. Box is asked for who is known nowhere else.

    Raises InputError for who is in no row of the roster, and for a name of more than one.
    """
    lines = [_lines(name, roster, memory, job, connection) for name in names]
    return Few(tuple(dict.fromkeys(names)), tuple(sorted({*chain.from_iterable(lines)})))


def expect_names(names: Sequence[str]) -> None:
    """Raise UsageError for a name that is blank."""
    if not all(name.strip() for name in names):
        raise UsageError(
            "--person has to name somebody.",
            cause="an empty variable in a script",
            remedy="name a login, an external id or a Box id: --person ada@acme.example",
        )


def expect_one(person: str, found: Sequence[Keys]) -> None:
    """Raise InputError for a key that means one person as a login and another as an id."""
    if len(found) < 2:
        return
    names = ", ".join(sorted({name for keys in found for name in _unmistakable(keys)}))
    raise InputError(
        f"{person} means {len(found)} people: {names}.",
        cause="an id of the roster that is the Box id of somebody else, or that an app user has as well",
        remedy="name the person by the login, or by the Box id",
    )


def _unmistakable(keys: Keys) -> list[str]:
    """The logins of a person, or Box ids of one whose login Box made."""
    logins = [key for what, key in keys if what == "login"]
    own = [login for login in logins if not login.startswith(fold(MADE_BY_BOX))]
    return own or [key for what, key in keys if what == "box"] or logins


def _lines(name: str, roster: Roster, memory: Memory, job: Job, connection: Connection) -> list[int]:
    sources = [
        in_ledger(memory),
        in_roster(lambda: rows_of(roster)),
    ]
    asked = meant(name)
    found = [each for lines in follow(asked, sources).values() for each in lines]
    expect_one(name, people(asked, found))
    named = [each.line for each in found if each.line and each.keys & asked]
    named = named or [each.line for each in found if each.line]
    if named:
        return named
    account = found[0] if found else _in_box(name, job, connection)
    if account is not None and not found:
        more = follow(account.keys, sources)
        named = [each.line for lines in more.values() for each in lines if each.line]
    if not named:
        raise _in_no_row(name, account, roster)
    return named


def rows_of(roster: Roster) -> Iterator[pd.DataFrame]:
    """The rows of a roster as :func:`provision.explain.trace.in_roster` wants them, those with errors and those left out, too."""
    for rows in roster.people.each(_COLUMNS):
        yield rows.assign(good=True)
    for others in (roster.rejected, roster.excluded):
        yield others[_COLUMNS].assign(good=False)


def _in_box(name: str, job: Job, connection: Connection) -> Sighting | None:
    """The account that Box shows by this id or login, None if there is none of ours."""
    with waited_for(job):
        found = look_up(Wanted.named(name.strip()), connection.box, connection.retry, connection.me)
    for one in found:
        return Sighting(one.cells["external_id"], one.cells["login"], one.cells["kind"], one.box_id)
    return None


def _in_no_source(name: str, account: Sighting | None, away: Sequence[SourceReading]) -> InputError:
    """The error where a source is missing in which the person may stand."""
    names = ", ".join(each.name for each in away)
    here = f"; Box has the account {account.login} ({account.box_id})" if account else ""
    why = "; ".join(f"{each.name}: {each.why.rstrip('.')}" for each in away)
    return InputError(
        f"{name} is in no row of the sources that could be read, and may stand in {names}, which could not be used{here}. {why}.",
        cause="an export that did not arrive, was cut off, or is an old one",
        remedy=f"export {names} again, then run the same again",
    )


def _in_no_row(name: str, account: Sighting | None, roster: Roster) -> InputError:
    unread = int((roster.rejected[["external_id", "login"]] == "").any(axis=1).sum())
    bad = f" {counted(unread, 'row')} of it cannot be read well enough to tell whose it is." if unread else ""
    if away := [each for each in roster.sources if each.trouble]:
        return _in_no_source(name, account, away)
    if account is not None:
        return InputError(
            f"{name} is in no row of {roster.path}; Box has the account {account.login} ({account.box_id}).{bad}",
            cause="the person has gone from the roster, or this roster has other people in it",
            remedy="who is missing leaves by a run without --person, which counts how often; to have somebody leave now, put a row "
            "with an end date or a status into the roster",
        )
    keys = chain.from_iterable(
        [*rows["login"].tolist(), *rows["external_id"].tolist()]
        for rows in roster.people.each(["login", "external_id"])
    )
    close = nearest(
        name.strip(),
        {key for key, _ in zip(keys, range(_COMPARED), strict=False) if key and not made_by_box(key)},
        NEAR,
    )
    return InputError(
        f"{name} is in no row of {roster.path}, neither as login nor as external id, and is no account of Box.{bad}",
        cause=f"a typing error: {close} is there" if close else "a row that is not in this roster yet",
        remedy=f"name {close}" if close else "add the person's row to the roster, then run the same again",
    )
