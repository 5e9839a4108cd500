"""The ledger's tables as they are now; how they came to be stands in migrations.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from provision.ledger.value import (
    ACCOUNT_COLUMNS,
    ALIAS_COLUMNS,
    ANSWER_COLUMNS,
    GROUP_COLUMNS,
    INVITE_COLUMNS,
    MANAGER_COLUMNS,
    NAMED_COLUMNS,
    ONBOARDING_COLUMNS,
)

#: text that sorts as its bytes do, as SQLite's does, whatever the language of the server
TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")
#: so many rows are Python objects at a time; a million of them would be half a gigabyte
AT_ONCE = 20_000

TABLES = sa.MetaData()
ABOUT = sa.Table(
    "about",
    TABLES,
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("value", TEXT, nullable=False),
)


def owner_columns() -> tuple[sa.Column[str], sa.Column[str]]:
    """The columns that say whose a row is."""
    return sa.Column("enterprise_id", TEXT, primary_key=True), sa.Column("job", TEXT, primary_key=True)


def text_columns(*names: str) -> tuple[sa.Column[str], ...]:
    """Columns of text, "" for none."""
    return tuple(sa.Column(name, TEXT, nullable=False) for name in names)


def _by_job(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """A table whose lines belong to one job in one enterprise."""
    return sa.Table(name, TABLES, *owner_columns(), *columns)


def _by_run(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """A table in which each run of a job has a line, or one a kind of something."""
    return _by_job(name, sa.Column("run_id", TEXT, primary_key=True), *columns)


ACCOUNTS = _by_job(
    "accounts",
    sa.Column("box_id", TEXT, primary_key=True),
    *text_columns(*ACCOUNT_COLUMNS[1:], "since"),
)
ABSENCES = _by_job(
    "absences",
    sa.Column("box_id", TEXT, primary_key=True),
    sa.Column("missed_runs", sa.Integer, nullable=False),
    *text_columns("first_missed", "last_missed"),
)
ROSTERS = _by_run(
    "rosters",
    *text_columns("accepted_at", "sha256"),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
)
#: the run index: every run that has taught
RUNS = _by_run(
    "runs",
    *text_columns("as_of", "taught_at"),
)
LEASES = sa.Table(
    "leases",
    TABLES,
    sa.Column("enterprise_id", TEXT, primary_key=True),
    *text_columns("job", "run_id", "host"),
    sa.Column("pid", sa.Integer, nullable=False),
    *text_columns("since", "renewed_at"),
)
#: rosters that count as good, described; ``accepted_by`` is "" for those a run carried out, else who accepted them by name,
#: and their ``enterprise_id`` is "" then: a roster is accepted without asking Box
PROFILES = _by_run(
    "profiles",
    *text_columns("accepted_at", "accepted_by"),
    sa.Column("complete", sa.Boolean, nullable=False),
    *text_columns("profile", "os_user", "host", "terminal"),
)
#: what each run did, for budgets over days
OPERATIONS = _by_run(
    "operations",
    sa.Column("kind", TEXT, primary_key=True),
    sa.Column("done", sa.Integer, nullable=False),
    *text_columns("as_of"),
)
#: which job each run carried out: a fingerprint of all that decides its plans
APPLIED = _by_run(
    "applied",
    *text_columns("as_of", "job_fingerprint"),
)
#: how many calls each run made; one that was gone on with has a line for every process of it
CALLS = _by_run(
    "calls",
    sa.Column("at", TEXT, primary_key=True),
    sa.Column("made", sa.Integer, nullable=False),
)
#: what waits for a person
HOLDS = _by_job(
    "holds",
    sa.Column("hold_id", TEXT, primary_key=True),
    *text_columns("kind", "box_id", "external_id", "login", "name", "because", "since", "seen"),
    sa.Column("nights", sa.Integer, nullable=False),
    *text_columns("run_id", "user_kind", "aim"),
)
#: what people have approved of it, or hold, one line a person
RELEASES = _by_job(
    "releases",
    *(sa.Column(name, TEXT, primary_key=True) for name in ("hold_id", "by", "os_user")),
    *text_columns("aim", "at", "until", "run_id", "host", "terminal", "says"),
)
#: what the roster said last, in parts: fingerprints by account and field, and the name of their key
SAID = _by_job(
    "said",
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("packed", sa.LargeBinary, nullable=False),
    *text_columns("key_name"),
)
#: what the last accepted roster wants, in parts: whom it names beyond the job's accounts, and their groups and addresses
WANTS = _by_job(
    "wants",
    sa.Column("part", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("packed", sa.LargeBinary, nullable=False),
)
#: what people answered about who is who; one answer an external id, the last one given
ANSWERS = _by_job(
    "answers",
    sa.Column("external_id", TEXT, primary_key=True),
    *text_columns(*ANSWER_COLUMNS[1:], "os_user", "host", "terminal"),
)
#: how far the leavers' ways have gone
STAGES = _by_job(
    "stages",
    sa.Column("box_id", TEXT, primary_key=True),
    sa.Column("stage", TEXT, primary_key=True),
    *text_columns("at", "detail"),
)
#: whom the roster last named beside an account
MANAGERS = _by_job(
    "managers",
    sa.Column("box_id", TEXT, primary_key=True),
    *text_columns(*MANAGER_COLUMNS[1:]),
)

#: which sources of a roster named somebody last; of a roster that is one file nothing
NAMED = _by_job(
    "named",
    sa.Column("box_id", TEXT, primary_key=True),
    *text_columns(*NAMED_COLUMNS[1:]),
)

#: which groups names of the roster meant last, and which of them this job made
KNOWN_GROUPS = _by_job(
    "known_groups",
    sa.Column("name", TEXT, primary_key=True),
    *text_columns(*GROUP_COLUMNS[1:]),
)
#: further addresses of accounts, as far as the job has to do with them
ALIASES = _by_job(
    "aliases",
    sa.Column("box_id", TEXT, primary_key=True),
    sa.Column("address", TEXT, primary_key=True),
    *text_columns(*ALIAS_COLUMNS[2:]),
)
#: logins that are taken outside of the enterprise, and who of these people is invited
INVITES = _by_job(
    "invites",
    sa.Column("login", TEXT, primary_key=True),
    *text_columns(*INVITE_COLUMNS[1:]),
)
#: what new people are to get still
ONBOARDING = _by_job(
    "onboarding",
    *(sa.Column(name, TEXT, primary_key=True) for name in ONBOARDING_COLUMNS[:3]),
    *text_columns(*ONBOARDING_COLUMNS[3:]),
)
#: what is left of Box's limit for an acting user, for all machines; seconds of the server's clock, see provision/box/pacing/budget.py
BUDGETS = sa.Table(
    "budgets",
    TABLES,
    sa.Column("name", TEXT, primary_key=True),
    *(
        sa.Column(name, sa.Double, nullable=False)
        for name in ("last", "held_until", "share", "lowered_at", "peak", "used", "written_at")
    ),
)


def of(table: sa.Table, owner: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    """The condition for the rows of one enterprise and job, or of whatever ``owner`` says by column."""
    return [table.c[name] == value for name, value in owner.items()]
