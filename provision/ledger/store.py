"""The ledger in a database: SQLite by default, through SQLAlchemy Core so that another one can follow."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import asdict, replace

import sqlalchemy as sa

from provision.keyed import NO_KEYS, FingerprintKey, Keys
from provision.ledger.claims import move_claims
from provision.ledger.database import check_whole, connect, connect_to_read, sound_content, told
from provision.ledger.forget import forget
from provision.ledger.learn import write_lessons
from provision.ledger.postgres import EVERYTHING, insisting
from provision.ledger.recall import baselines_of, described, memory_of, rosters_of
from provision.ledger.soundness import sound_holds, sound_moment, sound_releases
from provision.ledger.tables import (
    ABSENCES,
    ACCOUNTS,
    ANSWERS,
    APPLIED,
    CALLS,
    HOLDS,
    LEASES,
    MANAGERS,
    NAMED,
    OPERATIONS,
    PROFILES,
    ROSTERS,
    RUNS,
    SAID,
    STAGES,
    TABLES,
    WANTS,
    of,
)
from provision.ledger.value import Baseline, Hold, IdentityAnswer, Lease, Lessons, Memory, Release, Taught
from provision.ledger.waiting import holds_of_job, releases_of, write_releases


class Ledger:
    """The memory across runs. Every method is one transaction. Raises InputError if the database cannot be used."""

    def __init__(self, engine: sa.Engine, keys: Keys = NO_KEYS) -> None:
        self._engine, self._keys = engine, keys

    @property
    def key(self) -> FingerprintKey | None:
        """What its fingerprints are made with, None where there is no key."""
        return self._keys.known()

    @insisting
    def memory(self, enterprise_id: str, job: str) -> Memory:
        """What earlier runs of this job left for this enterprise."""
        with self._read() as connection:
            return memory_of(connection, _owner(enterprise_id, job), self._keys.known())

    @insisting
    def last_accepted(self, enterprise_id: str, job: str, *, but: str = "") -> str:
        """When the job's last roster was carried out, not counting the run ``but``; ISO with offset, "" for never."""
        of_job = of(ROSTERS, _owner(enterprise_id, job))
        query = sa.select(sa.func.max(ROSTERS.c.accepted_at)).where(*of_job, ROSTERS.c.run_id != but)
        with self._read() as connection:
            return sound_moment(connection.execute(query).scalar() or "")

    @insisting
    def runs_taught(self, enterprise_id: str, job: str) -> frozenset[str]:
        """The ids of the job's runs that the ledger has learned from; without an enterprise those in any."""
        mine = of(RUNS, _owner(enterprise_id, job)) if enterprise_id else [RUNS.c.job == job]
        query = sa.select(RUNS.c.run_id).where(*mine)
        with self._read() as connection:
            return frozenset(connection.execute(query).scalars())

    @insisting
    def has_done(self, enterprise_id: str, job: str, run_id: str) -> bool:
        """Whether the ledger knows that this run carried an operation out."""
        query = sa.select(OPERATIONS.c.done).where(
            *of(OPERATIONS, _owner(enterprise_id, job)), OPERATIONS.c.run_id == run_id
        )
        with self._read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    @insisting
    def rosters(self, job: str) -> frozenset[str]:
        """SHA-256 of the complete rosters of a job that were accepted, in whatever enterprise."""
        with self._read() as connection:
            return rosters_of(connection, ROSTERS.c.job == job)

    @insisting
    def baselines(self, job: str) -> tuple[Baseline, ...]:
        """The rosters of a job that were accepted last, newest first, in whatever enterprise."""
        with self._read() as connection:
            return baselines_of(connection, PROFILES.c.job == job)

    @insisting
    def accept(self, job: str, baseline: Baseline) -> None:
        """Let a roster count as good because somebody says so, in whatever enterprise the job works."""
        mine = {**_owner("", job), "run_id": f"accepted {baseline.at}"}
        with self._write(EVERYTHING) as connection:
            connection.execute(PROFILES.delete().where(*of(PROFILES, mine)))
            connection.execute(PROFILES.insert(), [mine | described(baseline)])

    @insisting
    def waiting(self, job: str) -> tuple[tuple[str, Hold], ...]:
        """What waits for a person in a job, by enterprise, what has waited longest first."""
        with self._read() as connection:
            found = holds_of_job(connection, job)
            sound_holds(tuple(hold for _, hold in found))
            return found

    @insisting
    def releases(self, enterprise_id: str, job: str) -> tuple[Release, ...]:
        """What people have approved and no run has carried out yet, newest first."""
        with self._read() as connection:
            return sound_releases(releases_of(connection, _owner(enterprise_id, job)))

    @insisting
    def release(self, enterprise_id: str, job: str, releases: Iterable[Release]) -> None:
        """Take down what somebody approves; a later word replaces an earlier one of the same person about the same hold."""
        with self._write(enterprise_id) as connection:
            write_releases(connection, _owner(enterprise_id, job), releases, self.key)

    @insisting
    def answer(self, enterprise_id: str, job: str, answer: IdentityAnswer) -> None:
        """Remember what a person answered about who is who; earlier answers about this external id or account are gone."""
        owner = _owner(enterprise_id, job)
        about = (ANSWERS.c.external_id == answer.external_id) | (ANSWERS.c.box_id == answer.box_id)
        with self._write(enterprise_id) as connection:
            connection.execute(ANSWERS.delete().where(*of(ANSWERS, owner), about))
            connection.execute(ANSWERS.insert(), [{**owner, **asdict(answer), **answer.by.row}])

    @insisting
    def forget(self, job: str, keys: Collection[str], names_them: Callable[[str], bool]) -> int:
        """Take one person out of a job's part, in whatever enterprise; see :func:`provision.ledger.forget.forget`. How many rows.

        A SQLite file is written anew, so that nothing of them is left in what was its free space.
        """
        with self._write(EVERYTHING) as connection:
            if connection.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA secure_delete = ON")
            found = forget(connection, job, keys, names_them)
        if self._engine.dialect.name == "sqlite":
            self._write_anew()
        return found

    def _write_anew(self) -> None:
        """Let SQLite write its whole file anew, which it does in no transaction."""
        with told(self._engine), contextlib.closing(self._engine.raw_connection()) as connection:
            for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
                connection.cursor().execute(statement)

    @insisting
    def learn(
        self, enterprise_id: str, job: str, lessons: Lessons, taught: Taught, *, moves: bool = False
    ) -> None:
        """Take over what a run taught, all of it or nothing; one that ``moves`` takes its accounts from other jobs.

        What the same run taught before is replaced; only its calls add up, since each of its processes made its own.
        """
        with self._write(enterprise_id) as connection:
            write_lessons(connection, _owner(enterprise_id, job), lessons, taught, self.key)
            if moves:
                move_claims(connection, _owner(enterprise_id, job), lessons.accounts)

    def relearn(
        self, enterprise_id: str, job: str, runs: Iterable[Callable[[Memory], tuple[Lessons, Taught]]]
    ) -> None:
        """Forget what this job knew of this enterprise and learn its runs anew, in this order; all of it or nothing.

        Each of ``runs`` is asked what it teaches whom the runs before it have taught. Calls that are known are kept: a
        run folder only tells those of the run's last process. So is what people answered about who is who.
        """
        self._relearn(enterprise_id, job, tuple(runs))

    @insisting
    def _relearn(
        self, enterprise_id: str, job: str, runs: Iterable[Callable[[Memory], tuple[Lessons, Taught]]]
    ) -> None:
        owner = _owner(enterprise_id, job)
        with self._write(enterprise_id) as connection:
            counted = set(connection.execute(sa.select(CALLS.c.run_id).where(*of(CALLS, owner))).scalars())
            for table in (
                ACCOUNTS,
                ABSENCES,
                STAGES,
                MANAGERS,
                NAMED,
                OPERATIONS,
                APPLIED,
                ROSTERS,
                RUNS,
                PROFILES,
                HOLDS,
                SAID,
                WANTS,
            ):
                connection.execute(table.delete().where(*of(table, owner)))
            for run in runs:
                lessons, taught = run(memory_of(connection, owner, self._keys.known()))
                calls = 0 if taught.run_id in counted else lessons.calls
                write_lessons(connection, owner, replace(lessons, calls=calls), taught, self.key)

    @insisting
    def leaseholder(self, enterprise_id: str) -> Lease | None:
        """Who said last that it works on this enterprise, and has not said that it is done."""
        with self._read() as connection:
            return _leaseholder(connection, enterprise_id)

    @insisting
    def take_lease(self, lease: Lease, alive_since: str) -> Lease | None:
        """Take an enterprise, unless another host has it and gave a sign of life at ``alive_since`` or later.

        Returns the lease in the way, None if there was none. One of the same host is left over from a process that
        has ended: the caller holds the host's own lock.
        """
        of_enterprise = LEASES.c.enterprise_id == lease.enterprise_id
        stale = (LEASES.c.host == lease.host) | (LEASES.c.renewed_at < alive_since)
        with self._write(_of_lease(lease)) as connection:
            connection.execute(LEASES.delete().where(of_enterprise, stale))
            holder = _leaseholder(connection, lease.enterprise_id)
            if holder is None:
                connection.execute(LEASES.insert(), [asdict(lease)])
            return holder

    @insisting
    def renew_lease(self, lease: Lease, at: str) -> bool:
        """Give a sign of life; whether the enterprise is still held, or somebody else has taken it meanwhile."""
        with self._write(_of_lease(lease)) as connection:
            renewed = connection.execute(LEASES.update().where(*_held(lease)).values(renewed_at=at))
            return renewed.rowcount > 0

    @insisting
    def release_lease(self, lease: Lease) -> None:
        """Give the enterprise back, if it is still held."""
        with self._write(_of_lease(lease)) as connection:
            connection.execute(LEASES.delete().where(*_held(lease)))

    @insisting
    def examine(self) -> None:
        """Read the whole ledger. Raises DamagedLedger if it is not sound."""
        with self._read() as connection:
            for table in TABLES.sorted_tables:
                connection.execute(sa.select(table).limit(1)).fetchall()
            check_whole(connection)

    @contextlib.contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        """One transaction that only reads; what it finds and cannot be what was written is damage."""
        with told(self._engine), sound_content(self._engine), self._engine.begin() as connection:
            yield connection

    @contextlib.contextmanager
    def _write(self, turn: str) -> Iterator[sa.Connection]:
        """One transaction that writes, when nobody else writes about the same enterprise."""
        with told(self._engine), self._engine.execution_options(writes=turn).begin() as connection:
            yield connection

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()


