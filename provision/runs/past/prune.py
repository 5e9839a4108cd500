"""Deleting old run folders, which hold personal data: those that nothing needs any more."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from provision.errors import ExitCode, InputError, Interrupted, Refused, UsageError
from provision.files import append, trouble_with
from provision.job.settings import Job
from provision.job.values import as_duration
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.folder import find_run, job_of, runs_in, summary_of
from provision.runs.memory.lock import locked
from provision.runs.observer import Confirmation, Observer, Trouble
from provision.runs.past.retention import Sentence, judged
from provision.runs.seal.seal import expect_proven, expect_used_here
from provision.runs.start import Begun
from provision.runs.who_decides import who_decides
from provision.wording import counted

#: what a folder is called between the moment it is no run any more and the one it is gone; no command takes it for a run
_GOING = ".pruned-"
#: beside the run folders: which were deleted, when, and by whom; nobody's data
RECORD_NAME = "pruned.jsonl"
#: a younger run may still be under way
_LEAST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pruned(Summary):
    """What came of it, in a form of its own: the folders that went, or would go, with their bytes, and why others stay."""

    dry_run: bool = False
    older_than_days: float = 0
    deleted: tuple[Mapping[str, Any], ...] = ()
    kept: tuple[Mapping[str, str], ...] = ()

    @property
    def size(self) -> int:
        """How many bytes went, or would go."""
        return sum(int(one["bytes"]) for one in self.deleted)

    def to_json(self) -> str:
        """One JSON object on one line."""
        names = ("dry_run", "older_than_days", "deleted", "kept", "exit_code", "error")
        told = {name: getattr(self, name) for name in names}
        return json.dumps(told | {"bytes": self.size}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class PruneOptions:
    """How old a folder has to be, as ``90d``, and whether it is only told what would go."""

    older_than: str
    dry_run: bool = False

    @property
    def age(self) -> timedelta:
        """The age. Raises UsageError for a text that is none, and for less than a day."""
        with contextlib.suppress(ValueError):
            age = as_duration(self.older_than)
            if age >= _LEAST:
                return age
        raise UsageError(
            f"--older-than {self.older_than} is no length of time of a day or more.",
            remedy="write it as 90d or 12w",
        )


def prune(
    job_path: Path | None, options: PruneOptions, begun: Begun, show: Callable[[Pruned], None]
) -> Pruned:
    """Delete the run folders of a job, or of all jobs in ./runs, that are old enough and needed for nothing.

    What would go and what stays is shown first. Raises UsageError, LostLedger for a job whose ledger has to be made anew before,
    Locked, and Refused for somebody's no.
    """
    age, observer = options.age, begun.observer
    jobs = [begun.load(job_path, signs_in=False)] if job_path else list(_jobs_in(Path("runs"), begun))
    found = [(job, judged(job, age, observer.now())) for job in jobs]
    every = [one for _, sentences in found for one in sentences]
    pruned = Pruned(
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        dry_run=options.dry_run,
        older_than_days=age / timedelta(days=1),
        deleted=tuple(_gone(one) for one in every if one.why is None),
        kept=tuple(_stays(one) for one in every if one.why is not None),
    )
    show(pruned)
    if not options.dry_run:
        _ask(pruned, observer)
        for job, sentences in found:
            _delete(job, [one for one in sentences if one.why is None], observer)
    return pruned


def _jobs_in(folder: Path, begun: Begun) -> Iterator[Job]:
    """The jobs of the runs below a folder, by the job files that they name; what is said of those that cannot be read.

    A folder that is not believed may name any job, whose ledger may lie at an address of somebody else, with secrets in it.
    """
    newest = {job_of(path): path for path in reversed(runs_in(folder))}
    for name, path in newest.items():
        try:
            run = find_run(str(path))
            job = begun.load(Path(run.about.job_path), signs_in=False)
            expect_proven(run, job, applies=False)  # before its ledger is opened
            expect_used_here(run, job)
        except InputError as error:
            begun.observer.note(Trouble(f"The runs of job {name} stay, since it cannot be read: {error}"))
            continue
        if job.name == name and job.runs.resolve() == folder.resolve():
            yield job
        else:
            begun.observer.note(
                Trouble(
                    f"The runs of job {name} stay: {job.path} is now another job, or has its runs elsewhere."
                )
            )


def _gone(one: Sentence) -> dict[str, Any]:
    return {"run_id": one.path.name, "run_dir": str(one.path), "bytes": _bytes(one.path), "why": one.words}


def _stays(one: Sentence) -> dict[str, str]:
    return {"run_id": one.path.name, "run_dir": str(one.path), "code": str(one.why), "why": one.words}


def _bytes(folder: Path) -> int:
    """The bytes of all files in a folder."""
    with contextlib.suppress(OSError):
        return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())
    return 0


def _ask(pruned: Pruned, observer: Observer) -> None:
    """Raises Refused for a no."""
    question = f"{counted(len(pruned.deleted), 'run folder')} will be deleted permanently. Continue?"
    if pruned.deleted and not observer.confirm(Confirmation(question)):
        raise Refused("Nothing was deleted: you answered no.", remedy="look at the list with --dry-run")


def _delete(job: Job, going: Sequence[Sentence], observer: Observer) -> None:
    """Delete these folders, the oldest first, and what an interrupted deletion left. Nobody works on their enterprises meanwhile."""
    enterprises = sorted({str(summary_of(one.path).get("enterprise_id") or "") for one in going} - {""})
    who = who_decides()
    with contextlib.ExitStack() as held:
        for each in enterprises:
            held.enter_context(locked(job, each))
        for left in job.runs.glob(f"{_GOING}*-{job.name}-*"):
            _clear(left)
        for number, one in enumerate(reversed(going)):
            _go_on(observer, number, len(going))
            line = {"at": observer.now().isoformat(timespec="seconds"), **who.row, "run_id": one.path.name}
            append(job.runs / RECORD_NAME, json.dumps(line, ensure_ascii=False))
            going_to = one.path.with_name(f"{_GOING}{one.path.name}")
            with trouble_with(one.path):
                one.path.rename(going_to)  # in one step it is no run any more
            _clear(going_to)


def _go_on(observer: Observer, done: int, of: int) -> None:
    if isinstance(observer.halt.reason, Interrupted):
        raise Interrupted(
            f"Stopped: {done:,} of {counted(of, 'run folder')} are deleted, the others are whole.",
            remedy="run it again when you like",
        )


def _clear(folder: Path) -> None:
    with trouble_with(folder):
        if folder.is_symlink() or not folder.is_dir():  # somebody put it there; what a link leads to stays
            folder.unlink()
        else:
            shutil.rmtree(folder)
