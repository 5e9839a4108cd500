"""Holds and releases in the ledger: what waits for a person, and what somebody has approved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict

import sqlalchemy as sa

from provision.deciders import Decider
from provision.keyed import AIM, FingerprintKey, kept
from provision.ledger.keying import with_kept_marks
from provision.ledger.tables import HOLDS, RELEASES, of
from provision.ledger.value import Hold, Release

_HOLD = tuple(HOLDS.c[name] for name in Hold.__dataclass_fields__)
_RELEASE = ("hold_id", "aim", "at", "until", "run_id", "says")


def holds_of(connection: sa.Connection, owner: Mapping[str, str]) -> tuple[Hold, ...]:
    """What waits for a person, by hold id."""
    query = sa.select(*_HOLD).where(*of(HOLDS, owner)).order_by(HOLDS.c.hold_id)
    return tuple(Hold(*row) for row in connection.execute(query))


def holds_of_job(connection: sa.Connection, job: str) -> tuple[tuple[str, Hold], ...]:
    """The same for a job in whatever enterprise, which is named with each; what has waited longest first."""
    query = sa.select(HOLDS.c.enterprise_id, *_HOLD).where(HOLDS.c.job == job)
    rows = connection.execute(query.order_by(HOLDS.c.since, HOLDS.c.hold_id))
    return tuple((row[0], Hold(*row[1:])) for row in rows)


def write_holds(
    connection: sa.Connection,
    owner: Mapping[str, str],
    holds: Iterable[Hold],
    run_id: str,
    key: FingerprintKey | None,
) -> None:
    """Let these be all that waits. A hold that names no run is one of ``run_id``; what tells of values is kept under the ``key``."""
    connection.execute(HOLDS.delete().where(*of(HOLDS, owner)))
    rows = [
        {
            **owner,
            **asdict(one),
            "run_id": one.run_id or run_id,
            "aim": kept(one.aim, key, AIM),
            "because": with_kept_marks(one.because, key),
        }
        for one in holds
    ]
    if rows:
        connection.execute(HOLDS.insert(), rows)


def releases_of(connection: sa.Connection, owner: Mapping[str, str]) -> tuple[Release, ...]:
    """What people have approved and no run has carried out yet, newest first."""
    query = sa.select(RELEASES).where(*of(RELEASES, owner))
    rows = connection.execute(query.order_by(RELEASES.c.at.desc(), RELEASES.c.hold_id, RELEASES.c.os_user))
    return tuple(
        Release(**{name: row[name] for name in _RELEASE}, by=Decider.of({**row})) for row in rows.mappings()
    )


def write_releases(
    connection: sa.Connection,
    owner: Mapping[str, str],
    releases: Iterable[Release],
    key: FingerprintKey | None,
) -> None:
    """Take down what somebody approves; a later word replaces an earlier one of the same person about the same hold."""
    for one in releases:
        told = {name: getattr(one, name) for name in _RELEASE}
        row = {**owner, **told, "aim": kept(one.aim, key, AIM), **one.by.row}
        same = [*owner, "hold_id", "by", "os_user"]
        connection.execute(RELEASES.delete().where(*of(RELEASES, {name: row[name] for name in same})))
        connection.execute(RELEASES.insert(), [row])


def forget_releases(connection: sa.Connection, owner: Mapping[str, str], hold_ids: Iterable[str]) -> None:
    """Releases that have served."""
    gone = [{"gone": hold_id} for hold_id in hold_ids]
    if gone:
        statement = RELEASES.delete().where(*of(RELEASES, owner), RELEASES.c.hold_id == sa.bindparam("gone"))
        connection.execute(statement, gone)
