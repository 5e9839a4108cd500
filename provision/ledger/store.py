"""The ledger in a database: SQLite by default, through SQLAlchemy Core so that another one can follow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace

import pandas as pd
import sqlalchemy as sa

from provision.ledger.database import check_whole, connect, file_of, told
from provision.ledger.tables import (
    ABSENCES,
    ACCOUNTS,
    ANSWERS,
    APPLIED,
    CALLS,
    HOLDS,
    LEASES,
    MANAGERS,
    OPERATIONS,
    PROFILES,
    ROSTERS,
    RUNS,
    SAID,
    STAGES,
    TABLES,
    of,
)
from provision.ledger.value import (
    ABSENCE_COLUMNS,
    ABSENCE_TYPES,
    ACCOUNT_COLUMNS,
    ANSWER_COLUMNS,
    MANAGER_COLUMNS,
    STAGE_COLUMNS,
    Answer,
    Baseline,
    Called,
    Hold,
    Lease,
    Lessons,
    Memory,
    Release,
    Spent,
    Taught,
)
from provision.ledger.waiting import (
    forget_releases,
    holds_of,
    holds_of_job,
    releases_of,
    write_holds,
    write_releases,
)

#: so many lines of what runs did are looked at: far more than thirty days of them
_SPENT = 5_000
#: so many rosters a job are remembered by what they looked like
_BASELINES = 10


class Ledger:
    """The memory across runs. Every method is one transaction. Raises InputError if the database cannot be used."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._writer = engine.execution_options(writes=True)

    def memory(self, enterprise_id: str, job: str) -> Memory:
        """What earlier runs of this job left for this enterprise."""
        with told(self._engine), self._engine.begin() as connection:
            return _memory(connection, _owner(enterprise_id, job))

    def last_accepted(self, enterprise_id: str, job: str, *, but: str = "") -> str:
        """When the job's last roster was carried out, not counting the run ``but``; ISO with offset, "" for never."""
        of_job = of(ROSTERS, _owner(enterprise_id, job))
        query = sa.select(sa.func.max(ROSTERS.c.accepted_at)).where(*of_job, ROSTERS.c.run_id != but)
        with told(self._engine), self._engine.begin() as connection:
            return connection.execute(query).scalar() or ""

    def runs_taught(self, enterprise_id: str, job: str) -> frozenset[str]:
        """The ids of the job's runs that the ledger has learned from."""
        query = sa.select(RUNS.c.run_id).where(*of(RUNS, _owner(enterprise_id, job)))
        with told(self._engine), self._engine.begin() as connection:
            return frozenset(connection.execute(query).scalars())

    def baselines(self, job: str) -> tuple[Baseline, ...]:
        """The rosters of a job that were accepted last, newest first, in whatever enterprise."""
        with told(self._engine), self._engine.begin() as connection:
            return _baselines(connection, PROFILES.c.job == job)

    def accept(self, job: str, baseline: Baseline) -> None:
        """Let a roster count as good because somebody says so, in whatever enterprise the job works."""
        row = {**_owner("", job), "run_id": f"accepted {baseline.at}", **_described(baseline)}
        with told(self._engine), self._writer.begin() as connection:
            connection.execute(PROFILES.insert(), [row])

    def waiting(self, job: str) -> tuple[tuple[str, Hold], ...]:
        """What waits for a person in a job, by enterprise, what has waited longest first."""
        with told(self._engine), self._engine.begin() as connection:
            return holds_of_job(connection, job)

    def releases(self, enterprise_id: str, job: str) -> tuple[Release, ...]:
        """What somebody has approved and no run has carried out yet, newest first."""
        with told(self._engine), self._engine.begin() as connection:
            return releases_of(connection, _owner(enterprise_id, job))

    def release(self, enterprise_id: str, job: str, releases: Iterable[Release]) -> None:
        """Take down what somebody approves; a later word replaces an earlier one about the same hold."""
        with told(self._engine), self._writer.begin() as connection:
            write_releases(connection, _owner(enterprise_id, job), releases)

    def answer(self, enterprise_id: str, job: str, answer: Answer) -> None:
        """Remember what a person answered about who is who; earlier answers about this external id or account are gone."""
        owner = _owner(enterprise_id, job)
        about = (ANSWERS.c.external_id == answer.external_id) | (ANSWERS.c.box_id == answer.box_id)
        with told(self._engine), self._writer.begin() as connection:
            connection.execute(ANSWERS.delete().where(*of(ANSWERS, owner), about))
            connection.execute(ANSWERS.insert(), [{**owner, **asdict(answer)}])

    def learn(self, enterprise_id: str, job: str, lessons: Lessons, taught: Taught) -> None:
        """Take over what a run taught, all of it or nothing.

        What the same run taught before is replaced; only its calls add up, since each of its processes made its own.
        """
        with told(self._engine), self._writer.begin() as connection:
            _learn(connection, _owner(enterprise_id, job), lessons, taught)

    def relearn(
        self, enterprise_id: str, job: str, runs: Iterable[Callable[[Memory], tuple[Lessons, Taught]]]
    ) -> None:
        """Forget what this job knew of this enterprise and learn its runs anew, in this order; all of it or nothing.

        Each of ``runs`` is asked what it teaches whom the runs before it have taught. Calls that are known are kept: a
        run folder only tells those of the run's last process. So is what people answered about who is who.
        """
        owner = _owner(enterprise_id, job)
        with told(self._engine), self._writer.begin() as connection:
            counted = set(connection.execute(sa.select(CALLS.c.run_id).where(*of(CALLS, owner))).scalars())
            for table in (
                ACCOUNTS,
                ABSENCES,
                STAGES,
                MANAGERS,
                OPERATIONS,
                APPLIED,
                ROSTERS,
                RUNS,
                PROFILES,
                HOLDS,
                SAID,
            ):
                connection.execute(table.delete().where(*of(table, owner)))
            for run in runs:
                lessons, taught = run(_memory(connection, owner))
                calls = 0 if taught.run_id in counted else lessons.calls
                _learn(connection, owner, replace(lessons, calls=calls), taught)

    def leaseholder(self, enterprise_id: str) -> Lease | None:
        """Who said last that it works on this enterprise, and has not said that it is done."""
        with told(self._engine), self._engine.begin() as connection:
            return _leaseholder(connection, enterprise_id)

    def take_lease(self, lease: Lease, alive_since: str) -> Lease | None:
        """Take an enterprise, unless another host has it and gave a sign of life at ``alive_since`` or later.

        Returns the lease in the way, None if there was none. One of the same host is left over from a process that
        has ended: the caller holds the host's own lock.
        """
        of_enterprise = LEASES.c.enterprise_id == lease.enterprise_id
        stale = (LEASES.c.host == lease.host) | (LEASES.c.renewed_at < alive_since)
        with told(self._engine), self._writer.begin() as connection:
            connection.execute(LEASES.delete().where(of_enterprise, stale))
            holder = _leaseholder(connection, lease.enterprise_id)
            if holder is None:
                connection.execute(LEASES.insert(), [asdict(lease)])
            return holder

    def renew_lease(self, lease: Lease, at: str) -> bool:
        """Give a sign of life; whether the enterprise is still held, or somebody else has taken it meanwhile."""
        with told(self._engine), self._writer.begin() as connection:
            renewed = connection.execute(LEASES.update().where(*_held(lease)).values(renewed_at=at))
            return renewed.rowcount > 0

    def release_lease(self, lease: Lease) -> None:
        """Give the enterprise back, if it is still held."""
        with told(self._engine), self._writer.begin() as connection:
            connection.execute(LEASES.delete().where(*_held(lease)))

    def examine(self) -> None:
        """Read the whole ledger. Raises DamagedLedger if it is not sound."""
        with told(self._engine), self._engine.begin() as connection:
            for table in TABLES.sorted_tables:
                connection.execute(sa.select(table).limit(1)).fetchall()
            check_whole(connection)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def open_ledger(url: str) -> Ledger:
    """Open the ledger at a database URL, made if there is none. Raises InputError if it cannot be used."""
    return Ledger(connect(url))


