"""Commands over several sandboxes, on workers that are started once for a module."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.cli.conftest import (
    ROOT,
    _own_folder,  # noqa: F401 - a fixture
    environment,
    hands,  # noqa: F401 - a fixture
    launch,  # noqa: F401 - a fixture
    nursery,  # noqa: F401 - a fixture
    provision,  # noqa: F401 - a fixture
)
from tests.live import canned
from tests.simulation.fleets import Holding

__all__ = ["canned"]

#: what run folders are sealed with where the ledger lies on a server
KEY = "5a" * 32


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a scheduler with two workers."""
    home = str(tmp_path_factory.mktemp("home"))
    environ = environment(PYTHONPATH=str(ROOT), XDG_STATE_HOME=home, PROVISION_KEY=KEY)
    command = [sys.executable, "-m", "tests.simulation.fleets", "2"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, text=True, env=environ, cwd=ROOT, **pipes) as process:  # type: ignore[call-overload]  # pipes
        yield process.stdout.readline().strip()
        process.communicate()


@pytest.fixture
def holding(tmp_path, cluster) -> Iterator[Holding]:
    """Starts enterprises: `holding(3)`; its fleet has the workers of the module."""
    started: list[Holding] = []

    def start(count: int, **keys: object) -> Holding:
        made = Holding(tmp_path, count)
        started.append(made)
        made.open()
        made.write(scheduler=cluster, **keys)
        return made

    yield start  # type: ignore[misc]  # a way to start them
    for each in started:
        each.close()
