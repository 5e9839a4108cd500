"""What was noticed of many cells of a field, counted: one finding a field, not one a cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import reduce

from provision.findings import Code, Finding, Level
from provision.roster.files.grid import Mask
from provision.wording import counted

#: how many different things of one field are named
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Noticed:
    """The same thing in ``cells`` cells of a field; ``first`` is where it stands first. ``what`` names what was met.

    ``first`` is a position in the rows until their lines are known.
    """

    code: Code
    field: str
    cells: int
    first: int
    what: tuple[str, ...] = ()


_SENTENCES = {
    Code.INVISIBLE_REMOVED: (
        Level.NOTE,
        "invisible characters ({what}) were taken out of {cells} of {name}",
        "",
    ),
    Code.WORD_FOR_NOTHING: (
        Level.NOTE,
        "{what} in {cells} of {name} counts as an empty cell, which leaves Box as it is",
        "to empty an attribute in Box, write (clear)",
    ),
    Code.LIKE_NOTHING: (
        Level.WARNING,
        "{cells} of {name} taken as written: {what}",
        'if it means an empty cell, say so in the job: roster.values: {{{name}: {{"{one}": ""}}}}',
    ),
    Code.NOTHING_IN_PART: (
        Level.WARNING,
        "{what} in {cells} of a part of {name} is taken as text, since somebody may be called so",
        "if it means nothing, take it out in the template of roster.columns, as {{Header?|replace:{one}:}}",
    ),
    Code.ROLE_ADMIN: (
        Level.NOTE,
        "{cells} of {name} say admin, which no program can give: whoever is none in Box is held; the first is in row {first}",
        "make somebody the enterprise's admin in the Admin Console; if the column says something else, map it to ignore",
    ),
    Code.QUOTED_NAMES: (
        Level.NOTE,
        "{cells} of {name} written within quotation marks, and read without them",
        "",
    ),
    Code.TEXT_FORMULA: (
        Level.NOTE,
        '{cells} of {name} written as ="…" or \'…, as for Excel, and read without that',
        "",
    ),
}


def noticed_where(code: Code, field: str, mask: Mask, what: tuple[str, ...] = ()) -> list[Noticed]:
    """What was noticed in the cells that the mask marks; none if it marks none."""
    cells = int(mask.sum())
    return [Noticed(code, field, cells, int(mask.argmax()), what)] if cells else []


def summed_up(noticed: Iterable[Noticed]) -> list[Noticed]:
    """One for each code and field, in the order of the first of each."""
    by_kind: dict[tuple[Code, str], list[Noticed]] = {}
    for each in noticed:
        by_kind.setdefault((each.code, each.field), []).append(each)
    return [reduce(_sum, alike) for alike in by_kind.values()]


def _sum(one: Noticed, other: Noticed) -> Noticed:
    what = tuple(dict.fromkeys((*one.what, *other.what)))
    return replace(one, cells=one.cells + other.cells, first=min(one.first, other.first), what=what)


def told(noticed: Noticed, header: str) -> Finding:
    """The finding; ``header`` is what the field is called in the file."""
    level, sentence, remedy = _SENTENCES[noticed.code]
    what = ", ".join(noticed.what[:_NAMED]) + (" …" if len(noticed.what) > _NAMED else "")
    cells = counted(noticed.cells, "cell")
    facts = {"what": what, "cells": cells, "name": noticed.field, "first": noticed.first}
    words, do = (part.format(**facts, one=next(iter(noticed.what), "")) for part in (sentence, remedy))
    return Finding(noticed.code, level, words, do=do, row=noticed.first, column=header)
