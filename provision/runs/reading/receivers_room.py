"""Whether those who get content have room for it: read beside a plan with transfers, since no listing tells what is owned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from functools import partial

from provision.box.connect import Connection
from provision.errors import BoxFault
from provision.findings import Code, Finding, Level
from provision.model import UNLIMITED, Kind
from provision.operations.value import Change
from provision.plan.value import Plan

#: the most leavers whose content is read; of more, what they own is at least this
_MOST = 200
_GIGABYTE = 1024**3


def with_room(plan: Plan, connection: Connection) -> Plan:
    """The plan with a finding for each receiver whose space does not suffice; the reads are counted in its forecast."""
    transfers = [change for change in plan.changes if change.kind is Kind.TRANSFER][:_MOST]
    if not transfers or plan.forecast is None:
        return plan
    before = connection.box.traffic.requests
    found = tuple(_too_full(transfers, connection))
    reading = plan.forecast.reading + connection.box.traffic.requests - before
    return replace(plan, findings=(*plan.findings, *found), forecast=replace(plan.forecast, reading=reading))


def _too_full(transfers: Iterable[Change], connection: Connection) -> Iterable[Finding]:
    by_receiver: dict[str, list[Change]] = defaultdict(list)
    for change in transfers:
        by_receiver[change.to].append(change)
    for receiver, changes in by_receiver.items():
        comes = sum(connection.retry.each([partial(_owned, one.box_id, connection) for one in changes]))
        room = _room(receiver, connection)
        if room is not None and comes > room:
            yield Finding(
                Code.RECEIVER_FULL,
                Level.WARNING,
                f"{changes[0].to_key} gets {_size(comes)} of content and has room for {_size(max(room, 0))}",
                "give the account more space (space_amount, or the Admin Console), or name another receiver",
                key=changes[0].to_key,
            )


def _owned(box_id: str, connection: Connection) -> int:
    try:
        return connection.retry.read(partial(connection.box.space_used, box_id)) or 0
    except BoxFault:
        return 0  # what is not told says nothing


def _room(box_id: str, connection: Connection) -> int | None:
    """Bytes that an account may still take; None for no limit, and where Box does not say."""
    try:
        account = connection.retry.read(partial(connection.box.get, box_id))
        amount = account.cells["space_amount"] if account else ""
        if amount in ("", UNLIMITED) or not amount.isdigit():
            return None
        return int(amount) - _owned(box_id, connection)
    except BoxFault:
        return None


def _size(bytes_: int) -> str:
    return f"{bytes_ / _GIGABYTE:,.1f} GB"
