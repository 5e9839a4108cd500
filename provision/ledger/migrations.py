"""The versions of the ledger: each is one function more, which makes of the last one its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa

from provision.because import as_written
from provision.ledger.keying import key_approvals, key_fingerprints
from provision.ledger.tables import (
    ABOUT,
    ABSENCES,
    ACCOUNTS,
    ALIASES,
    APPLIED,
    BUDGETS,
    CALLS,
    HOLDS,
    INVITES,
    KNOWN_GROUPS,
    LEASES,
    MANAGERS,
    NAMED,
    ONBOARDING,
    OPERATIONS,
    RELEASES,
    ROSTERS,
    RUNS,
    SAID,
    STAGES,
    TABLES,
    TEXT,
    WANTS,
    owner_columns,
    text_columns,
)


def _as_then(connection: sa.Connection, name: str, *columns: sa.Column[Any]) -> None:
    """Make a table as it was in a version after which it was changed."""
    metadata = sa.MetaData()
    sa.Table(name, metadata, *owner_columns(), *columns)
    metadata.create_all(connection, checkfirst=False)


def _hold_id() -> sa.Column[str]:
    return sa.Column("hold_id", TEXT, primary_key=True)


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
    run_id = sa.Column("run_id", TEXT, primary_key=True)
    complete = sa.Column("complete", sa.Boolean, nullable=False)
    _as_then(
        connection,
        "profiles",
        run_id,
        *text_columns("accepted_at", "accepted_by"),
        complete,
        *text_columns("profile"),
    )


def _operations(connection: sa.Connection) -> None:
    """Version 4: what each run did, and by which job."""
    TABLES.create_all(connection, [OPERATIONS, APPLIED], checkfirst=False)


def _calls(connection: sa.Connection) -> None:
    """Version 5: how many calls each run made; those of before are not known."""
    TABLES.create_all(connection, [CALLS], checkfirst=False)


def _holds(connection: sa.Connection) -> None:
    """Version 6: what waits for a person, and what somebody has approved."""
    text = text_columns("kind", "box_id", "external_id", "login", "name", "reason", "since", "seen")
    nights = sa.Column("nights", sa.Integer, nullable=False)
    _as_then(connection, "holds", _hold_id(), *text, nights, *text_columns("run_id"))
    _as_then(connection, "releases", _hold_id(), *text_columns("aim", "by", "at", "until", "run_id"))


def _said(connection: sa.Connection) -> None:
    """Version 7: what the roster said last; not known of before, so that the roster counts as changed once."""
    as_then = sa.MetaData()
    sa.Table("said", as_then, *owner_columns(), sa.Column("packed", sa.LargeBinary, nullable=False))
    as_then.create_all(connection, checkfirst=False)


def _answers(connection: sa.Connection) -> None:
    """Version 8: what people answered about who is who."""
    external_id = sa.Column("external_id", TEXT, primary_key=True)
    _as_then(connection, "answers", external_id, *text_columns("login", "box_id", "answer", "by", "at"))


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
    whose = (sa.Column(name, TEXT, primary_key=True) for name in ("hold_id", "by", "os_user"))
    _as_then(
        connection, "releases", *whose, *text_columns("aim", "at", "until", "run_id", "host", "terminal")
    )
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


def _words_that_hold(connection: sa.Connection) -> None:
    """Version 20: a word may also let an operation wait; those of before approve."""
    connection.exec_driver_sql("ALTER TABLE releases ADD COLUMN says VARCHAR NOT NULL DEFAULT ''")


def _said_in_parts(connection: sa.Connection) -> None:
    """Version 21: what the roster said lies in parts; that of before is one."""
    connection.exec_driver_sql("ALTER TABLE said RENAME TO said_before")
    TABLES.create_all(connection, [SAID], checkfirst=False)
    kept = ("enterprise_id", "job", "packed", "key_name")
    before = sa.table("said_before", *map(sa.column, kept))
    rows = sa.select(*before.c, sa.literal(0).label("part"))
    connection.execute(SAID.insert().from_select([*kept, "part"], rows))
    connection.exec_driver_sql("DROP TABLE said_before")


def _budgets(connection: sa.Connection) -> None:
    """Version 22: budgets of calls that machines share; of before each machine had its own."""
    TABLES.create_all(connection, [BUDGETS], checkfirst=False)


def _wants(connection: sa.Connection) -> None:
    """Version 23: what a job's roster wants, for other jobs; of before nothing is known, so that the next accepted one tells."""
    TABLES.create_all(connection, [WANTS], checkfirst=False)


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
    (20, _words_that_hold),
    (21, _said_in_parts),
    (22, _budgets),
    (23, _wants),
)

#: version of the tables; a newer ledger is refused by name, an older one migrated
SCHEMA_VERSION = MIGRATIONS[-1][0]


#: beside the version: to which address a ledger was moved
MOVED = "moved_to"


def moved_to(connection: sa.Connection) -> str:
    """Where a ledger that has tables of ours was moved to, "" for nowhere."""
    return connection.execute(sa.select(ABOUT.c.value).where(ABOUT.c.name == MOVED)).scalar() or ""


def version_of(connection: sa.Connection) -> str:
    """The version a database says it has; "0" for one without tables of ours. Raises TypeError for one that can be none."""
    # an inspector would look at much more each time
    if not connection.dialect.has_table(connection, ABOUT.name):
        return "0"
    query = sa.select(ABOUT.c.value).where(ABOUT.c.name == "schema_version")
    found = connection.execute(query).scalar() or "0"
    if not isinstance(found, str):
        raise TypeError("a version that is no text")
    return found


def migrate(connection: sa.Connection) -> None:
    """Bring the tables to SCHEMA_VERSION, within the caller's transaction; another process may have done so already."""
    found = int(version_of(connection))
    for version, step in MIGRATIONS:
        if version > found:
            step(connection)
    if found < SCHEMA_VERSION:
        connection.execute(ABOUT.delete().where(ABOUT.c.name == "schema_version"))
        connection.execute(ABOUT.insert(), [{"name": "schema_version", "value": str(SCHEMA_VERSION)}])
