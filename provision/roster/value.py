"""The roster as a value: valid rows, rejected rows and why, and what was noticed on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import pandas as pd

from provision.batches import Batches
from provision.findings import Finding
from provision.roster.profile.profile import Profile
from provision.roster.reading import Reading, SourceReading

#: columns every roster frame has; attribute columns follow for the fields that are mapped
FRAME_COLUMNS = ("line", "external_id", "login", "name", "kind", "action", "start_date", "end_date")
REJECTED_COLUMNS = ("line", "external_id", "login", "name", "kind", "reason")


def no_rows() -> pd.DataFrame:
    """What is rejected, or excluded, of a roster all of whose rows count: REJECTED_COLUMNS."""
    return _no_rows().copy(deep=False)


@cache
def _no_rows() -> pd.DataFrame:
    types = {name: "int64" if name == "line" else "str" for name in REJECTED_COLUMNS}
    return pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in types.items()})


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong with one row.

    ``line`` is where the row starts: the line of a text file as an editor counts (1 is the first; line ends within
    quoted cells count), the row number of a sheet, the number of the row in a Parquet file. ``column`` is the header
    in the file ("" if the row as a whole is wrong), ``field`` the roster field, ``reason`` a sentence without the
    value unless that is a key or reads like a code (see :mod:`provision.roster.cells.canonical`). ``sheet`` is "" for text files.
    """

    line: int
    column: str
    field: str
    reason: str
    sheet: str = ""


@dataclass(frozen=True, slots=True)
class PeopleNamed:
    """How the cells of a ``field`` that names other people were understood; ``header`` is what the file calls it.

    Of ``cells`` that are filled, ``no_key`` are no login and no external id of the roster; of these ``by_name`` are the name of
    one person and read as that one's key, ``shared`` the name of several people, and all others name nobody. ``lines``: the first
    rows of those that mean nobody for sure. ``strangers``: what stands, folded, in cells that name nobody and ought to; keys are
    not among them where most keys of the column are the roster's own, since so are the keys of people elsewhere.
    """

    field: str
    header: str
    cells: int = 0
    no_key: int = 0
    by_name: int = 0
    shared: int = 0
    lines: tuple[int, ...] = ()
    strangers: frozenset[str] = frozenset()

    @property
    def unresolved(self) -> int:
        """The cells that mean nobody for sure."""
        return self.no_key - self.by_name


@dataclass(frozen=True, slots=True)
class Roster:
    """Who ought to exist.

    ``people``: one row a person, no key twice, in the order of the file; columns are FRAME_COLUMNS, then a column for
    each mapped attribute and each ``tracking_codes.NAME``; ``line`` int64, all others text. "" means *not said*,
    ``(clear)`` means *empty it*; every other cell is canonical (see :mod:`provision.model`). ``kind`` and ``action``
    are always filled.

    ``rejected``: one row for each bad row, REJECTED_COLUMNS. A key is the person's own or "": a key that is itself
    wrong, or may stand in another's column, is not kept, so a row without a key protects somebody unknown. ``kind``
    is "" if the row does not say it well; ``reason`` joins all reasons of the row.

    ``excluded``: one row for each row that ``roster.where`` or ``where_not`` leaves out, REJECTED_COLUMNS, its ``reason`` a code (see
    :mod:`provision.because`). Its keys are as in ``rejected``; they may be those of a good row too.

    ``rows`` counts the rows of the file, without blank ones and lines below the people, ``valid`` the good ones. ``errors`` are in the
    order of the file, all errors of a row at once; of a field with very many the first, and ``untold`` counts the others by header and field. ``mapped`` are the roster fields that are read, ``ignored`` the
    headers that are not, ``later`` the fields that are understood but not carried out by this version. ``notes`` are
    sentences on how the file was understood, ``addresses`` the first e-mail addresses below each header that has some and is not
    read as the login, ``half_names`` the lines in which a part of the name is missing, ``findings`` what somebody should know of it. ``profile`` describes the file to
    programs and ``reading`` to people, both None if the rows came from no file. ``named``: how the cells were understood that name
    other people, for each such column.

    ``sources``: where the job names several files, each of them in the order of the job, those without use too; ``line`` says of
    which one a row is (:func:`provision.model.place_of`), and a column NAMED_BY of ``people`` which of them name its person.
    """

    path: str
    sha256: str
    sheet: str
    rows: int
    valid: int
    people: Batches
    rejected: pd.DataFrame
    errors: tuple[RowError, ...]
    mapped: tuple[str, ...]
    ignored: tuple[str, ...]
    notes: tuple[str, ...]
    profile: Profile | None = None
    findings: tuple[Finding, ...] = ()
    addresses: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    half_names: tuple[int, ...] = ()
    reading: Reading | None = None
    excluded: pd.DataFrame = field(default_factory=no_rows)
    named: tuple[PeopleNamed, ...] = ()
    sources: tuple[SourceReading, ...] = ()
    untold: Mapping[tuple[str, str], int] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of the sources that say nothing this time."""
        return tuple(each.name for each in self.sources if each.trouble)

    @property
    def frame(self) -> pd.DataFrame:
        """All good rows, in memory."""
        return self.people.whole()
