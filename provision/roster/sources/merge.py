"""Several rosters as one, in which everybody is once: pure, a column at a time."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain

import numpy as np
import pandas as pd

from provision.batches import Held
from provision.findings import Finding
from provision.model import NAMED_BY, SOURCE_LINES, SUPERSEDED
from provision.roster.people_named import with_people_of_all
from provision.roster.profile.profile import Profile, keys_of, plain_check, sketch
from provision.roster.reading import SourceReading
from provision.roster.sources.people import Merging, one_row_a_person, refused_rows
from provision.roster.sources.value import SourceFile
from provision.roster.value import (
    FRAME_COLUMNS,
    REJECTED_COLUMNS,
    Roster,
    RowError,
    no_rows,
)


def merged(sources: Sequence[SourceFile], precedence: Mapping[str, Sequence[str]], today: str = "") -> Roster:
    """The roster that these sources are together; one without a name is that roster.

    Of several rows of one person the one of the first source counts, a running one before those that have ended; a cell that
    is empty in it is filled from the next. ``precedence`` names the sources that are asked first for a field. Rows that contradict
    each other in who they are, and rows of a person whose row in another source is bad, are rejected. ``today`` as in
    :func:`provision.roster.checks.leaving_rows.without_idle`.
    """
    if len(sources) == 1 and not sources[0].name and sources[0].roster is not None:
        return sources[0].roster
    told = tuple(_reading(each) for each in sources)
    parts = [
        _placed(each.roster, each.name, place)
        for place, each in enumerate(sources)
        if each.roster is not None
    ]
    whole = _side_by_side(parts, told)
    merging = Merging(tuple(each.name for each in sources), precedence, today)
    people, rejected = whole.frame, whole.rejected
    bad, errors = refused_rows(people, rejected, merging)
    reasons = pd.Series(list(bad.values()), list(bad), dtype="str")
    more = people.loc[list(bad), [*REJECTED_COLUMNS[:-1], NAMED_BY]].assign(reason=reasons)
    people = people.drop(index=list(bad)).reset_index(drop=True)
    once = one_row_a_person(people, whole.half_names, merging)
    together = replace(
        whole,
        people=Held(once.people),
        valid=whole.valid - len(bad),
        rejected=pd.concat([rejected, more], ignore_index=True).sort_values("line", ignore_index=True),
        errors=tuple(sorted((*whole.errors, *errors), key=lambda each: each.line)),
        half_names=once.half_names,
        findings=(*whole.findings, *once.findings),
    )
    return _with_profile(
        with_people_of_all(together, sources[0].settings.authority, today),
        sources,
        int(((once.people["action"] == SUPERSEDED) & (people["action"] != SUPERSEDED)).sum()),
    )


def _reading(source: SourceFile) -> SourceReading:
    roster = source.roster
    if roster is None:
        return SourceReading(source.name, source.path, trouble=source.trouble, why=source.why)
    return SourceReading(
        source.name,
        roster.path,
        roster.sha256,
        roster.sheet,
        roster.rows,
        roster.valid,
        len(roster.rejected),
        len(roster.excluded),
        roster.reading,
    )


def _placed(roster: Roster, name: str, place: int) -> Roster:
    """The roster with lines that say of which source they are, and a word on it before each note."""
    by = place * SOURCE_LINES

    def of_source(rows: pd.DataFrame) -> pd.DataFrame:
        return rows.assign(line=rows["line"] + by, **{NAMED_BY: name}).astype({NAMED_BY: "str"})

    return replace(
        roster,
        people=Held(of_source(roster.frame)),
        rejected=of_source(roster.rejected),
        excluded=of_source(roster.excluded),
        errors=tuple(replace(each, line=each.line + by) for each in roster.errors),
        half_names=tuple(line + by for line in roster.half_names),
        named=tuple(replace(each, lines=tuple(line + by for line in each.lines)) for each in roster.named),
        notes=tuple(f"{name}: {note}" for note in roster.notes),
    )


def _side_by_side(parts: Sequence[Roster], told: tuple[SourceReading, ...]) -> Roster:
    """All rows of the sources under each other; who is in several is there several times."""

    def all_of(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(chain.from_iterable(getattr(each, name) for each in parts)))

    addresses: dict[str, tuple[str, ...]] = {}
    for each in parts:
        addresses |= each.addresses
    errors: Iterable[RowError] = chain.from_iterable(each.errors for each in parts)
    findings: Iterable[Finding] = chain.from_iterable(each.findings for each in parts)
    return Roster(
        path=", ".join(each.path for each in told),
        sha256=_sha256(told),
        sheet="",
        rows=sum(each.rows for each in parts),
        valid=sum(each.valid for each in parts),
        people=Held(_stacked([each.frame for each in parts], FRAME_COLUMNS)),
        rejected=_stacked([each.rejected for each in parts], REJECTED_COLUMNS),
        errors=tuple(errors),
        untold=sum((Counter(each.untold) for each in parts), Counter[tuple[str, str]]()),
        mapped=all_of("mapped"),
        ignored=all_of("ignored"),
        notes=tuple(chain.from_iterable(each.notes for each in parts)),
        findings=tuple(findings),
        addresses=addresses,
        half_names=tuple(chain.from_iterable(each.half_names for each in parts)),
        named=tuple(chain.from_iterable(each.named for each in parts)),
        excluded=_stacked([each.excluded for each in parts], REJECTED_COLUMNS),
        sources=told,
    )


def _stacked(frames: Sequence[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """The frames under each other, with all columns of any; what one has not is not said."""
    names = list(dict.fromkeys((*columns, *chain.from_iterable(each.columns for each in frames))))
    if not frames:
        return no_rows().reindex(columns=names)
    whole = pd.concat([each.reindex(columns=names) for each in frames], ignore_index=True)
    text = [name for name in names if name != "line"]
    whole[text] = whole[text].fillna("").astype("str")
    return whole.astype({"line": "int64"})


def _sha256(told: Iterable[SourceReading]) -> str:
    """A fingerprint of all files together, another one where one of them is missing."""
    return hashlib.sha256("\n".join(f"{each.name} {each.sha256}" for each in told).encode()).hexdigest()


def _with_profile(roster: Roster, sources: Sequence[SourceFile], again: int) -> Roster:
    """What is kept of it: of each source its own profile, of one that is missing the one it had when it was good.

    ``again``: so many rows are of people whom another row of another source names, too.
    """
    kept = {each.name: each.roster.profile if each.roster else each.profile for each in sources}
    own = {name: profile for name, profile in kept.items() if profile is not None}
    now = [each.roster.profile for each in sources if each.roster and each.roster.profile]
    written = [each.modified_ns for each in now]
    profile = Profile(
        sha256=roster.sha256,
        size=sum(each.size for each in now),
        modified_ns=max(min(written, default=0), 0),
        rows=sum(each.rows for each in own.values()) - again,
        valid=roster.valid,
        rejected=len(roster.rejected),
        headers=(),
        columns={},
        empty={},
        key="",
        keys=sketch(np.zeros(0, np.uint64)),
        logins=sketch(np.zeros(0, np.uint64)),
        names=sketch(np.zeros(0, np.uint64)),
        excluded=sketch(keys_of(roster.excluded)),
        check=plain_check(),
        sources=own,
        repeats=0,
    )
    return replace(roster, profile=profile)
