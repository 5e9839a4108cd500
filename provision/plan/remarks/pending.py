"""People whose account was made and never confirmed, as far as Box shows it by a status of its own, and for how long. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import numpy as np

from provision.findings import MOST, Code, Finding, Level
from provision.frames import records
from provision.job.onboarding import OnboardingSettings
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import PersonKey
from provision.plan.remarks.people import cannot_be_used
from provision.plan.situations import Situations
from provision.roster.reading import where
from provision.roster.value import Roster
from provision.wording import counted

_DO = "have the person open Box's mail and confirm the address; the mail is sent anew in the Admin Console"


def remarks_on_pending(
    people: Situations, roster: Roster, memory: Memory, job: Job, as_of: datetime
) -> Iterator[Finding]:
    """A finding for each, who has waited longest first; a warning from ``onboarding.wait`` on."""
    frame = people.frame
    at = np.flatnonzero(cannot_be_used(frame) & (frame["status"] != "inactive").to_numpy(bool))
    if not len(at):
        return
    wait = (job.onboarding or OnboardingSettings()).wait
    known = dict(zip(memory.accounts["box_id"], memory.accounts["since"], strict=True))
    who = [(known.get(cells["box_id"], ""), cells) for cells in records(frame.iloc[at])]
    for since, cells in sorted(who, key=lambda each: each[0] or "9")[:MOST]:
        key = PersonKey.of(cells).written
        late = bool(since) and datetime.fromisoformat(since) + wait <= as_of
        told = f"{key}: the account is {cells['status']} in Box, so that nobody can use it yet{_for(since, as_of)}"
        path, sheet, row = where(roster, int(cells["line"]))
        level = Level.WARNING if late else Level.NOTE
        yield Finding(Code.ACCOUNT_PENDING, level, told, _DO, path, sheet or roster.sheet, row, key=key)
    if len(at) > MOST:
        more = counted(len(at) - MOST, "more person", "more people")
        yield Finding(Code.ACCOUNT_PENDING, Level.WARNING, f"the same holds for {more}")


def _for(since: str, as_of: datetime) -> str:
    """Since when, as far as this job knows the account."""
    if not since:
        return ""
    days = max((as_of - datetime.fromisoformat(since)).days, 0)
    return f"; this job knows it since {since[:10]}, {counted(days, 'day')}"
