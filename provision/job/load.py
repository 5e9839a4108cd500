"""A job file made into a :class:`~provision.job.settings.Job`, with everything wrong told at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from provision.errors import JobError
from provision.job.document import Document, Tree, read_document
from provision.job.literals import literal_secrets
from provision.job.places import absolute
from provision.job.problems import job_error
from provision.job.reference import known_keys
from provision.job.refusals import problems_of
from provision.job.settings import Job
from provision.job.variables import fill_in

#: where the key that run folders are sealed with comes from, unless the job or a file beside the ledger says
KEY_VARIABLE = "PROVISION_KEY"


@dataclass(frozen=True, slots=True)
class Placement:
    """What a fleet file says in place of its jobs, "" for nothing: the ledger, and the folder of the run folders, both absolute.

    ``below``: the name of a folder in that one, or in the job's own. ``quiet``: the job's own addresses get no messages.
    ``fleet``: the fleet file, None where there is none.
    """

    state: str = ""
    runs: str = ""
    below: str = ""
    quiet: bool = False
    fleet: Path | None = None


_ITS_OWN = Placement()


def load_job(
    path: Path, environ: Mapping[str, str], *, signs_in: bool = True, placed: Placement = _ITS_OWN
) -> Job:
    """The job described by the YAML file at ``path``, variables taken from ``environ``, paths absolute from its folder.

    For a command that does not ask Box (``signs_in`` false), variables of the sections ``box`` and ``notify`` may be missing; ``job.unset``
    names them; ``placed`` is what stands in place of what it says of places. Raises ``JobError`` with every problem on a line of
    its own. No secret is ever in its text.
    """
    document = read_document(path)
    _refuse_another_version(document, path)
    spared = ("box", "notify") if not signs_in else ("notify",) if placed.quiet else ()
    filled = fill_in(document, environ, spared)
    problems = [*document.problems, *literal_secrets(document), *filled.problems]
    folder = path.parent.resolve()
    tree = _as_placed({"name": name_after(path), **_given(filled.tree)}, placed, folder)
    tree["state"] = _with_key(tree.get("state", {}), environ)
    context = {"folder": folder, "path": path.resolve(), "unset": filled.unset, "fleet": placed.fleet}
    try:
        job = Job.model_validate(tree, context=context)
    except ValidationError as error:
        problems += problems_of(error, document, filled.unknown)
        raise job_error(path, problems) from error
    if problems:
        raise job_error(path, problems)
    return job


def _refuse_another_version(document: Document, path: Path) -> None:
    """A job of another version may differ in everything, so nothing else is said about it."""
    version = document.tree.get("version")
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]{1,9}", version) or version == "1":
        return
    raise JobError(
        f"The job file {path} has version {version} (line {document.line(('version',))}); this program reads version 1.",
        cause="a job file for a newer release of this program",
        remedy="install that release, or write the job in version 1",
    )


def _as_placed(tree: dict[str, Tree], placed: Placement, folder: Path) -> dict[str, Tree]:
    """The tree with another ledger and another folder of runs, where a fleet file says so."""
    if placed.quiet:
        tree = {key: value for key, value in tree.items() if key != "notify"}
    if placed.state:
        own = tree.get("state")
        tree = {**tree, "state": {**(own if isinstance(own, dict) else {}), "url": placed.state}}
    own_runs = tree.get("runs", "runs")
    runs = placed.runs or (own_runs if isinstance(own_runs, str) else "")
    if runs and (placed.runs or placed.below):
        tree = {**tree, "runs": str(Path(absolute(runs, folder)) / placed.below)}
    return tree


def _with_key(state: Tree, environ: Mapping[str, str]) -> Tree:
    """The section on the ledger, with the key of the environment where no file beside the ledger can keep one."""
    told: dict[str, Tree] = (
        {"url": state} if isinstance(state, str) else state if isinstance(state, dict) else {}
    )
    key, url = environ.get(KEY_VARIABLE, ""), str(told.get("url") or "sqlite:")
    if not key or url.startswith("sqlite") or told.get("key"):
        return state
    return {**told, "key": key}


def _given(tree: dict[str, Tree]) -> dict[str, Tree]:
    """The tree without known keys that have no value: they mean their default."""
    return _pruned_mapping(tree, "")


def _pruned_mapping(tree: dict[str, Tree], section: str) -> dict[str, Tree]:
    known = known_keys(section)
    return {
        key: _pruned(value, f"{section}.{key}".removeprefix("."))
        for key, value in tree.items()
        if value is not None or key not in known
    }


def _pruned(tree: Tree, section: str) -> Tree:
    if isinstance(tree, dict):
        return _pruned_mapping(tree, section)
    if isinstance(tree, list):
        return [_pruned(value, section) for value in tree]
    return tree


def name_after(path: Path) -> str:
    """A file's stem as a job name: letters without their accents, anything else odd a dash, at most 60 characters."""
    plain = unicodedata.normalize("NFKD", path.stem).encode("ascii", "ignore").decode()
    dashed = re.sub(r"[^A-Za-z0-9._-]+", "-", plain)
    return re.sub(r"^[^A-Za-z0-9]+", "", dashed)[:60].rstrip("-._") or "job"
