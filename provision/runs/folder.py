"""Run folders: one a run, which alone answers every question about it."""

from __future__ import annotations

import contextlib
import errno
import glob
import hashlib
import hmac
import json
import os
import re
import secrets
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

from provision.errors import DamagedFile, ExitCode, InputError, PlanError, RunFolderError
from provision.files import append, opened, private_folder, trouble_with, whole
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.plan.planfile import PLAN_NAME
from provision.plan.value import Plan
from provision.records import LARGEST, content_of, damaged, decoded, read_record, sound
from provision.runs.ending import CUT_OFF

ABOUT_NAME = "run.json"
SUMMARY_NAME = "summary.json"
#: which accounts were taken over, and by whose decision
ADOPTION_NAME = "adoption.json"
#: who released what until when, and who answered who is who
APPROVALS_NAME = "approvals.json"
#: likewise, of others than who made the folder: one file a person
INBOX_NAME = "approvals.d"
#: who let the ledger begin anew, and which runs count no more
NEW_LEDGER_NAME = "new_ledger.json"
#: what a summary may say before anything is sent
BEFORE_SENDING = ("planned", "refused", "held", "no_changes")
#: how a run ends that came to its end; any other one was cut off, and its roster was not accepted
ENDED = ("applied", "partial", "held", "no_changes")
#: the event in log.jsonl for what the ledger was taught
LEARNED = "learned"
#: the same, on the disk before the first request of a process leaves, and after its journal is there
APPLYING = "applying"
LOG_NAME = "log.jsonl"
#: bytes of a line of the log
_LONGEST_LINE = 1 << 20
#: an address, or the plain hash of one that stands in the id of an operation; an address is looked for where a word begins and
#: nowhere within it, since a word without end would be read once for each of its letters
_ADDRESS = re.compile(r"login=[0-9a-f]{16}|(?:(?<![^\s:=,])|(?<=login=[0-9a-f]{16}))[^\s:=,]+@[^\s:,]+")
_AGAIN = "make a new plan: provision plan JOB"
_LISTED = "put the file back from a backup; the other runs are listed all the same"
_NAME = re.compile(r"\d{8}T\d{6}Z-(?P<job>.+)-[0-9a-f]{4}")
#: hexadecimal digits at the end of a name
_DIGITS = 4
#: names that are tried for a new folder while others make theirs
_TRIES = 100


