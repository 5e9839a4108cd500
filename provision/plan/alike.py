"""The operations of a plan as plan.json has them: what many have alike is told once.

An operation is an object with all of its keys; ``before`` and ``after`` tell its fields by name, ``before`` all of them and
in order. A login and a name that a create gives stand at the operation itself, and not in ``after`` again. Where :data:`MANY`
or more are of one kind on the same fields, ``alike`` has an object with what most of them have; each of them says with
``like`` which one it is, and beside that what it has otherwise. Laid over the object, mapping over mapping, that is the operation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple, get_type_hints

import msgspec
from msgspec import UNSET, UnsetType

from provision.model import Kind, UserKind
from provision.operations.value import Change, FieldChange

#: from so many operations on it is told once what they have alike: fewer are easier to read whole
MANY = 20
#: fields that a pattern may have; nobody has as many, and a small file may not ask for any amount of memory
_MOST_FIELDS = 100
#: fields of a create that its account is named by: said once
_OWN = ("login", "name")
#: keys of an operation, in order; in the place of its fields stand two mappings
_KEYS = tuple(
    key for each in fields(Change) for key in (("before", "after") if each.name == "fields" else (each.name,))
)
_FIELDS_AT = _KEYS.index("before")
_OWN_AT = _KEYS.index("login")
_DEFAULTS = {each.name: each.default for each in fields(Change) if each.default is not MISSING}
#: what an operation says that is like no others
ALWAYS_TOLD = tuple(key for key in _KEYS if key not in _DEFAULTS)
#: what a pattern has where its operations have nothing in common; what they are and why, each says then
_NOTHING = {"line": 0, **dict.fromkeys(("box_id", "external_id", "login", "name", "because"), "")}
_TYPES = {**get_type_hints(Change), **dict.fromkeys(("before", "after"), dict[str, str])}

Operation: Any = msgspec.defstruct(
    "Operation",
    [("like", int | UnsetType, UNSET), *((key, _TYPES[key] | UnsetType, UNSET) for key in _KEYS)],
    forbid_unknown_fields=True,
    gc=False,
)
_NAMES = tuple(each.name for each in fields(Change))
_cells_of_change = attrgetter(*_NAMES)
_cells_of = attrgetter(*_KEYS)
_before, _after = attrgetter("before"), attrgetter("after")
#: values of a column that tell whether most of it can be one
_LOOKED_AT = 64
_encode = msgspec.json.Encoder().encode

_Group = tuple[Kind, UserKind, tuple[str, ...]]


class Lines(NamedTuple):
    """Operations as JSON, each a line: what many have alike, and each in the order of the plan."""

    alike: list[bytes]
    changes: list[bytes]


def encoded(alike: Iterable[Any], changes: Iterable[Any]) -> Lines:
    """The same lines again of what was read of them."""
    return Lines(list(map(_encode, alike)), list(map(_encode, changes)))


def told(changes: Sequence[Change]) -> Lines:
    """Operations as lines of plan.json."""
    groups: dict[_Group, list[int]] = {}
    for at, change in enumerate(changes):
        groups.setdefault((change.kind, change.user_kind, change.field_names), []).append(at)
    alike: list[bytes] = []
    lines = [b""] * len(changes)
    for (_, _, names), places in groups.items():
        theirs = [changes[at] for at in places]
        if len(places) < MANY or len(names) > _MOST_FIELDS:
            made: Iterable[bytes] = map(_whole, theirs)
        else:
            pattern, made = _alike(theirs, len(alike))
            alike.append(pattern)
        for at, line in zip(places, made, strict=True):
            lines[at] = line
    return Lines(alike, lines)


def _whole(change: Change) -> bytes:
    """An operation with all that it says."""
    cells = list(_cells_of_change(change))
    after = {each.field: each.after for each in change.fields if not _says_itself(change, each)}
    cells[_FIELDS_AT : _FIELDS_AT + 1] = [{each.field: each.before for each in change.fields}, after]
    return _encode(Operation(UNSET, *cells))


def _says_itself(change: Change, each: FieldChange) -> bool:
    return change.kind is Kind.CREATE and each.field in _OWN and each.after == getattr(change, each.field)


def _alike(changes: Sequence[Change], number: int) -> tuple[bytes, Iterator[bytes]]:
    """What operations of one kind on fields of the same names have alike, and what each has otherwise; a column at a time."""
    cells = zip(*map(_cells_of_change, changes), strict=True)
    columns: dict[str, Sequence[Any]] = dict(zip(_NAMES, cells, strict=True))
    sides = _sides(columns, columns.pop("fields"))
    above = _laid_over({**columns, "subject": _unlike_the_person(changes)}, {**_DEFAULTS, **_NOTHING})
    common = above.common | {key: side.common for key, side in sides.items()}
    otherwise = above.otherwise | {key: side.as_one() for key, side in sides.items() if side.otherwise}
    keys = [key for key in _KEYS if key in otherwise]
    form = _form({key: UNSET if key in sides else common[key] for key in keys}, ("like", Any))
    rows = zip(repeat(number, len(changes)), *(otherwise[key] for key in keys), strict=True)
    pattern = Operation(UNSET, *(common[key] for key in _KEYS))
    return _encode(pattern), (_encode(form(*row)) for row in rows)


def _sides(
    columns: Mapping[str, Sequence[Any]], of_fields: Sequence[tuple[FieldChange, ...]]
) -> dict[str, _Columns]:
    """The fields of such operations, a column a field and side."""
    names = [each.field for each in of_fields[0]]
    by_place = list(zip(names, zip(*of_fields, strict=True), strict=True))
    before = {name: list(map(_before, column)) for name, column in by_place}
    after: dict[str, Sequence[Any]] = {name: list(map(_after, column)) for name, column in by_place}
    if columns["kind"][0] is Kind.CREATE:
        after |= {
            name: [UNSET] * len(of_fields)
            for name in _OWN
            if name in after and tuple(after[name]) == columns[name]
        }
    nothing: dict[str, Any] = dict.fromkeys(names, UNSET)
    return {"before": _laid_over(before, dict.fromkeys(names, "")), "after": _laid_over(after, nothing)}


def _unlike_the_person(changes: Sequence[Change]) -> list[str]:
    """The subjects of operations, "" where it is the one that is made of the person."""
    return ["" if each.subject == each.own_subject else each.subject for each in changes]


class _Columns(NamedTuple):
    """Columns of alike operations: what they have in ``common``, and the columns that differ from it somewhere."""

    common: dict[str, Any]
    otherwise: dict[str, list[Any]]

    def as_one(self) -> list[Any]:
        """What each operation tells of these columns as one object, UNSET for nothing."""
        nothing = {name: self.common.get(name, UNSET) for name in self.otherwise}
        form, alike = _form(nothing), tuple(nothing.values())
        rows = zip(*self.otherwise.values(), strict=True)
        return [UNSET if row == alike else form(*row) for row in rows]


def _laid_over(columns: Mapping[str, Sequence[Any]], default: Mapping[str, Any]) -> _Columns:
    """What at least half say, or else the default, and the columns in which others say otherwise; alike values are one object."""
    common, otherwise = {}, {}
    for name, column in columns.items():
        most = _most(column, default.get(name, ""))
        if most is not UNSET:
            common[name] = most
        if column.count(most) < len(column):
            otherwise[name] = [most if cell == most else cell for cell in column]
    return _Columns(common, otherwise)


def _most(column: Sequence[Any], default: Any) -> Any:
    if column.count(column[0]) == len(column):
        return column[0]
    if len({*column[:_LOOKED_AT]}) > _LOOKED_AT * 3 // 4:  # as names and numbers are
        return default
    value, times = Counter(column).most_common(1)[0]
    return value if 2 * times >= len(column) else default


def _form(defaults: Mapping[str, Any], *first: tuple[str, Any]) -> Any:
    """Objects that tell only what is not the default, under keys of any name."""
    names = {f"key{number}": key for number, key in enumerate(defaults)}
    rest = [(name, Any, defaults[key]) for name, key in names.items()]
    return msgspec.defstruct("_Otherwise", [*first, *rest], rename=names, omit_defaults=True, gc=False)


class _Pattern(NamedTuple):
    """What operations are laid over: cells by :data:`_KEYS`, UNSET for what each has to say, and its fields that are whole."""

    cells: tuple[Any, ...]
    before: Mapping[str, str]
    after: Mapping[str, str]
    whole: Mapping[str, FieldChange]


_ALONE = _Pattern(tuple(_DEFAULTS.get(key, UNSET) for key in _KEYS), {}, {}, {})


def changes_of(alike: Iterable[Any], changes: Iterable[Any]) -> tuple[Change, ...]:
    """The operations again. Raises ValidationError for what is none."""
    patterns = [_pattern(each, f"$.alike[{at}]") for at, each in enumerate(alike)]
    return tuple(
        [_change(each, _under(each, patterns, at), at) for at, each in enumerate(changes)],
    )


def _under(each: Any, patterns: Sequence[_Pattern], at: int) -> _Pattern:
    """What an operation is laid over."""
    if each.like is UNSET:
        return _ALONE
    if not 0 <= each.like < len(patterns):
        raise _damage("there is none", f"$.changes[{at}].like")
    found: _Pattern = patterns[each.like]
    return found


def _pattern(each: Any, place: str) -> _Pattern:
    cells = _laid(each, _ALONE)
    before, after = (side or {} for side in cells[_FIELDS_AT : _FIELDS_AT + 2])
    if each.like is not UNSET or len(before) > _MOST_FIELDS or not before.keys() >= after.keys():
        raise _damage("no pattern", place)
    whole = {name: FieldChange(name, before[name], text) for name, text in after.items()}
    return _Pattern(cells, before, after, whole)


def _laid(each: Any, pattern: _Pattern) -> tuple[Any, ...]:
    cells = zip(_cells_of(each), pattern.cells, strict=True)
    return tuple([under if over is UNSET else over for over, under in cells])


def _change(each: Any, pattern: _Pattern, at: int) -> Change:
    cells = _laid(each, pattern)
    first, rest = cells[:_FIELDS_AT], cells[_FIELDS_AT + 2 :]
    if UNSET in first or UNSET in rest:
        raise _damage("a key is missing", f"$.changes[{at}]")
    of_itself = dict(zip(_OWN, first[_OWN_AT : _OWN_AT + len(_OWN)], strict=True))
    named = _fields(each, pattern, of_itself, at)
    return Change(*(*first, named, *rest))


def _fields(each: Any, pattern: _Pattern, of_itself: Mapping[str, str], at: int) -> tuple[FieldChange, ...]:
    """The fields of an operation; what it has alike with others is the same object."""
    before, after = each.before or {}, each.after or {}
    names = {**pattern.before, **before} if before else pattern.before
    told_after = {**of_itself, **pattern.after, **after}
    if not (names.keys() >= after.keys() and told_after.keys() >= names.keys()):
        raise _damage("before and after are not of the same fields", f"$.changes[{at}].after")
    return tuple(
        [
            pattern.whole[name]
            if name in pattern.whole and name not in after and name not in before
            else FieldChange(name, was, told_after[name])
            for name, was in names.items()
        ]
    )


def _damage(what: str, place: str) -> msgspec.ValidationError:
    return msgspec.ValidationError(f"{what} - at `{place}`")
