"""What the run folders of a job prove of accounts: the row that named one last, the run that made it, and who decided about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePath

import pandas as pd

from provision.deciders import Decider
from provision.errors import InputError
from provision.job.settings import Job
from provision.ledger.value import HOLDS
from provision.lessons.finished import made_by, matched_in
from provision.model import PersonKey, Status, place_of
from provision.plan.columns import among
from provision.plan.value import Plan, RosterFacts
from provision.runs.adopt import adoption
from provision.runs.approving.approvals import proven_rows
from provision.runs.folder import runs_of
from provision.runs.past.rebuild import RunsFound, runs_found
from provision.runs.seal.seal import is_proven

#: what names an account that was adopted
_KEYS = ("kind", "external_id", "login", "box_id")


@dataclass(frozen=True, slots=True)
class NamedDecision:
    """What somebody decided by name: when (ISO), about whom, in which run it is kept. ``box_id`` is "" where no account is named."""

    at: str
    by: Decider
    what: str
    who: str
    run_id: str
    box_id: str = ""


@dataclass(frozen=True, slots=True)
class AccountEvidence:
    """By Box id: ``rows`` the row of an accepted roster that named the account last, ``made`` the run that made it.

    ``decisions`` are all, the oldest first; ``last`` is the newest plan that was carried out, None without one. ``not_read``: why
    run folders are not believed, by name.
    """

    rows: dict[str, str] = field(repr=False)
    made: dict[str, str] = field(repr=False)
    decisions: tuple[NamedDecision, ...]
    last: Plan | None
    not_read: dict[str, str]

    @property
    def decided(self) -> dict[str, list[NamedDecision]]:
        """The decisions by account."""
        found: dict[str, list[NamedDecision]] = {}
        for each in self.decisions:
            if each.box_id:
                found.setdefault(each.box_id, []).append(each)
        return found


def evidence_of(job: Job, enterprise_id: str, accounts: pd.Series) -> AccountEvidence:
    """What the folders of a job prove of these accounts (Box ids) of an enterprise."""
    found = runs_found(job)
    applied = [run for run in found.applied if run.plan.enterprise_id == enterprise_id]
    rows: dict[str, str] = {}
    made: dict[str, str] = {}
    for run in reversed(applied):
        left = accounts[~accounts.isin(list(rows))]
        if run.ended:
            rows |= _rows(run.plan, run.path.name, left)
        made |= dict.fromkeys(made_by(run.plan, run.outcomes)["box_id"], run.path.name)
    decisions = sorted(_decisions(job, enterprise_id, found), key=lambda one: one.at)
    undone = (run.plan for run in reversed(applied) if run.plan.roster.sha256 and run.ended)
    not_read = {PurePath(one["run_dir"]).name: one["why"] for one in found.left_out}
    return AccountEvidence(rows, made, tuple(decisions), next(undone, None), not_read)


def _rows(plan: Plan, run_id: str, wanted: pd.Series) -> dict[str, str]:
    """The rows of a plan that were paired with accounts that are wanted, as people find them."""
    matched = matched_in(plan)
    mine = matched[among(matched["box_id"], wanted)]
    lines = zip(mine["box_id"].tolist(), mine["line"].tolist(), strict=True)
    return {box_id: f"{_place(plan.roster, line)} (run {run_id})" for box_id, line in lines}


def _place(roster: RosterFacts, line: int) -> str:
    source, row = place_of(line)
    path = roster.sources[source].path if source < len(roster.sources) else roster.path
    return f"row {row} of {'standard input' if path == '-' else PurePath(path).name}"


def _decisions(job: Job, enterprise_id: str, found: RunsFound) -> Iterator[NamedDecision]:
    """Approvals and answers, adoptions, and operations that were carried out since somebody had approved them."""
    for path in runs_of(job):
        try:
            if is_proven(path, job) and (told := adoption(path)) is not None:
                if told.enterprise_id == enterprise_id:
                    for one in told.accounts:
                        who = PersonKey.of({name: one.get(name, "") for name in _KEYS})
                        yield NamedDecision(
                            told.at, told.decider, "adopted", who.written, path.name, who.box_id
                        )
                continue
            for row in proven_rows(path, job):
                who = PersonKey("", row["external_id"], row["login"], row["box_id"])
                what = f"{str(row['kind']).replace('_', ' ') or 'person'} {'held' if row.get('says') == HOLDS else 'approved'} until {row['until'][:10]}"
                yield NamedDecision(row["at"], Decider.of(row), what, who.written, path.name, who.box_id)
        except InputError:  # named among those that are not read
            continue
    for run in found.applied:
        for change in run.plan.changes:
            outcome = run.outcomes.get(change.id)
            if change.approved and outcome is not None and outcome.status is Status.DONE:
                what = f"{change.kind.value.replace('_', ' ')} carried out on {outcome.at[:10]}, approved by {change.approved}"
                box_id = change.box_id or outcome.box_id
                yield NamedDecision(outcome.at, Decider(), what, change.person.written, run.path.name, box_id)
