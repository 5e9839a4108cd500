"""approvals.d: what others than who made a run folder have approved, one file a person, each checked against its owner.

They have neither the key nor the ledger: it is the operating system that says whose file it is. What counts is taken over by the next
run into the sealed record and the ledger, once, so that it cannot be used a second time.
"""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Collection, Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime
from pathlib import Path
from urllib.parse import quote

import msgspec

from provision.deciders import Decider
from provision.errors import PlanError
from provision.files import trouble_with, whole
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.ledger.value import Release
from provision.plan.planfile import read_recorded
from provision.plan.value import Plan
from provision.runs.approving.approvable import Approvable, all_of
from provision.runs.approving.approvals import Row, proven_rows
from provision.runs.folder import INBOX_NAME, RunFolder, find_run, runs_of
from provision.runs.places.owners import counts, give_file, is_of_others
from provision.runs.seal.seal import doubt_about, sealed_plan
from provision.runs.who_decides import name_of

#: a longer file is nobody's approvals, and what is longer than this is nobody's word; a file holds one for each operation
_MOST, _LONGEST_WORD = 64 << 20, 64 << 10
#: nothing is approved before and after these: what lies at the ends of a calendar has no time in every zone
_EARLIEST, _LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(MAXYEAR, 1, 2, tzinfo=UTC)
#: characters of a word in a row: names and ids are far shorter, and what is longer would go into every log and report
_LONGEST = 1_000
_WRITTEN_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
#: what names a word, so that it is taken over once
Named = tuple[str, str, str, str, str]


class _Row(msgspec.Struct, frozen=True, kw_only=True):
    """One approval, as a file of approvals.d holds it; what else a row tells is for people."""

    by: str
    os_user: str
    host: str
    terminal: str
    at: str
    until: str
    hold_id: str
    aim: str
    run_id: str
    plan: str
    says: str = ""

    @property
    def word(self) -> Release:
        """The word that it is."""
        by = Decider(self.by, self.os_user, self.host, self.terminal)
        return Release(self.hold_id, self.aim, by, self.at, self.until, self.run_id, self.says)

    def counts(self, now: datetime) -> bool:
        """Whether it is not over. Raises ValueError for times that are none, or that no place on earth can have."""
        _moment(self.at)
        return _moment(self.until) > now


def _moment(text: str) -> datetime:
    """A time with its offset, which whoever compares or tells it can turn into one of another zone. Raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None or not _EARLIEST < at < _LATEST:
        raise ValueError(text)
    return at


@dataclass(frozen=True, slots=True)
class Delivered:
    """What others have approved beside one run, which is ``about`` what its plan does and asks, and nothing else."""

    run: RunFolder
    plan: Plan
    about: Approvable
    words: tuple[Release, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """What is new in the folders for words of others, and what of it counts for nothing."""

    delivered: tuple[Delivered, ...] = ()
    found: tuple[Finding, ...] = ()

    @property
    def words(self) -> tuple[Release, ...]:
        """All words that count."""
        return tuple(word for each in self.delivered for word in each.words)


def inbox_of(job: Job, enterprise_id: str, now: datetime) -> Inbox:
    """What others have approved of this user's runs of a job and no run has taken over yet; nothing without a ``runs_group``."""
    if job.runs_group is None:
        return Inbox()
    delivered, found = [], list[Finding]()
    for path in runs_of(job):
        if not is_of_others(path, job) and (rows := _new_rows(path, job, now, found)):
            with contextlib.suppress(PlanError):  # told by whoever needs that run
                each = _delivered(path, rows, job, found)
                delivered += [each] if each.plan.enterprise_id == enterprise_id else []
    return Inbox(tuple(delivered), tuple(found))


def words_beside(run: RunFolder, plan: Plan, job: Job, now: datetime) -> tuple[Release, ...]:
    """What is approved beside one run, for somebody who only wants to know."""
    rows = [row for _, row in _rows_of_all(run.path, job, now, [])]
    asked = all_of(plan).asked if rows else {}
    return tuple(row.word for row in rows if not _void(row, run.path, plan, asked))


def leave(run: RunFolder, rows: Iterable[Row], by: Decider, job: Job) -> Path:
    """Put words of this user beside a run of somebody else, to those that are there. Raises PlanError, RunFolderError."""
    folder = run.path / INBOX_NAME
    if not folder.is_dir():
        raise PlanError(
            f"Run {run.about.run_id} takes no approvals of others: it has no {INBOX_NAME}.",
            cause=f"it was made before the job named a runs_group ({job.runs_group})",
            remedy="let whoever runs the job make a new plan: provision plan JOB",
        )
    path = folder / _file_name(by.os_user)
    kept: list[Row] = []
    with contextlib.suppress(_Void):
        kept = [msgspec.to_builtins(row) for row in _read(path, job)]
    whole(path, lambda part: part.write_bytes(msgspec.json.format(msgspec.json.encode([*kept, *rows]))))
    with trouble_with(path):
        give_file(path, job)
    return path


def named(word: Release) -> Named:
    """What tells one word from all others."""
    return word.by.name, word.by.os_user, word.hold_id, word.aim, word.at


