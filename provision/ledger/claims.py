"""What other jobs of one enterprise have in their accounts: whom they name, and whom they still look after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import sqlalchemy as sa

from provision.frames import folded
from provision.ledger.others import (
    A_ROW,
    BY_ROW,
    CLAIM_COLUMNS,
    LEFT,
    NAMES,
    OWNS,
    SAYS_LEFT,
    OtherJob,
    no_claims,
)
from provision.ledger.said import said_of
from provision.ledger.tables import (
    ABSENCES,
    ACCOUNTS,
    AT_ONCE,
    HOLDS,
    MANAGERS,
    NAMED,
    ROSTERS,
    STAGES,
    WANTS,
)
from provision.ledger.wanted import unpack_wants
from provision.ledger.wants import keep_wants_without, wants_of

#: the kind of operation that makes an account, as holds name it
_CREATE = "create"


def claims_of(
    connection: sa.Connection, owner: Mapping[str, str], others: Sequence[OtherJob]
) -> pd.DataFrame:
    """CLAIM_COLUMNS of the accounts of other jobs whose newest accepted roster is complete, who names them first; locked ones of the others.

    An account that such a job itself knows as claimed, an absence that was never counted, is left out.
    """
    said = _says_left(connection, owner)
    if not others:
        return said
    accepted = {one.name: one.accepted_at for one in others}
    absent = sa.and_(*(ABSENCES.c[name] == ACCOUNTS.c[name] for name in ("enterprise_id", "job", "box_id")))
    query = (
        sa.select(
            ACCOUNTS.c.box_id,
            ACCOUNTS.c.job,
            ACCOUNTS.c.left_at,
            ABSENCES.c.missed_runs,
            ACCOUNTS.c.since,
            ACCOUNTS.c.login,
        )
        .select_from(ACCOUNTS.outerjoin(ABSENCES, absent))
        .where(ACCOUNTS.c.enterprise_id == owner["enterprise_id"], ACCOUNTS.c.job.in_(list(accepted)))
        .order_by(ACCOUNTS.c.job, ACCOUNTS.c.box_id)
    )
    parts = [no_claims()]
    for rows in connection.execute(query.execution_options(yield_per=AT_ONCE)).partitions():
        cells = [
            (box_id, job, accepted[job], _how(left_at, missed), *of_theirs)
            for box_id, job, left_at, missed, *of_theirs in rows
            if missed != 0
        ]
        parts.append(pd.DataFrame(cells, columns=list(CLAIM_COLUMNS), dtype="str"))
    parts += [_waited_for(connection, owner, accepted), *map(_by_row, others), said]
    return pd.concat(parts).sort_values("how", kind="stable", ignore_index=True)


def _says_left(connection: sa.Connection, owner: Mapping[str, str]) -> pd.DataFrame:
    """CLAIM_COLUMNS of the accounts that jobs with partial rosters have locked, since a row says that the person has left."""
    partial = {job: at for job, at, complete in _newest(connection, owner) if at != complete}
    query = (
        sa.select(ACCOUNTS.c.box_id, ACCOUNTS.c.job)
        .where(
            ACCOUNTS.c.enterprise_id == owner["enterprise_id"],
            ACCOUNTS.c.job.in_(list(partial)),
            ACCOUNTS.c.left_at != "",
        )
        .order_by(ACCOUNTS.c.job, ACCOUNTS.c.box_id)
    )
    rows = connection.execute(query).fetchall() if partial else []
    cells = [(box_id, job, partial[job], SAYS_LEFT, "", "") for box_id, job in rows]
    return pd.DataFrame(cells, columns=list(CLAIM_COLUMNS), dtype="str")


def _how(left_at: str, missed: int | None) -> str:
    if left_at and missed:
        return LEFT
    return OWNS if left_at or missed else NAMES


def _waited_for(
    connection: sa.Connection, owner: Mapping[str, str], accepted: Mapping[str, str]
) -> pd.DataFrame:
    """CLAIM_COLUMNS of this job's accounts whose external id another job's roster names under a login that nobody has yet.

    That is somebody who has gone over to it and got a new address: whether an account is made waits for a person there, who may
    answer that this is the account.
    """
    mine = (ACCOUNTS.c[name] == owner[name] for name in ("enterprise_id", "job"))
    same = (HOLDS.c[name] == ACCOUNTS.c[name] for name in ("enterprise_id", "external_id"))
    query = (
        sa.select(ACCOUNTS.c.box_id, HOLDS.c.job)
        .select_from(ACCOUNTS.join(HOLDS, sa.and_(*same)))
        .where(*mine, ACCOUNTS.c.external_id != "", HOLDS.c.kind == _CREATE, HOLDS.c.job.in_(list(accepted)))
        .order_by(HOLDS.c.job, ACCOUNTS.c.box_id)
    )
    cells = [
        (box_id, job, accepted[job], NAMES, "", "") for box_id, job in connection.execute(query).fetchall()
    ]
    return pd.DataFrame(cells, columns=list(CLAIM_COLUMNS), dtype="str")


def _by_row(other: OtherJob) -> pd.DataFrame:
    """CLAIM_COLUMNS of the accounts that rows of a job mean of which nothing is done."""
    wants = unpack_wants(other.wants, ("box_id", "named"))
    rows = wants[(wants["named"] == A_ROW) & (wants["box_id"] != "")].drop_duplicates("box_id")
    told = {"job": other.name, "accepted_at": other.accepted_at, "how": BY_ROW, "since": "", "login": ""}
    return rows[["box_id"]].assign(**told)[list(CLAIM_COLUMNS)].astype("str")


def others_of(connection: sa.Connection, owner: Mapping[str, str], key_name: str) -> tuple[OtherJob, ...]:
    """The other jobs of the enterprise whose newest accepted roster is complete, by name, with what it said.

    ``key_name``: that of the key with which fingerprints are compared.
    """
    found = []
    for job, accepted_at in sorted(_accepted(connection, owner).items()):
        theirs = {**owner, "job": job}
        said, made_with = said_of(connection, theirs)
        found.append(
            OtherJob(job, accepted_at, wants_of(connection, theirs), said if made_with == key_name else b"")
        )
    return tuple(found)


def _accepted(connection: sa.Connection, owner: Mapping[str, str]) -> dict[str, str]:
    """When each other job's newest roster was accepted, of those whose newest one is complete."""
    return {job: at for job, at, complete in _newest(connection, owner) if at == complete}


