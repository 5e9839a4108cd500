"""The benchmarks run, and their one table says of every goal how it stands; no time is measured here."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"


@pytest.fixture
def goals(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("goals")


def _left(folder: Path, **shares: tuple[float, ...]) -> None:
    found = {
        key: [{"text": f"{share} times", "share": share} for share in several]
        for key, several in shares.items()
    }
    (folder / "part.json").write_text(json.dumps({"on": "2026-03-02", "machine": "", "found": found}))


def test_table_has_a_line_for_every_goal_measured_or_not(goals: ModuleType, tmp_path: Path) -> None:
    _left(tmp_path, excel=(0.5,))

    table = goals.text(goals.found_in(tmp_path), {})

    assert [goal.what for goal in goals.GOALS if goal.what not in table] == []
    assert table.count("not measured yet") == len(goals.GOALS) - 1


@pytest.mark.parametrize(("shares", "met"), [((0.5, 1.0), True), ((0.5, 1.01), False)])
def test_goal_is_met_only_with_all_its_numbers_and_else_says_why(
    goals: ModuleType, tmp_path: Path, shares: tuple[float, ...], met: bool
) -> None:
    _left(tmp_path, decode=shares)
    found = goals.found_in(tmp_path)

    table = goals.text(found, {"decode": "texts are made one by one"})

    assert ("| yes |" in table, "texts are made one by one" in table) == (met, not met)
    assert list(goals.without_reason(found, {})) == ([] if met else ["decode"])


def test_reasons_are_of_goals_that_there_are(goals: ModuleType) -> None:
    known = {goal.key for goal in goals.GOALS}

    assert set(goals.reasons_in(BENCHMARKS / "reasons.toml")) <= known


@pytest.mark.parametrize(
    ("script", "only"), [("journal", ()), ("rows", ()), ("peers", ("--only", "provision"))]
)
def test_quick_benchmark_runs_to_its_end(script: str, only: tuple[str, ...]) -> None:
    command = [sys.executable, str(BENCHMARKS / f"{script}.py"), "--quick", *only]

    ended = subprocess.run(command, cwd=BENCHMARKS.parent, capture_output=True, text=True, check=False)

    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("# ") or only
