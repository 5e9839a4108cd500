"""The seal of a run folder: it tells what this program made from what somebody put there.

HMAC-SHA256 with the job's key over the run's id, the SHA-256 of every file that decides something and never changes once it
is written, and what the journal said when the program left it. A folder that the key does not prove, or that lies where it does not belong, carries nothing out and teaches nothing.
"""

from __future__ import annotations

import fnmatch
import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from provision.deciders import Decider
from provision.errors import DamagedFile, InputError, PlanError
from provision.files import sha256_of
from provision.job.load import KEY_VARIABLE
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.plan.planfile import PEOPLE_NAME, PLAN_NAME, SAID_NAME, read_plan, read_recorded
from provision.plan.value import Plan
from provision.records import damaged, read_record, write_record
from provision.runs.folder import (
    ABOUT_NAME,
    ADOPTION_NAME,
    APPROVALS_NAME,
    NEW_LEDGER_NAME,
    RunFolder,
    find_run,
    runs_of,
)
from provision.runs.observer import Remark
from provision.runs.places.owners import counts
from provision.runs.seal.closing import closing_of, contradiction, not_believed, own_seal
from provision.runs.seal.key import is_remembered, known_key, made_key, remember
from provision.runs.seal.seal_file import SEAL_NAME, read_seal, write_seal
from provision.runs.start import Begun

Row = TypeVar("Row", bound=Mapping[str, Any])

#: of the seals of rows
_VERSION = 1
#: what decides something; what is there and not sealed was put there
_SEALED = (ABOUT_NAME, PLAN_NAME, PEOPLE_NAME, SAID_NAME, ADOPTION_NAME, NEW_LEDGER_NAME)
#: what a plan is not whole without
_OF_PLAN = (PLAN_NAME, PEOPLE_NAME)
_CHANGED, _EDITED = "{} was changed after it was sealed", "somebody edited it, or it was copied incompletely"


def seal(run: RunFolder, job: Job) -> None:
    """Seal what is in a run folder now. Raises InputError without a key, DamagedFile, and RunFolderError where it cannot be written."""
    there = [path for path in (run.path / name for name in _SEALED) if path.exists()]
    files = {path.name: _sha256(path) for path in there}
    key = made_key(job)
    remember(key)
    write_seal(run.path, key, run.about.run_id, files, closing_of(run.path))


def is_proven(folder: Path, job: Job) -> bool:
    """Whether a run folder is what a run of this job's ledger wrote, and lies where it belongs."""
    return doubt_about(folder, job) is None


def expect_proven(run: RunFolder, job: Job, *, applies: bool = True) -> None:
    """Raise PlanError for a folder that is not believed; ``applies``: of another version or a damaged one that is said first."""
    if (doubt := doubt_of(run, job)) is not None:
        if applies:
            read_plan(run.path)
        raise doubt


def doubt_of(run: RunFolder, job: Job) -> PlanError | None:
    """As :func:`doubt_about`, of a folder whose run.json has named the job: that has to be the sealed one, which it may have become since."""
    if (doubt := doubt_about(run.path, job)) is not None:
        return doubt
    if run.read in ("", own_seal(run.path, job).expected(ABOUT_NAME)):
        return None
    return not_believed(run.path, job, _CHANGED.format(ABOUT_NAME), _EDITED)


def sealed_plan(folder: Path, job: Job, read: Callable[[Path, str], Plan] = read_recorded) -> Plan:
    """The plan of a folder that is believed, from the very bytes that were sealed: after a look at it, it may be exchanged.

    ``read`` is read_plan for one that is to be applied. Raises PlanError for any other plan, and as ``read`` does.
    """
    return read(folder, own_seal(folder, job).expected(PLAN_NAME))


def named(job: Job) -> None:
    """Note that whoever runs this names this job file, not a run folder that names it in turn."""
    if (key := known_key(job)) is not None:
        remember(key)