def _newest(connection: sa.Connection, owner: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Each other job, when its newest roster was accepted, and when the newest complete one."""
    full = sa.func.max(sa.case((ROSTERS.c.complete, ROSTERS.c.accepted_at), else_=""))
    query = (
        sa.select(ROSTERS.c.job, sa.func.max(ROSTERS.c.accepted_at), full)
        .where(ROSTERS.c.enterprise_id == owner["enterprise_id"], ROSTERS.c.job != owner["job"])
        .group_by(ROSTERS.c.job)
    )
    return [(job, at, complete) for job, at, complete in connection.execute(query).fetchall()]


def move_claims(connection: sa.Connection, owner: Mapping[str, str], accounts: pd.DataFrame) -> None:
    """Let no other job of the enterprise have these accounts, nor anything that was known of their ways."""
    moved = [{"moved": box_id} for box_id in accounts["box_id"].tolist()]
    for table in (ACCOUNTS, ABSENCES, STAGES, MANAGERS, NAMED) if moved else ():
        others = (table.c.enterprise_id == owner["enterprise_id"], table.c.job != owner["job"])
        connection.execute(table.delete().where(*others, table.c.box_id == sa.bindparam("moved")), moved)
    keys = [key for name in ("box_id", "external_id") for key in accounts[name].tolist() if key]
    logins = folded(accounts["login"])
    for job in _wanting(connection, owner) if moved else ():
        keep_wants_without(connection, {**owner, "job": job}, keys, logins[logins != ""].tolist())


def _wanting(connection: sa.Connection, owner: Mapping[str, str]) -> list[str]:
    """The other jobs of the enterprise whose rosters want something."""
    theirs = (WANTS.c.enterprise_id == owner["enterprise_id"], WANTS.c.job != owner["job"])
    return list(connection.execute(sa.select(WANTS.c.job).where(*theirs).distinct()).scalars())
