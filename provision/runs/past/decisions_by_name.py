"""What people have decided by name: adoptions and approvals, as the run folders keep them, told about one person at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provision.deciders import Decider
from provision.errors import DamagedFile
from provision.explain.history import Explanation, Word
from provision.job.settings import Job
from provision.ledger.value import HOLDS
from provision.runs.adopt import adoption
from provision.runs.approving.approvals import SAME_PERSON, recorded
from provision.runs.folder import APPROVALS_NAME, runs_of


@dataclass(frozen=True, slots=True)
class SaidByName:
    """Everything that was decided by name. A record is about a person by the Box id (``of_account``), and without one by login or external id."""

    of_account: Mapping[str, list[Word]]
    of_others: Mapping[str, list[Word]]

    def about(self, explanation: Explanation) -> tuple[Word, ...]:
        """Who decided what about this person and when, the newest first."""
        found = [word for box_id in explanation.box_ids for word in self.of_account.get(box_id, ())]
        keys = (*explanation.logins, *explanation.external_ids)
        found += {id(word): word for key in keys for word in self.of_others.get(key, ())}.values()
        return tuple(sorted(found, key=_when, reverse=True))


def said_by_name(job: Job, left_out: Callable[[Path, DamagedFile], None]) -> SaidByName:
    """What was decided by name in the runs of a job; ``left_out`` is told of a record that cannot be read."""
    of_account: dict[str, list[Word]] = {}
    of_others: dict[str, list[Word]] = {}
    for path in runs_of(job):
        for said in (_adoption, _approvals):
            try:
                for about, word in said(path):
                    if box_id := about.get("box_id"):
                        of_account.setdefault(box_id, []).append(word)
                    else:
                        for key in {str(about.get(name) or "") for name in ("login", "external_id")} - {""}:
                            of_others.setdefault(key, []).append(word)
            except DamagedFile as error:
                left_out(path, error)
    return SaidByName(of_account, of_others)


def _when(word: Word) -> datetime:
    return datetime.fromisoformat(word.at).astimezone(UTC)


def _adoption(path: Path) -> Iterator[tuple[Mapping[str, Any], Word]]:
    told = adoption(path)
    if told is not None:
        word = Word(told.at, told.decider, path.name, "adopted the account for this job")
        yield from ((one, word) for one in told.accounts)


def _approvals(path: Path) -> Iterator[tuple[Mapping[str, Any], Word]]:
    for one in recorded(path / APPROVALS_NAME):
        verb = "held" if one.get("says") == HOLDS else "approved"
        what = f"{verb} {one['kind']}, until {one['until'][:10]}"
        what = "said that row and account are one person" if one["kind"] == SAME_PERSON else what
        yield one, Word(one["at"], Decider.of(one), path.name, what)
