"""How the roster was understood, in words: which file and table, what each column is and why, what is left out, who is in it."""

from __future__ import annotations

from collections.abc import Iterator

from provision.roster.reading import Reading, Why
from provision.wording import shortened

#: why a column is read, or is not
WHY = {
    Why.JOB: "mapped by the job",
    Why.FIELD_NAME: "named as the field",
    Why.USUAL_HEADER: "by the usual headers",
    Why.SWITCHED_OFF: "the job says ignore",
    Why.UNKNOWN: "no field has such a header",
    Why.ANOTHER_COLUMN: "another column is read for its field",
    Why.DOUBTED: "what it holds does not fit its header",
    Why.LATER: "this version does not carry it out yet",
    Why.CHOOSES: "but for the rows that count (roster.where)",
}
_DELIMITERS = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "vertical bars"}


def table_told(reading: Reading) -> str:
    """Which table was read: file, sheet, header row, encoding and delimiter."""
    parts = [reading.file]
    parts += [f'sheet "{reading.sheet}"'] if reading.sheet else []
    parts += [f"header in row {reading.header_row}"] if reading.header_row else []
    if reading.encoding:
        parts.append(f"encoding {reading.encoding}{' (a guess)' if reading.guessed else ''}")
    if reading.delimiter:
        parts.append(f"cells parted by {_DELIMITERS.get(reading.delimiter, repr(reading.delimiter))}")
    return ", ".join(parts)


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