def known_ledger(url: str) -> Ledger | None:
    """The ledger at a database URL, None for a file that is not there: who only reads does not make one."""
    file = file_of(url)
    return None if file is not None and not file.exists() else open_ledger(url)


def _owner(enterprise_id: str, job: str) -> dict[str, str]:
    return {"enterprise_id": enterprise_id, "job": job}


def _memory(connection: sa.Connection, owner: Mapping[str, str]) -> Memory:
    accounts = _rows(connection, ACCOUNTS, ACCOUNT_COLUMNS, owner)
    absences = _rows(connection, ABSENCES, ABSENCE_COLUMNS, owner)
    last = connection.execute(
        sa.select(ROSTERS.c.row_count)
        .where(*of(ROSTERS, owner), ROSTERS.c.complete)
        .order_by(ROSTERS.c.accepted_at.desc(), ROSTERS.c.run_id.desc())
        .limit(1)
    ).scalar()
    baselines = _baselines(
        connection, PROFILES.c.job == owner["job"], PROFILES.c.enterprise_id.in_((owner["enterprise_id"], ""))
    )
    return Memory(
        accounts.astype("str"), absences.astype(ABSENCE_TYPES), last or 0, baselines,
        _spent(connection, owner), _job_fingerprint(connection, owner), _called(connection, owner),
        holds_of(connection, owner), releases_of(connection, owner),
        connection.execute(sa.select(SAID.c.packed).where(*of(SAID, owner))).scalar() or b"",
        _rows(connection, ANSWERS, ANSWER_COLUMNS, owner).astype("str"),
        _rows(connection, STAGES, STAGE_COLUMNS, owner).astype("str"),
        _rows(connection, MANAGERS, MANAGER_COLUMNS, owner).astype("str"),
    )  # fmt: skip


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


