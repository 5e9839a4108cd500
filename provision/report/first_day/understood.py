"""How the roster was understood, in words: which file and table, what each column is and why, what is left out, who is in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

from provision.roster.reading import Reading, SourceReading, Why
from provision.wording import counted, shortened

#: why a column is read, or is not
WHY = {
    Why.JOB: "mapped by the job",
    Why.FIELD_NAME: "named as the field",
    Why.USUAL_HEADER: "by the usual headers",
    Why.SWITCHED_OFF: "the job says ignore",
    Why.UNKNOWN: "no field is known under this header",
    Why.AMBIGUOUS: "this header is ambiguous; map it in roster.columns",
    Why.ANOTHER_COLUMN: "another column is read for its field",
    Why.DOUBTED: "its content does not match its header",
    Why.LATER: "the version of that run did not carry it out yet",
    Why.CHOOSES: "but for the rows that count (roster.where)",
}
_DELIMITERS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "vertical bars"}


class _Told(Protocol):
    """A roster, or what a plan remembers of it."""

    @property
    def reading(self) -> Reading | None: ...

    @property
    def sources(self) -> Sequence[SourceReading]: ...


def table_told(reading: Reading) -> str:
    """Which table was read: file, sheet, header row, encoding and delimiter."""
    parts = [reading.file]
    parts += [f'sheet "{reading.sheet}"'] if reading.sheet else []
    parts += [f"header in row {reading.header_row}"] if reading.header_row else []
    if reading.encoding:
        parts.append(f"encoding {reading.encoding}{' (a guess)' if reading.guessed else ''}")
    if reading.delimiter:
        parts.append(f"cells separated by {_DELIMITERS.get(reading.delimiter, repr(reading.delimiter))}")
    return ", ".join(parts)


def how_read(roster: _Told) -> Iterator[str]:
    """How a roster was understood: its file, or each of its sources with what it holds, or why nothing of it counts."""
    if not roster.sources:
        yield from understood(roster.reading) if roster.reading else ()
    for source in roster.sources:
        if source.trouble or source.reading is None:
            yield f"{source.name}: not used: {source.why}"
            continue
        out = f", {source.excluded:,} left out" if source.excluded else ""
        held = f"{counted(source.rows, 'row')}, {source.valid:,} good, {source.rejected:,} with errors{out}"
        first, *rest = understood(source.reading)
        yield f"{source.name}: {first}; {held}"
        yield from (f"  {line}" for line in rest)


def understood(reading: Reading) -> Iterator[str]:
    """Everything, a line each: the table, the columns that are read, those that are not, and some people."""
    yield table_told(reading)
    for why in Why:
        pairs = [f"{column.header} → {column.field}" for column in reading.columns if column.why is why]
        if pairs:
            yield f"{WHY[why]}: {', '.join(pairs)}"
    for why in Why:
        headers = [column.header for column in reading.left_out if column.why is why]
        if headers:
            yield f"not read, {WHY[why]}: {shortened(headers)}"
    for person in reading.people:
        yield f"for example {', '.join(f'{field}: {cell}' for field, cell in person.items())}"
