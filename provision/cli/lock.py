"""One run per enterprise at a time: an operating system lock that dies with its process."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from provision.errors import Locked
from provision.files import private_folder, trouble_with
from provision.job.settings import Job


@contextlib.contextmanager
def only_run(job: Job, enterprise_id: str) -> Iterator[None]:
    """Hold the enterprise's lock for the duration. Raises Locked if another process has it."""
    from filelock import FileLock, Timeout

    path = _place(job) / f"enterprise-{enterprise_id}.lock"
    with trouble_with(path):
        private_folder(path.parent)
        lock = FileLock(path, timeout=0, mode=0o600)
    try:
        with trouble_with(path):
            lock.acquire()
    except Timeout:
        raise Locked(
            f"Another run is working on enterprise {enterprise_id}.",
            cause="the nightly run is still under way, or somebody runs a job by hand",
            remedy="wait until it has finished; the lock ends with its process, there is nothing to delete",
        ) from None
    try:
        yield
    finally:
        lock.release()


def _place(job: Job) -> Path:
    """Beside the ledger, which all jobs on one enterprise are meant to share; else with the runs."""
    scheme, _, path = job.state.partition(":///")
    return Path(path).parent if scheme == "sqlite" and path else job.runs
