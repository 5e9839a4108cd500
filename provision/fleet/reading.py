"""A fleet file read: its settings and its jobs, with everything wrong told at once, before anything begins."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from provision.errors import JobError
from provision.fleet.references import is_reference, looked_up, looked_up_one, names_only
from provision.fleet.rows import Row, written_out
from provision.fleet.settings import FleetSettings
from provision.job.document import Document, Tree, read_document
from provision.job.literals import literal_secrets
from provision.job.load import Placement, load_job, name_after
from provision.job.places import database_place
from provision.job.problems import FileForm, Problem, job_error
from provision.job.refusals import problems_of
from provision.job.settings import Job
from provision.job.variables import fill_in, names

FLEET_FILE = FileForm(
    "fleet file",
    "fleet.yaml",
    "write version: 1 and jobs: [jobs/*.yaml], and begin with that",
    "provision fleet",
)
#: what stays as it is written, because only workers know what it names
_FOR_WORKERS = ("jobs", "state")


@dataclass(frozen=True, slots=True)
class Fleet:
    """A fleet file and its rows, in its order."""

    path: Path
    settings: FleetSettings
    rows: tuple[Row, ...]

    @property
    def runs(self) -> Path:
        """Where the fleet's own folders lie."""
        return self.settings.runs or self.path.parent / "runs"


def load_fleet(path: Path, environ: Mapping[str, str] | None = None) -> Fleet:
    """The fleet described by a file. Raises JobError with every problem on a line of its own, and never with a secret."""
    path = Path(os.path.abspath(path))  # noqa: PTH100 - a link stays the name that people know
    document = read_document(path, FLEET_FILE)
    _refuse_another_version(document, path)
    filled, problems = _filled(document, os.environ if environ is None else environ)
    problems += [*document.problems, *literal_secrets(document, names_only)]
    try:
        settings = FleetSettings.model_validate(
            {"name": name_after(path), **filled}, context={"folder": path.parent, "path": path}
        )
    except ValidationError as error:
        problems += problems_of(error, document, frozenset(), FleetSettings)
        raise job_error(path, problems, FLEET_FILE) from error
    lines = [document.line(("jobs", at)) for at in range(len(settings.jobs))]
    rows, wrong = written_out(list(zip(lines, settings.jobs, strict=True)), path)
    if problems or wrong:
        raise job_error(path, [*problems, *wrong], FLEET_FILE)
    return Fleet(path, settings, rows)


def _refuse_another_version(document: Document, path: Path) -> None:
    version = document.tree.get("version")
    if isinstance(version, str) and version.isdecimal() and version != "1":
        raise JobError(
            f"The fleet file {path} has version {version[:9]} (line {document.line(('version',))}); this program reads version 1.",
            cause="a fleet file for a newer release of this program",
            remedy="install that release, or write the fleet in version 1",
        )


def _filled(document: Document, environ: Mapping[str, str]) -> tuple[dict[str, Tree], list[Problem]]:
    """The tree without keys that have no value, and with the variables of what is not left to workers."""
    given: dict[str, Tree] = {key: value for key, value in document.tree.items() if value is not None}
    ours: dict[str, Tree] = {key: value for key, value in given.items() if key not in _FOR_WORKERS}
    filled = fill_in(Document(ours, document.lines), environ)
    return {**given, **filled.tree}, list(filled.problems)


@dataclass(frozen=True, slots=True)
class Assignment:
    """All that is needed to load the job of one row, as it is written: no secret is in it."""

    job_path: Path
    variables: tuple[tuple[str, str], ...]
    fleet: Path
    state: str
    runs: str
    below: str
    quiet: bool


def assignment_of(row: Row, fleet: Fleet) -> Assignment:
    """What a worker is told of a row."""
    settings = fleet.settings
    runs = str(settings.runs) if settings.runs else ""
    below = row.name if runs or row.shared else ""
    quiet = bool(settings.notify)
    return Assignment(row.job_path, row.variables, fleet.path, settings.state or "", runs, below, quiet)


def job_of(given: Assignment, environ: Mapping[str, str], *, signs_in: bool = True) -> Job:
    """The job of a row, with its variables looked up here. Raises JobError.

    Who does not sign in looks nothing up elsewhere: variables that name another place are not set then.
    """
    folder, own = given.fleet.parent, dict(given.variables)
    wanted = [(name, text) for name, text in own.items() if signs_in or _is_here(text, environ)]
    known = {name: value for name, value in environ.items() if name not in own}
    known |= looked_up(wanted, environ, folder)
    state = database_place(looked_up_one("state", given.state, known, folder), folder) if given.state else ""
    placed = Placement(state, given.runs, given.below, given.quiet, given.fleet)
    return load_job(given.job_path, known, signs_in=signs_in, placed=placed)


def _is_here(text: str, environ: Mapping[str, str]) -> bool:
    return not is_reference(text) and all(name in environ for name in names(text))
