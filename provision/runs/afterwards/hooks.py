"""Programs of one's own around a run: started without a shell and without secrets, ended after their time, and heard only so far."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from provision.errors import JobError
from provision.job.settings import Job
from provision.runs.folder import RunFolder
from provision.runs.observer import Observer, Remark
from provision.wording import harmless

#: seconds that one program has
LIMIT = 60.0
#: seconds to go on reading from a program that has ended: what it left behind may hold its output open
_LAST_WORDS = 0.5
#: bytes of output that are kept, the last ones, and characters of it that are told
_KEPT, _TOLD = 8_192, 2_000
#: SIGKILL, whose module belongs to the terminal
_KILL = 9
#: all that a program gets of the environment: nothing of it lets anybody in
_HARMLESS = {
    "PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "COMSPEC", "PATHEXT", "USERPROFILE",
}  # fmt: skip


class HookDoubt(StrEnum):
    """Why a program is not started."""

    MISSING = "is not there"
    NO_FILE = "is no file"
    CLOSED = "cannot be executed: chmod u+x"
    OPEN = "can be written to by others: chmod go-w, also its folders"


@dataclass(frozen=True, slots=True)
class HookEnd:
    """How one program ended: ``code``, None where it has none; ``why`` it counts as failed, "" for a success; the end of its ``output``."""

    path: Path
    code: int | None
    why: str
    output: str
    seconds: float


def expect_sound(job: Job) -> None:
    """Raise JobError for a program of the job that could not be started, or that others could exchange."""
    doubts = [(key, path, doubt_about(path)) for key, path in _named(job)]
    wrong = [f"hooks.{key}: {path} {doubt}" for key, path, doubt in doubts if doubt]
    if wrong:
        raise JobError(
            "\n".join(wrong),
            cause="a typing error, or a file or folder that a group may write to",
            remedy="let the file, and the folders above it, belong to who runs the job or to root, and be writable by nobody else",
        )


def _named(job: Job) -> Iterator[tuple[str, Path]]:
    for key in ("before_apply", "after_run"):
        for path in getattr(job.hooks, key):
            yield key, path


def doubt_about(path: Path) -> HookDoubt | None:
    """Why a program is not to be started, None if nothing speaks against it."""
    try:
        found = path.stat()
        real = path.resolve()
    except (OSError, RuntimeError):
        return HookDoubt.MISSING
    if not stat.S_ISREG(found.st_mode):
        return HookDoubt.NO_FILE
    if any(map(_open_to_others, {*_with_folders(path.absolute()), *_with_folders(real)})):
        return HookDoubt.OPEN
    return None if os.access(path, os.X_OK) else HookDoubt.CLOSED


def _with_folders(path: Path) -> tuple[Path, ...]:
    return (path, *path.parents)


def _open_to_others(place: Path) -> bool:
    """Whether somebody else than we or root could put another file there. In a folder as /tmp each keeps what is their own."""
    if not hasattr(os, "getuid"):
        return False
    try:
        found = place.lstat()
    except OSError:
        return True
    if found.st_uid not in (os.getuid(), 0):
        return True
    if stat.S_ISLNK(found.st_mode) or (stat.S_ISDIR(found.st_mode) and found.st_mode & stat.S_ISVTX):
        return False
    return bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def run_hooks(paths: Iterable[Path], folder: str, told: Mapping[str, str]) -> Iterator[HookEnd]:
    """Run these programs one after the other in ``folder``; ``told`` is their environment beside what is harmless of ours.

    Each is told the run folder as its only argument, too. One that fails does not keep the next from being asked.
    """
    mine = {name: value for name, value in os.environ.items() if _is_harmless(name)}
    for path in paths:
        yield _run(path, folder, {**mine, **told})


def _is_harmless(name: str) -> bool:
    return name.upper() in _HARMLESS or name.startswith("LC_")


def _run(path: Path, folder: str, environment: Mapping[str, str]) -> HookEnd:
    if doubt := doubt_about(path):
        return HookEnd(path, None, doubt.value, "", 0.0)
    began = time.monotonic()
    try:
        process = subprocess.Popen(  # noqa: S603 - a file of the job, that nobody else can write to; no shell
            [path, environment["PROVISION_RUN_DIR"]],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that all that it starts can be ended with it
        )
    except OSError as error:
        why = f"cannot be started: {error.strerror}; does its first line name a program, as #!/bin/sh does?"
        return HookEnd(path, None, why, "", 0.0)
    output, reader = bytearray(), threading.Thread(target=lambda: _read(process, output), daemon=True)
    reader.start()
    why = _waited(process)
    reader.join(_LAST_WORDS)
    words = harmless(bytes(output).decode("utf-8", "replace")).strip()[-_TOLD:]
    return HookEnd(path, process.returncode, why, words, time.monotonic() - began)


def _waited(process: subprocess.Popen[bytes]) -> str:
    """Wait for a program; why it failed, "" if it did not."""
    try:
        code = process.wait(LIMIT)
    except subprocess.TimeoutExpired:
        _end(process)
        return f"was ended after {LIMIT:g} seconds"
    except BaseException:
        _end(process)
        raise
    if code < 0:
        return f"was ended by signal {-code}"
    return f"ended with exit code {code}" if code else ""


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a program, and with it all that it started."""
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, _KILL)
        else:
            process.kill()
    process.wait()


def _read(process: subprocess.Popen[bytes], kept: bytearray) -> None:
    """Take what a program says, so that it never waits for us, and keep the end of it."""
    pipe = process.stdout
    assert pipe is not None  # noqa: S101 - it is a pipe
    with pipe:
        while piece := pipe.read1(_KEPT):  # type: ignore[attr-defined]  # a buffered reader, as the pipe of a process is
            kept += piece
            del kept[:-_KEPT]


def environment(when: str, job: Job, folder: RunFolder) -> dict[str, str]:
    """What a program is told of the run: names and places, and nothing of anybody."""
    told = {
        "PROVISION_HOOK": when,
        "PROVISION_JOB": job.name,
        "PROVISION_JOB_FILE": folder.about.job_path,
        "PROVISION_RUN_ID": folder.about.run_id,
        "PROVISION_RUN_DIR": str(folder.path),
    }
    plan = folder.path / "plan.json"
    return told | ({"PROVISION_PLAN": str(plan)} if plan.exists() else {})


def folder_of(job: Job, run: RunFolder) -> str:
    """Where a program is started: beside the job file."""
    return str(job.path.parent if job.path else run.path)


def tell(end: HookEnd, when: str, folder: RunFolder, observer: Observer) -> None:
    """What a program said: the end of it into the log, and of one that failed to whoever watches."""
    run_facts: Mapping[str, object] = {
        "when": when,
        "hook": end.path.name,
        "returncode": end.code,
        "failed": bool(end.why),
        "seconds": round(end.seconds, 3),
        "output": end.output,
    }
    folder.log("hook", observer.now(), **run_facts)
    if end.why and end.output:
        observer.note(Remark(f"{end.path.name} said: {end.output}"))
