"""A sandbox over real sockets, as for runs."""

from __future__ import annotations

from tests.apply.conftest import begin
from tests.live import box_time, start

__all__ = ["begin", "box_time", "start"]
