"""The JSON summary and the decision how a run ended."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from provision.findings import MOST, NONE_FOUND, Code, Finding, Level
from provision.report.findings import sentence_of
from provision.report.summary import (
    Files,
    Summary,
    files_of,
    summarise,
)
from provision.report.value import Reconciliation, RunFacts

from .builders import EVERYBODY

KEYS = {
    "run_id": None, "job": None, "status": None, "exit_code": None, "enterprise_id": None,
    "roster": ["path", "sha256", "rows", "valid", "rejected", "written_at", "understood", "excluded", "people", "sources"],
    "directory": ["users", "managed", "app", "groups", "read"],
    "planned": None,
    "outcomes": ["done", "failed", "in_doubt", "skipped", "held", "not_attempted", "waiting"],
    "guards": None,
    "api": ["requests", "retries", "rate_limited", "seconds"],
    "files": ["run_dir", "plan", "journal", "report_html", "report_csv", "report_xlsx", "report_json"],
    "started_at": None, "finished_at": None, "error": None,
    "findings": None, "findings_total": None, "failures": None, "failures_total": None, "holds": None, "holds_total": None,
}  # fmt: skip


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

    assert told["planned"] == dict.fromkeys({each.change.kind for each in EVERYBODY if each.change}, 1) | {
        "create": 2
    }
    assert told["outcomes"] == dict.fromkeys(told["outcomes"], 0) | {
        "done": 10,
        "failed": 1,
        "in_doubt": 1,
        "held": 1,
    }
    assert told["guards"][0] == {"name": "removals", "limit": 10, "actual": 2, "verdict": "ok"}
    assert told["api"] == {"requests": 523, "retries": 3, "rate_limited": 1, "seconds": 147.2}
    assert (told["status"], told["exit_code"], told["error"]) == ("partial", 4, None)


def test_summary_tells_each_failure_with_what_to_do(facts: RunFacts, verified: Reconciliation) -> None:
    told = json.loads(summarise(facts, verified, Files()).to_json())

    assert told["failures_total"] == 2
    failed, doubtful = told["failures"]
    assert (failed["code"], failed["http_status"], failed["request_id"]) == (
        "user_login_already_used",
        409,
        "req-409",
    )
    assert failed["key"] in failed["sentence"]
    assert "Admin Console" in failed["do"]
    assert doubtful["code"] == "unavailable"


def test_of_very_many_findings_the_first_are_told_and_all_are_counted() -> None:
    """Those about the file as a whole are never the ones left out."""
    rows = [Finding(Code.ROW_REJECTED, Level.ERROR, "bad", row=row) for row in range(1, MOST + 500)]
    whole = Finding(Code.NOTE, Level.NOTE, "the file is read as utf-8")

    found = NONE_FOUND.beside(rows).beside([whole, rows[0]])

    assert (len(found.told), found.total) == (MOST, MOST + 500)
    assert found.told[-1] == whole


def test_summary_of_a_plan_counts_holds_and_no_outcomes(
    preview_facts: RunFacts, preview: Reconciliation
) -> None:
    told = json.loads(summarise(preview_facts, preview, Files()).to_json())

    assert told["outcomes"] == dict.fromkeys(told["outcomes"], 0) | {"held": 1}


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


@pytest.mark.parametrize(
    ("sentence", "told"),
    [
        ("mia@acme.example: the row is old", "staff.csv, row 3: mia@acme.example: the row is old · do: look"),
        ("the row is old", "staff.csv, row 3, mia@acme.example: the row is old · do: look"),
    ],
)
def test_a_finding_names_its_person_once(sentence: str, told: str) -> None:
    found = Finding(
        Code.STALE_END_DATE, Level.WARNING, sentence, "look", "/in/staff.csv", row=3, key="mia@acme.example"
    )

    assert sentence_of(found) == told
