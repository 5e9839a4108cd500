"""Names of run folders."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from provision.runs.folder import new_run
from tests.plan.builders import make_job

NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.mark.parametrize("chances", [("ffff", "0000"), ("9abc", "0001", "ffff", "0000"), ("0000",) * 5])
def test_runs_of_one_second_stand_in_the_order_in_which_they_were_made(tmp_path, chances):
    job = make_job().model_copy(update={"runs": tmp_path / "runs"})
    made = [new_run(job, tmp_path / "job.yaml", "", NOW, chance).path.name for chance in chances]

    assert made == sorted(set(made))
    assert {len(name) for name in made} == {len(f"20260302T010000Z-{job.name}-0000")}
