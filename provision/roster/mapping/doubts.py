"""Headers that are recognised, over cells that cannot be what the header says; the job's own ``columns`` are not doubted.

Schools call a name of an account ``Username`` and a teacher's post ``Role``: the first is no address, the second no role at Box.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import takewhile

import pyarrow as pa
import pyarrow.compute as pc

from provision.model import ROLES
from provision.roster.cells.canonical import role
from provision.roster.cells.emails import address_columns
from provision.roster.files.grid import Grid
from provision.wording import tidy

#: rows that tell what a column holds
_LOOKED_AT = 10_000
#: so many different words of a column are looked at
_WORDS = 100


def doubted(free: dict[int, str], grid: Grid, table: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """The columns that are not to be recognised, by place, with a note on each.

    ``free``: squashed headers by place. ``table``: squashed headers of each field that has no column yet.
    """
    return {**_no_addresses(free, grid, table), **_no_roles(free, grid, table)}


def _no_addresses(free: dict[int, str], grid: Grid, table: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """Columns that would be the login and have not one address, where another column nobody reads has them."""
    ranks = table.get("login", ())
    logins = sorted((ranks.index(header), place) for place, header in free.items() if header in ranks)
    bare = [
        place
        for _, place in takewhile(
            lambda ranked: ranked[0] and not _has(grid.cells.column(ranked[1]), "@"), logins
        )
    ]
    other = {header for field, ranks in table.items() if field != "login" for header in ranks}
    addresses = [place for place in address_columns(grid.cells) if free.get(place, "") not in other | {""}]
    if not bare or not addresses:
        return {}
    where = ", ".join(f'"{tidy(grid.headers[place])}"' for place in addresses)
    return {
        place: f'"{tidy(grid.headers[place])}" has not one e-mail address in it and is not read as the login; {where} has'
        for place in bare
    }


def _no_roles(free: dict[int, str], grid: Grid, table: Mapping[str, Sequence[str]]) -> dict[int, str]:
    """Columns headed by the bare word role that say something of most people, and nowhere a role of Box."""
    places = [place for place, header in free.items() if header == "role" and "role" in table]
    return {
        place: f'"{tidy(grid.headers[place])}" says no role of Box in any row and is not read'
        for place in places
        if not any(map(_is_role, _words(grid.cells.column(place))))
    }


def _words(column: pa.ChunkedArray) -> list[str]:
    """What a column says, if it says something of most people; a few words may be mistyped roles of Box."""
    cells = pc.utf8_trim_whitespace(column.slice(0, _LOOKED_AT))
    filled = cells.filter(pc.not_equal(cells, ""))
    return pc.unique(filled).to_pylist()[:_WORDS] if 2 * len(filled) > len(cells) else [ROLES[0]]


def _is_role(word: str) -> bool:
    try:
        role(word)
    except ValueError:
        return False
    return True


def _has(column: pa.ChunkedArray, sign: str) -> bool:
    return bool(pc.any(pc.match_substring(column.slice(0, _LOOKED_AT), sign)).as_py())
