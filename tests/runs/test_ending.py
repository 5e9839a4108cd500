"""The decision how a run ended, in a word and in the exit code."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from provision.errors import (
    BoxUnreachable,
    ExitCode,
    Interrupted,
    JobError,
    Locked,
    OurFault,
    Refused,
    RunFolderError,
)
from provision.model import Status
from provision.plan.value import GuardVerdict, Ruling
from provision.report.reconciling.reconcile import reconcile
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.ending import (
    RULES,
    Course,
    Fact,
    RunResult,
    Situation,
    conclude,
    concluded_by,
    gravest,
    situation_of,
)
from tests.report.builders import listing_after, outcome, outcomes_of, person, plan_of

ROOT = Path(__file__).parents[2]
#: the most serious first, as docs/commands.md tells
SERIOUS = (70, 7, 5, 6, 4, 3, 1, 2, 0)
#: facts that a course can have
FACTS = {
    Course.PLAN: {Fact.REFUSED, Fact.HELD, Fact.REJECTED, Fact.PLANNED},
    Course.VERIFY: {Fact.REFUSED, Fact.BOX_REFUSED, Fact.HELD, Fact.REJECTED, Fact.PLANNED},
    Course.CHECK: {Fact.REFUSED, Fact.UNUSABLE, Fact.REJECTED},
    Course.RUN: set(Fact) - {Fact.UNUSABLE, Fact.UNREAD, Fact.LEFT},
    Course.REBUILD: {Fact.UNREAD},
    Course.LOOK: {Fact.REFUSED, Fact.BOX_REFUSED, Fact.UNUSABLE, Fact.UNREAD, Fact.PLANNED},
    Course.FORGET: {Fact.LEFT},
}
EVERY_SITUATION = [
    (course, frozenset(some))
    for course, facts in FACTS.items()
    for number in range(len(facts) + 1)
    for some in combinations(sorted(facts), number)
]


def first_rule(course: Course, situation: Situation) -> int:
    return next(at for at, rule in enumerate(RULES) if rule.fits(course, situation))


def test_every_situation_has_an_end_that_does_not_hide_anything() -> None:
    """Done is only what has nothing to tell, or carried out all it had planned."""
    calm = {Course.RUN: {Fact.PLANNED, Fact.DONE}}
    hidden = [
        (course, situation)
        for course, situation in EVERY_SITUATION
        if (conclude(course, situation).exit_code == ExitCode.DONE) != (situation <= calm.get(course, set()))
    ]

    assert hidden == []


def test_no_rule_is_shadowed_by_those_before_it() -> None:
    assert {first_rule(course, situation) for course, situation in EVERY_SITUATION} == set(range(len(RULES)))


def test_of_a_run_the_most_serious_fact_counts() -> None:
    """One more fact never makes an end milder; a guard's no comes first, since then nothing was sent."""
    run = [situation for course, situation in EVERY_SITUATION if course is Course.RUN]
    milder = [
        (situation, fact)
        for situation in run
        for fact in FACTS[Course.RUN] - situation - {Fact.REFUSED}
        if Fact.REFUSED not in situation
        if SERIOUS.index(conclude(Course.RUN, situation | {fact}).exit_code)
        > SERIOUS.index(conclude(Course.RUN, situation).exit_code)
    ]

    assert milder == []


