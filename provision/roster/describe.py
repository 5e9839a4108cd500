"""What a roster looks like to programs and to people, from what was understood of its file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from provision.batches import Batches, picked
from provision.frames import records
from provision.hashes import EMPTY, Hashes, hashed_rows
from provision.model import SUPERSEDED
from provision.roster.files.locate import Form, Source
from provision.roster.profile.counts import RowCounts
from provision.roster.profile.profile import (
    KEYS,
    Profile,
    digits_share,
    keys_of,
    pattern,
    plain_check,
    sketch,
)
from provision.roster.reading import ColumnReading, Reading
from provision.roster.understand import Understood
from provision.roster.value import Roster
from provision.wording import tidy

#: rows, spread evenly over the file, in which patterns and domains are looked at
_SAMPLE = 20_000
_MOST_FREQUENT = 12
#: bytes at the end of a file, more than programs put behind its last line end
_END = 1 << 16


class Counted(NamedTuple):
    """Rows with a key that another row also has, and the encoding that the job says, "" if it says none."""

    duplicates: int
    encoding: str


class _Forms(NamedTuple):
    """The forms of keys, domains of logins, and share of names that are digits, as in a profile."""

    patterns: dict[str, float]
    domains: dict[str, float]
    digit_names: float


def profile_of(source: Source, understood: Understood, roster: Roster, counted: Counted) -> Profile:
    """Describe the roster of a file."""
    tally, headers = understood.tally, [tidy(header).casefold() for header in understood.headers]
    targets = understood.mapping.targets
    fields = {target.field: tuple(headers[place] for place in target.places) for target in targets}
    key = _key(tally)
    sketches = {name: sketch(hashes) for name, hashes in understood.keys.items()}
    encoding, certain = _encoding(source, understood.guessed, counted.encoding)
    content = _content(understood.rows)
    forms = _forms(understood.rows, tally.rows, key)
    return Profile(
        sha256=source.sha256,
        size=source.stored.size,
        modified_ns=source.modified_ns,
        rows=tally.rows,
        valid=roster.valid,
        rejected=len(roster.rejected),
        headers=tuple(sorted(filter(None, headers))),
        columns=fields,
        empty=dict(tally.empty),
        key=key,
        keys=sketches[key],
        logins=sketches["login"],
        names=sketches["name"],
        patterns=forms.patterns,
        domains=forms.domains,
        duplicates=counted.duplicates,
        repeats=_repeats(understood.counting_keys[key]) if counted.duplicates else 0,
        encoding=encoding,
        certain=certain,
        suspicious=tally.suspicious,
        ends=source.form is not Form.TEXT or _ends(source),
        declared=understood.declared,
        check=plain_check(),
        content=sketch(content),
        total=int(content.sum(dtype=np.uint64)),
        excluded=sketch(keys_of(roster.excluded)),
        managed=tally.managed,
        unnamed=tally.unnamed,
        keys_as_names=sketches[key],
        digit_names=forms.digit_names,
    )


def _repeats(keys: Hashes) -> int:
    """How many rows name somebody whom a row above them names; those without a key name nobody again."""
    named = keys[keys != EMPTY]
    return len(named) - len(np.unique(named))


def _forms(rows: Batches, many: int, key: str) -> _Forms:
    """The forms in some of so many rows."""
    evenly = np.linspace(0, many - 1, min(many, _SAMPLE)).astype(np.intp)
    sample = picked(rows, evenly, (*KEYS, "name"))
    return _Forms(
        patterns=_shares(sample[key], pattern) if key != "login" else {},
        domains=_shares(sample["login"], _domain),
        digit_names=digits_share(_shares(sample["name"], pattern)),
    )


def reading_of(source: Source, understood: Understood, roster: Roster, profile: Profile) -> Reading:
    """How the file was understood, with the first good row, one from the middle and the last."""
    read = understood.mapping.targets
    columns = tuple(ColumnReading(target.label, target.field, target.why) for target in read)
    counting = _counting(roster)
    places = sorted({int(counting[at]) for at in (0, len(counting) // 2, -1)}) if len(counting) else []
    fields = [target.field for target in understood.mapping.targets]
    people = picked(roster.people, np.array(places, np.intp), fields)
    return Reading(
        file=source.name,
        form=source.form.value,
        sheet=understood.sheet,
        header_row=understood.header_line,
        encoding=profile.encoding,
        guessed=not profile.certain,
        delimiter=understood.delimiter,
        columns=columns,
        left_out=understood.mapping.left_out,
        people=tuple(
            {str(field): str(cell) for field, cell in row.items() if cell} for row in records(people)
        ),
    )


def _counting(roster: Roster) -> NDArray[np.intp]:
    """The places of the good rows that are somebody's: not of those in whose place another row of their person counts."""
    actions = [(batch["action"] != SUPERSEDED).to_numpy() for batch in roster.people.each()]
    return np.flatnonzero(np.concatenate(actions)) if actions else np.zeros(0, np.intp)


def _content(rows: Batches) -> Hashes:
    """A hash of all that each row says but its place."""
    parts = []
    for batch in rows.each():
        names = sorted(name for name in batch.columns if name != "line")
        parts.append(hashed_rows((batch[name] for name in names), len(batch)))
    return np.concatenate(parts) if parts else np.zeros(0, np.uint64)


def _key(tally: RowCounts) -> str:
    """The external id where most rows have one."""
    if "external_id" not in tally.empty:
        return "login"
    filled = tally.rows - tally.empty["external_id"]
    return "external_id" if 2 * filled > tally.rows or "login" not in tally.empty else "login"


def _shares(texts: pd.Series[str], of: Callable[[str], str]) -> dict[str, float]:
    """The most frequent forms of the texts that are not empty, and their shares."""
    counts = Counter(of(text) for text in texts.tolist() if text)
    total = sum(counts.values())
    frequent = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:_MOST_FREQUENT]
    return {form: round(count / total, 4) for form, count in frequent}


def _domain(login: str) -> str:
    return login.rpartition("@")[2].casefold()


def _ends(source: Source) -> bool:
    last = source.stored.part(max(0, source.stored.size - _END), source.stored.size)
    return last.rstrip(b"\x1a\0").endswith((b"\n", b"\r"))


def _encoding(source: Source, guessed: str, told: str) -> tuple[str, bool]:
    """How the text was read, and whether that is certain."""
    if source.form is not Form.TEXT or told:
        return told, True
    if guessed:
        return guessed, False
    wide = source.head.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in source.head[:4096]
    return "utf-16" if wide else "utf-8", True
