"""Whole processes: the program's own commands, and a local Box for them."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
_UNCHANGED = """
version: 1
name: unchanged
box: {{base_url: {url}, auth: {{method: jwt, config_file: "{jwt_config}"}}}}
roster: {{path: people.csv, authority: full, kind: column}}
apply: {{requests_per_minute: 1000000}}
state: sqlite:///provision.db
report: {{formats: [{formats}]}}
"""


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: its exit code and standard output, wall and CPU seconds, most memory in MB."""

    code: int
    out: str
    seconds: float
    cpu: float
    peak_mb: float


def provision(*arguments: str, folder: Path | None = None) -> Ended:
    """One command of the program."""
    return _ended([sys.executable, "-m", "provision", *arguments], folder)


def unchanged_job(folder: Path, box: Mapping[str, str], formats: str = "csv") -> None:
    """Write a job whose roster is what :func:`exported` makes, so that nothing is to be done, with reports in these formats."""
    (folder / "job.yaml").write_text(_UNCHANGED.format(**box, formats=formats), encoding="utf-8")


def exported(folder: Path) -> None:
    """Have the users of the enterprise written as the roster of that job."""
    well(provision("export", "job.yaml", "--out", "people.csv", "--quiet", folder=folder))


def planned(folder: Path) -> Ended:
    """The plan of that job."""
    return well(provision("plan", "job.yaml", "--quiet", "--json", folder=folder))


def script(name: str, *arguments: str) -> Ended:
    """One of the scripts beside this one."""
    return _ended([sys.executable, str(HERE / name), *arguments], None)


def loaded(*modules: str) -> Ended:
    """A process that loads these and does nothing."""
    return _ended([sys.executable, "-c", f"import {', '.join(modules)}"], None)


def well(ended: Ended, *codes: int) -> Ended:
    """The same, if it ended with one of these codes (0 if none is named)."""
    if ended.code not in (codes or (0,)):
        raise SystemExit(f"a process of the benchmark ended with {ended.code}: {ended.out}")
    return ended


def _ended(command: Sequence[str], folder: Path | None) -> Ended:
    began = time.perf_counter()
    running = subprocess.Popen(  # noqa: S603  our own program
        command, stdout=subprocess.PIPE, text=True, cwd=folder, env=_environment()
    )
    out = running.stdout.read() if running.stdout else ""
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return Ended(running.returncode, out, seconds, used.ru_utime + used.ru_stime, used.ru_maxrss / unit)


def _environment() -> dict[str, str]:
    """With this repository first, a token for jobs that sign in nowhere, and modules compiled once as they are wherever it is installed."""
    path = os.pathsep.join(filter(None, (str(HERE.parent), os.environ.get("PYTHONPATH"))))
    told = {**os.environ, "PYTHONPATH": path, "BENCH_TOKEN": "none"}
    return {name: value for name, value in told.items() if name != "PYTHONDONTWRITEBYTECODE"}


@contextlib.contextmanager
def local_box(*arguments: str) -> Iterator[Mapping[str, str]]:
    """A local Box in a process of its own, so that its work is not counted as ours; yields what it announces."""
    command = [sys.executable, "-m", "provision", "sandbox", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=_environment()) as box:  # noqa: S603  ours
        try:
            yield json.loads(box.stdout.readline() if box.stdout else "")
        finally:
            box.terminate()
