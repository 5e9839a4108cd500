"""A run that somebody is about to decide about: believed, with its plan and the words that were given on it so far."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from provision.errors import PlanError, UsageError
from provision.job.load import load_job
from provision.job.settings import Job
from provision.ledger.value import Release
from provision.plan.guards.approvals import GivenWords
from provision.plan.planfile import read_plan
from provision.plan.value import Plan
from provision.runs.approving.approvable import all_of, as_asked
from provision.runs.approving.approvals import recorded, word_of
from provision.runs.approving.hear import heard
from provision.runs.approving.inbox import words_beside
from provision.runs.folder import APPROVALS_NAME, RunFolder, of_job
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.memory.memory_loss import expect_memory
from provision.runs.places.own_places import expect_own_places
from provision.runs.places.owners import group_of, is_member, is_of_others
from provision.runs.seal.seal import load_proven, owned_by_others, sealed_plan
from provision.runs.start import Begun

_OURS = "name a run of this job; see them with: provision runs JOB"


@dataclass(frozen=True, slots=True)
class OpenedRun:
    """A run, its job and its plan. ``words``: those given so far, of which ``others`` are not in the ledger yet.

    ``own``: it was made by whoever opens it; a run of somebody else takes words beside it alone.
    """

    run: RunFolder
    job: Job
    plan: Plan
    words: tuple[Release, ...]
    others: tuple[Release, ...] = ()
    own: bool = True

    def given(self, now: datetime) -> GivenWords:
        """The words that still count."""
        counting = tuple(one for one in self.words if one.counts(now))
        return GivenWords(counting, now, self.job.approvals.required)


def opened(name: str, begun: Begun) -> OpenedRun:
    """The run of this name. Raises PlanError for one that is not believed, or whose plan is not to be carried out."""
    run = begun.open(name)
    if (theirs := _of_somebody_else(run, begun)) is not None:
        return _beside(run, theirs, begun)
    job = load_proven(run, begun, signs_in=False)
    expect_memory(job)
    plan = of_job(sealed_plan(run.path, job, read_plan), run, job, _OURS)
    others = heard(job, plan.enterprise_id, begun.observer, teach=False).words
    with contextlib.closing(ledger_of(job)) as ledger:
        known = as_asked(ledger.releases(plan.enterprise_id, job.name), all_of(plan), ledger.key)
    return OpenedRun(run, job, plan, (*known, *others), others)


def _of_somebody_else(run: RunFolder, begun: Begun) -> Job | None:
    """The job of a run that another member of its ``runs_group`` has made; None for any other.

    Of the job file only that is used: where its runs lie, and the group. Nothing of it is opened, and no secret leaves.
    """
    job = begun.job or load_job(Path(run.about.job_path), os.environ, signs_in=False)
    return job if is_of_others(run.path, job) else None


def _beside(run: RunFolder, job: Job, begun: Begun) -> OpenedRun:
    """The same for somebody who has neither key nor ledger."""
    begun.job = job
    expect_own_places(job)
    _expect_to_count(run, job)
    plan = of_job(read_plan(run.path), run, job, _OURS)
    known = [word_of(row) for row in recorded(run.path / APPROVALS_NAME) if "hold_id" in row]
    words = (*known, *words_beside(run, plan, job, begun.observer.now()))
    return OpenedRun(run, job, plan, words, own=False)


def _expect_to_count(run: RunFolder, job: Job) -> None:
    """Raise where the word of this user would count for nothing, or the folder is one of nobody who counts."""
    group = group_of(job)
    if group is None or not is_member(os.geteuid(), group):
        raise UsageError(
            f"You are no member of the group {job.runs_group} (runs_group), so your approval would count for nothing.",
            remedy=f"let whoever looks after this machine put you into the group {job.runs_group}",
        )
    strange = owned_by_others(run.path, job)
    if strange or run.path.parent != job.runs.resolve():
        raise PlanError(
            f"Run {run.about.run_id} is not believed: {strange or run.path} is not one of {job.runs}, or of somebody who does not count.",
            cause="another user made it, or it was moved or copied",
            remedy="let whoever runs the job make a new plan: provision plan JOB",
        )
