"""What people have decided by name about one person: adoptions and approvals, as the run folders keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
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


def words_about(
    explanation: Explanation, job: Job, left_out: Callable[[Path, DamagedFile], None]
) -> tuple[Word, ...]:
    """Who decided what about this person and when, the newest first; ``left_out`` is told of a record that cannot be read."""
    who = _Who(frozenset(explanation.box_ids), frozenset((*explanation.logins, *explanation.external_ids)))
    found: list[Word] = []
    for path in runs_of(job):
        for said in (_adoption, _approvals):
            try:
                found += said(path, who)
            except DamagedFile as error:
                left_out(path, error)
    return tuple(sorted(found, key=_when, reverse=True))


def _when(word: Word) -> datetime:
    return datetime.fromisoformat(word.at).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class _Who:
    """One person's keys."""

    box_ids: frozenset[str]
    others: frozenset[str]

    def means(self, account: dict[str, Any]) -> bool:
        """Whether a record is about this person: by the Box id, and without one by login or external id."""
        if account.get("box_id"):
            return account["box_id"] in self.box_ids
        return bool(self.others & {account.get("login"), account.get("external_id")})


def _adoption(path: Path, who: _Who) -> Iterator[Word]:
    told = adoption(path)
    if told is not None and any(who.means(one) for one in told.accounts):
        yield Word(told.at, told.decider, path.name, "adopted the account for this job")


def _approvals(path: Path, who: _Who) -> Iterator[Word]:
    for one in recorded(path / APPROVALS_NAME):
        if who.means(one):
            verb = "held" if one.get("says") == HOLDS else "approved"
            what = f"{verb} {one['kind']}, until {one['until'][:10]}"
            what = "said that row and account are one person" if one["kind"] == SAME_PERSON else what
            yield Word(one["at"], Decider.of(one), path.name, what)
