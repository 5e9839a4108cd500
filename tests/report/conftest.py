"""Runs as the report sees them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provision.errors import BoxAnswer
from provision.journal.value import Noted, noted
from provision.model import Status
from provision.plan.value import GuardVerdict, Plan, Ruling
from provision.report.reconciling.reconcile import reconcile
from provision.report.value import ApiFacts, Reconciliation, RunFacts, RunStatus, facts_of

from .builders import AT, EVERYBODY, listing_after, outcome, outcomes_of, person, plan_of

GUARDS = (
    GuardVerdict(
        "removals", 10, 2, Ruling.OK, "the plan removes 2 of 120 accounts (1.7%); this job allows 10."
    ),
    GuardVerdict("creates", 1, 2, Ruling.REFUSED, "the plan creates 2 accounts; this job allows 1."),
)


@pytest.fixture
def plan() -> Plan:
    """Somebody with every verdict, and a second create."""
    return plan_of(*EVERYBODY, person("create", 40, kind="app", external_id="EMP-40", login=""))


@pytest.fixture
def preview(plan: Plan) -> Reconciliation:
    return reconcile(plan, {}, None)


@pytest.fixture
def verified(plan: Plan) -> Reconciliation:
    """All done but one create that Box refused and one update in doubt."""
    ends = outcomes_of(plan)
    refused = BoxAnswer(409, "user_login_already_used", "req-409")
    ends[plan.changes[0].id] = outcome(
        plan.changes[0], Status.FAILED, answer=refused, notes=noted(Noted.REFUSED)
    )
    ends[plan.changes[1].id] = outcome(
        plan.changes[1], Status.IN_DOUBT, answer=BoxAnswer(503, "unavailable", "req-503")
    )
    return reconcile(plan, ends, listing_after(plan, ends))


@pytest.fixture
def facts(plan: Plan) -> RunFacts:
    return replace(
        facts_of(plan, "20260302T010000Z-nightly-ab12", AT),
        finished_at="2026-03-02T01:03:20+00:00",
        status=RunStatus.PARTIAL,
        exit_code=4,
        api=ApiFacts(523, 3, 1, 147.2),
        guards=GUARDS,
        ignored=("Desk",),
        later=("groups",),
        notes=("encoding recognised as windows-1252",),
        row_errors=("row 8, column Language: xx is not a language Box knows",),
    )


@pytest.fixture
def preview_facts(facts: RunFacts) -> RunFacts:
    return replace(facts, status=RunStatus.PLANNED, exit_code=2)
