"""The last word before anything is sent: that of the job's own programs, as a guard that refuses all of a plan."""

from __future__ import annotations

from dataclasses import replace

from provision.plan.guards.limits import HOOK, judged
from provision.report.sentences.nightly import programs_told
from provision.runs.afterwards.hooks import environment, folder_of, run_hooks, tell
from provision.runs.folder import RunFolder
from provision.runs.observer import Observer
from provision.runs.planning.prepare import Planned
from provision.runs.selection import Attempt


def with_hooks(planned: Planned, folder: RunFolder, attempt: Attempt, observer: Observer) -> Planned:
    """The same plan with the verdict of ``hooks.before_apply``; as it is where nothing would be sent, or there are none."""
    job, paths = planned.job, planned.job.hooks.before_apply
    if not paths or not _sends(planned, attempt):
        return planned
    ends = list(run_hooks(paths, folder_of(job, folder), environment("before_apply", job, folder)))
    for end in ends:
        tell(end, "before_apply", folder, observer)
    failed = [(end.path.name, end.why) for end in ends if end.why]
    verdict = judged(HOOK, 0, len(failed), programs_told(failed, len(ends)), attempt.allow)
    return replace(planned, plan=replace(planned.plan, guards=(*planned.plan.guards, verdict)))


def _sends(planned: Planned, attempt: Attempt) -> bool:
    """Whether anything is left that is neither held nor left out."""
    held = attempt.held(planned.plan)
    left = attempt.left(planned.plan.changes)
    return any(attempt.selection.takes(change) and change.whole not in held for change in left)
