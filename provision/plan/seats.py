"""Seats of the enterprise as a plan tells of them: how many, how many after it, and who holds one unused."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UnusedSeat:
    """A managed user whom the job deactivated and who still holds a seat: since when, ISO."""

    login: str
    since: str


@dataclass(frozen=True, slots=True)
class Seats:
    """Managed users of the whole enterprise as listed, and how many of them are inactive; then the same after the plan.

    Every managed user holds a seat, an inactive one as well (Box community, thread "inactive users" 33354;
    github.com/box/box-java-sdk, issue 483). Accounts elsewhere that collaborate are not listed and not counted.
    ``since`` is when the one of those inactive before was deactivated that this job deactivated first, ISO, "" if none.
    ``unused``: how many of those inactive before this job deactivated; ``longest``: ten of them, who are so for longest first.
    """

    managed: int
    inactive: int
    managed_after: int
    inactive_after: int
    since: str = ""
    unused: int = 0
    longest: tuple[UnusedSeat, ...] = ()
