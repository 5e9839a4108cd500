"""The people whom no list of the page shows, packed into it, so that a search finds them too.

A line a person, packed by zlib and written in base64: name, login, external id, Box id, row, what was decided, how it
ended, the places of its fields and its part in the lists that one chooses from, and the place of its history, with tabs between. The page's script unpacks it when somebody first searches.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from provision.frames import arrow, one_piece
from provision.model import SOURCE_LINES, Verdict
from provision.report.page.filters import UNMARKED, FilterMarks

#: people that a search finds beside those in lists; of more only those about whom something was decided
MOST = 200_000
#: what is said of people about whom nothing was decided
_LEFT_AS_THEY_ARE = (Verdict.UNCHANGED, Verdict.UNOWNED, Verdict.OUT_OF_SCOPE, Verdict.EXCLUDED)
_TEXT = ("name", "login", "external_id", "box_id")


@dataclass(frozen=True, slots=True)
class Everybody:
    """``packed`` are ``people`` of the ``others`` whom no list shows; ``decided``: only those about whom something was decided."""

    packed: str
    people: int
    others: int
    decided: bool

    @property
    def whole(self) -> bool:
        """Whether a search finds everybody."""
        return self.people == self.others


def _unmarked(_at: int) -> FilterMarks:
    return UNMARKED


@dataclass(frozen=True, slots=True)
class Marked:
    """By what the line at a place can be chosen, and the places of those whose history the page has."""

    marks: Callable[[int], FilterMarks] = _unmarked
    histories: Container[int] = ()


_NOTHING_MARKED = Marked()


def everybody(
    table: pd.DataFrame,
    listed: Collection[int],
    label: Callable[[str], str],
    most: int = MOST,
    marked: Marked = _NOTHING_MARKED,
) -> Everybody:
    """All lines of a reconciliation but those at the places ``listed``, which stand in a list of the page.

    ``label`` has the words of verdicts and outcomes, ``marked`` what else the page knows of each.
    """
    wanted = ~table.index.isin(listed)
    others = int(np.count_nonzero(wanted))
    if decided := others > most:
        calm = [verdict.value for verdict in _LEFT_AS_THEY_ARE]
        wanted = wanted & ~table["verdict"].isin(calm).to_numpy()
    found = table[wanted].iloc[:most]
    return Everybody(_packed(found, label, marked), len(found), others, decided)


def most_of_each(lists: Iterable[int], each: int, together: int) -> int:
    """So many lines of a list, ``each`` at most, that lists of these lengths have no more than ``together``: short ones are whole."""
    lengths, left = sorted(lists), together
    for place, length in enumerate(lengths):
        share = max(left // (len(lengths) - place), 1)
        if length > share:
            return min(share, each)
        left -= length
    return each


def _packed(table: pd.DataFrame, label: Callable[[str], str], marked: Marked) -> str:
    rows = table["line"].to_numpy() % SOURCE_LINES
    text = pa.array(rows).cast(pa.large_string())
    cells = [_one_line(one_piece(table[name])) for name in _TEXT]
    cells.append(pc.if_else(pc.equal(pa.array(rows), 0), pa.scalar("", pa.large_string()), text))
    cells += [arrow(_labelled(table[name], label)) for name in ("verdict", "outcome")]
    places = table.index.tolist()
    marks = list(map(marked.marks, places))
    cells += [pa.array([each.fields for each in marks], pa.large_string())]
    cells += [pa.array([each.part for each in marks], pa.large_string())]
    known = [str(place) if place in marked.histories else "" for place in places]
    cells += [pa.array(known, pa.large_string())]
    lines = pc.binary_join_element_wise(*cells, pa.scalar("\t", pa.large_string()))
    packer, packed = zlib.compressobj(6), []
    for start in range(0, len(lines), 20_000):
        some = "\n".join(lines[start : start + 20_000].to_pylist())
        packed.append(packer.compress((some if not start else f"\n{some}").encode()))
    packed.append(packer.flush())
    return base64.b64encode(b"".join(packed)).decode() if len(lines) else ""


def _one_line(text: pa.Array) -> pa.Array:
    return pc.replace_substring_regex(text, r"[\t\r\n]+", " ")


def _labelled(column: pd.Series[str], label: Callable[[str], str]) -> pd.Series[str]:
    words = {word: label(word) if word else "" for word in column.unique().tolist()}
    return column.map(words).astype("str")
