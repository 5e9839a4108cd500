"""The ledger's tables and their versions: each version is one function more, which makes of the last one its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from provision.because import as_written
from provision.ledger.keying import key_approvals, key_fingerprints
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

#: so many rows are Python objects at a time; a million of them would be half a gigabyte
AT_ONCE = 20_000

TABLES = sa.MetaData()
ABOUT = sa.Table(
    "about",
    TABLES,
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("value", sa.String, nullable=False),
)


def _owner() -> tuple[sa.Column[str], sa.Column[str]]:
    return sa.Column("enterprise_id", sa.String, primary_key=True), sa.Column(
        "job", sa.String, primary_key=True
    )


def _text(*names: str) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.String, nullable=False) for name in names)


def _by_job(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """A table whose lines belong to one job in one enterprise."""
    return sa.Table(name, TABLES, *_owner(), *columns)


def _by_run(name: str, *columns: sa.Column[Any]) -> sa.Table:
    """A table in which each run of a job has a line, or one a kind of something."""
    return _by_job(name, sa.Column("run_id", sa.String, primary_key=True), *columns)


ACCOUNTS = _by_job(
    "accounts",
    sa.Column("box_id", sa.String, primary_key=True),
    *_text(*ACCOUNT_COLUMNS[1:], "since"),
)
ABSENCES = _by_job(
    "absences",
    sa.Column("box_id", sa.String, primary_key=True),
    sa.Column("missed_runs", sa.Integer, nullable=False),
    *_text("first_missed", "last_missed"),
)
ROSTERS = _by_run(
    "rosters",
    *_text("accepted_at", "sha256"),
    sa.Column("row_count", sa.Integer, nullable=False),
    sa.Column("complete", sa.Boolean, nullable=False),
)
#: the run index: every run that has taught
RUNS = _by_run(
    "runs",
    *_text("as_of", "taught_at"),
)
LEASES = sa.Table(
    "leases",
    TABLES,
    sa.Column("enterprise_id", sa.String, primary_key=True),
    *_text("job", "run_id", "host"),
    sa.Column("pid", sa.Integer, nullable=False),
    *_text("since", "renewed_at"),
)
#: rosters that count as good, described; ``accepted_by`` is "" for those a run carried out, else who accepted them by name,
#: and their ``enterprise_id`` is "" then: a roster is accepted without asking Box
PROFILES = _by_run(
    "profiles",
    *_text("accepted_at", "accepted_by"),
    sa.Column("complete", sa.Boolean, nullable=False),
    *_text("profile", "os_user", "host", "terminal"),
)
#: what each run did, for budgets over days
OPERATIONS = _by_run(
    "operations",
    sa.Column("kind", sa.String, primary_key=True),
    sa.Column("done", sa.Integer, nullable=False),
    *_text("as_of"),
)
#: which job each run carried out: a fingerprint of all that decides its plans
APPLIED = _by_run(
    "applied",
    *_text("as_of", "job_fingerprint"),
)
#: how many calls each run made; one that was gone on with has a line for every process of it
CALLS = _by_run(
    "calls",
    sa.Column("at", sa.String, primary_key=True),
    sa.Column("made", sa.Integer, nullable=False),
)
#: what waits for a person
HOLDS = _by_job(
    "holds",
    sa.Column("hold_id", sa.String, primary_key=True),
    *_text("kind", "box_id", "external_id", "login", "name", "because", "since", "seen"),
    sa.Column("nights", sa.Integer, nullable=False),
    *_text("run_id", "user_kind", "aim"),
)
#: what of it people have approved, one line a person
RELEASES = _by_job(
    "releases",
    *(sa.Column(name, sa.String, primary_key=True) for name in ("hold_id", "by", "os_user")),
    *_text("aim", "at", "until", "run_id", "host", "terminal"),
)
#: what the roster said last, all of it in one row a job: fingerprints by account and field, and the name of their key
SAID = _by_job("said", sa.Column("packed", sa.LargeBinary, nullable=False), *_text("key_name"))
#: what people answered about who is who; one answer an external id, the last one given
ANSWERS = _by_job(
    "answers",
    sa.Column("external_id", sa.String, primary_key=True),
    *_text(*ANSWER_COLUMNS[1:], "os_user", "host", "terminal"),
)
#: how far the leavers' ways have gone
STAGES = _by_job(
    "stages",
    sa.Column("box_id", sa.String, primary_key=True),
    sa.Column("stage", sa.String, primary_key=True),
    *_text("at", "detail"),
)
#: whom the roster last named beside an account
MANAGERS = _by_job(
    "managers",
    sa.Column("box_id", sa.String, primary_key=True),
    *_text(*MANAGER_COLUMNS[1:]),
)

#: which sources of a roster named somebody last; of a roster that is one file nothing
NAMED = _by_job(
    "named",
    sa.Column("box_id", sa.String, primary_key=True),
    *_text(*NAMED_COLUMNS[1:]),
)

#: which groups names of the roster meant last, and which of them this job made
KNOWN_GROUPS = _by_job(
    "known_groups",
    sa.Column("name", sa.String, primary_key=True),
    *_text(*GROUP_COLUMNS[1:]),
)
#: further addresses of accounts, as far as the job has to do with them
ALIASES = _by_job(
    "aliases",
    sa.Column("box_id", sa.String, primary_key=True),
    sa.Column("address", sa.String, primary_key=True),
    *_text(*ALIAS_COLUMNS[2:]),
)
#: logins that are taken outside of the enterprise, and who of these people is invited
INVITES = _by_job(
    "invites",
    sa.Column("login", sa.String, primary_key=True),
    *_text(*INVITE_COLUMNS[1:]),
)
#: what new people are to get still
ONBOARDING = _by_job(
    "onboarding",
    *(sa.Column(name, sa.String, primary_key=True) for name in ONBOARDING_COLUMNS[:3]),
    *_text(*ONBOARDING_COLUMNS[3:]),
)


def of(table: sa.Table, owner: Mapping[str, str]) -> list[sa.ColumnElement[bool]]:
    """The condition for the rows of one enterprise and job, or of whatever ``owner`` says by column."""
    return [table.c[name] == value for name, value in owner.items()]


def _as_then(connection: sa.Connection, name: str, *columns: sa.Column[Any]) -> None:
    """Make a table as it was in a version after which it was changed."""
    metadata = sa.MetaData()
    sa.Table(name, metadata, *_owner(), *columns)
    metadata.create_all(connection, checkfirst=False)


def _hold_id() -> sa.Column[str]:
    return sa.Column("hold_id", sa.String, primary_key=True)


def _beginning(connection: sa.Connection) -> None:
    """Version 1: who is owned, who was absent, which rosters were accepted."""
    TABLES.create_all(connection, [ABOUT, ACCOUNTS, ABSENCES, ROSTERS], checkfirst=False)


def _runs_and_leases(connection: sa.Connection) -> None:
    """Version 2: who works on an enterprise, and which runs have taught; until then each left a roster."""
    TABLES.create_all(connection, [LEASES, RUNS], checkfirst=False)
    shared = [ROSTERS.c[name] for name in ("enterprise_id", "job", "run_id", "accepted_at")]
    taught = sa.select(*shared, ROSTERS.c.accepted_at.label("taught_at"))
    connection.execute(RUNS.insert().from_select([column.name for column in RUNS.columns], taught))


def _profiles(connection: sa.Connection) -> None:
    """Version 3: what the accepted rosters looked like; those of before are only counted."""
    run_id = sa.Column("run_id", sa.String, primary_key=True)
    complete = sa.Column("complete", sa.Boolean, nullable=False)
    _as_then(
        connection, "profiles", run_id, *_text("accepted_at", "accepted_by"), complete, *_text("profile")
    )


def _operations(connection: sa.Connection) -> None:
    """Version 4: what each run did, and by which job."""
    TABLES.create_all(connection, [OPERATIONS, APPLIED], checkfirst=False)


def _calls(connection: sa.Connection) -> None:
    """Version 5: how many calls each run made; those of before are not known."""
    TABLES.create_all(connection, [CALLS], checkfirst=False)


def _holds(connection: sa.Connection) -> None:
    """Version 6: what waits for a person, and what somebody has approved."""
    text = _text("kind", "box_id", "external_id", "login", "name", "reason", "since", "seen")
    nights = sa.Column("nights", sa.Integer, nullable=False)
    _as_then(connection, "holds", _hold_id(), *text, nights, *_text("run_id"))
    _as_then(connection, "releases", _hold_id(), *_text("aim", "by", "at", "until", "run_id"))


def _said(connection: sa.Connection) -> None:
    """Version 7: what the roster said last; not known of before, so that the roster counts as changed once."""
    as_then = sa.MetaData()
    sa.Table("said", as_then, *_owner(), sa.Column("packed", sa.LargeBinary, nullable=False))
    as_then.create_all(connection, checkfirst=False)


def _answers(connection: sa.Connection) -> None:
    """Version 8: what people answered about who is who."""
    external_id = sa.Column("external_id", sa.String, primary_key=True)
    _as_then(connection, "answers", external_id, *_text("login", "box_id", "answer", "by", "at"))


def _ways_out(connection: sa.Connection) -> None:
    """Version 9: how far the leavers' ways have gone, and whom the roster named beside them; of before nothing is known."""
    TABLES.create_all(connection, [STAGES, MANAGERS], checkfirst=False)


