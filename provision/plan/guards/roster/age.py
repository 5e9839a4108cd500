"""Whether a roster is new enough for the job. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from provision.plan.guards.limits import MAX_AGE, judged
from provision.plan.guards.roster.health import Health
from provision.plan.value import HealthLine, Opinion, Ruling
from provision.roster.profile.profile import Profile
from provision.wording import counted, moment

_HOUR = timedelta(hours=1)
_NOBODY_SAYS = "when the roster was written, the server does not tell; this job takes none older than {hours:g} h (roster.max_age)"


def judge_age(
    profile: Profile | None, max_age: timedelta | None, as_of: datetime, allowed: Mapping[str, int]
) -> Health:
    """Refused where the file is older than the job lets it be, in whole hours begun; what comes through a pipe is new."""
    if max_age is None or profile is None or not profile.modified_ns:
        return Health((), ())
    limit = int(max_age / _HOUR)
    if profile.modified_ns < 0:
        return _judged(limit, limit + 1, _NOBODY_SAYS.format(hours=max_age / _HOUR), allowed)
    written = datetime.fromtimestamp(profile.modified_ns / 1e9, UTC)
    age = as_of - written
    actual = max(math.ceil(age / _HOUR), limit + 1) if age > max_age else 0
    sentence = (
        f"the roster was written on {moment(written)}, {counted(actual, 'hour')} ago; this job takes none older than "
        f"{max_age / _HOUR:g} h (roster.max_age)"
    )
    return _judged(limit, actual, sentence, allowed)


def _judged(limit: int, actual: int, sentence: str, allowed: Mapping[str, int]) -> Health:
    guard = judged(MAX_AGE, limit, actual, sentence, allowed)
    if guard.verdict is Ruling.OK:
        return Health((), (guard,))
    word = Opinion.REFUSED if guard.verdict is Ruling.REFUSED else Opinion.LOOK
    return Health((HealthLine(MAX_AGE, word, sentence),), (guard,))