def status_of(number: int) -> os.stat_result:
    """What the operating system says of an open file, its owner among it."""
    return os.fstat(number)


class _Void(Exception):
    """A file, or a row of one, that counts for nothing, and why."""


def _new_rows(path: Path, job: Job, now: datetime, found: list[Finding]) -> list[tuple[Path, _Row]]:
    """The rows that the run's own record does not have yet."""
    rows = _rows_of_all(path, job, now, found)
    if not rows:
        return []
    try:
        known = _known(proven_rows(path, job))
    except PlanError as error:
        found.append(_finding(path, error.what))
        return []
    return [(file, row) for file, row in rows if named(row.word) not in known]


def _known(rows: Iterable[Row]) -> Collection[Named]:
    told = (
        {name: str(row.get(name, "")) for name in ("by", "os_user", "hold_id", "aim", "at")} for row in rows
    )
    return {(one["by"], one["os_user"], one["hold_id"], one["aim"], one["at"]) for one in told}


def _rows_of_all(path: Path, job: Job, now: datetime, found: list[Finding]) -> list[tuple[Path, _Row]]:
    rows = []
    for file in _files(path / INBOX_NAME):
        try:
            rows += [(file, row) for row in _read(file, job) if row.counts(now)]
        except _Void as error:
            found.append(_finding(file, str(error)))
        except ValueError:
            found.append(_finding(file, "it has a time that is none"))
    return rows


def _files(folder: Path) -> Iterator[Path]:
    try:
        found = sorted(folder.iterdir()) if folder.is_dir() else []
    except OSError:
        return
    yield from (path for path in found if path.suffix == ".json" and not path.name.startswith("."))


def _delivered(path: Path, rows: Iterable[tuple[Path, _Row]], job: Job, found: list[Finding]) -> Delivered:
    """Of new rows those that are about this very plan. Raises PlanError for a plan that cannot be read."""
    run, words = find_run(str(path)), []
    if (doubt := doubt_about(path, job)) is not None:
        found.append(_finding(path, doubt.what))
        rows = ()
    plan = sealed_plan(path, job) if doubt is None else read_recorded(path)
    about = all_of(plan)
    asked = about.asked
    for file, row in rows:
        if why := _void(row, path, plan, asked):
            found.append(_finding(file, why))
        else:
            words.append(row.word)
    return Delivered(run, plan, about, tuple(words))


def _void(row: _Row, path: Path, plan: Plan, asked: Container[tuple[str, str]]) -> str:
    """Why a row is not about this plan; "" for one that is."""
    if row.run_id != path.name or row.plan != plan.digest:
        return f"it approves another plan (run {row.run_id}) than the one beside it"
    if (row.hold_id, row.aim) not in asked:
        return "it approves what the plan beside it does not do"
    return ""


def _read(file: Path, job: Job) -> tuple[_Row, ...]:
    """The rows of one file, which its owner has to be the one to have given. Raises _Void."""
    try:
        # neither through a link nor waiting for a pipe
        number = os.open(file, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise _Void(f"it cannot be read ({error.strerror})") from None
    with os.fdopen(number, "rb") as stream:
        user = _owner(status_of(number), file, job)
        body = stream.read(_MOST + 1)
    try:
        words = msgspec.json.decode(body if len(body) <= _MOST else b"", type=tuple[msgspec.Raw, ...])
        if any(len(bytes(word)) > _LONGEST_WORD for word in words):
            raise _Void(f"a word in it is longer than {_LONGEST_WORD:,} bytes")
        rows = tuple(msgspec.json.decode(word, type=_Row) for word in words)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise _Void("it is no list of approvals") from None
    for row in rows:
        if any(len(text) > _LONGEST for text in msgspec.structs.astuple(row)):
            raise _Void("a name or an id in it is longer than any is")
        if row.os_user != user:
            raise _Void(f"it speaks for the user {row.os_user} and belongs to {user}")
    return rows


def _owner(found: os.stat_result, file: Path, job: Job) -> str:
    """The user whose file it is. Raises _Void for one that proves nobody's word."""
    user = name_of(found.st_uid)
    if not stat.S_ISREG(found.st_mode) or found.st_nlink != 1:
        raise _Void("it is no file of its own but a link or something else")
    if not counts(found.st_uid, job):
        raise _Void(f"it belongs to {user}, who is no member of the group {job.runs_group}")
    if found.st_mode & _WRITTEN_BY_OTHERS:
        raise _Void(f"others than {user} may write to it")
    if file.name != _file_name(user):
        raise _Void(f"it belongs to {user}, whose file is {_file_name(user)}")
    return user


def _file_name(user: str) -> str:
    return f"{quote(user, safe='@')}.json"


def _finding(file: Path, why: str) -> Finding:
    run = file.parent.parent.name if file.parent.name == INBOX_NAME else file.name
    return Finding(
        Code.APPROVAL_NOT_COUNTED,
        Level.WARNING,
        f"The approval {file.name} beside run {run} counts for nothing: {why}",
        f"whoever means it approves it: provision approve {file.parent.parent} --by NAME; see who put the file there",
        file=str(file),
    )
