"""Days of a roster and moments of a plan."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from provision.job.settings import Lifecycle


def ended(end_date: str, lifecycle: Lifecycle, as_of: datetime) -> bool:
    """Whether an ISO date is reached in the job's time zone; the day itself counts."""
    return date.fromisoformat(end_date) <= as_of.astimezone(ZoneInfo(lifecycle.timezone)).date()
