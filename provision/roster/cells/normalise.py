"""Raw text to canonical cells, whole columns at a time: what needs no touch is not touched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from provision.findings import Code
from provision.frames import alike, side_by_side, worded
from provision.job.values import word_key
from provision.model import ADMIN, ALIASES, ATTRIBUTE, CLEAR, DATE_FIELDS, GROUP_FIELDS, TRACKING_PREFIX
from provision.roster.cells import canonical, dates
from provision.roster.cells.dates import Order, Orders
from provision.roster.cells.formulas import no_value
from provision.roster.cells.systems import BY_HEADER
from provision.roster.cells.text_columns import (
    BORNE,
    is_tidy,
    reads,
    tidy_text,
    with_invisible,
    words_for_nothing,
)
from provision.roster.files.grid import Mask
from provision.roster.finding import RowFinding, same
from provision.roster.noticed import Noticed, noticed_where

#: one cell to its canonical text; a ValueError says why not
Reader = Callable[[str], str]
#: by field and word (as :func:`provision.job.values.word_key` gives it), what the word means
Words = Mapping[str, Mapping[str, str]]
NO_WORDS: Words = MappingProxyType({})
#: what dates prove before any was looked at
NOTHING_SEEN: Orders = MappingProxyType({})
#: fields that are compared with keys, in which nothing that nobody sees makes a difference
_KEYS = ("external_id", "login", "manager", "transfer_to", "notification_email")


class Normalised(NamedTuple):
    """Canonical cells, a finding for each cell that cannot be understood, what dates prove, and what was read in silence."""

    cells: pd.DataFrame
    findings: list[RowFinding]
    orders: Orders
    noticed: list[Noticed]


def normalise(
    frame: pd.DataFrame, headers: Mapping[str, str], seen: Orders = NOTHING_SEEN, words: Words = NO_WORDS
) -> Normalised:
    """Canonical cells.

    ``frame``: one column a roster field, dtype str, "" for empty. A cell that cannot be understood stays as it is.
    ``headers``: roster field to squashed header, for the fields that are one column of the file. ``seen``: what the
    dates of other parts of the file prove; the answer has it too. ``words``: what the job says that words mean, by field and
    by word, as Words has them; they stand above what is known of other systems.
    """
    fields = [str(field) for field in frame]
    with side_by_side(len(frame)) as pool:
        tidy = list(pool.map(_tidied, fields, (frame[field] for field in fields)))
        tidied = {field: column for field, (column, _) in zip(fields, tidy, strict=True)}
        orders = _orders(tidied, seen)
        readers = {field: _reader(field, headers.get(field, "")) for field in fields} | _date_readers(orders)
        readers |= {field: _taught(readers[field], words[field]) for field in fields if field in words}
        read = list(pool.map(_field, fields, tidied.values(), (readers[field] for field in fields)))
    columns = {field: column for field, (column, _) in zip(fields, read, strict=True)}
    cells = pd.DataFrame(columns, index=frame.index, copy=False)
    noticed = [each for _, told in tidy for each in told if not _is_taught(each, words)]
    return Normalised(cells, [each for _, wrong in read for each in wrong], orders, noticed)


def _is_taught(noticed: Noticed, words: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether the job says of every word that may stand for nothing, or that nobody can be given, what it means."""
    taught = words.get(noticed.field, {})
    if noticed.code is Code.ROLE_ADMIN:
        return word_key(ADMIN) in taught
    return noticed.code is Code.LIKE_NOTHING and all(word_key(each) in taught for each in noticed.what)


def _tidied(field: str, column: pd.Series) -> tuple[pd.Series, list[Noticed]]:
    """The column without what nobody can see and without words for nothing, which a name or a key may really be."""
    noticed: list[Noticed] = []
    if not is_tidy(column):
        removed, what = with_invisible(column, key=field in _KEYS)
        column = tidy_text(column, key=field in _KEYS)
        noticed += noticed_where(Code.INVISIBLE_REMOVED, field, removed, what)
    if field in BORNE:
        return column, noticed
    if field == "role":
        noticed += noticed_where(Code.ROLE_ADMIN, field, reads(column, ADMIN))
    nothing, doubtful = words_for_nothing(column)
    noticed += _noticed_words(Code.LIKE_NOTHING, field, column, doubtful)
    noticed += _noticed_words(Code.WORD_FOR_NOTHING, field, column, nothing)
    return (column.mask(nothing, "") if nothing.any() else column), noticed


