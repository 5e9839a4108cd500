"""What a run teaches the ledger, written into its tables within the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd
import sqlalchemy as sa

from provision.keyed import FingerprintKey
from provision.ledger.recall import BASELINES, described, name_of
from provision.ledger.said import keep_said
from provision.ledger.tables import (
    ABSENCES,
    ACCOUNTS,
    ALIASES,
    APPLIED,
    CALLS,
    INVITES,
    KNOWN_GROUPS,
    MANAGERS,
    NAMED,
    ONBOARDING,
    OPERATIONS,
    PROFILES,
    ROSTERS,
    RUNS,
    STAGES,
    of,
)
from provision.ledger.value import Baseline, Lessons, Taught
from provision.ledger.waiting import forget_releases, write_holds
from provision.ledger.wants import keep_wants


def write_lessons(
    connection: sa.Connection,
    owner: Mapping[str, str],
    lessons: Lessons,
    taught: Taught,
    key: FingerprintKey | None,
) -> None:
    """Take over what a run taught, in the place of what the same run taught before; its calls add up.

    ``key``: what its fingerprints are made with.
    """
    run = {"run_id": taught.run_id}
    for table in (RUNS, OPERATIONS, *_told_again(lessons)):
        connection.execute(table.delete().where(*of(table, {**owner, **run})))
    _learn_accounts(connection, owner, lessons, taught.at)
    if lessons.absences is not None:
        connection.execute(ABSENCES.delete().where(*of(ABSENCES, owner)))
        _insert(connection, ABSENCES, owner, lessons.absences)
    _learn_progress(connection, owner, lessons)
    connection.execute(RUNS.insert(), [{**owner, **run, "as_of": taught.as_of, "taught_at": taught.at}])
    by_run = {**owner, **run, "as_of": taught.as_of}
    if done := [{**by_run, "kind": kind, "done": count} for kind, count in lessons.done.items() if count]:
        connection.execute(OPERATIONS.insert(), done)
    if lessons.holds is not None:
        write_holds(connection, owner, lessons.holds, taught.run_id, key)
    forget_releases(connection, owner, lessons.spent)
    if lessons.calls:
        call = {**owner, **run, "at": taught.at}
        connection.execute(CALLS.delete().where(*of(CALLS, call)))
        connection.execute(CALLS.insert(), [{**call, "made": lessons.calls}])
    if lessons.job_fingerprint:
        connection.execute(APPLIED.insert(), [{**by_run, "job_fingerprint": lessons.job_fingerprint}])
    if lessons.said is not None:
        keep_said(connection, owner, lessons.said, name_of(key))
    if lessons.roster_sha256:
        roster = _accepted(lessons) | {"accepted_at": taught.at}
        connection.execute(ROSTERS.insert(), [{**owner, **run, **roster}])
    if lessons.roster_profile:
        baseline = Baseline(lessons.roster_profile, taught.at, complete=lessons.complete)
        connection.execute(PROFILES.insert(), [{**owner, **run, **described(baseline)}])
        _forget_old_profiles(connection, owner)


def _learn_accounts(connection: sa.Connection, owner: Mapping[str, str], lessons: Lessons, at: str) -> None:
    """Take over who is owned; since when stays, but for somebody who came back."""
    known = connection.execute(
        sa.select(ACCOUNTS.c.box_id, ACCOUNTS.c.since, ACCOUNTS.c.left_at).where(*of(ACCOUNTS, owner))
    )
    told = dict(zip(lessons.accounts["box_id"].tolist(), lessons.accounts["left_at"].tolist(), strict=True))
    since = {
        box_id: first for box_id, first, left_at in known if box_id in told and (told[box_id] or not left_at)
    }
    _forget(connection, ACCOUNTS, owner, {*lessons.gone, *told})
    first_seen = [min(since.get(box_id, at), at) for box_id in lessons.accounts["box_id"].tolist()]
    _insert(connection, ACCOUNTS, owner, lessons.accounts, {"since": first_seen})


def _told_again(lessons: Lessons) -> list[sa.Table]:
    """What a run that teaches once more replaces; of what it does not tell again, its first word stays."""
    told = {
        ROSTERS: lessons.roster_sha256,
        PROFILES: lessons.roster_profile,
        APPLIED: lessons.job_fingerprint,
    }
    return [table for table, word in told.items() if word]


def _whole_lists(lessons: Lessons) -> tuple[tuple[sa.Table, pd.DataFrame | None], ...]:
    """What is told anew as a whole, where there is news."""
    return (
        (STAGES, lessons.stages),
        (ALIASES, lessons.aliases),
        (INVITES, lessons.invites),
        (ONBOARDING, lessons.onboarding),
    )


def _learn_progress(connection: sa.Connection, owner: Mapping[str, str], lessons: Lessons) -> None:
    for table, rows in _whole_lists(lessons):
        if rows is not None:
            connection.execute(table.delete().where(*of(table, owner)))
            _insert(connection, table, owner, rows)
    if lessons.wants is not None:
        keep_wants(connection, owner, lessons.wants)
    if lessons.groups is not None:
        for name in lessons.groups["name"].tolist():
            connection.execute(KNOWN_GROUPS.delete().where(*of(KNOWN_GROUPS, {**owner, "name": name})))
        _insert(connection, KNOWN_GROUPS, owner, lessons.groups)
    for table, rows in ((MANAGERS, lessons.managers), (NAMED, lessons.named)):
        told = set() if rows is None else {*rows["box_id"]}
        _forget(connection, table, owner, {*lessons.gone, *told})
        if rows is not None:
            _insert(connection, table, owner, rows)


def _forget_old_profiles(connection: sa.Connection, owner: Mapping[str, str]) -> None:
    """They are only compared with, and a few thousand nights of them would be most of the ledger."""
    of_job = of(PROFILES, owner)
    newest = sa.select(PROFILES.c.run_id).where(*of_job).order_by(PROFILES.c.accepted_at.desc())
    old = connection.execute(newest.offset(BASELINES)).scalars().all()
    if old:
        connection.execute(PROFILES.delete().where(*of_job, PROFILES.c.run_id.in_(old)))


def _accepted(lessons: Lessons) -> dict[str, object]:
    return {
        "sha256": lessons.roster_sha256,
        "row_count": lessons.roster_rows,
        "complete": lessons.complete,
    }


def _forget(connection: sa.Connection, table: sa.Table, owner: Mapping[str, str], box_ids: set[str]) -> None:
    if not box_ids:
        return
    there = set(connection.execute(sa.select(table.c.box_id).where(*of(table, owner))).scalars())
    if gone := sorted(there & box_ids):
        statement = table.delete().where(*of(table, owner), table.c.box_id == sa.bindparam("gone"))
        connection.execute(statement, [{"gone": box_id} for box_id in gone])


def _insert(
    connection: sa.Connection,
    table: sa.Table,
    shared: Mapping[str, str],
    frame: pd.DataFrame,
    beside: Mapping[str, list[str]] = MappingProxyType({}),
) -> None:
    """One row a row of the frame, with what is ``shared`` by all, and with the columns ``beside``."""
    names = [*(str(name) for name in frame.columns), *beside]
    columns = (beside[name] if name in beside else frame[name].tolist() for name in names)
    people = zip(*columns, strict=True)
    rows = [{**shared, **dict(zip(names, cells, strict=True))} for cells in people]
    if rows:
        connection.execute(table.insert(), rows)
