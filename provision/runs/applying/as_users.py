"""Whether the app can act as its app users: a sample of them is signed in, and each lists the root folder as a portal would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from heapq import nsmallest
from random import Random
from typing import NamedTuple

from provision.errors import SignInRefused, UsageError
from provision.findings import Code, Finding, Level
from provision.model import PersonKey, UserKind, Verdict
from provision.runs.observer import Observer, go_on
from provision.runs.planning.prepare import Planned
from provision.runs.reading.connection import tried, waited_for
from provision.wording import counted

_COLUMNS = ("line", "external_id", "kind", "box_id", "verdict")
#: whose account is there and in use, and is to stay so
_IN_USE = (Verdict.UNCHANGED.value, Verdict.UPDATE.value)


class _One(NamedTuple):
    """An app user of the sample; ``lot`` decides who is in it."""

    lot: float
    person: PersonKey


def expect_some(number: int) -> None:
    """Raise UsageError for a sample of nobody."""
    if number < 1:
        raise UsageError(
            f"--as-users {number} is nobody.", remedy="name how many app users to sign in, such as 5"
        )


def not_acted_for(found: Sequence[Finding]) -> str:
    """The error of a verification that found app users for whom the app cannot act."""
    rest = f"; {len(found) - 1:,} more are among the findings" if len(found) > 1 else ""
    return str(SignInRefused(f"{found[0].key}: {found[0].sentence}{rest}", remedy=found[0].do))


def signed_in_as(planned: Planned, number: int, observer: Observer) -> tuple[Finding, ...]:
    """Sign in as so many app users whom the roster names, others each time; how many, and who could not be.

    Two requests each. Raises BoxUnreachable where Box answers nobody, UsageError where the job's sign-in makes no tokens.
    """
    sample = nsmallest(number, _app_users(planned))
    with waited_for(planned.job):
        failed = [found for one in sample if (found := _tried(one, planned, observer)) is not None]
    few = "" if len(sample) == number else f"; {number:,} were asked for, and the roster has no more in use"
    sentence = (
        f"signed in as {counted(len(sample) - len(failed), 'app user', 'app users')} of {len(sample):,} and listed each "
        f"root folder{few}"
        if sample
        else "no app user of the roster is in use, so none could be signed in"
    )
    return (*failed, Finding(Code.USERS_SIGNED_IN, Level.NOTE, sentence))


def _app_users(planned: Planned) -> Iterator[_One]:
    """App users of the roster whose accounts are in use, each with its lot; a lot goes by the time of the plan."""
    lots = Random(planned.plan.as_of)  # noqa: S311 - who is looked at is no secret
    locked = planned.directory.where(lambda users: users["status"] != "active", ("box_id", "status"))[
        "box_id"
    ]
    for people in planned.plan.people.each(_COLUMNS):
        named = (people["line"] > 0) & (people["kind"] == UserKind.APP.value)
        used = people[named & people["verdict"].isin(_IN_USE) & ~people["box_id"].isin(locked)]
        for box_id, external_id in zip(used["box_id"], used["external_id"], strict=True):
            yield _One(lots.random(), PersonKey(UserKind.APP.value, external_id, box_id=box_id))


def _tried(one: _One, planned: Planned, observer: Observer) -> Finding | None:
    """Why this user cannot be acted for, None if all is well."""
    go_on(observer)
    connection = planned.connection
    try:
        _, refused = tried(connection, lambda: connection.tokens.look_at_root(one.person.box_id))
    except SignInRefused as error:
        return _failed(one, error.what, error.remedy)
    why = f"Box does not list the root folder ({refused})."
    return _failed(one, why, "see what the account and the app may do") if refused else None


def _failed(one: _One, why: str, do: str) -> Finding:
    sentence = f"the app cannot act as this app user: {why}"
    return Finding(Code.USER_NOT_SIGNED_IN, Level.ERROR, sentence, do, key=one.person.written)