def load_proven(run: RunFolder, begun: Begun, *, applies: bool = True, signs_in: bool = True) -> Job:
    """The job of a run folder that is believed: the job that was given, or its file's.

    A folder from elsewhere may bring a job file and a key of its own, so the key has to be one that this user has used here.
    Raises PlanError as :func:`expect_proven`.
    """
    given = begun.job is not None
    job = begun.job or begun.load(Path(run.about.job_path), signs_in=signs_in)
    expect_proven(run, job, applies=applies)
    if not given:
        expect_used_here(run, job)
    begun.believe(job)
    return job


def expect_used_here(run: RunFolder, job: Job) -> None:
    """Raise PlanError for a job that a run folder names, and that this user has never named."""
    key, path = known_key(job), run.about.job_path
    if key is not None and not is_remembered(key):
        raise PlanError(
            f"Run {run.about.run_id} names the job file {path}, which signs in at {job.box.base_url}; you have not used that job here.",
            cause="the folder comes from somebody else with a job file and a key of its own, or you are another user or on "
            "another machine than whoever made the plan",
            remedy=f"look at the job file; if it is yours, say so once: provision check {path}; or set {KEY_VARIABLE} to its key",
        )


def job_here(run: RunFolder, begun: Begun, *, applies: bool = True) -> Job:
    """The job of a run that is about to sign in, once its folder is believed; job file and address are told before a secret leaves.

    Raises PlanError as :func:`expect_proven`, and where the job names another address than when the run was made.
    """
    job = load_proven(run, begun, applies=applies)
    address, then = job.box.base_url, run.about.base_url
    if then and address != then:
        raise PlanError(
            f"Run {run.about.run_id} was made with Box at {then}; its job file now names {address}.",
            cause="BOX_BASE_URL is another one than then, or the job file was edited",
            remedy="set it as it was, or make a new plan: provision plan JOB",
        )
    begun.observer.note(Remark(f"Job file {job.path or run.about.job_path}, Box at {address}"))
    return job


def doubt_of_reader(folder: Path, job: Job, unread: Collection[str] = ()) -> InputError | None:
    """Why a folder that is only looked at is not proven; None for one that is. Files that are ``unread`` may be as they like."""
    try:
        return doubt_about(folder, job, unread)
    except InputError as error:  # a key that is none, or that this user may not read
        return error


def doubt_about(folder: Path, job: Job, unread: Collection[str] = ()) -> PlanError | None:
    """Why a run folder is not believed; None for one that is. Raises InputError for a key that is none.

    Files that are ``unread``, or whose digest the caller compares with the plan's, are not looked at.
    """
    strange = owned_by_others(folder, job)
    if strange:
        return not_believed(
            folder, job, f"{strange} belongs to somebody else", "another user made it, or put it there"
        )
    try:
        told = read_seal(folder)
    except FileNotFoundError:
        return not_believed(
            folder, job, "it has no seal", "an earlier release made it, or somebody put it there"
        )
    except DamagedFile as error:
        return not_believed(folder, job, f"its seal cannot be read ({error.what.rstrip('.')})", error.cause)
    run_id = told.run_id
    if not told.proven_by(known_key(job)):
        return not_believed(
            folder, job, f"its seal was not made with the key of job {job.name}",
            "it comes from another ledger, or was put together by somebody",
        )  # fmt: skip
    if run_id != folder.name or folder.resolve().parent != job.runs.resolve():
        return not_believed(
            folder,
            job,
            f"it does not lie where it was made, as {job.runs / run_id}",
            "it was moved or copied",
        )
    changed = _changed(folder, {name: sha for name, sha in told.files.items() if name not in unread}, unread)
    if changed:
        return not_believed(folder, job, _CHANGED.format(changed), _EDITED)
    return contradiction(folder, job, told)


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError as error:
        raise damaged(path, error.strerror or type(error).__name__, "put it back from a backup") from None


class Trusted(NamedTuple):
    """A folder that is sealed by somebody's word; ``words``: how many approvals in it no key proved, ``taken`` if they count now."""

    run: RunFolder
    words: int
    taken: bool


