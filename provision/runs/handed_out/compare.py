"""Two runs' plans beside each other, from their folders alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from provision.errors import InputError
from provision.plan.comparison import compare
from provision.plan.planfile import read_recorded
from provision.report.comparison import as_values, told
from provision.report.summary import Summary
from provision.runs.ending import Fact, looked
from provision.runs.folder import find_run


@dataclass(frozen=True, slots=True)
class PlansCompared(Summary):
    """What one plan has and the other has not: ``lines`` for people; as JSON it is nothing but ``told``."""

    lines: tuple[str, ...] = ()
    told: Mapping[str, Any] = field(default_factory=dict)

    def to_json(self) -> str:
        """One JSON object on one line."""
        return json.dumps({**self.told, "exit_code": self.exit_code, "error": self.error}, ensure_ascii=False)


def compare_runs(first: str, second: str) -> PlansCompared:
    """What the second run's plan has and the first's has not. Raises PlanError for a plan that cannot be read, InputError for two enterprises."""
    runs = [find_run(name) for name in (first, second)]
    plans = [read_recorded(run.path) for run in runs]
    if plans[0].enterprise_id != plans[1].enterprise_id:
        raise InputError(
            f"These are plans for two enterprises, {plans[0].enterprise_id} and {plans[1].enterprise_id}: nobody is in both.",
            remedy="name two runs of one enterprise; provision runs JOB lists them",
        )
    compared = compare(*plans)
    before, after = ((run.about.run_id, plan) for run, plan in zip(runs, plans, strict=True))
    ends = {
        name: {"run_id": run_id, "job": plan.job, "as_of": plan.as_of, "digest": plan.digest}
        for name, (run_id, plan) in (("first", before), ("second", after))
    }
    end = looked({Fact.PLANNED: not compared.equal})
    return PlansCompared(
        job=plans[1].job,
        status=end.status,
        exit_code=int(end.exit_code),
        lines=tuple(told(compared, before, after)),
        told={**ends, **as_values(compared)},
    )
