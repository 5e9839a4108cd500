"""Which column of the file is which roster field: the job's ``columns`` first, then the usual headers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from provision.errors import RosterError
from provision.job.settings import RosterKind, RosterSettings
from provision.job.values import IGNORE
from provision.model import ROSTER_FIELDS, TRACKING_PREFIX
from provision.roster.files.grid import Grid
from provision.roster.mapping.conditions import Condition, conditions_of
from provision.roster.mapping.doubts import doubted
from provision.roster.mapping.headers import (
    FAMILY,
    GIVEN,
    LISTED,
    RECOGNISED,
    RECOGNISED_APP,
    squash,
)
from provision.roster.mapping.headers_abroad import parts_beside
from provision.roster.mapping.name_parts import with_parts
from provision.roster.mapping.places import double, place_of, places_of, unknown
from provision.roster.mapping.required import listed, require_key
from provision.roster.mapping.target import Target
from provision.roster.mapping.template import PLACEHOLDER, NamedColumn, Piece, filter_of, named
from provision.roster.mapping.unread import called, no_last_day, twice, why_unread
from provision.roster.reading import ColumnReading, Why
from provision.wording import plural, tidy

_KEYS = ("login", "external_id")


@dataclass(frozen=True, slots=True)
class Mapping:
    """The columns of one file understood: ``targets`` in the order of the fields, ``left_out`` the headers not read.

    ``conditions`` are the job's on the rows that count.
    """

    targets: tuple[Target, ...]
    left_out: tuple[ColumnReading, ...]
    notes: tuple[str, ...]
    conditions: tuple[Condition, ...] = ()

    @property
    def ignored(self) -> tuple[str, ...]:
        """The headers that nothing is read from."""
        return tuple(column.header for column in self.left_out if column.why is not Why.CHOOSES)

    @property
    def headers(self) -> dict[str, str]:
        """Field to squashed header, for the fields that are one column of the file as it stands."""
        return {target.field: squash(target.label) for target in self.targets if target.plain}

    def label(self, field: str) -> str:
        """The header of a field as people know it, or "" if the file does not have it."""
        return next((target.label for target in self.targets if target.field == field), "")

    def places(self, field: str) -> tuple[int, ...]:
        """The positions of the columns that a field is read from, none where it is not read."""
        return next((target.places for target in self.targets if target.field == field), ())


def fields_in(cells: Sequence[str], settings: RosterSettings) -> frozenset[str]:
    """The roster fields that these cells would give if they were the header."""
    shown = {tidy(cell).casefold() for cell in cells}
    seen = {squash(cell) for cell in cells} - {""}
    seen |= {squash(part) for _, part in parts_beside(seen, FAMILY).values()}
    explicit = {
        field
        for key, field in settings.columns.items()
        if all(header.casefold() in shown for header in _headers_of(key, shown))
    }
    recognised = {field for field, ranks in _table(settings).items() if not seen.isdisjoint(ranks)}
    tracking = {cell for cell in shown if cell.startswith(TRACKING_PREFIX)}
    in_parts = not seen.isdisjoint(GIVEN) and not seen.isdisjoint(FAMILY)
    names = {"name"} if in_parts or not seen.isdisjoint(LISTED) else set()
    return frozenset(explicit | recognised | tracking | names)


def is_header(cells: Sequence[str], settings: RosterSettings) -> bool:
    """Whether a row of a file is its header: a key and one more known field, or a key and nothing else at all."""
    return reads_like_header(cells, fields_in(cells, settings))


def reads_like_header(cells: Sequence[str], fields: frozenset[str]) -> bool:
    """The same of a row of which it is known what :func:`fields_in` finds."""
    alone = sum(1 for cell in cells if tidy(cell)) == 1
    return not fields.isdisjoint(_KEYS) and (len(fields) > 1 or alone)


def map_columns(grid: Grid, settings: RosterSettings, where: str) -> Mapping:
    """Say for each roster field from which columns it comes. ``where`` names file and header row for messages.

    Raises RosterError for a ``columns`` key that is no header, a field that does not exist, two columns for one field
    of the same rank, a header used twice, and a roster without a key column.
    """
    shown = [tidy(header) for header in grid.headers]
    explicit = _explicit(shown, settings, where)
    off = _switched_off(shown, settings, where)
    claimed = {place for target in explicit for place in target.places} | off
    taken = {target.field for target in explicit}
    seen = _Recognised(taken, _table(settings), where)
    free = {place: squash(header) for place, header in enumerate(shown) if place not in claimed}
    free = with_parts(free, grid)
    certain = taken | set(settings.values)
    doubts = doubted(
        free, grid, {field: ranks for field, ranks in seen.table.items() if field not in certain}
    )
    rest = {place: header for place, header in free.items() if place not in doubts}
    recognised, notes = _recognised(rest, shown, seen)
    targets = _ordered([*explicit, *recognised])
    require_key({target.field for target in targets}, settings, grid, where)
    conditions = conditions_of(shown, settings, where)
    used = {place for target in targets for place in target.places}
    why = dict.fromkeys(off, Why.SWITCHED_OFF) | dict.fromkeys(doubts, Why.DOUBTED)
    why |= {condition.place: Why.CHOOSES for condition in conditions}
    left_out = tuple(
        ColumnReading(
            header or f"(column {place + 1}, no header)",
            "",
            why.get(place) or why_unread(squash(header), seen.table),
        )
        for place, header in enumerate(shown)
        if place not in used
    )
    unread = [column.header for column in left_out]
    name = next((target.label for target in targets if target.field == "name"), "")
    told = (*doubts.values(), *notes, *no_last_day(unread), *called(unread, name))
    return Mapping(targets, left_out, (*told, *twice(shown, used)), conditions)


@dataclass(frozen=True, slots=True)
class _Recognised:
    """What recognising a header needs to know: fields that have a column already, the table of headers, the place."""

    taken: set[str]
    table: dict[str, tuple[str, ...]]
    where: str


def _table(settings: RosterSettings) -> dict[str, tuple[str, ...]]:
    return RECOGNISED_APP if settings.kind is RosterKind.APP else RECOGNISED


def _headers_of(key: str, shown: Iterable[str]) -> list[str]:
    """The headers that a key of ``columns`` names: itself, or those in the braces of a template."""
    whole = tidy(key)
    if whole.casefold() in {header.casefold() for header in shown}:
        return [whole]
    known = {header.casefold() for header in shown}
    return [named(inner, known).header for inner in PLACEHOLDER.findall(key)] or [whole]


def _explicit(shown: list[str], settings: RosterSettings, where: str) -> list[Target]:
    targets: dict[str, Target] = {}
    for key, field in settings.columns.items():
        if field == IGNORE:
            continue
        target = Target(field, tidy(key), _parts(key, shown, settings, where), Why.JOB)
        other = targets.get(field)
        if other is not None:
            raise RosterError(
                f'The job maps "{other.label}" and "{target.label}" both to {field}.',
                remedy="leave one of them out of roster.columns.",
            )
        targets[field] = target
    return list(targets.values())


def _switched_off(shown: list[str], settings: RosterSettings, where: str) -> set[int]:
    """Places of the columns that the job says are not to be read."""
    keys = [key for key, field in settings.columns.items() if field == IGNORE]
    places: set[int] = set()
    for header in (header for key in keys for header in _headers_of(key, shown)):
        found = places_of(header, shown)
        if not found:
            raise unknown(header, shown, where)
        places |= {*found}
    return places


def _parts(key: str, shown: list[str], settings: RosterSettings, where: str) -> tuple[int | str | Piece, ...]:
    headers = _headers_of(key, shown)
    if len(headers) == 1 and headers[0] == tidy(key):
        return (place_of(headers[0], shown, where),)
    known = {header.casefold() for header in shown}
    parts = (
        _piece(named(text, known), shown, settings, where) if odd % 2 else text
        for odd, text in enumerate(PLACEHOLDER.split(key))
    )
    return tuple(part for part in parts if part != "")


def _piece(what: NamedColumn, shown: list[str], settings: RosterSettings, where: str) -> int | Piece:
    place = place_of(what.header, shown, where)
    if not what.optional and not what.filters:
        return place
    return Piece(place, what.optional, tuple(filter_of(each, settings.words) for each in what.filters))


def _recognised(free: dict[int, str], shown: list[str], seen: _Recognised) -> tuple[list[Target], list[str]]:
    targets: list[Target] = []
    notes: list[str] = []
    for field, ranks in seen.table.items():
        places = [] if field in seen.taken else _ranked_places(free, shown, ranks, seen.where)
        if not places:
            continue
        own = free[places[0]] == squash(field)
        why = Why.FIELD_NAME if own else Why.USUAL_HEADER
        targets.append(Target(field, shown[places[0]], (places[0],), why))
        if len(places) > 1:
            rest = ", ".join(f'"{shown[place]}"' for place in places[1:])
            notes.append(
                f'{field} is read from "{shown[places[0]]}"; {rest} could be it as well and {plural(len(places) - 1, "is", "are")} ignored'
            )
    known = seen.taken | {target.field for target in targets}
    named, others = _named(free, shown, known, seen.where)
    return [*targets, *named, *_tracking(free, shown, known, seen.where)], [*notes, *others]


def _ranked_places(free: dict[int, str], shown: list[str], ranks: Sequence[str], where: str) -> list[int]:
    found: list[int] = []
    for rank in ranks:
        places = [place for place, header in free.items() if header == rank]
        if len(places) > 1 and not found:
            raise _same_rank([shown[place] for place in places], [place + 1 for place in places], where)
        found += places
    return found


def _same_rank(headers: list[str], columns: list[int], where: str) -> RosterError:
    if len({header.casefold() for header in headers}) == 1:
        return double(headers[0], columns, where)
    return RosterError(
        f"{where} has {len(headers)} columns of the same meaning: {listed(headers)}.",
        cause="two reports were joined; the program cannot know which one is meant.",
        remedy="map the right one in roster.columns of the job file.",
    )


def _named(
    free: dict[int, str], shown: list[str], known: set[str], where: str
) -> tuple[list[Target], list[str]]:
    """The name put together from its two parts, where no column has it whole; else as lists have it. And notes."""
    if "name" in known:
        return [], []
    parts = [_ranked_places(free, shown, ranks, where) for ranks in (GIVEN, FAMILY)]
    if not all(parts):
        listed_names = _ranked_places(free, shown, LISTED, where)
        return [Target("name", shown[place], (place,)) for place in listed_names[:1]], []
    given, family = (places[0] for places in parts)
    label = f"{{{shown[given]}}} {{{shown[family]}}}"
    others = [f'"{shown[place]}"' for places in parts for place in places[1:]]
    are = plural(len(others), "is", "are")
    notes = (
        [f'name is read from "{label}"; {", ".join(others)} could be it as well and {are} ignored']
        if others
        else []
    )
    return [Target("name", label, (given, " ", family))], notes


def _tracking(free: dict[int, str], shown: list[str], known: set[str], where: str) -> list[Target]:
    targets: dict[str, Target] = {}
    for place in free:
        header = shown[place]
        if not header.casefold().startswith(TRACKING_PREFIX) or len(header) == len(TRACKING_PREFIX):
            continue
        field = TRACKING_PREFIX + header[len(TRACKING_PREFIX) :]
        if field in targets:
            raise double(header, [targets[field].places[0] + 1, place + 1], where)
        if field not in known:
            targets[field] = Target(field, header, (place,), Why.FIELD_NAME)
    return list(targets.values())


def _ordered(targets: list[Target]) -> tuple[Target, ...]:
    order = {field: place for place, field in enumerate(ROSTER_FIELDS)}
    return tuple(sorted(targets, key=lambda target: (order.get(target.field, len(order)), target.field)))
