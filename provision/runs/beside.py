"""What a job does beside its work, looked at before a night needs it; what jobs without it have no use for is not loaded."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path

from provision.errors import InputError
from provision.job.places import has_scheme
from provision.job.settings import Job


def expect_beside(job: Job) -> None:
    """Raise InputError for programs, addresses, a metrics file or copies of the job that would fail at night."""
    if job.hooks.before_apply or job.hooks.after_run:
        import_module("provision.runs.afterwards.hooks").expect_sound(job)
    if job.notify:
        import_module("provision.notify.send").expect_addresses(job)
    if job.metrics.textfile:
        _expect_folder(
            job.metrics.textfile.parent,
            "metrics.textfile",
            "the collector is not installed here, or reads another folder",
        )
    if job.report.copy_to and not has_scheme(job.report.copy_to):
        _expect_folder(
            Path(job.report.copy_to), "report.copy_to", "a share that is not mounted, or a typing error"
        )


def _expect_folder(path: Path, key: str, cause: str) -> None:
    if not (path.is_dir() and os.access(path, os.W_OK | os.X_OK)):
        raise InputError(
            f"The folder of {key}, {path}, is not there or cannot be written to.",
            cause=cause,
            remedy=f"make it and let the user who runs this job write to it, as: install -d -o {user()} {path}",
        )


def user() -> str:
    """Who runs this, as the system knows it; a word where it knows nobody."""
    name: str = import_module("provision.runs.who_decides").user_name()
    return name or "USER"
