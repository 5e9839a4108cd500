"""Who comes and who goes in the next days, and who is missing for the first time: what HR wants to hear a night ahead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import pandas as pd

from provision.batches import Batches
from provision.because import Because, among_them, reason
from provision.frames import records
from provision.model import PersonKey, Verdict
from provision.wording import counted, plural, shortened

#: people that a message names
NAMED = 20
#: verdicts under which a day ahead means nothing
_NOTHING = (Verdict.REJECTED, Verdict.EXCLUDED, Verdict.OUT_OF_SCOPE, Verdict.CLAIMED)
_COLUMNS = (
    "line", "external_id", "login", "name", "kind", "box_id", "verdict", "because", "starts_on", "ends_on",
)  # fmt: skip


class Coming(StrEnum):
    """What is coming for a person."""

    STARTS = "starts"
    LEAVES = "leaves"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True, order=True)
class ComingLine:
    """What is coming for one person: on which ``day``, ISO, "" for an absence; ``who`` they are, as people name them."""

    day: str
    what: Coming
    who: str
    name: str = ""


def digest(people: Batches, today: date, days: int) -> tuple[ComingLine, ...]:
    """Who starts or has the last day from ``today`` to so many days later, and who is absent for the first time."""
    until = (today + timedelta(days=days)).isoformat()
    lines: list[ComingLine] = []
    for frame in people.each(_COLUMNS):
        told = frame[~frame["verdict"].isin([each.value for each in _NOTHING])]
        for what, column in ((Coming.STARTS, "starts_on"), (Coming.LEAVES, "ends_on")):
            ahead = told[(told[column] >= today.isoformat()) & (told[column] <= until)]
            lines += _lines(ahead, what, column)
        lines += _lines(told[_first_time(told["because"])], Coming.ABSENT)
    return tuple(sorted(lines))


def _first_time(because: pd.Series[str]) -> pd.Series[bool]:
    """Whose absence has counted once, and leads to nothing yet."""
    so_far = among_them(because, [Because.ABSENT_SO_FAR])
    return so_far & because.str.contains(f"{reason(Because.ABSENT_SO_FAR, missed=1)},", regex=False)


def _lines(frame: pd.DataFrame, what: Coming, column: str = "") -> Iterator[ComingLine]:
    for each in records(frame):
        who = PersonKey.of(each)
        yield ComingLine(str(each[column]) if column else "", what, who.written, str(each["name"]))


def digest_words(lines: Iterable[ComingLine], days: int, *, names: bool) -> Iterator[str]:
    """The digest in a few lines; without ``names`` people are only counted."""
    lines = tuple(lines)
    for what, verb, verbs in ((Coming.STARTS, "starts", "start"), (Coming.LEAVES, "leaves", "leave")):
        if found := [each for each in lines if each.what is what]:
            by_day = {
                day: sum(each.day == day for each in found) for day in sorted({one.day for one in found})
            }
            told = shortened([f"{day}: {count:,}" for day, count in by_day.items()])
            counts = f"{len(found):,} {plural(len(found), verb, verbs)}"
            yield f"in the next {counted(days, 'day')} {counts} ({told})"
            yield from _named(found, names=names)
    if found := [each for each in lines if each.what is Coming.ABSENT]:
        yield f"absent from the roster for the first time: {len(found):,}; they leave if they stay absent"
        yield from _named(found, names=names)


def _named(lines: list[ComingLine], *, names: bool) -> Iterator[str]:
    if names:
        told = [" ".join(filter(None, (each.day, each.name or each.who, f"({each.who})"))) for each in lines]
        yield f"  {shortened(told, NAMED)}"
