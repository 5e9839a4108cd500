"""The same sandbox and jobs as for whole commands."""

from __future__ import annotations

from tests.cli.conftest import (
    _own_folder,  # noqa: F401 - a fixture
    box,  # noqa: F401 - a fixture
    make_job,  # noqa: F401 - a fixture
)
