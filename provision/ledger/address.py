"""The address of a ledger: a database URL that names something which lasts."""

from __future__ import annotations

from glob import escape
from pathlib import Path
from typing import NoReturn

import sqlalchemy as sa

from provision.errors import InputError

#: what a SQLite address may say besides its file, and what only one in SQLite's own form (``file:NAME``) may
_BESIDE = frozenset({"timeout", "check_same_thread", "cached_statements", "uri"})
_OF_URI = frozenset({"mode", "cache", "vfs"})
#: SQLite's ways to keep nothing
_KEEPS_NOTHING = {"mode": "memory", "vfs": "memdb"}
#: between the name of a ledger and the version in which a copy of it is kept
_COPY = ".version-"
_REMEDY = "write it as sqlite:///state/provision.db (relative to the job file)"


def parsed(url: str) -> sa.URL:
    """A ledger's address in its parts. Raises InputError for one that no database is behind, or one that keeps nothing."""
    try:
        found = sa.make_url(url)
        found.get_dialect().import_dbapi()
    except (sa.exc.ArgumentError, ModuleNotFoundError):
        found = None
    if found is None or "\0" in url:
        raise InputError(
            "The job's state is not a database URL this program can open.",
            cause="a typing error, or a database whose driver is not installed",
            remedy=_REMEDY,
        )
    if found.get_backend_name() == "sqlite":
        _expect_lasting(found)
    return found


def file_of(url: str) -> Path | None:
    """The file of a ledger; None for one that lies in no file this program can name."""
    try:
        found = sa.make_url(url)
    except sa.exc.ArgumentError:
        return None
    is_file = found.get_backend_name() == "sqlite" and found.database not in (None, "", ":memory:")
    return Path(found.database or "") if is_file and not _is_uri(found) else None


def copy_of(path: Path, version: str) -> Path:
    """Where the ledger in this file is kept as it was before it was brought to another version."""
    return path.with_name(f"{path.name}{_COPY}{version}")


def copies_of(path: Path) -> list[Path]:
    """All such copies there are."""
    return sorted(path.parent.glob(f"{escape(path.name)}{_COPY}*"))


def shown(url: str) -> str:
    """A ledger's URL as it may be printed: without a password."""
    return sa.make_url(url).render_as_string(hide_password=True)


def expect_kept(connection: sa.Connection) -> None:
    """Raise InputError for a SQLite database that lies in no file, however that was written."""
    if connection.dialect.name == "sqlite":
        files = [row[2] for row in connection.exec_driver_sql("PRAGMA database_list") if row[1] == "main"]
        if files == [""]:
            forgets("a name that SQLite keeps in memory was written")


def forgets(cause: str) -> NoReturn:
    """Raise InputError for an address behind which nothing lasts."""
    raise InputError(
        "The job's state names no file, so nothing would be remembered and nobody would ever be owned.",
        cause=cause,
        remedy=_REMEDY,
    )


def _is_uri(url: sa.URL) -> bool:
    return (url.database or "").startswith("file:")


def _expect_lasting(url: sa.URL) -> None:
    if url.database in (None, "", ":memory:"):
        forgets("sqlite:// or :memory: was written")
    for name, value in url.query.items():
        if _KEEPS_NOTHING.get(name) in (value if isinstance(value, tuple) else (value,)):
            forgets(f"{name}={_KEEPS_NOTHING[name]} was written")
    known = _BESIDE | _OF_URI if _is_uri(url) and "uri" in url.query else _BESIDE
    try:
        unknown = sorted(url.query.keys() - known)
        if not unknown:
            url.get_dialect()().create_connect_args(url)
    except (ValueError, TypeError):
        unknown = sorted(url.query)
    if unknown:
        raise InputError(
            f"The job's state says {', '.join(unknown)} behind the file, which means nothing to a SQLite ledger, or has "
            "another value than it can have.",
            cause="a typing error, or a word that only another database knows",
            remedy=_REMEDY,
        )
