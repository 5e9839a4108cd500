"""The names that ``--allow`` takes: a word that fits no guard is an error, since it would let nothing go."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from provision.errors import UsageError
from provision.plan.guards.limits import (
    CHANGED_JOB,
    GUARDED,
    HOOK,
    MANAGERS,
    MASS_CHANGE,
    MONTHLY_CALLS,
    OF_ROSTER,
    PART,
    RIGHT_CONTENT,
    RIGHT_INVITES,
    SEATS,
    SOURCE,
    WINDOWS,
)


def check_allowed(allowed: Mapping[str, int], sources: Collection[str] = ()) -> None:
    """Raise UsageError for an ``--allow`` that names no guard or none of the job's ``sources``, or no whole number from 0."""
    windows = (f"{name}_{ending}" for name in GUARDED for _, ending, _, _ in WINDOWS)
    known = (
        *GUARDED,
        *windows,
        SEATS,
        MASS_CHANGE,
        CHANGED_JOB,
        MONTHLY_CALLS,
        MANAGERS,
        HOOK,
        RIGHT_CONTENT,
        RIGHT_INVITES,
        *OF_ROSTER,
    )
    for name, number in allowed.items():
        if type(number) is not int or number < 0:
            raise UsageError(
                f"--allow {name}={number}: {number!r} is no count.", remedy=f"write it as {name}=12"
            )
        guard, of_source = PART.sub("", name), PART.search(name)
        if name == SOURCE or (name not in known and guard not in (*GUARDED, SOURCE, *OF_ROSTER)):
            raise UsageError(
                f"--allow {name}={number}: there is no guard {name!r}.",
                remedy=f"name one of {', '.join(known)}, {SOURCE}[NAME]",
            )
        if guard in (SOURCE, *OF_ROSTER) and of_source and of_source[0][1:-1] not in sources:
            raise _unknown_source(f"--allow {name}={number}", guard, of_source[0][1:-1], sources)


def _unknown_source(flag: str, guard: str, source: str, sources: Collection[str]) -> UsageError:
    if sources:
        return UsageError(
            f"{flag}: this job has no source {source!r}; its sources are {', '.join(sources)}.",
            cause="a typing error; upper and lower case count",
            remedy=f"name one of them, as {guard}[{next(iter(sources))}]",
        )
    return UsageError(
        f"{flag}: this job has no source {source!r}; its roster is one file.",
        remedy="leave it out" if guard == SOURCE else f"write {flag.replace(f'[{source}]', '')}",
    )
