"""How a plan ended, or the run that carried it out: its reconciliation, what its reports say of it, and its exit code.

Here: the one way from outcomes to an end. Not here: carrying a plan out, and writing files (execute.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from provision.errors import ProvisionError, naming
from provision.findings import Code
from provision.journal.value import Outcome
from provision.model import Status
from provision.plan.guards.approvals import oldest
from provision.plan.guards.forecast import of_those
from provision.plan.value import Plan
from provision.report.findings import gathered
from provision.report.reconciling.reconcile import reconcile
from provision.report.summary import Files, files_of, summarise
from provision.report.value import Mode, Reconciliation, RunFacts, facts_of
from provision.runs.applying.as_users import not_acted_for
from provision.runs.applying.proof import Proof
from provision.runs.approving.holds import told
from provision.runs.ending import Conclusion, Course, Fact, RunResult, conclude, situation_of, unsaid
from provision.runs.folder import RunFolder
from provision.runs.observer import Observer
from provision.runs.past.nights import charted
from provision.runs.planning.prepare import Planned, api_facts


@dataclass(frozen=True, slots=True)
class Aftermath:
    """How it went, before it is reported. ``proof`` is the enterprise read afresh, None where that was not possible."""

    outcomes: Mapping[str, Outcome]
    proof: Proof | None
    left_out: int = 0
    reason: ProvisionError | None = None


NOTHING = Aftermath({}, None)


def verified(planned: Planned, observer: Observer) -> RunResult:
    """The end of a verification: what still differs, with no run folder behind it."""
    reconciliation = reconcile(planned.plan, {}, None)
    situation = situation_of(reconciliation)
    if planned.plan.roster.missing:
        situation |= {Fact.HELD}
    strangers = [found for found in planned.noticed.findings.told if found.code is Code.USER_NOT_SIGNED_IN]
    if strangers:
        situation |= {Fact.BOX_REFUSED}
    end = conclude(Course.VERIFY, situation)
    facts = replace(
        facts_of(planned.plan, "", planned.plan.as_of),
        **_told(planned, reconciliation, None),
        finished_at=observer.now().isoformat(timespec="seconds"),
        status=end.status,
        exit_code=int(end.exit_code),
        api=api_facts(planned.connection, planned.plan.as_of, observer),
        error=not_acted_for(strangers) if strangers else unsaid(end, planned.plan),
    )
    summary = replace(summarise(facts, reconciliation, Files()), run_id=None)
    return RunResult(Course.VERIFY, situation, summary, planned.plan, reconciliation, job=planned.job)


def concluded(
    planned: Planned, run: RunFolder, observer: Observer, aftermath: Aftermath | None = None
) -> tuple[RunResult, RunFacts]:
    """How a plan ended, or with an aftermath the run that carried it out, and what its reports say of it."""
    after, course = aftermath or NOTHING, Course.RUN if aftermath else Course.PLAN
    mode = Mode.PREVIEW if aftermath is None else Mode.APPLIED if after.proof is None else Mode.VERIFIED
    proof = after.proof or Proof(None)
    reconciliation = reconcile(planned.plan, after.outcomes, proof.now, mode=mode, beside=proof.beside)
    situation = situation_of(reconciliation, after.reason, after.left_out)
    if not_restored(planned.plan):
        situation |= {Fact.LOST}
    if planned.plan.roster.missing:
        situation |= {Fact.HELD}
    facts = _facts(planned, run, conclude(course, situation), after.reason, observer)
    facts = replace(facts, **_told(planned, reconciliation, run.path))
    if aftermath is not None and facts.forecast is not None:
        done = (one for one in planned.plan.changes if _is_done(reconciliation.outcomes.get(one.id)))
        facts = replace(facts, forecast=of_those(facts.forecast, done))
    summary = summarise(facts, reconciliation, files_of(run.path, {}))
    return RunResult(course, situation, summary, planned.plan, reconciliation, run.path, planned.job), facts


def _is_done(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status is Status.DONE


def not_restored(plan: Plan) -> list[str]:
    """What an undo cannot bring back, in sentences."""
    return [found.sentence for found in plan.findings if found.code is Code.NOT_RESTORED]


def _told(planned: Planned, reconciliation: Reconciliation, folder: Path | None) -> dict[str, Any]:
    """What is told beside the people: findings, and what waits."""
    plan = planned.plan
    return {
        "findings": gathered(plan, planned.noticed.findings, reconciliation.findings),
        "holds": told(plan, reconciliation.outcomes, planned.memory, planned.job, folder),
    }


def _facts(
    planned: Planned, run: RunFolder, end: Conclusion, reason: ProvisionError | None, observer: Observer
) -> RunFacts:
    return replace(
        facts_of(planned.plan, run.about.run_id, run.about.started_at),
        finished_at=observer.now().isoformat(timespec="seconds"),
        status=end.status,
        exit_code=int(end.exit_code),
        api=api_facts(planned.connection, run.about.started_at, observer),
        ignored=planned.noticed.ignored,
        row_errors=planned.noticed.row_errors,
        oldest=oldest(planned.plan, planned.memory),
        error=str(naming(reason, run.path)) if reason else unsaid(end, planned.plan),
        charts=charted(planned, run.path),
    )
