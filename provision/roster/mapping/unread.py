"""What is said of the headers that are not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from provision.roster.mapping.headers import CALLED, FAMILY, GIVEN, LISTED, NO_LAST_DAY, squash
from provision.roster.mapping.headers_abroad import AMBIGUOUS_ABROAD
from provision.roster.reading import Why


def why_unread(header: str, table: dict[str, tuple[str, ...]]) -> Why:
    """Why a header that nobody switched off is not read: no field has it, it may mean several, or another column is the field."""
    if header in {squash(each) for each in AMBIGUOUS_ABROAD}:
        return Why.AMBIGUOUS
    known = any(header in ranks for ranks in (*table.values(), GIVEN, FAMILY, LISTED))
    return Why.ANOTHER_COLUMN if known else Why.UNKNOWN


def no_last_day(ignored: Iterable[str]) -> list[str]:
    """A note on each column that reads like a last day with access and is not taken for one."""
    known = {squash(header) for header in NO_LAST_DAY}
    return [
        f'"{header}" is not read, since a contract may go on; if it is the last day with access, map it to end_date'
        for header in ignored
        if squash(header) in known
    ]


def called(ignored: Iterable[str], name: str) -> list[str]:
    """A note on each column that says what a person is called, where ``name`` is what the name is read from."""
    known = {squash(header) for header in CALLED}
    return [
        f'name is read from "{name}"; "{header}", as the person is called, is not read: if it is meant, map it to name, '
        "alone or as {First} {Last} with the other part"
        for header in ignored
        if name and squash(header) in known
    ]


def twice(shown: list[str], used: set[int]) -> list[str]:
    """A note for each header that occurs twice and is not read."""
    unread = [header for place, header in enumerate(shown) if header and place not in used]
    counted = Counter(header.casefold() for header in unread)
    first = {header.casefold(): header for header in reversed(unread)}
    return [
        f'the header "{first[folded]}" occurs {count} times; it is not read'
        for folded, count in counted.items()
        if count > 1
    ]
