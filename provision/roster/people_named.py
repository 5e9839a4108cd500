"""Columns that name other people, as managers: by login or external id, or, as many systems write them, by name.

A name is read as the key of whoever bears it where one person of the roster does, by the rule on names that holds everywhere (see
:func:`provision.letters.plain_name`); ``Lee, Ann`` is ``Ann Lee``. Who left long ago lends the name to somebody who is here. Nobody is
guessed: where several people bear a name, or nobody does, the cell stays as it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

from provision.batches import reworded
from provision.frames import folded
from provision.hashes import Hashes, hashed
from provision.job.settings import Authority
from provision.letters import plain_name
from provision.model import CLEAR, PERSON_FIELDS, SUPERSEDED, fold
from provision.roster.checks.leaving_rows import has_left
from provision.roster.files.grid import Mask
from provision.roster.understand import Understood
from provision.roster.value import PeopleNamed, Roster

#: so long after the last day others may still name somebody
_LATELY = timedelta(days=31)
_OPENING, _CLOSING = "(<[", ")>]"
#: so many rows are named
_ROWS = 3
_SAYS = ("external_id", "login", "name", "action", "status", "end_date")


class _Bearer(NamedTuple):
    """Somebody's name as it is compared, login and external id folded, the key by which others may name them, and who left long ago."""

    plain: str
    login: str
    external_id: str
    key: str
    gone: bool


def with_people_named(roster: Roster, understood: Understood, authority: Authority, today: str) -> Roster:
    """The roster in which names of people are their keys, and how the columns that have them were understood.

    ``understood`` is its file. The keys in a partial roster are anybody's, so none is missed there. ``today`` is as in
    :func:`provision.roster.checks.leaving_rows.without_idle`.
    """
    headers = {name: understood.mapping.label(name) for name in PERSON_FIELDS if name in roster.mapped}
    return _read(roster, headers, understood.keys, authority, today)


def with_people_of_all(roster: Roster, authority: Authority, today: str) -> Roster:
    """A roster of several sources, each read by itself, in which names of people of another source are keys too."""
    if not roster.named:
        return roster
    headers: dict[str, dict[str, None]] = defaultdict(dict)
    for each in roster.named:
        headers[each.field][each.header] = None
    everybody = (roster.frame, roster.rejected, roster.excluded)
    keys = {
        name: hashed(pd.concat([folded(rows[name]) for rows in everybody], ignore_index=True))
        for name in ("login", "external_id")
    }
    whole = _read(roster, {name: ", ".join(told) for name, told in headers.items()}, keys, authority, today)
    return replace(whole, named=tuple(_beside(each, roster.named) for each in whole.named))


def _beside(named: PeopleNamed, before: Iterable[PeopleNamed]) -> PeopleNamed:
    """The same with the cells that were read as names within their own source already, which are keys now."""
    read = sum(each.by_name for each in before if each.field == named.field)
    return replace(named, no_key=named.no_key + read, by_name=named.by_name + read)


def _read(
    roster: Roster, headers: Mapping[str, str], keys: Mapping[str, Hashes], authority: Authority, today: str
) -> Roster:
    """The roster in which names are keys. ``headers``: by field what the file calls it, ``keys``: who is in it."""
    said = {name: _said(roster, name) for name in headers}
    said = {name: counts for name, counts in said.items() if counts}
    if not said:
        return replace(roster, named=())
    no_key = _without_key(sorted(set().union(*said.values())), roster, keys)
    found, shared = _by_name(no_key, roster, today) if no_key else ({}, frozenset[str]())
    named = []
    for name, counts in said.items():
        column = PeopleNamed(name, headers[name])
        column = _understood(column, counts, no_key, (frozenset(found), shared))
        if authority is Authority.PARTIAL:
            column = replace(column, strangers=frozenset(filter(_a_name, column.strangers)))
        named.append(replace(column, lines=_lines(roster, column, no_key - found.keys())))
    people = reworded(roster.people, _reader(found)) if found else roster.people
    return replace(roster, people=people, named=tuple(named))


def _said(roster: Roster, field: str) -> Counter[str]:
    """How often each folded cell stands in the column; ``(clear)`` and empty ones name nobody."""
    said: Counter[str] = Counter()
    for rows in roster.people.each([field]):
        counts = folded(rows[field]).value_counts()
        said.update(dict(zip(counts.index.tolist(), counts.tolist(), strict=True)))
    del said[""], said[CLEAR]
    return said


def _without_key(cells: list[str], roster: Roster, keys: Mapping[str, Hashes]) -> frozenset[str]:
    """The cells that are no login and no external id; letter case counts in neither."""
    left = pd.Series(cells, dtype="str")
    for each in (keys["login"], keys["external_id"]):
        left = left[~_among(hashed(left), each)]
    for rows in roster.people.each(["external_id"]) if len(left) else ():
        left = left[~_among(hashed(left), hashed(folded(rows["external_id"])))]
    return frozenset(left.tolist())


def _among(few: Hashes, many: Hashes) -> Mask:
    """Which of a few hashes are among many, in any order."""
    found = np.zeros(len(few), np.bool_)
    if len(few):
        order = np.argsort(few)
        ranked = few[order]
        places = np.searchsorted(ranked, many).clip(max=len(few) - 1)
        found[order[places[ranked[places] == many]]] = True
    return found


