"""What it takes to carry a plan out, counted before anything is sent: calls, seats, mails. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd

from provision.directory.scope import Directory, WayOfReading
from provision.job.settings import ApplySettings
from provision.ledger.value import Memory
from provision.model import Kind, UserKind
from provision.operations.kind import looks_for_others
from provision.operations.people.addresses import is_on_the_way
from provision.operations.registry import ENDINGS, operation_of
from provision.operations.value import Change
from provision.paging import PAGE_SIZE, places_of_pages
from provision.plan.guards.limits import MONTHLY_CALLS, judged
from provision.plan.seats import Seats, UnusedSeat
from provision.plan.value import Forecast, GuardVerdict

#: a listing is counted before and after by another way of paging
_COUNTS = 2
#: how many times as many calls a listing takes, before the accounts of a run are read again singly in the place of it
_DEARER = 4
#: the question who we are, which every sign-in begins with
_SIGN_IN = 1
_INACTIVE = "inactive"
#: so many of those who hold a seat unused are named
_LONGEST = 10


def foretell(
    changes: Iterable[Change], directory: Directory, memory: Memory, apply: ApplySettings, as_of: datetime
) -> Forecast:
    """What these operations take of Box in this enterprise.

    Repeats, looks for lost answers and a second pass over a listing whose count does not agree are not foreseen.
    """
    planned = tuple(changes)
    doubled = sum(operation_of(change).may_be_doubled(change) for change in planned)
    operations = sum(map(calls_of, planned)) + looks_for_others(doubled)
    mails, invites, addresses = _mails(planned)
    return Forecast(
        calls=operations + proof_calls(planned, directory) if planned else 0,
        per_minute=apply.requests_per_minute,
        reading=_SIGN_IN + _reading(directory),
        used=used_in_month(memory, as_of),
        monthly=apply.monthly_calls,
        seats=_seats(planned, directory, memory),
        mails=mails,
        read=directory.read.value,
        invites=invites,
        addresses=addresses,
    )


def _mails(changes: tuple[Change, ...]) -> tuple[int, int, int]:
    """How many people Box welcomes by mail, how many it invites, and how many addresses it may ask to be confirmed."""
    return (
        sum(change.kind is Kind.CREATE and _is_managed(change) for change in changes),
        sum(change.kind is Kind.INVITE and not change.invite for change in changes),
        sum(change.kind is Kind.ALIAS_ADD and not is_on_the_way(change.object) for change in changes),
    )


def of_those(forecast: Forecast, going_on: Iterable[Change]) -> Forecast:
    """What comes of it where these operations of the plan alone are carried out: seats and mails.

    The calls stay those of all, which is what the month's allowance has to have room for.
    """
    told = tuple(going_on)
    mails, invites, addresses = _mails(told)
    seats = _seats_after(forecast.seats, told)
    return replace(forecast, seats=seats, mails=mails, invites=invites, addresses=addresses)


def calls_of(change: Change) -> int:
    """Requests that one operation takes, with the reads just before it."""
    operation = operation_of(change)
    looks = operation.looks_at(change)
    reads = operation.reads - (looks and change.of_nobody)  # there is no account to look at
    return reads + (looks and not operation.looks_before) + operation.calls(change)


def used_in_month(memory: Memory, as_of: datetime) -> int:
    """Calls that runs of the job made in the calendar month (UTC) of ``as_of``."""
    month = _month(as_of)
    return sum(one.made for one in memory.called if _month(datetime.fromisoformat(one.at)) == month)


def judge_calls(forecast: Forecast, allowed: Mapping[str, int]) -> tuple[GuardVerdict, ...]:
    """The verdict on ``apply.monthly_calls``, none without it. A plan without an operation is never refused.

    What reads the enterprise counts as well: it is the larger part of a quiet night.
    """
    if forecast.monthly is None:
        return ()
    sentence = (
        f"calls to Box in this calendar month (UTC): {forecast.used:,} by earlier runs of this job, "
        f"{forecast.reading + forecast.calls:,} by this one; this job allows {forecast.monthly:,}"
    )
    actual = forecast.month if forecast.calls else 0
    return (judged(MONTHLY_CALLS, forecast.monthly, actual, sentence, allowed),)


def _reading(directory: Directory) -> int:
    """Requests before the plan; that a lookup is cheaper was asked by one more."""
    return directory.asked + 1 if directory.read is WayOfReading.LOOKUP else _listing(directory.tally.users)


def proof_calls(planned: tuple[Change, ...], directory: Directory) -> int:
    """Requests to see afterwards what was done: a listing, or a look at each account."""
    accounts = len({change.completes or change.box_id or change.id for change in planned})
    if directory.read is WayOfReading.LOOKUP or read_singly(accounts, directory.tally.users):
        return accounts
    kinds = [change.kind for change in planned]
    gone = sum(kind in ENDINGS for kind in kinds)
    return _listing(directory.tally.users + kinds.count(Kind.CREATE) - gone)


def read_singly(accounts: int, users: int) -> bool:
    """Whether so many accounts of an enterprise of so many users are read again one by one after a run.

    A listing also shows who came and went meanwhile, so it has to cost some times as much.
    """
    return accounts * _DEARER <= _listing(users)


def _listing(users: int) -> int:
    """Requests of a complete listing, which is one page even of nobody (see :mod:`provision.directory.offsets`)."""
    if places := places_of_pages(users):
        return 1 + len(places)  # one that counts
    return max(-(-users // PAGE_SIZE), 1) + _COUNTS


def _month(when: datetime) -> tuple[int, int]:
    utc = when.astimezone(UTC)
    return utc.year, utc.month


def _seats(changes: tuple[Change, ...], directory: Directory, memory: Memory) -> Seats:
    managed, inactive = directory.tally.managed, directory.tally.inactive
    unused = _unused(directory, memory)
    first = unused.head(_LONGEST)
    now = Seats(
        managed=managed,
        inactive=inactive,
        managed_after=managed,
        inactive_after=inactive,
        since=str(unused["left_at"].min()) if len(unused) else "",
        unused=len(unused),
        longest=tuple(map(UnusedSeat, first["login"].tolist(), first["left_at"].tolist())),
    )
    return _seats_after(now, changes)


def _seats_after(seats: Seats, changes: tuple[Change, ...]) -> Seats:
    """The same seats, as they are once these operations are done."""
    concerned = [change for change in changes if _is_managed(change) and not change.completes]
    before = [change.status for change in concerned if change.kind is not Kind.CREATE]
    after = [_status_after(change) for change in concerned if change.kind not in ENDINGS]
    return replace(
        seats,
        managed_after=seats.managed + len(after) - len(before),
        inactive_after=seats.inactive + after.count(_INACTIVE) - before.count(_INACTIVE),
    )


def _unused(directory: Directory, memory: Memory) -> pd.DataFrame:
    """The managed users who are locked now and have left by the ledger: text columns ``login, left_at``."""
    left = memory.accounts.loc[memory.accounts["left_at"] != "", ["box_id", "left_at"]]
    if left.empty:
        return pd.DataFrame({"login": left["box_id"], "left_at": left["left_at"]})
    locked = directory.where(
        lambda users: (users["kind"] == UserKind.MANAGED.value) & (users["status"] == _INACTIVE),
        ("box_id", "login", "kind", "status"),
    )
    return locked.merge(left, on="box_id")[["login", "left_at"]].sort_values(["left_at", "login"])


def _status_after(change: Change) -> str:
    return next((each.after for each in change.fields if each.field == "status"), change.status)


def _is_managed(change: Change) -> bool:
    return change.user_kind is UserKind.MANAGED
