"""A recipe that starts a job every night, filled in with what is known here; nothing is written or asked."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from provision.errors import ExitCode, JobError, UsageError
from provision.job.document import read_document
from provision.job.settings import Job
from provision.job.values import Duration
from provision.job.variables import needed_and_optional
from provision.report.first_day.recipes import Nightly, Scheduler, recipe
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.who_decides import user_name

#: a start that is later than this is another night's
_LATEST = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class ScheduleOptions:
    """What was asked for: ``at`` as HH:MM, ``jitter`` as 10m, "" for none; ``program`` is how this program is started."""

    scheduler: Scheduler
    program: tuple[str, ...]
    at: str = "02:30"
    jitter: str = ""


@dataclass(frozen=True, slots=True)
class Recipe(Summary):
    """A recipe; as JSON it is nothing but that."""

    scheduler: str = ""
    text: str = ""

    def to_json(self) -> str:
        """One JSON object on one line."""
        told = {
            "job": self.job,
            "scheduler": self.scheduler,
            "recipe": self.text,
            "exit_code": self.exit_code,
        }
        return json.dumps({**told, "error": self.error}, ensure_ascii=False)


def schedule(job: Job, options: ScheduleOptions) -> Recipe:
    """The recipe for this job. Raises UsageError for a time or jitter that is none, JobError for a path that no recipe can hold."""
    path = job.path or Path(job.name)
    if wrong := list(_unwritable(path, options)):
        raise JobError(
            f"No schedule can name {', '.join(map(repr, wrong))}: it holds a line end or another control character.",
            remedy="give the file another name",
        )
    jitter = _jitter(options.jitter)
    needed, optional = needed_and_optional(read_document(path))
    nightly = Nightly(
        name=job.name,
        job=path,
        program=options.program,
        user=user_name(),
        secrets=path.with_name(f"{job.name}.env"),
        needed=needed,
        optional=optional,
        at=_time(options.at),
        jitter=jitter,
        offset=_offset(job.name, jitter),
    )
    text = recipe(options.scheduler, nightly)
    code, status = int(ExitCode.DONE), RunStatus.NO_CHANGES
    return Recipe(job=job.name, exit_code=code, status=status, scheduler=options.scheduler.value, text=text)


def _unwritable(path: Path, options: ScheduleOptions) -> Iterator[str]:
    for word in (str(path), *options.program):
        if not word.isprintable():
            yield word


def _time(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--at {text} is no time of day.", remedy="write it as --at 02:30") from None


def _jitter(text: str) -> timedelta:
    if not text:
        return timedelta(0)
    try:
        jitter: timedelta = TypeAdapter(Duration).validate_python(text)
    except ValidationError:
        raise UsageError(
            f"--jitter {text} is no length of time.", remedy="write it as --jitter 10m"
        ) from None
    if jitter > _LATEST:
        raise UsageError(f"--jitter {text} is more than 12h.", remedy="write it as --jitter 10m")
    return jitter


def _offset(name: str, jitter: timedelta) -> timedelta:
    """The share of the jitter that this job takes on this machine, the same every night: many machines begin apart."""
    minutes = int(jitter.total_seconds() // 60)
    if not minutes:
        return timedelta(0)
    told = hashlib.sha256(f"{platform.node()}\0{name}".encode()).digest()
    return timedelta(minutes=int.from_bytes(told[:8], "big") % (minutes + 1))
