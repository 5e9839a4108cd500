"""What the charts of a page show beside the people: counts of leavers, calls and earlier runs. All of it names nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from provision.because import Because, led_by, parsed
from provision.model import Status
from provision.operations.registry import LEAVING
from provision.plan.value import Plan

#: stages of leavers about whom nothing is done today; ``ahead:KIND`` are those whose next stage is that operation, on a later day
ABSENT, MOVING, GONE, AHEAD = "absent", "moving", "gone", "ahead:"

_STAGES = {
    Because.NOT_YET: ABSENT,
    Because.CONTENT_SENT: MOVING,
    Because.ARCHIVE_FIRST: MOVING,
    Because.NOTHING_MORE: GONE,
}

_LEFT = (Status.HELD, Status.WAITING, Status.SKIPPED, Status.NOT_ATTEMPTED)
_WRONG = (Status.FAILED, Status.IN_DOUBT)


@dataclass(frozen=True, slots=True)
class ChartedRun:
    """One run of the job: when it began (ISO), how it ended, and how many of its operations were done, left over, or went wrong.

    ``status`` is a :class:`~provision.report.value.RunStatus`. ``left``: held, waiting, skipped or not attempted; ``wrong``: failed or in doubt.
    """

    at: str
    status: str
    done: int = 0
    left: int = 0
    wrong: int = 0


@dataclass(frozen=True, slots=True)
class ChartFacts:
    """What the charts show. ``stages``: leavers by what is done about them, a kind of operation or one of this module's words.

    ``calls``: requests in each minute since the first one of this process, of which ``per_minute`` may leave, 0 if that is not
    known. ``past``: earlier runs of the job, oldest first. ``divided_by``: what the parts of the people are, as in ``guards.by``.
    """

    stages: Mapping[str, int] = field(default_factory=dict)
    calls: tuple[int, ...] = ()
    per_minute: float = 0.0
    past: tuple[ChartedRun, ...] = ()
    divided_by: str = ""


NOTHING_TO_CHART = ChartFacts()


def stages_of(plan: Plan) -> dict[str, int]:
    """How many leavers there are at each stage: those with an operation by its kind, the others by why there is none."""
    found: Counter[str] = Counter()
    for part in plan.people.each(["because"]):
        column = part["because"]
        quiet = column[led_by(column, (Because.NOT_YET, Because.HAS_LEFT))]
        for text, count in quiet.value_counts().items():
            found[_stage(str(text))] += int(count)
    planned = {kind.value: plan.verdicts.get(kind.value, 0) for kind in LEAVING}
    return {**{kind: count for kind, count in planned.items() if count}, **found}


def _stage(because: str) -> str:
    reasons = parsed(because)
    for each in reasons:
        if each.code is Because.DUE:
            return AHEAD + each.fact("stage")
    return next((_STAGES[each.code] for each in reasons if each.code in _STAGES), GONE)


def past_run(at: str, status: str, outcomes: Mapping[str, int]) -> ChartedRun:
    """One run by its outcomes, which are counts by :class:`~provision.model.Status`."""
    left, wrong = (sum(outcomes.get(each, 0) for each in group) for group in (_LEFT, _WRONG))
    return ChartedRun(at, status, outcomes.get(Status.DONE, 0), left, wrong)
