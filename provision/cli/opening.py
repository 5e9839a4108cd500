"""Opening a job: its file and a run folder. Apart from planning, so that ``check`` need not load the vendor's SDK."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from provision.cli.desk import Desk
from provision.job.fingerprint import fingerprint
from provision.job.load import load_job
from provision.job.settings import Job
from provision.runs.folder import RunFolder, new_run


def load(job_path: Path) -> Job:
    """The job of a job file, with this process's environment."""
    return load_job(job_path, os.environ)


def start_run(job: Job, job_path: Path, desk: Desk) -> RunFolder:
    """A fresh run folder."""
    run = new_run(job, job_path, fingerprint(job), desk.now(), secrets.token_hex(2))
    run.log("started", desk.now(), job=job.name)
    return run