def _holds_because(connection: sa.Connection) -> None:
    """Version 10: why something waits is a reason; the sentences of before are kept as such until a run holds it again."""
    connection.exec_driver_sql("ALTER TABLE holds RENAME COLUMN reason TO because")
    for (told,) in connection.execute(sa.select(HOLDS.c.because).distinct()).fetchall():
        kept = HOLDS.update().where(HOLDS.c.because == told)
        connection.execute(kept.values(because=as_written(told)))


def _holds_of_a_kind(connection: sa.Connection) -> None:
    """Version 11: what kind of user a hold is about; not known of before until a run holds it again."""
    connection.exec_driver_sql("ALTER TABLE holds ADD COLUMN user_kind VARCHAR NOT NULL DEFAULT ''")


def _who_decided(connection: sa.Connection) -> None:
    """Version 13: who of the operating system gave a word, and words of several people on one hold; of before the name is known."""
    for table in ("profiles", "answers"):
        for name in ("os_user", "host", "terminal"):
            connection.exec_driver_sql(f"ALTER TABLE {table} ADD COLUMN {name} VARCHAR NOT NULL DEFAULT ''")
    connection.exec_driver_sql("ALTER TABLE releases RENAME TO releases_before")
    TABLES.create_all(connection, [RELEASES], checkfirst=False)
    kept = ("enterprise_id", "job", "hold_id", "aim", "by", "at", "until", "run_id")
    before = sa.table("releases_before", *map(sa.column, kept))
    unknown = (sa.literal("").label(name) for name in ("os_user", "host", "terminal"))
    rows = sa.select(*before.c, *unknown)
    connection.execute(RELEASES.insert().from_select([*kept, "os_user", "host", "terminal"], rows))
    connection.exec_driver_sql("DROP TABLE releases_before")


