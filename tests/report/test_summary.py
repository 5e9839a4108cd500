"""The JSON summary and the decision how a run ended."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import product
from pathlib import Path

import pytest

from provision.errors import ExitCode
from provision.model import Kind, Status
from provision.plan.value import GuardVerdict, Plan
from provision.report.reconcile import reconcile
from provision.report.summary import (
    RULES,
    Files,
    Situation,
    Summary,
    conclude,
    files_of,
    situation_of,
    summarise,
)
from provision.report.value import Reconciliation, RunFacts, RunStatus

from .builders import listing_after, outcome, outcomes_of, person, plan_of

KEYS = {
    "run_id": None, "job": None, "status": None, "exit_code": None, "enterprise_id": None,
    "roster": ["path", "sha256", "rows", "valid", "rejected"],
    "directory": ["users", "managed", "app", "groups"],
    "planned": None,
    "outcomes": ["done", "failed", "in_doubt", "skipped", "held"],
    "guards": None,
    "api": ["requests", "retries", "rate_limited", "seconds"],
    "files": ["run_dir", "plan", "journal", "report_html", "report_csv", "report_xlsx", "report_json"],
    "started_at": None, "finished_at": None, "error": None,
}  # fmt: skip

EVERY_SITUATION = [Situation(*facts) for facts in product((False, True), repeat=9)]
CALM = Situation(
    preview=False, refused=False, interrupted=False, trouble=False, held=False, rejected=False, planned=False
)


@pytest.fixture(params=["full", "empty"])
def summary(request: pytest.FixtureRequest, facts: RunFacts, verified: Reconciliation) -> Summary:
    return (
        Summary(job="nightly")
        if request.param == "empty"
        else summarise(facts, verified, Files(run_dir="runs/x"))
    )


def test_summary_has_exactly_the_promised_keys(summary: Summary) -> None:
    told = json.loads(summary.to_json())

    assert list(told) == list(KEYS)
    assert {key: list(told[key]) for key, parts in KEYS.items() if parts} == {
        k: v for k, v in KEYS.items() if v
    }


def test_summary_is_one_line(summary: Summary) -> None:
    assert "\n" not in summary.to_json()


def test_summary_reads_back_as_it_was(summary: Summary) -> None:
    assert Summary.from_json(summary.to_json()) == summary


def test_summary_tells_the_numbers(facts: RunFacts, verified: Reconciliation) -> None:
    told = json.loads(summarise(facts, verified, Files()).to_json())

    assert told["planned"] == dict.fromkeys(Kind, 1) | {"create": 2}
    assert told["outcomes"] == {"done": 7, "failed": 1, "in_doubt": 1, "skipped": 0, "held": 1}
    assert told["guards"][0] == {"name": "removals", "limit": 10, "actual": 2, "verdict": "ok"}
    assert told["api"] == {"requests": 523, "retries": 3, "rate_limited": 1, "seconds": 147.2}
    assert (told["status"], told["exit_code"], told["error"]) == ("partial", 4, None)


def test_summary_of_a_plan_counts_holds_and_no_outcomes(
    preview_facts: RunFacts, preview: Reconciliation
) -> None:
    told = json.loads(summarise(preview_facts, preview, Files()).to_json())

    assert told["outcomes"] == {"done": 0, "failed": 0, "in_doubt": 0, "skipped": 0, "held": 1}


def test_summary_of_an_early_end_tells_the_error() -> None:
    told = json.loads(Summary(job="nightly", exit_code=1, error="no such file").to_json())

    assert (told["status"], told["exit_code"], told["error"], told["run_id"]) == (
        "failed",
        1,
        "no such file",
        None,
    )


def test_files_are_named_only_if_they_exist(tmp_path: Path) -> None:
    (tmp_path / "plan.json").touch()
    page = tmp_path / "preview.html"
    page.touch()

    files = files_of(tmp_path, {"html": page})

    assert {name: path for name, path in asdict(files).items() if path} == {
        "run_dir": str(tmp_path),
        "plan": str(tmp_path / "plan.json"),
        "report_html": str(page),
    }


@pytest.mark.parametrize("situation", EVERY_SITUATION, ids=str)
def test_every_situation_has_an_end_that_does_not_hide_anything(situation: Situation) -> None:
    end = conclude(situation)

    something = situation.refused or situation.interrupted or situation.held or situation.rejected
    work = situation.preview and (situation.planned or situation.stopped)
    trouble = (situation.trouble or situation.overtaken) and not situation.preview
    assert (end.exit_code == ExitCode.DONE) == (not something and not work and not trouble)


@pytest.mark.parametrize("number", range(len(RULES)))
def test_no_rule_is_shadowed_by_those_before_it(number: int) -> None:
    first = [
        next(at for at, rule in enumerate(RULES) if rule.fits(situation)) for situation in EVERY_SITUATION
    ]

    assert number in first


@pytest.mark.parametrize(
    ("facts", "status", "code"),
    [
        ({}, "no_changes", 0),
        ({"planned": True}, "applied", 0),
        ({"planned": True, "rejected": True}, "partial", 1),
        ({"rejected": True}, "partial", 1),
        ({"planned": True, "held": True}, "held", 3),
        ({"planned": True, "held": True, "rejected": True}, "held", 3),
        ({"held": True}, "held", 3),
        ({"planned": True, "trouble": True}, "partial", 4),
        ({"planned": True, "trouble": True, "held": True, "rejected": True}, "partial", 4),
        ({"planned": True, "trouble": True, "interrupted": True}, "interrupted", 5),
        ({"planned": True, "trouble": True, "overtaken": True}, "interrupted", 6),
        ({"planned": True, "held": True, "overtaken": True}, "interrupted", 6),
        ({"planned": True, "refused": True}, "refused", 3),
        ({"preview": True}, "no_changes", 0),
        ({"preview": True, "planned": True}, "planned", 2),
        ({"preview": True, "planned": True, "stopped": True}, "held", 3),
        ({"preview": True, "planned": True, "rejected": True}, "planned", 2),
        ({"preview": True, "planned": True, "held": True}, "planned", 2),
        ({"preview": True, "held": True}, "held", 3),
        ({"preview": True, "held": True, "rejected": True}, "held", 3),
        ({"preview": True, "rejected": True}, "partial", 1),
        ({"preview": True, "planned": True, "refused": True}, "refused", 3),
    ],
)
def test_end_and_exit_code(facts: dict[str, bool], status: str, code: int) -> None:
    end = conclude(replace(CALM, **facts))

    assert (end.status.value, int(end.exit_code)) == (status, code)


@pytest.mark.parametrize(
    ("status", "fact"),
    [
        (Status.DONE, None),
        (Status.FAILED, "trouble"),
        (Status.IN_DOUBT, "trouble"),
        (Status.NOT_ATTEMPTED, "trouble"),
        (Status.SKIPPED, "held"),
        (Status.HELD, "held"),
    ],
)
def test_outcome_decides_the_situation(status: Status, fact: str | None) -> None:
    plan = plan_of(person("update", 1))

    situation = situation_of(reconcile(plan, outcomes_of(plan, status), None))

    assert situation == replace(CALM, planned=True, **({fact: True} if fact else {}))


def test_operations_left_out_on_purpose_are_no_trouble() -> None:
    plan = plan_of(person("update", 1), person("create", 2))
    ends = {plan.changes[0].id: outcome(plan.changes[0])}

    assert not situation_of(reconcile(plan, ends, None), left_out=1).trouble


def test_done_that_is_not_seen_is_trouble() -> None:
    plan = plan_of(person("delete", 1))

    reconciliation = reconcile(plan, outcomes_of(plan), listing_after(plan, {}))

    assert conclude(situation_of(reconciliation)).status is RunStatus.PARTIAL


def test_refused_guard_decides_before_all_else(plan: Plan) -> None:
    guarded = replace(plan, guards=(GuardVerdict("removals", 1, 2, "refused", "no"),))

    assert conclude(situation_of(reconcile(guarded, {}, None))).status is RunStatus.REFUSED