def open_ledger(url: str, keys: Keys = NO_KEYS) -> Ledger:
    """Open the ledger at a database URL, made if there is none. Raises InputError if it cannot be used.

    ``keys`` tell what fingerprints of personal values are made with; who has none neither compares nor keeps any.
    """
    return Ledger(connect(url, keys), keys)


def known_ledger(url: str, keys: Keys = NO_KEYS) -> Ledger:
    """The ledger at a database URL, for who only reads: none is made, and where one may not be written to it is read all the same.

    Of a file that is not there it knows nothing. Raises InputError if it cannot be used.
    """
    return Ledger(connect_to_read(url, keys), keys)


def _owner(enterprise_id: str, job: str) -> dict[str, str]:
    return {"enterprise_id": enterprise_id, "job": job}


def _of_lease(lease: Lease) -> str:
    """Whose turn it is to write about who works on an enterprise: a sign of life waits for no run that is taught."""
    return f"lease {lease.enterprise_id}"


def _leaseholder(connection: sa.Connection, enterprise_id: str) -> Lease | None:
    query = sa.select(LEASES).where(LEASES.c.enterprise_id == enterprise_id)
    found = connection.execute(query).mappings().one_or_none()
    return None if found is None else Lease(**{str(name): value for name, value in found.items()})


def _held(lease: Lease) -> list[sa.ColumnElement[bool]]:
    return [LEASES.c[name] == getattr(lease, name) for name in ("enterprise_id", "run_id", "host", "pid")]
