"""Folders of transfers that are not in the archive yet, as operations beside what else is done about their leavers. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import numpy as np

from provision.because import Because, reason
from provision.job.settings import Job
from provision.ledger.progress import ArchiveWish, progress_of
from provision.ledger.value import Memory
from provision.model import Kind, Verdict
from provision.operations.registry import ENDINGS
from provision.operations.value import Change
from provision.plan.leavers.leavers import Person
from provision.plan.leavers.stages import PATIENCE
from provision.plan.persons import persons_at
from provision.plan.situations import Situations
from provision.plan.updates import change_of
from provision.plan.wants.decided import Decided

#: verdicts beside which a folder is moved: whoever waits for a person, or is not the job's, is left alone; whose account goes has waited enough
_GOES_ON = (
    Verdict.UNCHANGED.value,
    *(each.value for each in Verdict if each.value in {*Kind} - {*ENDINGS, Kind.TRANSFER}),
)


def archive_wishes(memory: Memory, job: Job) -> dict[str, ArchiveWish]:
    """The folders that have to be put into the archive still, by Box id of the leaver; none for a job without one."""
    if job.lifecycle.archive is None or memory.stages.empty:
        return {}
    ways = progress_of(memory)
    return {box_id: way.archive for box_id, way in ways.items() if way.archive is not None}


def with_archive(decided: Decided, people: Situations, memory: Memory, job: Job, as_of: datetime) -> Decided:
    """With the moves into the archive that earlier runs could not make."""
    wishes = archive_wishes(memory, job)
    if not wishes:
        return decided
    there = people.frame["box_id"].isin(wishes) & people.frame["owned"]
    there &= decided.verdicts["verdict"].isin(_GOES_ON).to_numpy(bool)
    found = persons_at(people, np.flatnonzero(there.to_numpy(bool)))
    return decided.beside({person.at: (_move(person, wishes, as_of),) for person in found})


def _move(person: Person, wishes: Mapping[str, ArchiveWish], as_of: datetime) -> Change:
    wish = wishes[person.box_id]
    late = as_of >= datetime.fromisoformat(wish.at) + PATIENCE
    code = Because.ARCHIVE_OVERDUE if late else Because.ARCHIVE_WAITS
    because = reason(code, place=wish.place, since=wish.at[:10])
    change = change_of(Kind.ARCHIVE_MOVE, person, (), because)
    return replace(change, object=wish.place, to=wish.to, to_key=wish.to_key, made=wish.folder)
