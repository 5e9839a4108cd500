"""Whether a sign-in has the rights that operations of a plan need, by Box's own answers and before anything is sent.

Nothing is written to find out. Whether users and groups may be read, the reading for the plan has told; a right that no reading tells
is not known until it is tried, and ``provision doctor`` names it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provision.box.connect import Connection
from provision.job.settings import Job
from provision.operations.registry import OF_CONTENT
from provision.plan.guards.limits import RIGHT_CONTENT, judged
from provision.plan.value import Plan
from provision.report.first_day.diagnosis import CheckLine, Sign, State
from provision.runs.reading.connection import tried, waited_for


def content_look(connection: Connection) -> CheckLine:
    """Whether content may be read, as whoever may write it may; one request."""
    _, answer = tried(connection, connection.box.may_read_content)
    return CheckLine(Sign.CONTENT_REFUSED, {"answer": answer}) if answer else CheckLine(Sign.CONTENT)


def with_rights(plan: Plan, job: Job, connection: Connection, allowed: Mapping[str, int]) -> Plan:
    """The plan with a guard for the right to content, if an operation needs it: those that do wait without it, all others go on.

    The one request that this takes is counted in the forecast.
    """
    concerned = sum(change.kind in OF_CONTENT and not change.completes for change in plan.changes)
    if not concerned:
        return plan
    before = connection.box.traffic.requests
    with waited_for(job):
        look = content_look(connection)
    missing = look.state is State.WRONG
    verdict = judged(RIGHT_CONTENT, 0, concerned if missing else 0, look.sentence, allowed)
    others = (each for each in plan.guards if each.name != RIGHT_CONTENT)
    forecast = plan.forecast
    if forecast is not None:
        forecast = replace(forecast, reading=forecast.reading + connection.box.traffic.requests - before)
    return replace(plan, guards=(*others, replace(verdict, kinds=OF_CONTENT)), forecast=forecast)
