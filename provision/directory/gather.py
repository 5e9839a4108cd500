"""Where the pages of a listing are put as they come: in memory while there are few users, else on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa

from provision.batches import Held, Spool
from provision.box.accounts import COLUMNS, ListingPage
from provision.frames import of_arrow

#: the most users that are held in memory, and of how many a batch is made where there are more
HELD, BATCH = 2_000_000, 500_000
#: the same beside a partial roster, whose people are few: hardly anything is asked about all the others
HELD_BESIDE_PART, BATCH_BESIDE_PART = 250_000, 100_000

#: a page of a listing as it is gathered
SCHEMA = pa.schema([(name, pa.large_string()) for name in COLUMNS])


def batch_of(page: ListingPage) -> pa.RecordBatch:
    """A page as it is gathered (SCHEMA)."""
    return pa.RecordBatch.from_arrays([_column(page.columns[name]) for name in COLUMNS], schema=SCHEMA)


def _column(cells: Sequence[str]) -> pa.Array:
    """Cells as Arrow; a page of one and the same value, as of most attributes, is made without a look at each."""
    if cells and cells[0] == cells[-1] and cells.count(cells[0]) == len(cells):
        return pa.repeat(pa.scalar(cells[0], pa.large_string()), len(cells))
    return pa.array(cells, pa.large_string())


@dataclass(frozen=True, slots=True)
class Room:
    """How many users are ``held`` in memory at most, and of how many a ``batch`` on disk is made where there are more."""

    held: int
    batch: int


def room(*, some: bool = False) -> Room:
    """The room for all users beside a full roster, or beside one that names only ``some`` of the people."""
    if some:
        return Room(min(HELD, HELD_BESIDE_PART), min(BATCH, BATCH_BESIDE_PART))
    return Room(HELD, BATCH)


class Gathering:
    """Takes the pages of one pass, in order. ``users``: how many came so far."""

    def __init__(self, within: Room | None = None) -> None:
        self._room = within or room()
        self._pages = deque[pa.RecordBatch]()
        self._waiting = 0
        self._spool: Spool | None = None
        self.users = 0

    def take(self, page: pa.RecordBatch) -> None:
        """Keep one more page (SCHEMA). Raises InputError where there is no room for it on disk."""
        self._pages.append(page)
        self._waiting += len(page)
        self.users += len(page)
        while self.users > self._room.held and self._waiting >= self._room.batch:
            self._write()

    def gathered(self) -> Held | Spool:
        """All users, columns COLUMNS, text: in one batch up to as many as are held."""
        while self._waiting and self.users > self._room.held:
            self._write()
        return Held(_frame(self._pages)) if self._spool is None else self._spool

    def _write(self) -> None:
        pages = deque[pa.RecordBatch]()
        rows = 0
        while self._pages and rows < self._room.batch:
            pages.append(self._pages.popleft())
            rows += len(pages[-1])
        self._waiting -= rows
        if self._spool is None:
            self._spool = Spool()
        self._spool.append(_frame(pages))


def _frame(pages: deque[pa.RecordBatch]) -> pd.DataFrame:
    """The pages as one frame, and none of them any more: column by column, since both at once would be twice the room."""
    users = pa.Table.from_batches(pages, SCHEMA)
    pages.clear()
    columns = {}
    for name in COLUMNS:
        columns[name] = of_arrow(users.column(name).combine_chunks())
        users = users.drop_columns([name])
    return pd.DataFrame(columns, copy=False)
