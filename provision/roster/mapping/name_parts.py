"""Whether a column is the whole name or a part of it, where the header may be either and another part stands beside it."""

from __future__ import annotations

import pyarrow.compute as pc

from provision.roster.files.grid import Grid
from provision.roster.mapping.headers import FAMILY, squash
from provision.roster.mapping.headers_abroad import parts_beside

#: rows that tell what a column holds
_LOOKED_AT = 1_000


def with_parts(free: dict[int, str], grid: Grid) -> dict[int, str]:
    """The squashed headers by place, those of parts of a name in English: *Name* beside *Vorname* is the last name.

    Not where most cells have the other part in them, so that they hold the whole name.
    """
    place_of = {header: place for place, header in free.items()}
    parts = {
        place_of[header]: squash(part)
        for header, (partner, part) in parts_beside(place_of, FAMILY).items()
        if not _holds(grid, place_of[header], place_of[partner])
    }
    return {**free, **parts}


def _holds(grid: Grid, whole: int, part: int) -> bool:
    """Whether one column has what stands in the other one, in most of the rows that say something."""
    cells = zip(
        *(pc.utf8_lower(grid.cells.column(at).slice(0, _LOOKED_AT)).to_pylist() for at in (whole, part)),
        strict=True,
    )
    filled = [(one.split(), other.split()) for one, other in cells if one and other]
    return 2 * sum({*other} <= {*one} for one, other in filled) > len(filled)
