"""Another day than today: what the job would do then, with the roster and the enterprise as they are now."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from provision.errors import UsageError
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.plan.claims import still_claimed
from provision.plan.occasion import Occasion
from provision.plan.value import Plan

#: of the day: by then whoever starts on it has started, and whose last day was the one before has left
_NOON = time(12)


def expect_ahead(day: date | None, job: Job, now: datetime) -> None:
    """Raise UsageError for a day that is over: what was known then is not known any more."""
    today = now.astimezone(job.lifecycle.zone()).date()
    if day is not None and day < today:
        raise UsageError(
            f"--as-of {day} is over; today is {today} ({job.lifecycle.zone()}).",
            remedy="name a day ahead; what was done on an earlier one is told by provision runs JOB and provision explain JOB PERSON",
        )


def on_that_day(occasion: Occasion, memory: Memory, day: date | None, job: Job) -> tuple[Occasion, Memory]:
    """Occasion and memory as they would be on that day; as they are where no other day is meant."""
    if day is None:
        return occasion, memory
    now = occasion.as_of
    then = datetime.combine(day, _NOON, job.lifecycle.zone()).astimezone(now.tzinfo)
    return replace(occasion, as_of=max(then, now), now=now), still_claimed(memory, now, max(then, now))


def told_as_such(plan: Plan, day: date | None) -> Plan:
    """The plan, with a word for people and programs that it is of another day."""
    if day is None:
        return plan
    sentence = f"this is what the job would do on {day}, with the roster and the enterprise as they are now and no run before; it cannot be applied"
    found = Finding(Code.SUPPOSED_DAY, Level.WARNING, sentence, "to carry anything out, plan without --as-of")
    return replace(plan, findings=(*plan.findings, found))
