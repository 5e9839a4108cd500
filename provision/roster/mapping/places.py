"""Where the columns stand that a job names by their headers."""

from __future__ import annotations

from provision.errors import LostHeader, RosterError
from provision.roster.mapping.required import listed
from provision.wording import nearest, tidy

#: the key of the job that names most headers
COLUMNS = "roster.columns"


def place_of(header: str, shown: list[str], where: str, key: str = COLUMNS) -> int:
    """The position of a header among those shown.

    ``where`` names file and header row for messages, ``key`` the key of the job that has the header. Raises RosterError for one
    that is not there, or there twice.
    """
    places = places_of(header, shown)
    if len(places) == 1:
        return places[0]
    if places:
        raise double(header, [place + 1 for place in places], where)
    raise unknown(header, shown, where, key)


def places_of(header: str, shown: list[str]) -> list[int]:
    """All positions of a header; letter case does not count."""
    wanted = tidy(header).casefold()
    return [place for place, other in enumerate(shown) if other.casefold() == wanted]


def unknown(header: str, shown: list[str], where: str, key: str = COLUMNS) -> RosterError:
    """What is said of a header that is not there."""
    near = nearest(header, filter(None, shown))
    return LostHeader(
        f'{where} has no column "{header}", which the job {"maps" if key == COLUMNS else f"asks for in {key}"}.',
        cause=f'the header is "{near}".' if near else "the export changed, or it is another file.",
        remedy=f"correct {key}; the headers are: {listed(shown)}.",
    )


def double(header: str, columns: list[int], where: str) -> RosterError:
    """What is said of a header that is there twice, in these columns, which count from 1."""
    places = " and ".join(map(str, columns))
    return RosterError(
        f'{where} has the column "{header}" twice (columns {places}).',
        cause="two reports were joined; the program cannot know which one is meant.",
        remedy="rename or remove one of them in the export.",
    )
