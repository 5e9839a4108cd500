"""Rules of the house on a plan: one of a run that is there, or one made for it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from provision.findings import MOST
from provision.job.rules import load_rules
from provision.plan.planfile import read_recorded
from provision.plan.policy import RuleVerdict, judge_plan
from provision.plan.value import Plan
from provision.report.kind_words import KIND_WORDS
from provision.report.summary import Files, Summary
from provision.runs.ending import Fact, looked
from provision.runs.folder import ABOUT_NAME, find_run
from provision.runs.run import plan_quietly
from provision.runs.selection import RunOptions
from provision.runs.start import Begun
from provision.wording import shortened

#: operations that a sentence names
_NAMED = 10


@dataclass(frozen=True, slots=True)
class PolicyTest(Summary):
    """What each rule says of a plan; as JSON it is nothing but that."""

    rules: tuple[Mapping[str, Any], ...] = ()
    lines: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        told = {"job": self.job, "run_id": self.run_id, "run_dir": self.files.run_dir, "rules": self.rules}
        return json.dumps({**told, "exit_code": self.exit_code, "error": self.error}, ensure_ascii=False)


def ask_rules(name: str, rules_path: Path, options: RunOptions, begun: Begun) -> PolicyTest:
    """What the rules say of the plan of a run, or of one that is made for a job file and left in a run folder.

    Raises InputError for rules that cannot be used, PlanError for a run without a plan, and as ``plan`` for a job.
    """
    rules = load_rules(rules_path)
    path = Path(name)
    if path.is_file() and not (path.parent / ABOUT_NAME).exists():
        result = plan_quietly(begun.load(path), options, begun)
        plan, folder = result.plan, result.folder
    else:
        plan, folder = _recorded(name)
    return _told(plan, folder, judge_plan(plan, rules))


def _recorded(name: str) -> tuple[Plan, Path | None]:
    run = find_run(name)
    return read_recorded(run.path), run.path


def _told(plan: Plan, folder: Path | None, verdicts: Iterable[RuleVerdict]) -> PolicyTest:
    verdicts = tuple(verdicts)
    broken = [each for each in verdicts if each.broken]
    end = looked({Fact.REFUSED: bool(broken)})
    return PolicyTest(
        run_id=folder.name if folder else None,
        job=plan.job,
        status=end.status,
        exit_code=int(end.exit_code),
        enterprise_id=plan.enterprise_id,
        files=Files(run_dir=str(folder) if folder else None),
        error="\n".join(map(_sentence, broken)) or None,
        rules=tuple(map(_value, verdicts)),
        lines=tuple(f"{'BROKEN' if each.broken else 'ok':>6}  {_sentence(each)}" for each in verdicts),
    )


def _sentence(verdict: RuleVerdict) -> str:
    found = [f"{KIND_WORDS[change.kind].heading.lower()} {change.key}" for change in verdict.found]
    names = f": {shortened(found, _NAMED)}" if found else ""
    return f"{verdict.rule.name}: {len(found):,} (max {verdict.rule.max:,}){names}"


def _value(verdict: RuleVerdict) -> Mapping[str, Any]:
    return {
        "name": verdict.rule.name,
        "max": verdict.rule.max,
        "found": len(verdict.found),
        "verdict": "broken" if verdict.broken else "ok",
        "operations": [
            {"id": change.id, "kind": change.kind.value, "key": change.key} for change in verdict.found[:MOST]
        ],
    }
