"""What Box answers to a question about users, or why nothing can be concluded from there being no answer."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import TypeVar

from provision.box.pacing.retry import Retry
from provision.errors import (
    Away,
    BoxFault,
    Expired,
    Garbled,
    IncompleteDirectory,
    LedElsewhere,
    Rejected,
    SignInRefused,
    Throttled,
)

T = TypeVar("T")

#: how often a page is asked for that comes as something else
_MOST_GARBLED = 3


def answered(retry: Retry, ask: Callable[[], T]) -> T:
    """What Box answers; every way of not answering is a hole, or a right that is missing."""
    garbled = count(1)

    def readable() -> T:
        try:
            return ask()
        except Garbled:
            # an answer of 200 without users is not "no users": it is no answer, and asked for again as one that is lost
            if next(garbled) < _MOST_GARBLED:
                raise
            raise hole("Box answered 200, but what came is not a page of users") from None

    try:
        return retry.read(readable)
    except (Away, Throttled, LedElsewhere):
        raise  # nobody is answered, or not by Box, which says nothing of the listing
    except BoxFault as fault:
        answer = fault.answer
        if isinstance(fault, Expired) or (isinstance(fault, Rejected) and answer.http_status == 403):
            raise _may_not_list(fault) from None
        status = f"HTTP {answer.http_status}" if answer.http_status else "no answer"
        raise hole(f"a page could not be read ({status})") from None


def hole(what: str) -> IncompleteDirectory:
    """The error for an enterprise of which a part is missing, and what shows it."""
    return IncompleteDirectory(
        f"The enterprise could not be read completely: {what}.",
        cause="Box or a proxy in between is having trouble",
        remedy="run again; if it stays so, look at https://status.box.com",
    )


def _may_not_list(fault: BoxFault) -> SignInRefused:
    told = f"HTTP {fault.answer.http_status} {fault.answer.code}".rstrip()
    return SignInRefused(
        f"Box does not let this sign-in list the users ({told}).",
        cause="the app lacks the scope 'Manage users' or App + Enterprise Access, or the token is a plain user's",
        remedy="grant both in the Developer Console and have an admin authorise the app again",
    )
