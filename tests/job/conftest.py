from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from provision.errors import JobError
from provision.job.load import load_job
from provision.job.settings import Job

#: the smallest job, without its sections one can ask about
MINIMAL = """\
version: 1
box:
  auth: {method: token, token: "${BOX_TOKEN}"}
roster:
  path: people.csv
"""
ENVIRON = {"BOX_TOKEN": "token-of-a-test"}


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Job]:
    """Loads a job from its text, as ``job.yaml`` in an empty folder."""

    def load_text(text: str, **environ: str) -> Job:
        path = tmp_path / "job.yaml"
        path.write_text(text, encoding="utf-8")
        return load_job(path, {**ENVIRON, **environ})

    return load_text


@pytest.fixture
def problems(load: Callable[..., Job]) -> Callable[..., list[str]]:
    """The lines of the error that a job's text leads to, without its first one."""

    def problems_in(text: str, **environ: str) -> list[str]:
        with pytest.raises(JobError) as caught:
            load(text, **environ)
        return [line.strip() for line in caught.value.what.splitlines()[1:]]

    return problems_in