def trusted(names: Sequence[str], job: Job, by: Decider) -> list[Trusted]:
    """Seal folders of this job that no key proves, by the word of whoever runs this; a name may have ``*`` in it.

    Approvals in them that no key proves are taken over by that word, too, which is kept with each; but not where the job wants
    several people: one would speak for all of them. Raises PlanError for a folder that is not one of this job, or that somebody else owns; then none is sealed.
    """
    runs = [run for name in names for run in _named(name, job)]
    for run in runs:
        strange = owned_by_others(run.path, job)
        if run.about.job != job.name or run.path != job.runs.resolve() / run.about.run_id or strange:
            raise PlanError(
                f"{run.path} is not trusted: it is no run of job {job.name} in {job.runs}, or not yours.",
                cause="a wrong name, or a folder that belongs to another job or another user",
                remedy=f"see the runs of the job with: provision runs {job.path or 'JOB'}",
            )
    found = []
    for run in runs:
        seal(run, job)
        found.append(_with_approvals(run, job, by))
    return found


def sealed_rows(rows: Iterable[Mapping[str, Any]], run_id: str, job: Job) -> list[dict[str, Any]]:
    """Each row of a record that grows, with a seal of its own."""
    key = made_key(job)
    return [{**row, "seal": key.seal_of(_row_told(row, run_id))} for row in rows]


def proven_among(rows: Iterable[Row], run_id: str, job: Job) -> list[Row]:
    """Those rows of this run's record that the job's key proves."""
    key = known_key(job)
    if key is None:
        return []
    return [row for row in rows if key.proves(row.get("seal"), _row_told(row, run_id))]


def _row_told(row: Mapping[str, Any], run_id: str) -> str:
    told = sorted((name, value) for name, value in row.items() if name != "seal")
    return json.dumps(["provision approval", _VERSION, run_id, told], ensure_ascii=True)


def _with_approvals(run: RunFolder, job: Job, by: Decider) -> Trusted:
    path, run_id = run.path / APPROVALS_NAME, run.about.run_id
    try:
        rows = read_record(path, list[dict[str, Any]], "")
    except (FileNotFoundError, DamagedFile):  # one that cannot be read goes on being none
        return Trusted(run, 0, taken=False)
    proven = proven_among(rows, run_id, job)
    unproven = [row for row in rows if row not in proven]
    taken = bool(unproven) and job.approvals.required == 1
    if taken:
        vouched = sealed_rows(({**row, "trusted_by": by.told} for row in unproven), run_id, job)
        write_record(path, [row for row in rows if row not in unproven] + vouched)
    return Trusted(run, len(unproven), taken)


def _named(name: str, job: Job) -> list[RunFolder]:
    """The run folders of a name: one, or all of the job that fit a pattern and are not believed yet."""
    if "*" not in name:
        return [find_run(str(job.runs / name) if (job.runs / name).is_dir() else name)]
    fitting = (path for path in runs_of(job) if fnmatch.fnmatchcase(path.name, name))
    return [find_run(str(path)) for path in fitting if not is_proven(path, job)]


def _changed(folder: Path, files: Mapping[str, str], unread: Collection[str] = ()) -> str:
    """The first file that is not as it was sealed, or was put beside the sealed ones; "" for none."""
    for name in (name for name in _SEALED if name not in unread):
        path = folder / name
        if name not in files and (path.exists() or name == ABOUT_NAME):
            return name
        try:
            if name in files and sha256_of(path) != files[name]:
                return name
        except OSError:
            return name
    planned = any(name in files for name in _OF_PLAN)
    return next((name for name in _OF_PLAN if planned and name not in (*files, *unread)), "")


def owned_by_others(folder: Path, job: Job) -> str:
    """The folder, or the first file in it that decides something, whose owner does not count; "" for none."""
    if not hasattr(os, "getuid"):
        return ""
    return next((str(path) for path in _deciding(folder) if not counts(path.lstat().st_uid, job)), "")


def _deciding(folder: Path) -> Iterable[Path]:
    names = (*_SEALED, SEAL_NAME, JOURNAL_NAME)
    return (folder, *(path for path in (folder / name for name in names) if os.path.lexists(path)))