def _baselines(connection: sa.Connection, *which: sa.ColumnElement[bool]) -> tuple[Baseline, ...]:
    names = ("profile", "accepted_at", "accepted_by", "complete")
    newest = sa.select(*(PROFILES.c[name] for name in names)).where(*which)
    newest = newest.order_by(PROFILES.c.accepted_at.desc(), PROFILES.c.run_id.desc()).limit(_BASELINES)
    return tuple(Baseline(*row) for row in connection.execute(newest).fetchall())


def _described(baseline: Baseline) -> dict[str, object]:
    return {
        "profile": baseline.profile,
        "accepted_at": baseline.at,
        "accepted_by": baseline.by,
        "complete": baseline.complete,
    }


def _rows(
    connection: sa.Connection, table: sa.Table, columns: tuple[str, ...], owner: Mapping[str, str]
) -> pd.DataFrame:
    query = (
        sa.select(*(table.c[name] for name in columns))
        .where(*of(table, owner))
        .order_by(*table.primary_key.columns)
    )
    rows = connection.execute(query).fetchall()
    return pd.DataFrame.from_records([tuple(row) for row in rows], columns=list(columns))


def _learn(connection: sa.Connection, owner: Mapping[str, str], lessons: Lessons, taught: Taught) -> None:
    run = {"run_id": taught.run_id}
    for table in (ROSTERS, RUNS, PROFILES, OPERATIONS, APPLIED):
        connection.execute(table.delete().where(*of(table, {**owner, **run})))
    _forget(connection, ACCOUNTS, owner, {*lessons.gone, *lessons.accounts["box_id"]})
    _insert(connection, ACCOUNTS, {**owner, "since": taught.at}, lessons.accounts)
    if lessons.absences is not None:
        connection.execute(ABSENCES.delete().where(*of(ABSENCES, owner)))
        _insert(connection, ABSENCES, owner, lessons.absences)
    _learn_ways(connection, owner, lessons)
    connection.execute(RUNS.insert(), [{**owner, **run, "as_of": taught.as_of, "taught_at": taught.at}])
    by_run = {**owner, **run, "as_of": taught.as_of}
    if done := [{**by_run, "kind": kind, "done": count} for kind, count in lessons.done.items() if count]:
        connection.execute(OPERATIONS.insert(), done)
    if lessons.holds is not None:
        write_holds(connection, owner, lessons.holds, taught.run_id)
    forget_releases(connection, owner, lessons.spent)
    if lessons.calls:
        call = {**owner, **run, "at": taught.at}
        connection.execute(CALLS.delete().where(*of(CALLS, call)))
        connection.execute(CALLS.insert(), [{**call, "made": lessons.calls}])
    if lessons.job_fingerprint:
        connection.execute(APPLIED.insert(), [{**by_run, "job_fingerprint": lessons.job_fingerprint}])
    if lessons.said is not None:
        connection.execute(SAID.delete().where(*of(SAID, owner)))
        connection.execute(SAID.insert(), [{**owner, "packed": lessons.said}])
    if lessons.roster_sha256:
        roster = _accepted(lessons) | {"accepted_at": taught.at}
        connection.execute(ROSTERS.insert(), [{**owner, **run, **roster}])
    if lessons.roster_profile:
        described = _described(Baseline(lessons.roster_profile, taught.at, complete=lessons.complete))
        connection.execute(PROFILES.insert(), [{**owner, **run, **described}])
        _forget_old_profiles(connection, owner)


