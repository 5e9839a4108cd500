"""The folder of a fleet run: which workers took which job, how each ended, and the summary of all.

``fleet-<UTC time>-<fleet>-<4 hex>/`` with ``fleet.json``, ``summary.json``, ``report.html``, and a folder a job with
``taken.json``, which its workers write, and ``ended.json``. Mode 0700 and 0600, as run folders: they name people.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from provision.errors import InputError, Locked, PlanError, RunFolderError
from provision.files import private_folder, trouble_with
from provision.records import LARGEST, read_record, write_record
from provision.report.fleet.value import FleetLine

ABOUT_NAME, SUMMARY_NAME, REPORT_NAME = "fleet.json", "summary.json", "report.html"
_TAKEN, _ENDED, _ROWS = "taken.json", "ended.json", "jobs"
_AGAIN = "begin a new night: provision fleet FLEET"


@dataclass(frozen=True, slots=True)
class FleetAbout:
    """What the folder says of itself."""

    fleet_id: str
    fleet: str
    path: str
    started_at: str


@dataclass(frozen=True, slots=True)
class Taking:
    """One worker that has taken a job."""

    host: str
    pid: int
    at: str


@dataclass(frozen=True, slots=True)
class Taken:
    """Who has taken a job so far, and the run folder of the last one, "" for none yet."""

    run: str = ""
    by: tuple[Taking, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetFolder:
    """One night's folder."""

    path: Path
    about: FleetAbout

    def keep(self, line: FleetLine) -> None:
        """Write down how a job ended. Raises RunFolderError."""
        write_record(private_folder(self._of(line.name)) / _ENDED, asdict(line))

    def kept(self, name: str) -> FleetLine | None:
        """How a job ended that an earlier process of this night finished; None for none, or for what cannot be read."""
        with contextlib.suppress(FileNotFoundError, PlanError):
            return read_record(self._of(name) / _ENDED, FleetLine, _AGAIN, LARGEST)
        return None

    def ended(self, summary: Mapping[str, Any]) -> None:
        """Write the summary of all. Raises RunFolderError."""
        write_record(self.path / SUMMARY_NAME, summary)

    def _of(self, name: str) -> Path:
        return self.path / _ROWS / name

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """While one process leads this night. Raises Locked if another one does."""
        lock = FileLock(self.path / "fleet.lock", timeout=0, mode=0o600)
        with trouble_with(self.path):
            try:
                lock.acquire()
            except Timeout:
                raise Locked(
                    f"Another process leads the fleet run {self.path.name}.",
                    cause="it is still under way, and was resumed all the same",
                    remedy="wait until it has ended; its lock ends with its process",
                ) from None
        try:
            yield
        finally:
            lock.release()


def taken(folder: Path, name: str) -> Taken:
    """Who has taken a job of this night so far; nobody where nothing can be read."""
    with contextlib.suppress(FileNotFoundError, PlanError):
        return read_record(folder / _ROWS / name / _TAKEN, Taken, _AGAIN)
    return Taken()


def note_taken(folder: Path, name: str, now: Taken) -> None:
    """Write that down, where every machine of the fleet finds it. Raises RunFolderError."""
    if not folder.is_dir():
        raise RunFolderError(
            f"The folder of the fleet run, {folder}, is not on this machine.",
            cause="runs in the fleet file is no folder that all workers share",
            remedy="name one that all of them reach under the same path (NFS, a shared volume)",
        )
    write_record(private_folder(folder / _ROWS / name) / _TAKEN, asdict(now))


def new_folder(runs: Path, fleet: str, path: Path, now: datetime, chance: Iterator[str]) -> FleetFolder:
    """Make the folder of a new night; ``chance`` gives four hexadecimal digits as often as it is asked. Raises RunFolderError."""
    private_folder(runs)
    for digits in chance:
        fleet_id = f"fleet-{now:%Y%m%dT%H%M%SZ}-{fleet}-{digits}"
        with trouble_with(runs), contextlib.suppress(FileExistsError):
            (runs / fleet_id).mkdir(mode=0o700)
            about = FleetAbout(fleet_id, fleet, str(path), now.isoformat(timespec="seconds"))
            write_record(runs / fleet_id / ABOUT_NAME, asdict(about))
            return FleetFolder(runs / fleet_id, about)
    raise RunFolderError(f"No folder could be made in {runs}.")  # pragma: no cover - chance does not end


def find_folder(named: str, runs: Path, fleet: str) -> FleetFolder:
    """The night that somebody names, by its folder or by its id below ``runs``. Raises InputError for none, or one of another fleet."""
    for path in (Path(named), runs / named):
        if os.path.lexists(path / ABOUT_NAME):
            about = read_record(path / ABOUT_NAME, FleetAbout, _AGAIN)
            if about.fleet != fleet:
                raise InputError(
                    f"{path} is a run of the fleet {about.fleet}, and this file is that of {fleet}.",
                    cause="another fleet file than the one it was begun with",
                    remedy=f"name that one: {about.path}",
                )
            return FleetFolder(path.resolve(), about)
    raise InputError(
        f"There is no fleet run {named}.",
        cause="a mistyped name, or another runs in the fleet file than then",
        remedy=f"look into {runs}: the folders that begin with fleet-",
    )


def newest(runs: Path, fleet: str) -> FleetFolder | None:
    """The last night of a fleet; None for none."""
    found = sorted(runs.glob(f"fleet-*-{fleet}-????"), reverse=True) if runs.is_dir() else []
    for path in found:
        with contextlib.suppress(FileNotFoundError, PlanError, InputError):
            return find_folder(str(path), runs, fleet)
    return None


def last_summary(folder: FleetFolder) -> Mapping[str, Any]:
    """What a night came to; {} for one that has not ended."""
    with contextlib.suppress(FileNotFoundError, PlanError):
        return read_record(folder.path / SUMMARY_NAME, dict[str, Any], _AGAIN, LARGEST)
    return {}
