"""What other jobs of one enterprise have in their accounts: whom they name, and whom they still look after."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import sqlalchemy as sa

from provision.ledger.tables import ABSENCES, ACCOUNTS, AT_ONCE, HOLDS, MANAGERS, NAMED, ROSTERS, STAGES
from provision.ledger.value import CLAIM_COLUMNS, LEFT, NAMES, OWNS, no_claims

#: the kind of operation that makes an account, as holds name it
_CREATE = "create"


def claims_of(connection: sa.Connection, owner: Mapping[str, str]) -> pd.DataFrame:
    """CLAIM_COLUMNS of the accounts of other jobs whose newest accepted roster is complete, who names them first.

    An account that such a job itself knows as claimed, an absence that was never counted, is left out.
    """
    accepted = _accepted(connection, owner)
    if not accepted:
        return no_claims()
    absent = sa.and_(*(ABSENCES.c[name] == ACCOUNTS.c[name] for name in ("enterprise_id", "job", "box_id")))
    query = (
        sa.select(ACCOUNTS.c.box_id, ACCOUNTS.c.job, ACCOUNTS.c.left_at, ABSENCES.c.missed_runs)
        .select_from(ACCOUNTS.outerjoin(ABSENCES, absent))
        .where(ACCOUNTS.c.enterprise_id == owner["enterprise_id"], ACCOUNTS.c.job.in_(list(accepted)))
        .order_by(ACCOUNTS.c.job, ACCOUNTS.c.box_id)
    )
    parts = [no_claims()]
    for rows in connection.execute(query.execution_options(yield_per=AT_ONCE)).partitions():
        cells = [
            (box_id, job, accepted[job], LEFT if left_at and missed else OWNS if left_at or missed else NAMES)
            for box_id, job, left_at, missed in rows
            if missed != 0
        ]
        parts.append(pd.DataFrame(cells, columns=list(CLAIM_COLUMNS), dtype="str"))
    parts.append(_waited_for(connection, owner, accepted))
    return pd.concat(parts).sort_values("how", kind="stable", ignore_index=True)


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
    cells = [(box_id, job, accepted[job], NAMES) for box_id, job in connection.execute(query).fetchall()]
    return pd.DataFrame(cells, columns=list(CLAIM_COLUMNS), dtype="str")


def _accepted(connection: sa.Connection, owner: Mapping[str, str]) -> dict[str, str]:
    """When each other job's newest roster was accepted, of those whose newest one is complete."""
    full = sa.func.max(sa.case((ROSTERS.c.complete, ROSTERS.c.accepted_at), else_=""))
    query = (
        sa.select(ROSTERS.c.job, sa.func.max(ROSTERS.c.accepted_at), full)
        .where(ROSTERS.c.enterprise_id == owner["enterprise_id"], ROSTERS.c.job != owner["job"])
        .group_by(ROSTERS.c.job)
    )
    return {job: at for job, at, complete in connection.execute(query).fetchall() if at == complete}


def move_claims(connection: sa.Connection, owner: Mapping[str, str], box_ids: list[str]) -> None:
    """Let no other job of the enterprise have these accounts, nor anything that was known of their ways."""
    moved = [{"moved": box_id} for box_id in box_ids]
    for table in (ACCOUNTS, ABSENCES, STAGES, MANAGERS, NAMED) if moved else ():
        others = (table.c.enterprise_id == owner["enterprise_id"], table.c.job != owner["job"])
        connection.execute(table.delete().where(*others, table.c.box_id == sa.bindparam("moved")), moved)