@pytest.mark.parametrize(
    ("course", "facts", "status", "code"),
    [
        ("run", "", "no_changes", 0),
        ("run", "planned done", "applied", 0),
        ("run", "planned rejected", "partial", 1),
        ("run", "rejected", "partial", 1),
        ("run", "planned held", "held", 3),
        ("run", "planned held rejected", "held", 3),
        ("run", "held", "held", 3),
        ("run", "planned trouble", "partial", 4),
        ("run", "planned trouble held rejected", "partial", 4),
        ("run", "planned done lost", "partial", 4),
        ("run", "planned done lost rejected", "partial", 4),
        ("run", "planned done held lost", "partial", 4),
        ("run", "planned done unwritten", "partial", 4),
        ("run", "planned trouble interrupted", "interrupted", 5),
        ("run", "planned interrupted unwritten", "interrupted", 5),
        ("run", "planned trouble overtaken", "interrupted", 6),
        ("run", "planned held overtaken unwritten", "interrupted", 6),
        ("run", "planned overtaken interrupted", "interrupted", 5),
        ("run", "planned trouble box_refused", "failed", 7),
        ("run", "planned trouble box_refused done", "partial", 7),
        ("run", "planned refused", "refused", 3),
        ("plan", "", "no_changes", 0),
        ("plan", "planned", "planned", 2),
        ("plan", "planned rejected", "planned", 2),
        ("plan", "planned held", "held", 3),
        ("plan", "planned held rejected", "held", 3),
        ("plan", "held", "held", 3),
        ("plan", "held rejected", "held", 3),
        ("plan", "rejected", "partial", 1),
        ("plan", "planned refused", "refused", 3),
        ("verify", "", "no_changes", 0),
        ("verify", "planned", "planned", 2),
        ("verify", "planned refused", "refused", 3),
        ("verify", "held", "held", 3),
        ("verify", "planned held", "held", 3),
        ("verify", "planned rejected", "planned", 2),
        ("verify", "held refused", "refused", 3),
        ("verify", "rejected", "partial", 1),
        ("rebuild", "", "no_changes", 0),
        ("rebuild", "unread", "partial", 1),
        ("look", "", "no_changes", 0),
        ("look", "planned", "planned", 2),
        ("look", "unread", "partial", 1),
        ("look", "refused", "refused", 3),
        ("look", "unusable", "failed", 1),
        ("look", "unusable box_refused", "failed", 7),
        ("check", "", "no_changes", 0),
        ("check", "rejected", "failed", 1),
        ("check", "refused rejected", "refused", 3),
        ("check", "unusable rejected", "failed", 1),
    ],
)
def test_end_and_exit_code(course: str, facts: str, status: str, code: int) -> None:
    end = conclude(Course(course), frozenset(map(Fact, facts.split())))

    assert (end.status.value, int(end.exit_code)) == (status, code)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (OurFault(""), "failed", 70),
        (BoxUnreachable(""), "failed", 7),
        (Interrupted(""), "interrupted", 5),
        (Locked(""), "failed", 6),
        (Refused(""), "refused", 3),
        (JobError(""), "failed", 1),
    ],
)
def test_an_error_before_there_is_a_plan_decides_alone(error, status: str, code: int) -> None:
    end = concluded_by(error)

    assert (end.status.value, int(end.exit_code)) == (status, code)


@pytest.mark.parametrize(
    ("reason", "fact"),
    [
        (None, None),
        (Interrupted(""), Fact.INTERRUPTED),
        (BoxUnreachable(""), Fact.BOX_REFUSED),
        (Locked(""), Fact.OVERTAKEN),
        (RunFolderError(""), Fact.UNWRITTEN),
    ],
)
def test_what_ended_a_run_early_is_a_fact(reason, fact: Fact | None) -> None:
    plan = plan_of(person("update", 1))

    situation = situation_of(reconcile(plan, outcomes_of(plan), None), reason)

    assert situation == {Fact.PLANNED, Fact.DONE} | ({fact} if fact else set())


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        (Status.DONE, Fact.DONE),
        (Status.FAILED, Fact.TROUBLE),
        (Status.IN_DOUBT, Fact.TROUBLE),
        (Status.NOT_ATTEMPTED, Fact.TROUBLE),
        (Status.SKIPPED, Fact.HELD),
        (Status.HELD, Fact.HELD),
    ],
)
def test_outcome_decides_the_situation(status: Status, fact: Fact) -> None:
    plan = plan_of(person("update", 1))

    assert situation_of(reconcile(plan, outcomes_of(plan, status), None)) == {Fact.PLANNED, fact}


def test_operations_left_out_on_purpose_are_no_trouble() -> None:
    plan = plan_of(person("update", 1), person("create", 2))
    ends = {plan.changes[0].id: outcome(plan.changes[0])}

    assert Fact.TROUBLE not in situation_of(reconcile(plan, ends, None), left_out=1)


