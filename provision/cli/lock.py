"""One run per enterprise at a time: an operating system lock that dies with its process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from provision.errors import Locked
from provision.files import private_folder, trouble_with
from provision.job.settings import Job


@contextlib.contextmanager
def only_run(job: Job, enterprise_id: str) -> Iterator[None]:
    """Hold the enterprise's lock for the duration. Raises Locked if another process has it."""
    path = _place(job) / f"enterprise-{enterprise_id}.lock"
    private_folder(path.parent)
    lock = FileLock(path, timeout=0, mode=0o600)
    with trouble_with(path):
        # a folder one may not write to is not another run, though the lock would take it for one
        path.touch(mode=0o600)
        _take(lock, enterprise_id)
    try:
        yield
    finally:
        lock.release()


def _take(lock: BaseFileLock, enterprise_id: str) -> None:
    try:
        lock.acquire()
    except Timeout:  # an OSError too, so it has to be told before the seam around this sees it
        raise Locked(
            f"Another run is working on enterprise {enterprise_id}.",
            cause="the nightly run is still under way, or somebody runs a job by hand",
            remedy="wait until it has finished; the lock ends with its process, there is nothing to delete",
        ) from None


def _place(job: Job) -> Path:
    """Beside the ledger, which all jobs on one enterprise are meant to share; else with the runs."""
    scheme, _, path = job.state.partition(":///")
    return Path(path).parent if scheme == "sqlite" and path else job.runs
