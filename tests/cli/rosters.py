"""Rosters that something happened to on their way, by people who know who is in them: what a test may believe of a file.

A file is built row by row, so that who has a row in it is known without reading it: whoever damages it says who is left.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from random import Random

#: how the sample people are written: a header each, and what stands below it
HEADERS = ("external_id", "login", "name", "job_title", "phone", "start_date", "end_date")
_SURNAMES = ("Ömer", "Nguyen", "O'Neil", "Müller", "Zielińska", "Smith, Jr.", "Weiß", "García")
#: what an older program writes for letters it does not have
_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252", "latin-1")

Row = tuple[str, ...]


@dataclass(frozen=True)
class Sheet:
    """A roster on its way into a file. ``rows``: whose row it is, and its cells; one person may have several."""

    headers: tuple[str, ...]
    rows: tuple[tuple[int, Row], ...]

    @property
    def people(self) -> frozenset[int]:
        """Who has a row in it, whatever has become of its cells."""
        return frozenset(who for who, _ in self.rows)


@dataclass(frozen=True)
class Fed:
    """A file as it was fed: its bytes, who has at least the beginning of a row in it, and whose row is as it should be."""

    content: bytes
    people: frozenset[int]
    sound: frozenset[int]


def login(who: int) -> str:
    return f"p{who:03d}@acme.example"


def row(who: int, end_date: str = "") -> Row:
    surname = _SURNAMES[who % len(_SURNAMES)]
    return (
        f"{who:08d}", login(who), f"Person {who:03d} {surname}", f"Title {who % 7}", f"+49 30 {who:04d}",
        f"20{10 + who % 15}-0{1 + who % 9}-01", end_date,
    )  # fmt: skip


def sheet(people: Sequence[int], ends: Callable[[int], str] = lambda _: "") -> Sheet:
    return Sheet(HEADERS, tuple((who, row(who, ends(who))) for who in people))


# --- what happens to the table --------------------------------------------------------------------------


def shuffled(whole: Sheet, chance: Random) -> Sheet:
    return replace(whole, rows=tuple(chance.sample(whole.rows, len(whole.rows))))


def rows_dropped(whole: Sheet, chance: Random) -> Sheet:
    """One row, a few, or half of them."""
    lost = _some(whole, chance, chance.choice([1, 1, 2, 2, 3, len(whole.rows) // 2]))
    return replace(whole, rows=tuple(each for at, each in enumerate(whole.rows) if at not in lost))


def rows_twice(whole: Sheet, chance: Random) -> Sheet:
    again = _some(whole, chance, chance.choice([1, 2, len(whole.rows)]))
    return replace(whole, rows=(*whole.rows, *(whole.rows[at] for at in sorted(again))))


def cells_blanked(whole: Sheet, chance: Random) -> Sheet:
    """Some columns lose their cells, in a few rows or in all; the key columns as well."""
    columns = chance.sample(range(len(whole.headers)), chance.choice([1, 2]))
    return _blanked(whole, columns, chance)


def keys_blanked(whole: Sheet, chance: Random) -> Sheet:
    return _blanked(whole, chance.choice([[0], [1], [0, 1]]), chance)


def columns_swapped(whole: Sheet, chance: Random) -> Sheet:
    """Two headers change places, and what stands below them does not."""
    one, other = chance.sample(range(len(whole.headers)), 2)
    headers = list(whole.headers)
    headers[one], headers[other] = headers[other], headers[one]
    return replace(whole, headers=tuple(headers))


def column_slipped(whole: Sheet, chance: Random) -> Sheet:
    """One column is sorted, or moved down, without the others."""
    column = chance.randrange(len(whole.headers))
    cells = [cells[column] for _, cells in whole.rows]
    moved = sorted(cells, reverse=True) if chance.random() < 0.5 else cells[-1:] + cells[:-1]
    rows = zip(whole.rows, moved, strict=True)
    return replace(whole, rows=tuple((who, _with(cells, column, cell)) for (who, cells), cell in rows))


def header_renamed(whole: Sheet, chance: Random) -> Sheet:
    column = chance.randrange(len(whole.headers))
    return replace(
        whole, headers=_with(whole.headers, column, chance.choice(["", "Spalte1", "e-mail", "name"]))
    )


def header_lost(whole: Sheet, _chance: Random) -> Sheet:
    """The first row stands where the header stood."""
    return Sheet(whole.rows[0][1], whole.rows) if whole.rows else whole


def keys_reformatted(whole: Sheet, chance: Random) -> Sheet:
    """A spreadsheet has eaten the leading zeros, of all or of some."""
    lost = _some(whole, chance, chance.choice([1, 2, len(whole.rows)]))
    return _changed(whole, lost, lambda cells: _with(cells, 0, cells[0].lstrip("0")))


def emptied(whole: Sheet, _chance: Random) -> Sheet:
    return replace(whole, rows=())


DAMAGES: tuple[Callable[[Sheet, Random], Sheet], ...] = (
    shuffled, rows_dropped, rows_twice, cells_blanked, keys_blanked, columns_swapped, column_slipped, header_renamed,
    header_lost, keys_reformatted, emptied,
)  # fmt: skip
#: the same, those that a program may well let pass more often
LIKELY = (
    shuffled,
    rows_dropped,
    rows_dropped,
    rows_dropped,
    rows_twice,
    cells_blanked,
    keys_blanked,
    keys_reformatted,
)


# --- what happens to the file ---------------------------------------------------------------------------


def written(whole: Sheet, encoding: str = "utf-8", cut: float | None = None) -> Fed:
    """The file of a sheet. ``cut``: which share (0–1) of its bytes is left; whoever's row has begun there is in it."""
    head = _line(whole.headers).encode(encoding, "replace")
    lines = [(who, _line(cells).encode(_plain(encoding), "replace")) for who, cells in whole.rows]
    content = head + b"".join(text for _, text in lines)
    if cut is None:
        return Fed(content, whole.people, _sound(whole))
    left = int(len(content) * cut)
    begun, at = set(), len(head)
    for who, text in lines:
        if at < left:
            begun.add(who)
        at += len(text)
    return Fed(content[:left], frozenset(begun), frozenset())


