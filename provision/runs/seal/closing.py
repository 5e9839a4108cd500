"""The closing of a journal: whoever leaves one seals what it says by then, so that nobody rewrites it afterwards.

A journal grows, so the seal tells how far: entries that came later are those of a process that was cut off. They are believed
as those of any run that was, and what stands before them is proven all the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from pathlib import Path

from provision.errors import DamagedFile, PlanError, RunFolderError
from provision.job.settings import Job
from provision.journal.book import ALL, JOURNAL_NAME, digest_of, read_journal, reading
from provision.journal.digest import FINISHED
from provision.journal.value import Outcome
from provision.records import damaged
from provision.runs.folder import RunFolder
from provision.runs.seal.key import known_key
from provision.runs.seal.notes import are_own
from provision.runs.seal.seal_file import SEAL_NAME, Closing, Seal, read_seal, write_seal


def close_journal(run: RunFolder, job: Job, *, ended: bool) -> None:
    """Seal all that the journal of a run says by now; ``ended``: the run came to its own end.

    The caller holds the enterprise's lock. Nothing is sealed in a folder without a journal, or one that the key does not prove, or whose
    notes somebody else wrote.
    Raises RunFolderError where it cannot be written.
    """
    key, seal = known_key(job), proven_seal(run.path, job)
    if key is None or seal is None or contradiction(run.path, job, seal) is not None:
        return
    now = closing_of(run.path, ended=ended)
    before = seal.journal
    if now is None or (before is not None and before.ended and before.sha256 == now.sha256):
        return
    if before is None and not are_own(_notes_in(run.path), run.about.run_id, job):
        return
    write_seal(run.path, key, seal.run_id, seal.files, now)


def own_journal(
    run: RunFolder, job: Job, whose: Mapping[str, str]
) -> tuple[dict[str, Outcome], dict[str, str]]:
    """All that the journal of a run says, for whoever goes on with it, and the notes it was begun with; nothing where there is none.

    Raises PlanError for notes that somebody else may have put there: a guard would be passed with numbers of theirs. Those of a journal that
    was closed are proven with it, and an earlier release sealed none.
    """
    seal = own_seal(run.path, job)
    outcomes, notes = read_journal(run.path / JOURNAL_NAME, whose, closed=seal.journal)
    believed = seal.journal is not None or not seal.closes
    if notes and not believed and not are_own(notes, run.about.run_id, job):
        why = f"what {JOURNAL_NAME} says was chosen and allowed is under no seal"
        raise not_believed(run.path, job, why, "somebody edited it, or the release before began the run")
    return outcomes, notes


def _notes_in(folder: Path) -> dict[str, str]:
    with reading(folder / JOURNAL_NAME) as connection:
        return {str(name): str(text) for name, text in connection.execute("SELECT name, value FROM about")}


def closing_of(folder: Path, *, ended: bool | None = None) -> Closing | None:
    """The journal there as it is, None where there is none that can be read; ``ended`` is what it says of itself, if not given."""
    path = folder / JOURNAL_NAME
    try:
        found = digest_of(path)
        if ended is None:
            with reading(path) as connection:
                said = connection.execute("SELECT 1 FROM about WHERE name = ?", (FINISHED,)).fetchone()
            ended = said is not None
    except (FileNotFoundError, DamagedFile):
        return None
    return Closing(found.last, found.sha256, ended)


def proven_seal(folder: Path, job: Job) -> Seal | None:
    """The seal of a folder that the job's key proves; None for any other."""
    with contextlib.suppress(FileNotFoundError, DamagedFile):
        seal = read_seal(folder)
        return seal if seal.proven_by(known_key(job)) else None
    return None


def own_seal(folder: Path, job: Job) -> Seal:
    """The seal of a folder that was believed just now, since files may be exchanged in between. Raises PlanError for another one."""
    found = proven_seal(folder, job)
    if found is None or found.run_id != folder.name:
        why, cause = f"{SEAL_NAME} was exchanged meanwhile", "somebody put another one in its place"
        raise not_believed(folder, job, why, cause)
    return found


def outcomes_that_count(folder: Path, job: Job, whose: Mapping[str, str]) -> dict[str, Outcome]:
    """The last word on each operation as far as the journal was closed, or all of one that nobody has closed.

    What stands behind counts once a run has asked Box about it. Raises as :func:`read_journal`.
    """
    seal = proven_seal(folder, job)
    closed = None if seal is None else seal.journal
    return read_journal(folder / JOURNAL_NAME, whose, ALL if closed is None else closed.last, closed)[0]


def contradiction(folder: Path, job: Job, seal: Seal) -> DamagedFile | None:
    """What is said of a journal in which entries were lost, changed or put between since it was closed, or that cannot be read.

    A journal that is not there is told by whoever wants to read it.
    """
    closed = seal.journal
    if closed is None:
        return None
    try:
        if digest_of(folder / JOURNAL_NAME, closed.last).sha256 == closed.sha256:
            return None
    except FileNotFoundError:
        return None
    except DamagedFile as error:
        return error
    except RunFolderError as error:  # an old folder that nobody may read any more ends no run
        return damaged(
            folder / JOURNAL_NAME, error.what.rstrip("."), "allow the user who runs this program to read it"
        )
    why = f"{JOURNAL_NAME} was changed after the run was closed"
    doubt = not_believed(folder, job, why, "somebody edited it, or put another one in its place")
    return DamagedFile(doubt.what, cause=doubt.cause, remedy=doubt.remedy)


def has_grown(folder: Path, seal: Seal) -> bool:
    """Whether entries came to a journal after it was closed: by a process that was cut off, or by somebody.

    Raises DamagedFile for one that cannot be read.
    """
    if seal.journal is None:
        return False
    try:
        with reading(folder / JOURNAL_NAME) as connection:
            return bool(
                connection.execute("SELECT 1 FROM entries WHERE seq > ?", (seal.journal.last,)).fetchone()
            )
    except FileNotFoundError:
        return False


def edited(folder: Path, job: Job) -> DamagedFile | None:
    """As :func:`contradiction`, for a folder of which nothing else has to be right; None where no seal is proven."""
    seal = proven_seal(folder, job)
    return contradiction(folder, job, seal) if seal is not None else None


def not_believed(folder: Path, job: Job, why: str, cause: str) -> PlanError:
    """What is said of a run folder that carries nothing out and teaches nothing."""
    path = job.path or "JOB"
    return PlanError(
        f"Run {folder.name} is not believed: {why}.",
        cause=cause,
        remedy=f"make a new plan: provision plan {path}; if you know that this folder is yours and as it was: "
        f"provision runs {path} --trust {folder.name}",
    )