def _named(connection: sa.Connection) -> None:
    """Version 14: which sources named somebody last; of before nothing is known, so that any of them may have."""
    TABLES.create_all(connection, [NAMED], checkfirst=False)


def _groups(connection: sa.Connection) -> None:
    """Version 16: groups by the names that the roster has for them; of before none was looked at."""
    TABLES.create_all(connection, [KNOWN_GROUPS], checkfirst=False)


def _aliases(connection: sa.Connection) -> None:
    """Version 17: further addresses; of before nothing is known, so that those of a roster are looked for once."""
    TABLES.create_all(connection, [ALIASES], checkfirst=False)


def _invites(connection: sa.Connection) -> None:
    """Version 18: logins that are taken outside; of before nothing is known, so that each is met once more."""
    TABLES.create_all(connection, [INVITES], checkfirst=False)


def _onboarding(connection: sa.Connection) -> None:
    """Version 19: what new people are to get still; of before nobody was given anything beside an account."""
    TABLES.create_all(connection, [ONBOARDING], checkfirst=False)


#: version → what makes it of the one before. A table that a later version changes is to be spelled out in the function
#: that made it, as it was then: a new ledger goes through all of them too.
MIGRATIONS: tuple[tuple[int, Callable[[sa.Connection], None]], ...] = (
    (1, _beginning),
    (2, _runs_and_leases),
    (3, _profiles),
    (4, _operations),
    (5, _calls),
    (6, _holds),
    (7, _said),
    (8, _answers),
    (9, _ways_out),
    (10, _holds_because),
    (11, _holds_of_a_kind),
    (12, key_fingerprints),
    (13, _who_decided),
    (14, _named),
    (15, key_approvals),
    (16, _groups),
    (17, _aliases),
    (18, _invites),
    (19, _onboarding),
)

#: version of the tables; a newer ledger is refused by name, an older one migrated
SCHEMA_VERSION = MIGRATIONS[-1][0]


def version_of(connection: sa.Connection) -> str:
    """The version a database says it has; "0" for one without tables of ours."""
    # an inspector would look at much more each time
    if not connection.dialect.has_table(connection, ABOUT.name):
        return "0"
    query = sa.select(ABOUT.c.value).where(ABOUT.c.name == "schema_version")
    return connection.execute(query).scalar() or "0"


def migrate(connection: sa.Connection) -> None:
    """Bring the tables to SCHEMA_VERSION, within the caller's transaction; another process may have done so already."""
    found = int(version_of(connection))
    for version, step in MIGRATIONS:
        if version > found:
            step(connection)
    if found < SCHEMA_VERSION:
        connection.execute(ABOUT.delete().where(ABOUT.c.name == "schema_version"))
        connection.execute(ABOUT.insert(), [{"name": "schema_version", "value": str(SCHEMA_VERSION)}])
