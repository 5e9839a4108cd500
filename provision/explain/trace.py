"""Where one person occurs in the verdict tables of many runs: found by keys that lead to each other.

Two people become one here only if an accepted row or an account joins their keys. An empty key joins nobody, and a row
that was held or rejected leads no further: a roster with shifted columns would make one person of all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd

from provision.because import Because, leading
from provision.frames import folded
from provision.ledger.others import WANTED
from provision.ledger.value import Memory
from provision.model import NAMED_BY, PERSON_FIELDS, Kind, PersonKey, UserKind, Verdict, fold
from provision.parquet import read_parquet
from provision.plan import v3_words
from provision.plan.value import TABLE_COLUMNS

#: a key with what it is: ``login`` (folded), ``box`` (a Box id), ``managed`` or ``app`` (an external id of that kind)
Key: TypeAlias = tuple[str, str]
Keys: TypeAlias = frozenset[Key]

_KEY_COLUMNS = ["external_id", "login", "kind", "box_id"]
_REST = [
    name
    for name in TABLE_COLUMNS
    if name not in (*_KEY_COLUMNS, *PERSON_FIELDS, *WANTED, "changes", NAMED_BY)
]

#: verdicts on a row of the roster that say: row and account are one person
_CERTAIN = (Verdict.UNCHANGED.value, Verdict.STARTS_LATER.value, *(kind.value for kind in Kind))
#: what stands for the verdict on a row of a roster that is taken for what it says
_TAKEN = Verdict.UNCHANGED.value


@dataclass(frozen=True, slots=True)
class Sighting:
    """One line of a verdict table, as :data:`provision.plan.value.TABLE_COLUMNS` tells; "" and line 0 are none."""

    external_id: str
    login: str
    kind: str
    box_id: str
    line: int = 0
    name: str = ""
    verdict: str = ""
    because: str = ""
    owned: bool = False
    segment: str = ""
    starts_on: str = ""
    ends_on: str = ""

    @property
    def person(self) -> PersonKey:
        """Whom it is about, as far as this line tells."""
        return PersonKey(self.kind, self.external_id, self.login, self.box_id, self.line)

    @property
    def keys(self) -> Keys:
        """Its keys, the empty ones left out. An external id without a known kind may be of either."""
        kinds = [self.kind] if self.kind else [kind.value for kind in UserKind]
        said = [("login", fold(self.login)), ("box", self.box_id)]
        return frozenset(key for key in (*said, *((kind, self.external_id) for kind in kinds)) if key[1])

    @property
    def certain(self) -> bool:
        """Whether its keys are surely one person's: an account's own, or those of a row that was accepted."""
        return self.line == 0 or (self.verdict in _CERTAIN and leading(self.because) is not Because.IGNORED)


#: gives the lines of one verdict table that have any of these keys
Source: TypeAlias = Callable[[Keys], Sequence[Sighting]]


def meant(person: str) -> Keys:
    """What somebody may mean: a login in any spelling, an external id of either kind, or a Box id; none for ""."""
    text = person.strip()
    kinds = ("box", *(kind.value for kind in UserKind))
    return frozenset([("login", fold(text)), *((kind, text) for kind in kinds)]) if text else frozenset()


def follow(asked: Keys, sources: Sequence[Source]) -> dict[int, Sequence[Sighting]]:
    """The lines about whoever has one of these keys, by position of their source; sources without any left out.

    If only doubtful lines have them, these are followed too: there is no other trail.
    """
    found = _followed(asked, sources, lambda each: each.certain)
    lines = [each for lines in found.values() for each in lines]
    if lines and not any(each.certain for each in lines):
        more = frozenset[Key]().union(*(each.keys for each in lines))
        found = _followed(asked | more, sources, lambda each: each.certain)
    return {at: lines for at, lines in sorted(found.items()) if lines}


def follow_each(asked: Sequence[Keys], sources: Sequence[Source]) -> list[Mapping[int, Sequence[Sighting]]]:
    """As :func:`follow` for many people at once: what each source has about each of them, the sources read for all together."""
    found = _followed(frozenset[Key]().union(*asked), sources, lambda each: each.certain)
    known = _Joined()
    certain = (each.keys for lines in found.values() for each in lines if each.certain)
    for keys in (*asked, *certain):
        known.join(keys)
    owners: dict[Key, list[int]] = {}
    for number, keys in enumerate(asked):
        for key in list(keys)[:1]:
            owners.setdefault(known.first(key), []).append(number)
    told: list[dict[int, list[Sighting]]] = [{} for _ in asked]
    for at, lines in sorted(found.items()):
        for each in lines:
            for first in {known.first(key) for key in each.keys}:
                for number in owners.get(first, ()):
                    told[number].setdefault(at, []).append(each)
    return list(told)


class _Joined:
    """Keys that lead to each other, each with the first of those it belongs to."""

    def __init__(self) -> None:
        self._before: dict[Key, Key] = {}

    def first(self, key: Key) -> Key:
        """The key that stands for all that are joined with this one."""
        while (before := self._before.get(key, key)) != key:
            self._before[key] = self._before.get(before, before)
            key = before
        return key

    def join(self, keys: Keys) -> None:
        """Let these be one person's."""
        first, *others = [self.first(key) for key in keys] or [("", "")]
        for other in others:
            self._before[self.first(other)] = self.first(first)


