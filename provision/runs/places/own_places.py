"""Whether run folders and ledger lie where nobody else can put or exchange them."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from provision.errors import InputError
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.ledger.place import plain_file
from provision.runs.places.owners import counts, group_of

#: what lies beside a SQLite file and is part of it
_BESIDE = ("", "-wal", "-shm", "-journal")


def expect_own_places(job: Job) -> None:
    """Raise InputError where ``runs``, the ledger or its folder belong to somebody who does not count."""
    group_of(job)  # one that there is not is told before anything is looked at
    if not hasattr(os, "getuid"):
        return
    for key, path in _places(job):
        found = _seen(path, follow=True)
        if found is not None and not (counts(found.st_uid, job) and _link_counts(path, job)):
            raise InputError(
                f"{path} ({key} in the job file) belongs to somebody else, who could exchange what is in it.",
                cause="it was made by another user, or put there for this job to find",
                remedy=f"name a folder of the user who runs this job as {key}, or let that user own it: chown {path}",
            )


def open_to_others(job: Job) -> Iterator[Finding]:
    """What to tell of ``runs`` and the folder of the ledger where others than their owner may write."""
    if not hasattr(os, "getuid"):
        return
    group = group_of(job)
    for key, path in _folders(job):
        found = _seen(path, follow=True)
        if found is None:
            continue
        # who may approve may write there, where somebody says so
        ours = stat.S_IWGRP if found.st_gid == group else 0
        if stat.S_IMODE(found.st_mode) & (stat.S_IWGRP | stat.S_IWOTH) & ~ours:
            sentence = f"others may write to {path} ({key} in the job file): they can exchange or take away what is in it"
            yield Finding(Code.OPEN_TO_OTHERS, Level.WARNING, sentence, f"chmod go-w {path}", file=str(path))


def _ledger_of(job: Job) -> Path | None:
    """The file of the ledger, told without the database library where it can be, since a first check comes by here."""
    plain = plain_file(job.state.url)
    if plain is None:
        from provision.ledger.address import file_of

        return file_of(job.state.url)
    return plain


def _folders(job: Job) -> Iterator[tuple[str, Path]]:
    yield "runs", job.runs
    if (ledger := _ledger_of(job)) is not None:
        yield "state", ledger.parent


def _places(job: Job) -> Iterator[tuple[str, Path]]:
    yield from _folders(job)
    if (ledger := _ledger_of(job)) is not None:
        for ending in _BESIDE:
            yield "state", ledger.with_name(f"{ledger.name}{ending}")


def _link_counts(path: Path, job: Job) -> bool:
    """Whether a link that leads there is one of ours, too; a place that is none is its own."""
    found = _seen(path, follow=False)
    return found is None or counts(found.st_uid, job)


def _seen(path: Path, *, follow: bool) -> os.stat_result | None:
    """What the system says of a place; None for one that is not there, or that is told by whoever opens it."""
    try:
        return path.stat() if follow else path.lstat()
    except OSError:
        return None