def _by_name(cells: Iterable[str], roster: Roster, today: str) -> tuple[dict[str, str], frozenset[str]]:
    """For each cell that is the name of one person that one's key, and the cells that are the name of several."""
    parts = {cell: _parts(cell) for cell in cells}
    people: dict[str, list[_Bearer]] = defaultdict(list)
    for bearer in _bearers(roster, {plain for plain, _ in parts.values()}, today):
        people[bearer.plain].append(bearer)
    found: dict[str, str] = {}
    shared: set[str] = set()
    for cell, (plain, key) in parts.items():
        meant = [each for each in people.get(plain, ()) if not key or key in (each.login, each.external_id)]
        here = meant if len(meant) == 1 else [each for each in meant if not each.gone]
        if len(here) == 1 and here[0].key:
            found[cell] = here[0].key
        elif len(meant) > 1:
            shared.add(cell)
    return found, frozenset(shared)


def _parts(cell: str) -> tuple[str, str]:
    """The name in a cell as it is compared, and the folded key behind it, "" for none. What reads like a key is no name."""
    name, key = _with_a_key(cell)
    if key:
        return plain_name(name), fold(key)
    return (plain_name(cell) if _a_name(cell) else ""), ""


def _with_a_key(cell: str) -> tuple[str, str]:
    """A name and the key behind it, as Workday writes people: ``Ann Lee (1001)``, ``Ann Lee <ann@acme.example>``; "" without one.

    No pattern: a cell may be long, and one with blanks alone would be gone over for each of them.
    """
    begin = max(map(cell.rfind, _OPENING))
    name, key = cell[: max(begin, 0)].strip(), cell[begin + 1 : -1].strip()
    if cell[-1:] not in _CLOSING or not name or any(sign in key for sign in _CLOSING):
        return "", ""
    return name, key


def _a_name(cell: str) -> bool:
    """Whether a cell reads like a name: addresses and numbers are keys."""
    return "@" not in cell and not any(sign.isdigit() for sign in cell)


def _bearers(roster: Roster, names: set[str], today: str) -> Iterator[_Bearer]:
    """Everybody of the file who bears one of these names."""
    people = pd.concat([_of_names(rows, names) for rows in _everybody(roster)], ignore_index=True)
    people = people[people["action"] != SUPERSEDED]
    logins, ids = folded(people["login"]), folded(people["external_id"])
    key = people["login"].where(logins != "", people["external_id"])
    gone = _long_gone(people, today)
    columns = (people["plain"].tolist(), logins.tolist(), ids.tolist(), key.tolist(), gone.tolist())
    several = Counter(map(_Bearer, *columns))
    for bearer, times in several.items():  # a row that is left out may be of somebody who has another one
        yield from [bearer] * (1 if bearer.key else times)


def _everybody(roster: Roster) -> Iterator[pd.DataFrame]:
    """All rows of the file, batch by batch, with those that cannot be used or are left out: their people bear names too."""
    there = [name for name in _SAYS if name != "status" or name in roster.mapped]
    yield from roster.people.each(there)
    yield from (roster.rejected, roster.excluded)


def _of_names(rows: pd.DataFrame, names: set[str]) -> pd.DataFrame:
    plain = pd.Series(list(map(plain_name, rows["name"].tolist())), rows.index, dtype="str")
    some = np.array([name != "" and name in names for name in plain.tolist()], np.bool_)
    return rows[some].reindex(columns=list(_SAYS), fill_value="").assign(plain=plain[some])


def _long_gone(people: pd.DataFrame, today: str) -> Mask:
    """Who left so long ago that others would not be named by it any more; of whom no day is known may have left lately."""
    if not today:
        return np.zeros(len(people), np.bool_)
    before = (date.fromisoformat(today) - _LATELY).isoformat()
    over: Mask = ((people["end_date"] != "") & (people["end_date"] < before)).to_numpy(bool)
    return has_left(people, today) & over


def _understood(
    named: PeopleNamed,
    counts: Counter[str],
    no_key: frozenset[str],
    read: tuple[frozenset[str], frozenset[str]],
) -> PeopleNamed:
    """The same with what came of its cells. ``read``: those that are the name of one person, and of several."""
    found, shared = read
    unknown = counts.keys() & no_key
    keys = sum(not _a_name(cell) for cell in counts)
    lost = {cell for cell in unknown if not _a_name(cell)}
    elsewhere = lost if 2 * len(lost) <= keys else set[str]()
    return replace(
        named,
        cells=counts.total(),
        no_key=sum(counts[cell] for cell in unknown),
        by_name=sum(counts[cell] for cell in unknown & found),
        shared=sum(counts[cell] for cell in unknown & shared),
        strangers=frozenset(unknown - found - shared - elsewhere),
    )


def _lines(roster: Roster, named: PeopleNamed, missed: frozenset[str]) -> tuple[int, ...]:
    """The first rows whose cells mean nobody for sure."""
    lines: list[int] = []
    for rows in roster.people.each([named.field, "line"]) if named.unresolved else ():
        lines += rows["line"][folded(rows[named.field]).isin(missed)].head(_ROWS - len(lines)).tolist()
        if len(lines) == _ROWS:
            break
    return tuple(lines)


def _reader(found: Mapping[str, str]) -> Callable[[pd.DataFrame], pd.DataFrame]:
    """What writes keys in place of names."""

    def read(rows: pd.DataFrame) -> pd.DataFrame:
        there = [name for name in PERSON_FIELDS if name in rows]
        return rows.assign(**{name: _with_keys(rows[name], found) for name in there}) if there else rows

    return read


def _with_keys(column: pd.Series[str], found: Mapping[str, str]) -> pd.Series[str]:
    keys = folded(column).map(found)
    return column.mask(keys.notna(), keys).astype("str")
