"""What the ledger tells a planner: the memory of one job in one enterprise, read from its tables."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from provision.deciders import Decider
from provision.frames import MANY_ROWS
from provision.keyed import FingerprintKey
from provision.ledger.claims import claims_of, others_of
from provision.ledger.said import said_of
from provision.ledger.soundness import sound, sound_baselines
from provision.ledger.tables import (
    ABSENCES,
    ACCOUNTS,
    ALIASES,
    ANSWERS,
    APPLIED,
    AT_ONCE,
    CALLS,
    INVITES,
    KNOWN_GROUPS,
    MANAGERS,
    NAMED,
    ONBOARDING,
    OPERATIONS,
    PROFILES,
    ROSTERS,
    STAGES,
    of,
)
from provision.ledger.value import (
    ABSENCE_COLUMNS,
    ABSENCE_TYPES,
    ALIAS_COLUMNS,
    ANSWER_COLUMNS,
    GROUP_COLUMNS,
    INVITE_COLUMNS,
    KNOWN_COLUMNS,
    MANAGER_COLUMNS,
    NAMED_COLUMNS,
    ONBOARDING_COLUMNS,
    STAGE_COLUMNS,
    Baseline,
    Called,
    Memory,
    Spent,
)
from provision.ledger.waiting import holds_of, releases_of
from provision.ledger.wants import wants_of

#: so many lines of what runs did are looked at: far more than thirty days of them
_SPENT = 5_000
#: so many rosters a job are remembered by what they looked like
BASELINES = 10


def memory_of(connection: sa.Connection, owner: Mapping[str, str], key: FingerprintKey | None) -> Memory:
    """All that earlier runs of a job left for an enterprise; fingerprints that were made with another key tell nothing.

    Raises ValueError for what cannot be what they left.
    """
    accounts = _rows(connection, ACCOUNTS, KNOWN_COLUMNS, owner)
    absences = _rows(connection, ABSENCES, ABSENCE_COLUMNS, owner)
    last = connection.execute(
        sa.select(ROSTERS.c.row_count)
        .where(*of(ROSTERS, owner), ROSTERS.c.complete)
        .order_by(ROSTERS.c.accepted_at.desc(), ROSTERS.c.run_id.desc())
        .limit(1)
    ).scalar()
    baselines = baselines_of(
        connection, PROFILES.c.job == owner["job"], PROFILES.c.enterprise_id.in_((owner["enterprise_id"], ""))
    )
    packed, made_with = said_of(connection, owner)
    ours = not packed or made_with == name_of(key)
    others = others_of(connection, owner, name_of(key))
    memory = Memory(
        accounts, absences, last or 0, baselines,
        _spent(connection, owner), _job_fingerprint(connection, owner), _called(connection, owner),
        holds_of(connection, owner), releases_of(connection, owner),
        packed if ours else b"",
        _rows(connection, ANSWERS, ANSWER_COLUMNS, owner),
        _rows(connection, STAGES, STAGE_COLUMNS, owner),
        _rows(connection, MANAGERS, MANAGER_COLUMNS, owner),
        rosters_of(connection, *of(ROSTERS, owner)),
        claims_of(connection, owner, others),
        key, not ours,
        _rows(connection, NAMED, NAMED_COLUMNS, owner),
        _rows(connection, KNOWN_GROUPS, GROUP_COLUMNS, owner),
        _rows(connection, ALIASES, ALIAS_COLUMNS, owner),
        _rows(connection, INVITES, INVITE_COLUMNS, owner),
        _rows(connection, ONBOARDING, ONBOARDING_COLUMNS, owner),
        wants_of(connection, owner), others,
    )  # fmt: skip
    return sound(memory)


def name_of(key: FingerprintKey | None) -> str:
    """What the ledger calls the key of its fingerprints."""
    return key.name if key is not None else ""


def rosters_of(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> frozenset[str]:
    """SHA-256 of the complete rosters that were accepted."""
    return frozenset(
        connection.execute(sa.select(ROSTERS.c.sha256).where(*which, ROSTERS.c.complete)).scalars()
    )


def _spent(connection: sa.Connection, owner: Mapping[str, str]) -> tuple[Spent, ...]:
    names = ("kind", "done", "as_of")
    query = sa.select(*(OPERATIONS.c[name] for name in names)).where(*of(OPERATIONS, owner))
    rows = connection.execute(query.order_by(OPERATIONS.c.as_of.desc()).limit(_SPENT))
    return tuple(Spent(*row) for row in rows.fetchall())


def _called(connection: sa.Connection, owner: Mapping[str, str]) -> tuple[Called, ...]:
    query = sa.select(CALLS.c.made, CALLS.c.at).where(*of(CALLS, owner))
    rows = connection.execute(query.order_by(CALLS.c.at.desc()).limit(_SPENT))
    return tuple(Called(*row) for row in rows.fetchall())


def _job_fingerprint(connection: sa.Connection, owner: Mapping[str, str]) -> str:
    query = sa.select(APPLIED.c.job_fingerprint).where(*of(APPLIED, owner))
    return connection.execute(query.order_by(APPLIED.c.as_of.desc()).limit(1)).scalar() or ""


def baselines_of(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> tuple[Baseline, ...]:
    """The rosters accepted last, newest first. Raises ValueError as :func:`memory_of`."""
    names = ("profile", "accepted_at", "complete", "os_user", "host", "terminal")
    newest = sa.select(*(PROFILES.c[name] for name in names), PROFILES.c.accepted_by.label("by")).where(
        *which
    )
    newest = newest.order_by(PROFILES.c.accepted_at.desc(), PROFILES.c.run_id.desc()).limit(BASELINES)
    rows = connection.execute(newest).mappings().fetchall()
    return sound_baselines(
        tuple(
            Baseline(row["profile"], row["accepted_at"], Decider.of({**row}), row["complete"]) for row in rows
        )
    )


def described(baseline: Baseline) -> dict[str, object]:
    """The columns of an accepted roster that are about what it looked like."""
    by = baseline.by.row
    return {
        "profile": baseline.profile,
        "accepted_at": baseline.at,
        "accepted_by": by.pop("by"),
        "complete": baseline.complete,
        **by,
    }


def _rows(
    connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], owner: Mapping[str, str]
) -> pd.DataFrame:
    query = (
        sa.select(*(table.c[name] for name in columns))
        .where(*of(table, owner))
        .order_by(*table.primary_key.columns)
    )
    streamed = connection.execute(query.execution_options(yield_per=AT_ONCE))
    parts = [
        pa.table([pa.array(cells) for cells in zip(*rows, strict=True)], columns)
        for rows in streamed.partitions()
    ]
    types = {name: ABSENCE_TYPES.get(name, "str") for name in columns}
    if not parts:
        return _no_rows(columns).copy(deep=False)
    found = pa.concat_tables(parts)
    # threads of a few rows only wait for each other
    frame: pd.DataFrame = found.to_pandas(use_threads=found.num_rows >= MANY_ROWS).astype(types)
    return frame


@cache
def _no_rows(columns: tuple[str, ...]) -> pd.DataFrame:
    """What a table tells that has nothing of a job, as most have."""
    return pd.DataFrame({name: pd.Series(dtype=ABSENCE_TYPES.get(name, "str")) for name in columns})
