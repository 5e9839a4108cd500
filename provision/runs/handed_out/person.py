"""One person explained: every decision about one person, from the run folders and the ledger, without Box."""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

from provision.errors import InputError
from provision.explain.history import Explanation, Known, explain
from provision.explain.trace import (
    Keys,
    Sighting,
    follow,
    in_ledger,
    logins_in,
    meant,
    people,
    unreadable,
)
from provision.explain.words import as_object
from provision.job.settings import Job
from provision.model import made_by_box
from provision.plan.planfile import PEOPLE_NAME
from provision.report.summary import Summary
from provision.runs.ending import Fact, looked
from provision.runs.observer import Observer, Phase, Trouble
from provision.runs.past.decisions_by_name import said_by_name
from provision.runs.past.shelf import Shelf, known_to, shelf_of
from provision.runs.reading.few import NEAR, expect_one
from provision.wording import counted, nearest


@dataclass(frozen=True, slots=True)
class Explained(Summary):
    """One person explained, in a form of its own; ``not_read`` gives the reason for each run that could not be read."""

    told: Mapping[str, Any] = field(default_factory=dict)
    explanation: Explanation | None = None

    def to_json(self) -> str:
        """One JSON object on one line."""
        return json.dumps(self.told, ensure_ascii=False)


def explained(job: Job, person: str, observer: Observer) -> Explained:
    """Every decision about one person. Raises InputError for nobody, or for more than one."""
    shelf = shelf_of(job)
    known = known_to(shelf)
    asked = meant(person)
    found = _found(asked, shelf, known, observer)
    expect_one(person, people(asked, [line for lines in found.values() for line in lines]))
    accounts = found.pop(0, ())
    runs = [run for at, lines in found.items() for run in shelf.met(at - 1, [lines])]
    if not runs and not accounts:
        raise _nobody(person, shelf, known)
    explanation = explain(runs, known, accounts, job, observer.now())
    words = said_by_name(job, shelf.left_out).about(explanation)
    told = _object(person, replace(explanation, words=words), shelf)
    for each in shelf.damage:
        observer.note(Trouble(str(each)))
    end = looked({Fact.UNREAD: bool(shelf.damage)})
    error = str(shelf.damage[0]) if shelf.damage else None
    return Explained(
        exit_code=int(end.exit_code),
        status=end.status,
        error=error,
        told=told,
        explanation=replace(explanation, words=words),
    )


class RunLines(NamedTuple):
    """The lines about one person in one run; ``listed``: it read the whole enterprise and was about everybody."""

    run: Path
    listed: bool
    lines: Sequence[Sighting]


def sightings(job: Job, person: str, observer: Observer) -> tuple[Sequence[Sighting], tuple[RunLines, ...]]:
    """The lines about one person in the ledger, and in each run of the job, newest first.

    Raises InputError for nobody, for more than one, and where a run cannot be read.
    """
    shelf = shelf_of(job)
    known = known_to(shelf)
    asked = meant(person)
    found = _found(asked, shelf, known, observer)
    expect_one(person, people(asked, [line for lines in found.values() for line in lines]))
    if shelf.damage:
        raise shelf.damage[0]
    if not found:
        raise _nobody(person, shelf, known)
    runs = enumerate(shelf.runs, 1)
    return found.get(0, ()), tuple(
        RunLines(path, head.listed, found.get(at, ())) for at, (path, head) in runs
    )


def _found(asked: Keys, shelf: Shelf, known: Known, observer: Observer) -> dict[int, Sequence[Sighting]]:
    """The lines about a person: 0 are those of the ledger, from 1 on those of the shelf's runs."""
    read = itertools.count(1)
    with observer.progress(Phase.RUNS) as show:
        tables = shelf.sources(lambda: show(next(read)))
        return follow(asked, [in_ledger(known.memory), *tables])


def _object(person: str, explanation: Explanation, shelf: Shelf) -> dict[str, Any]:
    return {
        "job": shelf.job.name,
        "asked": person,
        **as_object(explanation),
        "not_read": shelf.not_read,
        "not_proven": shelf.not_proven,
        "runs_elsewhere": shelf.elsewhere,
    }


def _nobody(person: str, shelf: Shelf, known: Known) -> InputError:
    read = sum(path.name not in shelf.not_read for path, _ in shelf.runs)
    searched = f"{counted(read, 'run')} of job {shelf.job.name}"
    left_out = f" ({len(shelf.not_read):,} more could not be read)" if shelf.not_read else ""
    near = _nearest(person, shelf, known)
    return InputError(
        f"Nobody called {person} occurs as login, external id or Box id in {searched}{left_out} or in its ledger.",
        cause=f"a typing error: {near} is known" if near else "another job looks after this person",
        remedy=f"provision explain JOB {near}" if near else "see the runs of a job with: provision runs JOB",
    )


def _nearest(person: str, shelf: Shelf, known: Known) -> str:
    """The most similar key in the ledger and the newest run; "" if none is close."""
    keys = [*known.memory.accounts["login"], *known.memory.accounts["external_id"]]
    for path, _ in shelf.runs[:1]:
        with contextlib.suppress(*unreadable()):
            keys += logins_in(path / PEOPLE_NAME)
    return nearest(person.strip(), {key for key in keys if key and not made_by_box(key)}, NEAR)
