"""What a job does beside its work, looked at before a night needs it; what jobs without it have no use for is not loaded."""

from __future__ import annotations

import os
from importlib import import_module

from provision.errors import InputError
from provision.job.settings import Job


def expect_beside(job: Job) -> None:
    """Raise InputError for programs, addresses or a metrics file of the job that would fail at night."""
    if job.hooks.before_apply or job.hooks.after_run:
        import_module("provision.runs.hooks").expect_sound(job)
    if job.notify:
        import_module("provision.notify.send").expect_addresses(job)
    path = job.metrics.textfile
    if path and not (path.parent.is_dir() and os.access(path.parent, os.W_OK | os.X_OK)):
        raise InputError(
            f"The folder of metrics.textfile, {path.parent}, is not there or cannot be written to.",
            cause="the collector is not installed here, or reads another folder",
            remedy=f"make it and let the user who runs this job write to it, as: install -d -o {user()} {path.parent}",
        )


def user() -> str:
    """Who runs this, as the system knows it; a word where it knows nobody."""
    name: str = import_module("provision.runs.who_decides").user_name()
    return name or "USER"
