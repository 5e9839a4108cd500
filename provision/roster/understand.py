"""From the grids of a roster file, one or many, to all of its rows and what is to be said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate, chain

import numpy as np
import pandas as pd
import pyarrow as pa

from provision.batches import Held, Spool
from provision.errors import RosterError
from provision.findings import Finding
from provision.hashes import EMPTY, Hashes
from provision.job.settings import RosterSettings
from provision.roster.cells.dates import Orders, decided
from provision.roster.cells.emails import address_columns, first_addresses
from provision.roster.cells.normalise import NOTHING_SEEN
from provision.roster.checks.second_header import without_headers
from provision.roster.files.file_limits import refuse_beyond, refuse_misfits
from provision.roster.files.grid import Grid, Lines
from provision.roster.files.time_limit import expect_time
from provision.roster.finding import RowFinding, moved
from provision.roster.mapping.conditions import LeftOut, in_all, told_of
from provision.roster.mapping.mapping import Mapping as Columns
from provision.roster.mapping.mapping import map_columns
from provision.roster.mapping.pick import filled_rows
from provision.roster.noticed import summed_up, told
from provision.roster.profile.counts import RowCounts, summed
from provision.roster.profile.profile import KEYS
from provision.roster.rows_of_grid import RowFacts, part_of
from provision.wording import tidy


@dataclass(frozen=True, slots=True)
class Understood:
    """A roster file as it was understood, before valid and bad rows are told apart.

    ``rows``: all rows, as in :func:`provision.roster.checks.check.check`; ``findings``: what is wrong with each by itself, by
    position in all rows; ``keys`` as in :class:`provision.roster.rows_of_grid.RowBlock`. ``settled``: every grid was read with the
    order of day and month that the whole file proves, which are the ``orders``. ``declared`` is as in :class:`provision.roster.profile.profile.Profile`,
    ``guessed``, ``header_line`` and ``delimiter`` as in :class:`provision.roster.files.grid.Grid`, ``told`` as in
    :class:`provision.roster.rows_of_grid.RowFacts`, ``addresses`` as in :class:`provision.roster.value.Roster`,
    ``half_names`` as in RowFacts, ``left`` likewise.
    """

    headers: tuple[str, ...]
    sheet: str
    mapping: Columns
    rows: Held | Spool
    findings: list[RowFinding]
    keys: Mapping[str, Hashes]
    orders: Orders
    settled: bool
    tally: RowCounts
    left: LeftOut
    notes: tuple[str, ...]
    declared: int | None
    guessed: str = ""
    told: tuple[Finding, ...] = ()
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    header_line: int = 0
    delimiter: str = ""
    half_names: Lines = field(default_factory=lambda: np.empty(0, np.int64))

    @property
    def counting_keys(self) -> dict[str, Hashes]:
        """The keys of the rows that count; those of rows that are left out are empty, as they are nobody's double."""
        out = self.left.rows
        return {
            name: np.where(out, EMPTY, self.keys[name]) if out.any() else self.keys[name] for name in KEYS
        }


@dataclass(slots=True)
class _Reading:
    """What was taken over from the grids up to now; ``orders`` are what their dates prove."""

    settings: RosterSettings
    name: str
    orders: Orders
    today: str = ""
    headers: tuple[str, ...] = ()
    sheet: str = ""
    header_line: int = 0
    delimiter: str = ""
    mapping: Columns = field(default=Columns((), (), ()))
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rows: Held | Spool | None = None
    misfits: int = 0
    facts: list[RowFacts] = field(default_factory=list)
    keys: list[dict[str, Hashes]] = field(default_factory=list)


def understand(
    grids: Iterable[Grid],
    settings: RosterSettings,
    name: str,
    seen: Orders = NOTHING_SEEN,
    today: str = "",
) -> Understood:
    """All rows of the file ``name``, on disk if there is more than one grid.

    ``seen``: what its dates are known to prove of the order of day and month. ``today`` as in
    :func:`provision.roster.checks.leaving_rows.without_idle`. Raises RosterError for headers that give no
    key, for a file without a row, and where the last of several grids does not tell how the file ends.
    """
    reading = _Reading(settings, name, seen, today)
    for grid in map(filled_rows, grids):
        _take(reading, grid)
        del grid  # before the next one is read, so that there is only one in memory
    if isinstance(reading.rows, Spool):
        pa.default_memory_pool().release_unused()  # what Arrow keeps for a next grid would add to what follows
    return _whole(reading)


