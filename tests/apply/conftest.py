"""Runs against a sandbox."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.live import Live, box_time, canned, start

from .changes import Run

__all__ = ["box_time", "canned", "start"]

Begin = Callable[..., Run]


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Begin]:
    """Begins runs: `begin(live, workers=4)`."""
    runs: list[Run] = []

    def go(live: Live, **options: Any) -> Run:
        folder = tmp_path / f"run{len(runs)}"
        folder.mkdir()
        runs.append(Run(live, folder, **options))
        return runs[-1]

    yield go
    for run in runs:
        run.journal.close()