@dataclass(frozen=True, slots=True)
class About:
    """What a run folder says of itself: whose plan it holds. ``job_path`` is absolute.

    ``log_key``: what addresses are hashed with in its log, and ``base_url``: where Box was; "" for a run of an earlier release.
    """

    run_id: str
    job: str
    job_path: str
    job_fingerprint: str
    started_at: str
    log_key: str = ""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run's folder; ``read``: the SHA-256 of the run.json that ``about`` was read from, "" for a folder that was made just now."""

    path: Path
    about: About
    read: str = ""

    def begun(self, now: datetime) -> RunFolder:
        """The same folder for a command that begins now, later than the plan was made."""
        return replace(self, about=replace(self.about, started_at=now.isoformat(timespec="seconds")))

    def log(self, event: str, at: datetime, **facts: object) -> None:
        """Append one line to log.jsonl: the run's id, keys, statuses, Box codes and request ids; never an attribute value.

        Logs are shipped to other places, so a key that is an address is a keyed hash there.
        """
        told = {name: self._unnamed(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
        begin = {"at": at.isoformat(timespec="milliseconds"), "event": event, "run_id": self.about.run_id}
        line = json.dumps({**begin, **told})
        append(self.path / LOG_NAME, line, durable=event == APPLYING)

    def _unnamed(self, text: str) -> str:
        return _ADDRESS.sub(lambda found: f"hash={self.hashed(found[0])}", text)

    def hashed(self, text: str) -> str:
        """What the log says in the place of an address, after ``hash=``."""
        key = (self.about.log_key or self.about.run_id).encode()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:16]


def new_run(job: Job, job_path: Path, job_fingerprint: str, now: datetime, chance: str) -> RunFolder:
    """Make the folder of a new run: ``<UTC time>-<job>-<4 hex>``, mode 0700; the digits from ``chance``. Raises RunFolderError."""
    folder = _own_folder(job.runs, f"{now:%Y%m%dT%H%M%SZ}-{job.name}-", chance)
    run_id = folder.name
    started = now.isoformat(timespec="seconds")
    about = About(
        run_id,
        job.name,
        str(job_path.resolve()),
        job_fingerprint,
        started,
        secrets.token_hex(16),
        job.box.base_url,
    )
    text = json.dumps(asdict(about), indent=1)
    whole(folder / ABOUT_NAME, lambda path: path.write_text(text + "\n", encoding="utf-8"))
    return RunFolder(folder, about)


def _own_folder(runs: Path, begin: str, chance: str) -> Path:
    """A folder that was not there: another machine may begin a run of that name in the same second."""
    private_folder(runs)
    for _ in range(_TRIES):
        folder = runs / (begin + _behind(runs, begin, chance))
        with trouble_with(runs), contextlib.suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            return folder
    raise RunFolderError(f"No run folder of its own could be made in {runs}: all of its names are taken.")


def _behind(runs: Path, begin: str, chance: str) -> str:
    """Four digits behind those of runs of the same second: by their names, runs stand in the order in which they were made."""
    with trouble_with(runs):
        there = [
            path.name.removeprefix(begin) for path in runs.glob(glob.escape(begin) + "[0-9a-f]" * _DIGITS)
        ]
    last = int(max(there), 16) if there else -1
    left = 16**_DIGITS - 1 - last  # the lower half of what is left, so that there is room behind
    return f"{last + 1 + int(chance, 16) % ((left + 1) // 2 or 1):0{_DIGITS}x}" if left else chance


def find_run(name: str) -> RunFolder:
    """The run somebody named: by its folder, a file in it, or its id below ``runs``. Raises PlanError."""
    named = Path(name)
    for path in (named, named.parent, Path("runs") / name):
        if os.path.lexists(path / ABOUT_NAME):
            return RunFolder(path.resolve(), *_about(path / ABOUT_NAME))
    if os.path.lexists(named) and not os.access(named, os.R_OK | (os.X_OK if named.is_dir() else 0)):
        raise PlanError(
            f"You may not look into {name}.",
            cause="it belongs to another user, who made it or put it there",
            remedy="let the user whose run it is do this; or name one of your own, as provision runs JOB lists them",
        )
    raise PlanError(
        f"There is no run folder at {name}.",
        cause="a wrong name, or another working directory",
        remedy="name the folder itself, as provision runs JOB lists it",
    )


def _about(path: Path) -> tuple[About, str]:
    content = content_of(path, _AGAIN)
    told = decoded(path, content, About, _AGAIN)
    if "\0" in told.job_path:
        raise damaged(path, "it names no job file", _AGAIN)
    sound(path, lambda: datetime.fromisoformat(told.started_at), _AGAIN)
    return told, hashlib.sha256(content).hexdigest()


def of_job(plan: Plan, run: RunFolder, job: Job, remedy: str) -> Plan:
    """The plan of a run, of this job and of today. Raises PlanError for any other, with the remedy for one of another job."""
    if plan.job != job.name:
        raise PlanError(
            f"Run {run.about.run_id} is one of the job {plan.job}; its job file is now that of {job.name}.",
            cause="the job was renamed, or its file was replaced by another one",
            remedy=remedy,
        )
    expect_of_today(plan)
    return plan


def expect_of_today(plan: Plan) -> None:
    """Raise PlanError for a plan of another day."""
    if plan.supposed:
        raise PlanError(
            f"This plan tells what would be done on {plan.as_of[:10]}; it is not to be carried out.",
            cause="it was made with --as-of",
            remedy="make a plan of today: provision plan JOB",
        )


def all_runs(folder: Path) -> list[Path]:
    """The run folders below a folder, newest first."""
    found = folder.iterdir() if folder.is_dir() else ()
    return sorted((path for path in found if _NAME.fullmatch(path.name)), reverse=True)


def runs_in(folder: Path) -> list[Path]:
    """The run folders below a folder, newest first; none if it is not there. Raises InputError if it cannot be read."""
    try:
        if folder.exists() and not folder.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        return all_runs(folder)
    except OSError as error:
        raise InputError(
            f"The runs in {folder} cannot be listed: {error.strerror}.",
            cause="the folder belongs to somebody else, or 'runs' in the job file names something else",
            remedy="correct the rights or the job file",
        ) from None


def came_to_its_end(summary: Mapping[str, Any]) -> bool:
    """Whether a run came to its end, so that a ledger has learned all of it and its roster counts."""
    stopped = (ExitCode.INTERRUPTED, ExitCode.BOX_REFUSED)
    return summary.get("status") in ENDED and summary.get("exit_code") not in stopped


def has_learned(folder: Path) -> bool:
    """Whether the ledger has taken over what this run taught, by the run's own log."""
    with contextlib.suppress(OSError, ValueError):
        return any(f'"event": "{LEARNED}"'.encode() in line for line in _logged(folder))
    return False


def began_to_send(folder: Path) -> bool | None:
    """Whether a run came to its first request, by its own log; False where the plan is told there, and no beginning.

    None: a log of an earlier release, or with a line that is none, proves nothing. What stands behind the last end of a line was cut
    off with the process or by a full disk, and nothing was sent after it.
    """
    try:
        told = [msgspec.json.decode(line, type=_Line) for line in _logged(folder)]
    except (OSError, ValueError, RecursionError):
        return None
    if any(line.event == APPLYING for line in told):
        return True
    return False if any(line.nothing_sent for line in told) else None


def _logged(folder: Path) -> Iterator[bytes]:
    """The lines of a log, without a last one that was cut off. Raises OSError, and ValueError for a line that this program never wrote."""
    with opened(folder / LOG_NAME) as log:
        while line := log.readline(_LONGEST_LINE):
            if line.endswith(b"\n"):
                yield line
            elif len(line) == _LONGEST_LINE:
                raise ValueError


class _Line(msgspec.Struct):
    """What is asked of a line of a log."""

    event: str
    nothing_sent: bool = False


def job_of(folder: Path) -> str:
    """The job of a run folder, by the folder's name."""
    found = _NAME.fullmatch(folder.name)
    return found["job"] if found else ""


def runs_of(job: Job) -> Iterator[Path]:
    """The run folders of this job, newest first."""
    return (path for path in all_runs(job.runs) if job_of(path) == job.name)


def begun_runs(job: Job) -> Iterator[Path]:
    """The run folders of this job from which something was sent, or could have been; newest first."""
    return (path for path in runs_of(job) if (path / JOURNAL_NAME).exists())


def summary_of(folder: Path) -> Mapping[str, Any]:
    """The summary of a run; for one that never got as far, what is known of it."""
    with contextlib.suppress(DamagedFile):
        return told_summary(folder)
    return {"run_id": folder.name, "status": CUT_OFF.status.value}


def told_summary(folder: Path) -> Mapping[str, Any]:
    """The same. Raises DamagedFile for a summary, or a plan in its place, that cannot be read."""
    with contextlib.suppress(FileNotFoundError):
        return _as_it_ended(folder, read_record(folder / SUMMARY_NAME, dict[str, Any], _LISTED))
    with contextlib.suppress(FileNotFoundError):
        return _killed(folder, read_record(folder / PLAN_NAME, _Kinds, _LISTED, LARGEST))
    return {"run_id": folder.name, "status": CUT_OFF.status.value}


def told_its_end(folder: Path) -> bool:
    """Whether the summary of a run tells its end, so that no later trouble may replace it."""
    return (folder / JOURNAL_NAME).exists() and summary_of(folder).get("status") in ENDED


def _as_it_ended(folder: Path, summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """A summary of the plan, with a journal that is younger, is that of a plan whose application was cut off."""
    journal = folder / JOURNAL_NAME
    if summary.get("status") not in BEFORE_SENDING or not journal.exists():
        return summary
    if journal.stat().st_mtime_ns <= (folder / SUMMARY_NAME).stat().st_mtime_ns:
        return summary
    return {**summary, "status": CUT_OFF.status.value, "exit_code": int(CUT_OFF.exit_code)}


class _Kind(msgspec.Struct):
    kind: str


class _Kinds(msgspec.Struct):
    """What is told of a plan without its operations."""

    job: str
    changes: tuple[_Kind, ...] = ()


def _killed(folder: Path, plan: _Kinds) -> Mapping[str, Any]:
    """A run that has a plan and no summary was ended from outside."""
    planned = Counter(change.kind for change in plan.changes)
    return {
        "run_id": folder.name,
        "job": plan.job,
        "status": CUT_OFF.status.value,
        "planned": dict(planned),
    }