def _learn_ways(connection: sa.Connection, owner: Mapping[str, str], lessons: Lessons) -> None:
    if lessons.stages is not None:
        connection.execute(STAGES.delete().where(*of(STAGES, owner)))
        _insert(connection, STAGES, owner, lessons.stages)
    named = set() if lessons.managers is None else {*lessons.managers["box_id"]}
    _forget(connection, MANAGERS, owner, {*lessons.gone, *named})
    if lessons.managers is not None:
        _insert(connection, MANAGERS, owner, lessons.managers)


def _forget_old_profiles(connection: sa.Connection, owner: Mapping[str, str]) -> None:
    """They are only compared with, and a few thousand nights of them would be most of the ledger."""
    of_job = of(PROFILES, owner)
    newest = sa.select(PROFILES.c.run_id).where(*of_job).order_by(PROFILES.c.accepted_at.desc())
    old = connection.execute(newest.offset(_BASELINES)).scalars().all()
    if old:
        connection.execute(PROFILES.delete().where(*of_job, PROFILES.c.run_id.in_(old)))


def _accepted(lessons: Lessons) -> dict[str, object]:
    return {
        "sha256": lessons.roster_sha256,
        "row_count": lessons.roster_rows,
        "complete": lessons.complete,
    }


def _forget(connection: sa.Connection, table: sa.Table, owner: Mapping[str, str], box_ids: set[str]) -> None:
    there = set(connection.execute(sa.select(table.c.box_id).where(*of(table, owner))).scalars())
    if gone := sorted(there & box_ids):
        statement = table.delete().where(*of(table, owner), table.c.box_id == sa.bindparam("gone"))
        connection.execute(statement, [{"gone": box_id} for box_id in gone])


def _insert(
    connection: sa.Connection, table: sa.Table, shared: Mapping[str, str], frame: pd.DataFrame
) -> None:
    names = [str(name) for name in frame.columns]
    people = zip(*(frame[name].tolist() for name in names), strict=True)
    rows = [{**shared, **dict(zip(names, cells, strict=True))} for cells in people]
    if rows:
        connection.execute(table.insert(), rows)


def _leaseholder(connection: sa.Connection, enterprise_id: str) -> Lease | None:
    query = sa.select(LEASES).where(LEASES.c.enterprise_id == enterprise_id)
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else Lease(**{str(name): value for name, value in found.items()})


def _held(lease: Lease) -> list[sa.ColumnElement[bool]]:
    return [LEASES.c[name] == getattr(lease, name) for name in ("enterprise_id", "run_id", "host", "pid")]