def _followed(
    keys: Keys, sources: Sequence[Source], leads: Callable[[Sighting], bool]
) -> dict[int, Sequence[Sighting]]:
    """Look everywhere, and again where fewer keys were known, until no key is new."""
    found: dict[int, Sequence[Sighting]] = {}
    asked: dict[int, Keys] = {}
    while stale := [at for at in range(len(sources)) if asked.get(at) != keys]:
        for at in stale:
            found[at], asked[at] = sources[at](keys), keys
            keys = keys.union(*(each.keys for each in found[at] if leads(each)))
    return found


def people(asked: Keys, lines: Iterable[Sighting]) -> list[Keys]:
    """The people these lines are about, as far as they have one of the keys asked for: the keys of each."""
    found: list[Keys] = []
    sure = [each.keys for each in lines if each.certain] or [each.keys for each in lines]
    for key in sorted(asked.intersection(*[frozenset[Key]().union(*sure)])):
        if not any(key in keys for keys in found):
            found.append(_joined(frozenset([key]), sure))
    return found


def _joined(keys: Keys, lines: Sequence[Keys]) -> Keys:
    grown = keys.union(*(each for each in lines if each & keys))
    return keys if grown == keys else _joined(grown, lines)


def in_ledger(memory: Memory) -> Source:
    """The accounts that the ledger says are the job's."""

    def look(keys: Keys) -> Sequence[Sighting]:
        mine = memory.accounts[_having(memory.accounts, keys)]
        return _sightings({name: mine[name].tolist() for name in _KEY_COLUMNS})

    return look


def in_roster(batches: Callable[[], Iterable[pd.DataFrame]]) -> Source:
    """The rows of a roster: columns ``line, external_id, login, kind``, and ``good`` (bool): whether a row leads further.

    A good row is taken for what it says, since nothing is compared yet.
    """

    def look(keys: Keys) -> Sequence[Sighting]:
        found: list[Sighting] = []
        for rows in batches():
            some = rows.assign(box_id="")
            some = some[_having(some, keys)]
            verdicts = [_TAKEN if good else "" for good in some["good"].tolist()]
            told = {name: some[name].tolist() for name in (*_KEY_COLUMNS, "line")}
            found += _sightings({**told, "verdict": verdicts})
        return found

    return look


def in_table(path: Path) -> Source:
    """A people.parquet: of everybody only the keys are read, of the lines that are found the rest.

    Raises OSError or ValueError where the file cannot be read.
    """

    def look(keys: Keys) -> Sequence[Sighting]:
        everybody = _keys(path, _KEY_COLUMNS)
        at = _having(everybody, keys).to_numpy().nonzero()[0]
        if not len(at):
            return ()
        rest = v3_words.people_of(_read(path, (*_REST, "reason")).iloc[at].reset_index(drop=True))
        return _sightings(everybody.iloc[at].to_dict("list") | rest.to_dict("list"))

    return look


def logins_in(path: Path) -> list[str]:
    """All keys of a people.parquet that a person might type: logins, then external ids, "" left out."""
    table = _keys(path, ["login", "external_id"])
    return [key for name in table.columns for key in table[name].tolist() if key]


def unreadable() -> tuple[type[Exception], ...]:
    """What is raised for a people.parquet that cannot be read."""
    return (OSError, ValueError)


def _read(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    return read_parquet(path, path.stat().st_size, columns)


def _keys(path: Path, columns: Sequence[str]) -> pd.DataFrame:
    """These columns as text, whatever is in the file. Raises ValueError where one is missing."""
    table = _read(path, columns)
    if len(table.columns) < len(columns):
        raise ValueError("a table of people has these columns")
    return table.astype("str").fillna("")


def _having(frame: pd.DataFrame, keys: Keys) -> pd.Series[bool]:
    """Which rows have one of these keys. ``frame``: text columns _KEY_COLUMNS."""
    wanted: dict[str, list[str]] = {}
    for what, key in keys:
        wanted.setdefault(what, []).append(key)
    having = folded(frame["login"]).isin(wanted.get("login", ()))
    having |= frame["box_id"].isin(wanted.get("box", ()))
    for kind in UserKind:
        if ids := wanted.get(kind.value):
            having |= frame["external_id"].isin(ids) & frame["kind"].isin([kind.value, ""])
    return having


def _sightings(columns: Mapping[str, list[Any]]) -> list[Sighting]:
    rows = zip(*columns.values(), strict=True)
    return [Sighting(**dict(zip(columns, cells, strict=True))) for cells in rows]