def _sound(whole: Sheet) -> frozenset[int]:
    """Whose row is there once, with all its cells where they belong."""
    once = {who for who, many in Counter(who for who, _ in whole.rows).items() if many == 1}
    whole_rows = {who for who, cells in whole.rows if cells[:-1] == row(who)[:-1]}
    return frozenset(once & whole_rows) if whole.headers == HEADERS else frozenset()


def other_encoding(chance: Random) -> str:
    return chance.choice(_ENCODINGS)


def _line(cells: Sequence[str]) -> str:
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells) + "\n"


def _plain(encoding: str) -> str:
    """The same without the mark that a file begins with."""
    return {"utf-8-sig": "utf-8", "utf-16": "utf-16-le"}.get(encoding, encoding)


def _with(cells: tuple[str, ...], column: int, cell: str) -> tuple[str, ...]:
    return (*cells[:column], cell, *cells[column + 1 :])


def _blanked(whole: Sheet, columns: Sequence[int], chance: Random) -> Sheet:
    hit = _some(whole, chance, chance.choice([1, 1, 2, 5, len(whole.rows)]))

    def emptied_in(cells: Row) -> Row:
        return tuple("" if column in columns else cell for column, cell in enumerate(cells))

    return _changed(whole, hit, emptied_in)


def _changed(whole: Sheet, places: Collection[int], change: Callable[[Row], Row]) -> Sheet:
    rows = ((who, change(cells) if at in places else cells) for at, (who, cells) in enumerate(whole.rows))
    return replace(whole, rows=tuple(rows))


def _some(whole: Sheet, chance: Random, many: int) -> set[int]:
    """Places of so many rows, mostly among the first six, so that one person is hit in several nights."""
    among = range(len(whole.rows))
    if many <= 3 and chance.random() < 0.8:
        among = among[:6]
    return set(chance.sample(among, min(many, len(among))))