def _noticed_words(code: Code, field: str, column: pd.Series, mask: Mask) -> list[Noticed]:
    return noticed_where(code, field, mask, tuple(column[mask].unique().tolist())) if mask.any() else []


def _reader(field: str, header: str) -> Reader | None:
    """What reads the cells of a field; None if they stay as they are."""
    by_name = {"kind": canonical.kind, "action": canonical.action, "groups": canonical.groups}
    by_name[ALIASES] = canonical.aliases
    attribute = ATTRIBUTE.get(field)
    by_shape = canonical.BY_SHAPE.get(attribute.shape) if attribute else None
    return BY_HEADER.get((field, header)) or by_name.get(field) or by_shape


def _taught(reader: Reader | None, words: Mapping[str, str]) -> Reader:
    """A reader of a field for which the job knows words of its own."""

    def read(cell: str) -> str:
        meant = words.get(word_key(cell), cell)
        return reader(meant) if reader and meant else meant

    return read


def _orders(columns: Mapping[str, pd.Series], seen: Orders) -> Orders:
    fields = [field for field in DATE_FIELDS if field in columns]
    return {
        field: seen.get(field, Order.UNKNOWN) | dates.proven(_distinct(columns[field])[1]) for field in fields
    }


def _date_readers(orders: Orders) -> dict[str, Reader]:
    return {field: partial(dates.iso, reading=how) for field, how in dates.decided(orders).items()}


def _field(field: str, column: pd.Series, reader: Reader | None) -> tuple[pd.Series, list[RowFinding]]:
    cleared = reads(column, CLEAR)
    if not cleared.any():
        return _read(field, column, reader)
    read, findings = _read(field, column.mask(cleared, ""), reader)
    if _clearable(field):
        return read.mask(cleared, CLEAR), findings
    return read, [*findings, *same(field, cleared, f"{CLEAR}: {field} cannot be emptied")]


def _clearable(field: str) -> bool:
    """Whether ``(clear)`` may empty it: of tracking codes each one, since the list is sent without it."""
    attribute = ATTRIBUTE.get(field)
    listed = field.startswith(TRACKING_PREFIX) or field in (*GROUP_FIELDS, ALIASES)
    return listed or (attribute is not None and attribute.clearable)


def _read(field: str, column: pd.Series, reader: Reader | None) -> tuple[pd.Series, list[RowFinding]]:
    return (column, []) if reader is None else on_distinct(field, column, reader)


def on_distinct(field: str, column: pd.Series, read: Reader) -> tuple[pd.Series, list[RowFinding]]:
    """Apply ``read`` once to each distinct cell that is not empty; a ValueError becomes a finding with its text."""
    codes, distinct = _distinct(column)
    wrong: dict[int, str] = {}
    cells: list[str] = []
    for code, cell in enumerate(distinct):
        try:
            cells.append(read(cell) if cell and not no_value(cell) else cell)
        except ValueError as error:
            cells.append(cell)
            wrong[code] = str(error)
    read_column = column if cells == distinct else worded(codes, cells).set_axis(column.index)
    rows = np.flatnonzero(np.isin(codes, list(wrong))).tolist() if wrong else []
    return read_column, [RowFinding(field, rows, [wrong[int(codes[row])] for row in rows])] if rows else []


def _distinct(column: pd.Series) -> tuple[NDArray[np.intp], list[str]]:
    """The different cells in the order in which they come, and for each cell which of them it is."""
    if alike(column):
        return np.zeros(len(column), np.intp), [column.iloc[0]]
    codes, distinct = pd.factorize(column)
    return codes, distinct.tolist()