def _take(reading: _Reading, grid: Grid) -> None:
    expect_time()
    where = _where(reading.name, grid)
    reading.misfits += len(grid.faults)
    refuse_misfits(reading.misfits, where)
    refuse_beyond(grid, reading.settings.limits, where)
    if not reading.facts:
        reading.headers, reading.sheet = grid.headers, grid.sheet
        reading.header_line, reading.delimiter = grid.header_line, grid.delimiter
        reading.mapping = map_columns(grid, reading.settings, where)
        reading.addresses = _addresses(grid, reading.mapping)
    elif not grid.more and len(grid.lines) < 2:
        raise RosterError(
            f"{reading.name} ends with a single row that may be a line of totals or words below those before."
        )
    grid = without_headers(grid, reading.mapping, reading.settings, where)
    if grid.more and not len(grid.lines):
        return  # rows without anything; whoever is in the file comes later
    _refuse_empty(grid, where)
    part = part_of(grid, reading.mapping, reading.settings, reading.orders, reading.today)
    reading.orders = part.facts.orders
    reading.rows = _with(reading.rows, part.frame, more=grid.more)
    reading.facts.append(part.facts)
    reading.keys.append(part.keys)


def _with(rows: Held | Spool | None, frame: pd.DataFrame, *, more: bool) -> Held | Spool:
    if rows is None and not more:
        return Held(frame)
    spool = rows if isinstance(rows, Spool) else Spool()
    spool.append(frame)
    return spool


def _whole(reading: _Reading) -> Understood:
    facts, rows = reading.facts, reading.rows
    assert rows is not None  # noqa: S101 - a file has one grid at least
    starts = accumulate((each.tally.rows for each in facts), initial=0)
    read_in = decided(reading.orders)
    notes = chain.from_iterable(each.notes for each in facts)
    left = in_all([each.left for each in facts])
    excluded = told_of(left, reading.mapping.conditions)
    about = dict.fromkeys(chain.from_iterable(each.about for each in facts))
    return Understood(
        reading.headers,
        reading.sheet,
        reading.mapping,
        rows,
        [moved(found, start) for each, start in zip(facts, starts, strict=False) for found in each.findings],
        {name: _joined(reading.keys, name) for name in tuple(reading.keys[0])},
        reading.orders,
        all(decided(each.orders) == read_in for each in facts),
        summed([each.tally for each in facts]),
        left,
        (*notes, *reading.mapping.notes, *about),
        facts[-1].declared,
        facts[0].guessed,
        (*chain.from_iterable(each.told for each in facts), *_noticed(reading), *excluded),
        reading.addresses,
        reading.header_line,
        reading.delimiter,
        np.concatenate([each.half_names for each in facts]),
    )


def _noticed(reading: _Reading) -> tuple[Finding, ...]:
    counted = summed_up(chain.from_iterable(each.noticed for each in reading.facts))
    return tuple(told(each, reading.mapping.label(each.field)) for each in counted)


def _addresses(grid: Grid, mapping: Columns) -> dict[str, tuple[str, ...]]:
    """The first addresses below each header that has some and is not read as the login."""
    login = mapping.places("login")
    columns = (place for place in address_columns(grid.cells) if place not in login)
    return {tidy(grid.headers[place]): first_addresses(grid.cells, place) for place in columns}


def _joined(keys: list[dict[str, Hashes]], name: str) -> Hashes:
    """The hashes of all parts; what the parts themselves took is free from then on."""
    pieces = [each.pop(name) for each in keys]
    return np.concatenate(pieces) if len(pieces) > 1 else pieces[0]


def _where(name: str, grid: Grid) -> str:
    sheet = f', sheet "{grid.sheet}"' if grid.sheet else ""
    return f"{name}{sheet} (header in row {grid.header_line})" if grid.header_line else name


def _refuse_empty(grid: Grid, where: str) -> None:
    if not len(grid.lines):
        raise RosterError(
            f"{where} has a header and not one row.",
            cause="the export found nobody, or was interrupted.",
            remedy="export the roster again; an empty roster is never taken as everybody having left.",
        )