def test_done_that_is_not_seen_is_trouble() -> None:
    plan = plan_of(person("delete", 1))

    reconciliation = reconcile(plan, outcomes_of(plan), listing_after(plan, {}))

    assert conclude(Course.RUN, situation_of(reconciliation)).status is RunStatus.PARTIAL


def test_refused_guard_decides_before_all_else() -> None:
    plan = plan_of(person("update", 1))
    guarded = replace(plan, guards=(GuardVerdict("removals", 1, 2, Ruling.REFUSED, "no"),))

    assert conclude(Course.PLAN, situation_of(reconcile(guarded, {}, None))).status is RunStatus.REFUSED


@pytest.mark.parametrize(
    ("facts", "earlier", "code", "error"),
    [
        ({Fact.PLANNED, Fact.DONE}, None, 4, "no room"),
        ({Fact.PLANNED, Fact.TROUBLE}, None, 4, "no room"),
        ({Fact.PLANNED, Fact.TROUBLE}, "seen twice", 4, "seen twice"),
        ({Fact.PLANNED, Fact.INTERRUPTED}, "stopped", 5, "stopped"),
    ],
)
def test_a_fact_that_comes_late_never_hides_a_more_serious_one(facts, earlier, code, error) -> None:
    plan = plan_of(person("update", 1))
    reconciliation = reconcile(plan, outcomes_of(plan), None)
    end = conclude(Course.RUN, frozenset(facts))
    summary = Summary(status=end.status, exit_code=int(end.exit_code), error=earlier)
    before = RunResult(Course.RUN, frozenset(facts), summary, plan, reconciliation)

    after = before.but(Fact.UNWRITTEN, "no room")

    assert (after.exit_code, after.summary.error) == (code, error)
    assert Fact.UNWRITTEN in after.situation


def decides(node: ast.AST) -> bool:
    """Whether a piece of source gives an exit code other than that of something done."""
    if isinstance(node, ast.IfExp):
        return any("ExitCode." in ast.unparse(side) for side in (node.body, node.orelse))
    pairs: list[tuple[object, ast.expr]] = []
    if isinstance(node, ast.keyword):
        pairs = [(node.arg, node.value)]
    if isinstance(node, ast.Dict):
        pairs = [
            (getattr(key, "value", None), value) for key, value in zip(node.keys, node.values, strict=True)
        ]
    return any(
        name == "exit_code" and re.search(r"ExitCode\.(?!DONE\b)\w+|\b\d+\b", ast.unparse(value))
        for name, value in pairs
    )


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("f(exit_code=int(ExitCode.PARTIAL))", True),
        ("f(exit_code=4)", True),
        ("code = ExitCode.INPUT if damage else ExitCode.DONE", True),
        ("{'exit_code': int(ExitCode.HELD if x else ExitCode.DONE)}", True),
        ("f(exit_code=int(ExitCode.DONE))", False),
        ("f(exit_code=int(end.exit_code))", False),
    ],
)
def test_a_decision_would_be_found(source: str, found: bool) -> None:
    assert any(decides(node) for node in ast.walk(ast.parse(source))) == found


def test_no_other_module_decides_an_exit_code() -> None:
    sources = [path for room in ("runs", "cli") for path in (ROOT / "provision" / room).rglob("*.py")]
    deciding = {
        path.relative_to(ROOT).as_posix()
        for path in sources
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if decides(node)
    }

    assert len(sources) > 30
    assert deciding <= {"provision/runs/ending.py"}


@pytest.mark.parametrize(
    ("codes", "most_serious"),
    [
        ((), 0),
        ((0, 2), 2),
        ((2, 1, 0), 1),
        ((1, 3), 3),
        ((3, 4), 4),
        ((4, 6), 6),
        ((6, 5), 5),
        ((5, 7, 0), 7),
        ((7, 70), 70),
    ],
)
def test_of_many_ends_the_most_serious_counts(codes, most_serious):
    assert gravest(codes) == most_serious
