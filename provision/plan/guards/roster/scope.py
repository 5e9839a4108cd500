"""Whether a roster is about people whom the job may touch at all. Pure.

A roster all of whose rows are outside of ``scope.domains`` would do nothing, night after night, and look as if Box matched it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from provision.directory.scope import login_in_scope
from provision.findings import Code, Finding, Level
from provision.frames import folded
from provision.job.settings import Scope
from provision.model import UserKind
from provision.plan.guards.limits import OUT_OF_SCOPE, judged
from provision.plan.guards.roster.health import Health
from provision.plan.value import GuardVerdict, HealthLine, Opinion, Ruling
from provision.roster.value import Roster
from provision.wording import counted, plural

#: so many people outside of the scope are named
_NAMED = 3


@dataclass(frozen=True, slots=True)
class Outside:
    """How many of a roster's good ``rows`` are ``outside`` of the job's scope, and the logins of the first of them."""

    rows: int
    outside: int
    first: tuple[str, ...]

    @property
    def all(self) -> bool:
        """Whether nobody is left."""
        return self.outside > 0 and self.outside == self.rows


def outside_by_domain(roster: Roster, scope: Scope) -> Outside:
    """The same by the logins alone, as far as a roster tells without Box."""
    outside, first, counted_in = 0, list[str](), 0
    for rows in roster.people.each(["login", "kind"]):
        strange = _strange(rows, scope)
        outside += int(strange.sum())
        counted_in += int(_says_where(rows).sum())
        first += rows.loc[strange, "login"].head(_NAMED - len(first)).tolist()
    return Outside(counted_in, outside, tuple(first))


def outside_in(frame: pd.DataFrame, others: int) -> Outside:
    """The same in a people frame beside so many ``others`` who are in scope."""
    good = frame["row"] & ~frame["rejected"] & _says_where(frame)
    strange = good & ~frame["in_scope"]
    first = frame.loc[strange, "login"].head(_NAMED).tolist()
    return Outside(int(good.sum()) + others, int(strange.sum()), tuple(first))


def judge_scope(found: Outside, roster: Roster, scope: Scope, allowed: Mapping[str, int]) -> Health:
    """Refused where nobody is left; some people outside are told."""
    if not found.outside:
        return Health((), ())
    sentence = _sentence(found, roster, scope)
    limit = found.rows - 1
    guard = judged(OUT_OF_SCOPE, limit, found.outside, sentence, allowed)
    word = Opinion.REFUSED if guard.verdict is Ruling.REFUSED else Opinion.LOOK
    return Health((HealthLine(OUT_OF_SCOPE, word, sentence),), _told(guard))


def _told(guard: GuardVerdict) -> tuple[GuardVerdict, ...]:
    """Only where it has something to say."""
    return () if guard.verdict is Ruling.OK else (guard,)


def scope_finding(found: Outside, roster: Roster, scope: Scope) -> tuple[Finding, ...]:
    """What programs are told of the people outside."""
    if not found.outside:
        return ()
    level = Level.ERROR if found.all else Level.WARNING
    return (
        Finding(
            Code.OUT_OF_SCOPE,
            level,
            _sentence(found, roster, scope),
            do="correct scope.domains or the column that is read as login; or leave these rows out of the export",
            file=roster.path,
            sheet=roster.sheet,
            key=", ".join(found.first),
        ),
    )


def _sentence(found: Outside, roster: Roster, scope: Scope) -> str:
    domains = ", ".join(scope.domains)
    which = "all" if found.all else f"{found.outside:,} of"
    words = f"{which} {counted(found.rows, 'row')} {plural(found.outside, 'is', 'are')} outside scope.domains ({domains}), as {', '.join(found.first)}"
    fitting = _fitting(roster, scope)
    return f'{words}; column "{fitting}" has addresses that fit' if fitting else words


def _fitting(roster: Roster, scope: Scope) -> str:
    """A column of addresses in scope that is not read as the login, "" for none."""
    for header, addresses in roster.addresses.items():
        if bool(login_in_scope(folded(pd.Series(addresses, dtype="str")), scope).any()):
            return header
    return ""


def _says_where(rows: pd.DataFrame) -> pd.Series[bool]:
    """Who is an app user, or has a login: of others nobody knows whether they are in scope."""
    return (rows["kind"] == UserKind.APP.value) | (rows["login"] != "")


def _strange(rows: pd.DataFrame, scope: Scope) -> pd.Series[bool]:
    managed = (rows["kind"] != UserKind.APP.value) & (rows["login"] != "")
    return managed & ~login_in_scope(folded(rows["login"]), scope)
