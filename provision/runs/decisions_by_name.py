"""What people have decided by name about one person: adoptions and approvals, as the run folders keep them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from provision.explain.history import Explanation, Word
from provision.job.settings import Job
from provision.runs.approve import SAME_PERSON
from provision.runs.folder import ADOPTION_NAME, APPROVALS_NAME, runs_of


def words_about(explanation: Explanation, job: Job) -> tuple[Word, ...]:
    """Who decided what about this person and when, the newest first; a record that cannot be read says nothing."""
    who = _Who(frozenset(explanation.box_ids), frozenset((*explanation.logins, *explanation.external_ids)))
    found = [word for path in runs_of(job) for word in (*_adoption(path, who), *_approvals(path, who))]
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
    told = _read(path / ADOPTION_NAME)
    if isinstance(told, dict) and any(who.means(one) for one in told.get("accounts", ())):
        yield Word(told["at"], told["by"], path.name, "adopted the account for this job")


def _approvals(path: Path, who: _Who) -> Iterator[Word]:
    told = _read(path / APPROVALS_NAME)
    for one in told if isinstance(told, list) else ():
        if who.means(one):
            what = f"approved {one['kind']}, until {one['until'][:10]}"
            what = "said that row and account are one person" if one["kind"] == SAME_PERSON else what
            yield Word(one["at"], one["by"], path.name, what)


def _read(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
