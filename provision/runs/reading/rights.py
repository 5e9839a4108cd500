"""Whether a sign-in has the rights that operations of a plan need, by Box's own answers and before anything is sent.

Nothing is written to find out. Whether users and groups may be read, the reading for the plan has told; a right that no reading tells
is not known until it is tried, and ``provision doctor`` names it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from provision.box.connect import Connection
from provision.errors import Rejected
from provision.job.settings import Job
from provision.model import Kind
from provision.operations.registry import OF_CONTENT
from provision.plan.build import with_held_left_out
from provision.plan.guards.limits import RIGHT_CONTENT, RIGHT_INVITES, judged
from provision.plan.value import Plan
from provision.report.first_day.diagnosis import CheckLine, Sign, State
from provision.runs.reading.connection import tried, waited_for


def content_look(connection: Connection) -> CheckLine:
    """Whether content may be read, as whoever may write it may; one request."""
    _, answer = tried(connection, connection.box.may_read_content)
    return CheckLine(Sign.CONTENT_REFUSED, {"answer": answer}) if answer else CheckLine(Sign.CONTENT)


def invites_look(connection: Connection) -> CheckLine:
    """Whether people may be invited, as whoever may read events has the same scope; one request."""
    missing: list[bool] = []

    def ask() -> None:
        try:
            connection.box.may_manage_properties()
        except Rejected as fault:
            missing.append(fault.scope_missing)
            raise

    _, answer = tried(connection, ask)
    if not answer:
        return CheckLine(Sign.INVITING)
    return CheckLine(Sign.INVITING_REFUSED if any(missing) else Sign.INVITING_UNTRIED, {"answer": answer})


class _Right(NamedTuple):
    """A right that some kinds of operation need: the guard on it, and the look that tells."""

    guard: str
    kinds: tuple[Kind, ...]
    look: Callable[[Connection], CheckLine]


_RIGHTS = (
    _Right(RIGHT_CONTENT, OF_CONTENT, content_look),
    _Right(RIGHT_INVITES, (Kind.INVITE,), invites_look),
)


def with_rights(plan: Plan, job: Job, connection: Connection, allowed: Mapping[str, int]) -> Plan:
    """The plan with a guard for each right that an operation needs: those that do wait without it, all others go on.

    The one request that each takes is counted in the forecast.
    """
    for right in _RIGHTS:
        plan = _with_right(right, plan, job, connection, allowed)
    return plan


def _with_right(
    right: _Right, plan: Plan, job: Job, connection: Connection, allowed: Mapping[str, int]
) -> Plan:
    # an invitation that was made is followed without the right to make one
    concerned = sum(each.kind in right.kinds and not (each.completes or each.invite) for each in plan.changes)
    if not concerned:
        return plan
    before = connection.box.traffic.requests
    with waited_for(job):
        look = right.look(connection)
    missing = look.state is State.WRONG
    verdict = judged(right.guard, 0, concerned if missing else 0, look.sentence, allowed)
    others = (each for each in plan.guards if each.name != right.guard)
    forecast = plan.forecast
    if forecast is not None:
        forecast = replace(forecast, reading=forecast.reading + connection.box.traffic.requests - before)
    guards = (*others, replace(verdict, kinds=right.kinds))
    return with_held_left_out(replace(plan, guards=guards, forecast=forecast))
