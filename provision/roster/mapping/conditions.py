"""Which rows of a file the job is about: ``roster.where`` and ``roster.where_not``.

A row counts if each condition of ``where`` is met and none of ``where_not`` is. Where that cannot be told, since the cell has no
value or may stand in another column, the row stays and is an error.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from provision.findings import Code, Finding, Level
from provision.frames import holds
from provision.job.settings import RosterSettings
from provision.job.values import word_key
from provision.roster.cells.formulas import no_value
from provision.roster.files.grid import Grid, Mask
from provision.roster.finding import RowFinding, same
from provision.roster.mapping.places import place_of
from provision.roster.mapping.tricks import as_meant
from provision.wording import counted, nearest, plural, shortened, tidy

WHERE, WHERE_NOT = "roster.where", "roster.where_not"
#: other words of a column that are looked at to find the one that was meant, how long they are, and how much they have in common
_OTHERS, _LONGEST, _ALIKE = 200, 60, 0.75


@dataclass(frozen=True, slots=True)
class Condition:
    """One header of ``key`` (WHERE or WHERE_NOT): its column's position, and the words that are ``asked`` for, as they are written, by their key."""

    key: str
    header: str
    place: int
    asked: Mapping[str, str]

    def __str__(self) -> str:
        """What is true of the rows that it leaves out."""
        words = shortened([word or "empty" for word in self.asked.values()])
        is_what = "is" if self.key == WHERE_NOT else "is not" if len(self.asked) == 1 else "is none of"
        return f'"{self.header}" {is_what} {words} ({self.key})'


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What conditions leave out of some rows.

    ``by``: for each row the position of the first condition that leaves it out, -1 for none. For each condition, ``met`` are the
    keys of those of its words that a row has, ``others`` some of the other words that rows have.
    """

    by: npt.NDArray[np.int16]
    met: tuple[frozenset[str], ...] = ()
    others: tuple[tuple[str, ...], ...] = ()

    @property
    def rows(self) -> Mask:
        """Which rows are left out."""
        return self.by >= 0


def conditions_of(shown: list[str], settings: RosterSettings, where: str) -> tuple[Condition, ...]:
    """The conditions of a job on a file with these headers. Raises RosterError for one on a header that is not there, or twice."""
    asked = [(WHERE, settings.where), (WHERE_NOT, settings.where_not)]
    return tuple(
        Condition(
            key, tidy(header), place_of(header, shown, where, key), {word_key(word): word for word in words}
        )
        for key, by_header in asked
        for header, words in by_header.items()
    )


def left_out(grid: Grid, conditions: Sequence[Condition]) -> tuple[LeftOut, list[RowFinding]]:
    """What the conditions leave out of the rows of a grid, and the rows of which that cannot be told."""
    by = np.full(len(grid.lines), -1, np.int16)
    if not conditions:
        return LeftOut(by), []
    certain = np.ones(len(grid.lines), np.bool_)
    certain[[fault.row for fault in grid.faults if not fault.keys_safe]] = False
    columns = [_judged(grid, each) for each in conditions]
    for number, column in reversed(list(enumerate(columns))):
        by[column.out & certain] = number
    unread = [
        finding
        for each, column in zip(conditions, columns, strict=True)
        for finding in same("", column.unread, f'"{each.header}", which {each.key} asks for, has no value')
    ]
    return LeftOut(by, tuple(column.met for column in columns), tuple(c.others for c in columns)), unread


@dataclass(frozen=True, slots=True)
class _Judged:
    """One column: the rows that are out, those without a value, and its words."""

    out: Mask
    unread: Mask
    met: frozenset[str]
    others: tuple[str, ...]


def _judged(grid: Grid, condition: Condition) -> _Judged:
    """Each different cell is looked at once."""
    column = grid.cells.column(condition.place)
    meant = as_meant(column) if holds(column, "=") else column
    encoded = meant.combine_chunks().dictionary_encode()
    cells, at = [str(cell) for cell in encoded.dictionary.to_pylist()], encoded.indices.to_numpy()
    keys = [word_key(cell) for cell in cells]
    named = np.array([key in condition.asked for key in keys], np.bool_)
    unread = np.array([no_value(cell) for cell in cells], np.bool_) & ~named
    out = (named if condition.key == WHERE_NOT else ~named) & ~unread
    strange = (cell for cell, known in zip(cells, named, strict=True) if not known)
    others = [tidy(cell) for cell in strange if cell.strip() and len(cell) <= _LONGEST]
    return _Judged(out[at], unread[at], frozenset(keys) & frozenset(condition.asked), tuple(others[:_OTHERS]))


def in_all(parts: Sequence[LeftOut]) -> LeftOut:
    """What is left out of all rows, from that of each part of them; one at least."""
    met = tuple(frozenset[str]().union(*each) for each in zip(*(part.met for part in parts), strict=True))
    others = tuple(
        tuple(dict.fromkeys(word for words in each for word in words))[:_OTHERS]
        for each in zip(*(part.others for part in parts), strict=True)
    )
    return LeftOut(np.concatenate([part.by for part in parts]), met, others)


def told_of(left: LeftOut, conditions: Sequence[Condition]) -> Iterator[Finding]:
    """How many rows are left out and by which condition, and the words that may be misspelt."""
    rows, out = len(left.by), int(left.rows.sum())
    if out:
        counts = np.bincount(left.by[left.rows], minlength=len(conditions)).tolist()
        by = [f"{count:,} where {each}" for each, count in zip(conditions, counts, strict=True) if count]
        words = f"{out:,} of {counted(rows, 'row')} {plural(out, 'is', 'are')} left out: {'; '.join(by)}"
        yield Finding(Code.ROWS_EXCLUDED, Level.WARNING if out == rows else Level.NOTE, words)
    for each, met, others in zip(conditions, left.met, left.others, strict=True):
        missing = [word for key, word in each.asked.items() if key and key not in met]
        for word in missing:
            if near := nearest(word, others, _ALIKE):
                yield _not_met(each, f'"{word}"', f'"{near}" may be meant; correct {each.key}')
        if not met and each.key == WHERE:
            yield _not_met(each, "one of its words", f"look whether {each.key} says what is meant")


def _not_met(condition: Condition, what: str, remedy: str) -> Finding:
    words = f'no row has {what} in "{condition.header}" ({condition.key})'
    return Finding(Code.WORD_NOT_MET, Level.WARNING, words, remedy, column=condition.header)
