"""A sandbox to work against."""

from __future__ import annotations

from tests.live import box_time, start

__all__ = ["box_time", "start"]
