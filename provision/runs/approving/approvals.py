"""What a run folder keeps of approvals: approvals.json, the record of who said what, each row of which a key proves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from provision.deciders import Decider, people
from provision.job.settings import Job
from provision.ledger.value import IdentityAnswer, Release
from provision.operations.value import Change
from provision.plan.value import Plan, Question
from provision.records import read_record, sound, write_record
from provision.runs.approving.approvable import Approvable
from provision.runs.folder import APPROVALS_NAME, RunFolder
from provision.runs.seal.seal import proven_among, sealed_rows

#: what stands in the place of a kind for an answer who is who
SAME_PERSON = "same_person"
#: likewise, for somebody's word that a protected person who leaves is known of
KNOWN = "known"

Row = Mapping[str, Any]


def rows_of(
    chosen: Approvable, words: Iterable[Release], plan: Plan, required: int
) -> tuple[dict[str, Any], ...]:
    """What is kept of words on these: whom and what it is about, who said so, and of which plan; ``required``: of how many people."""
    asked = chosen.asked
    return tuple(
        {
            "kind": _kind(each := asked[one.hold_id, one.aim]),
            **{name: getattr(each, name) for name in ("box_id", "external_id", "login")},
            **one.by.row,
            **{name: getattr(one, name) for name in ("at", "until", "hold_id", "aim", "run_id")},
            "plan": plan.digest,
            "required": required,
            **({"says": one.says} if one.says else {}),
        }
        for one in words
    )


def _kind(each: Change | Question) -> str:
    if isinstance(each, Change):
        return each.kind.value
    return KNOWN if each.to_be_known else SAME_PERSON


def word_of(row: Row) -> Release:
    """The word that a row of the record keeps. Raises KeyError for a row of a release that did not name what it was about."""
    told = {name: str(row[name]) for name in ("hold_id", "aim", "at", "until", "run_id")}
    return Release(by=Decider.of(row), **told, says=str(row.get("says", "")))


def record(run: RunFolder, rows: Iterable[Row], job: Job) -> None:
    """Add to the run folder's own record who approved what, sealed."""
    path = run.path / APPROVALS_NAME
    kept = [*recorded(path), *sealed_rows(rows, run.about.run_id, job)]
    write_record(path, kept)


class _Row(msgspec.Struct):
    """What every row of the record says; a row may say more."""

    kind: str
    box_id: str
    external_id: str
    login: str
    by: str
    at: str
    until: str


def recorded(path: Path) -> list[dict[str, Any]]:
    """The rows of a record of approvals, none where there is none. Raises DamagedFile."""
    remedy = (
        f"put {path.name} back from a backup, or move it away: what it says is lost then, and asked for again"
    )
    try:
        rows = read_record(path, list[dict[str, Any]], remedy)
    except FileNotFoundError:
        return []
    told = sound(path, lambda: msgspec.convert(rows, list[_Row]), remedy)
    sound(path, lambda: [_moment(text) for one in told for text in (one.at, one.until)], remedy)
    return rows


def _moment(text: str) -> datetime:
    """A time, with its offset so that it compares with any other. Raises ValueError."""
    at = datetime.fromisoformat(text)
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def proven_rows(folder: Path, job: Job) -> list[Row]:
    """The rows of a run folder's record that the job's key proves. Raises DamagedFile as :func:`recorded`."""
    return [*proven_among(recorded(folder / APPROVALS_NAME), folder.name, job)]


def answers_in(folder: Path, job: Job) -> tuple[IdentityAnswer, ...]:
    """What people have answered in a run folder about who is who, by its record; what the job's key does not prove is no answer.

    Nor is the word of fewer people than were wanted when it was given. Raises DamagedFile for a record that cannot be read.
    """
    answers: dict[tuple[str, str, str], list[Row]] = {}
    for row in proven_rows(folder, job):
        if row.get("kind") == SAME_PERSON:
            answers.setdefault((row["external_id"], row["login"], row["box_id"]), []).append(row)
    return tuple(_answered(answers))


def stops_in(folder: Path, job: Job, now: datetime) -> list[Release]:
    """The words of a run folder's record that still hold something. Raises DamagedFile as :func:`recorded`."""
    words = [word_of(row) for row in proven_rows(folder, job) if "hold_id" in row]
    approved = {(one.hold_id, one.aim): one.at for one in sorted(words, key=_given) if not one.stops}
    return [
        one
        for one in words
        if one.stops and one.counts(now) and approved.get((one.hold_id, one.aim), "") <= one.at
    ]


def _given(word: Release) -> str:
    return word.at


def _answered(answers: Mapping[tuple[str, str, str], list[Row]]) -> Iterator[IdentityAnswer]:
    """Answers for which, when one of the words was given, so many counted as were wanted then; the last such word gives it."""
    for about, rows in answers.items():
        said = sorted(rows, key=lambda row: _moment(row["at"]))
        enough = (row for row in reversed(said) if _counting_with(row, said) >= int(row.get("required", 1)))
        if (row := next(enough, None)) is not None:
            yield IdentityAnswer(*about, Decider.of(row), row["at"])


def _counting_with(row: Row, said: Iterable[Row]) -> int:
    """Of how many people words counted at the moment of this one."""
    at = _moment(row["at"])
    return people(Decider.of(one) for one in said if _moment(one["at"]) <= at < _moment(one["until"]))
