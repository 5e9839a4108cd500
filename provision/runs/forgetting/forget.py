"""One person's data erased on request, from the runs and the ledger of a job."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec

from provision.errors import ExitCode, InputError, ProvisionError, Refused
from provision.explain.trace import Keys, Sighting, in_roster
from provision.files import append, trouble_with
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME, read_outcomes
from provision.ledger.address import copies_of, file_of
from provision.model import Kind, Status, fold
from provision.operations.registry import ENDINGS
from provision.plan.planfile import PLAN_NAME, read_recorded
from provision.records import read_record, write_record
from provision.report.summary import Summary
from provision.report.value import RunStatus
from provision.runs.ending import Course, Fact, conclude
from provision.runs.folder import find_run, job_of, runs_in, runs_of
from provision.runs.forgetting.eraser import Eraser
from provision.runs.forgetting.pages import renew_histories, with_histories
from provision.runs.forgetting.rewrite import rewrite
from provision.runs.forgetting.search import LeftOver, still_shown
from provision.runs.forgetting.swap import finish, replaced
from provision.runs.handed_out.person import RunLines, sightings
from provision.runs.memory.job_ledger import ledger_of
from provision.runs.memory.lock import locked
from provision.runs.memory.memory_loss import expect_memory
from provision.runs.observer import Confirmation, Observer, Remark
from provision.runs.places.owners import share
from provision.runs.planning.roster_intake import take_in
from provision.runs.reading.few import rows_of
from provision.runs.seal.closing import has_grown, proven_seal
from provision.runs.seal.key import made_key
from provision.runs.seal.seal import is_proven
from provision.runs.selection import identity
from provision.runs.start import Begun
from provision.runs.who_decides import who_decides
from provision.wording import counted

#: beside the run folders: who was forgotten, by pseudonym, when and by whose decision
RECORD_NAME = "forgotten.jsonl"
#: what a killed process was about: whose values, until nothing of them is left
_BEGUN = ".forgetting.json"


@dataclass(frozen=True, slots=True)
class ForgetWishes:
    """Whom to forget (login, external id or Box id), who decides it, and whether it is only told what would be done."""

    person: str
    by: str
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Forgot(Summary):
    """What was done, or would be, in a form of its own. ``left``: files that still show the person, ``removed``: those that are gone."""

    dry_run: bool = False
    pseudonyms: tuple[str, ...] = ()
    rewritten: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    rows: int = 0
    left: tuple[Mapping[str, str], ...] = ()
    not_reached: tuple[str, ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line."""
        names = (
            "job",
            "dry_run",
            "pseudonyms",
            "rewritten",
            "removed",
            "rows",
            "left",
            "not_reached",
            "exit_code",
            "error",
        )
        return json.dumps({name: getattr(self, name) for name in names}, ensure_ascii=False)


class _Work(msgspec.Struct):
    """What an erasure is about, until it is done: it names the person, and goes with them."""

    job: str
    ids: list[str]
    names: list[str]
    #: runs whose page had histories: it gets them again once nothing tells of the person
    pages: list[str] = []


def forget(job_path: Path, wishes: ForgetWishes, begun: Begun) -> Forgot:
    """Erase one person from the runs and the ledger of a job; what a killed process has begun is finished first.

    Raises InputError for nobody, for several people, and for somebody whose data is still needed; Locked; Refused for a no.
    """
    job, observer = begun.load(job_path, signs_in=False), begun.observer
    expect_memory(job)
    with _alone(job):
        finish(job.runs)
        work = _begun(job)
        if work is not None:
            observer.note(Remark("Finishing an interrupted erasure first."))
            told = _carried_out(work, job, wishes, observer)
            if wishes.dry_run or fold(wishes.person.strip()) in {fold(one) for one in work.ids}:
                return told
        return _carried_out(_work(job, wishes.person, observer), job, wishes, observer)


def _carried_out(work: _Work, job: Job, wishes: ForgetWishes, observer: Observer) -> Forgot:
    eraser = Eraser(frozenset(work.ids), frozenset(work.names), made_key(job))
    folders = [path for path in runs_of(job) if still_shown(_files_of(path), eraser, named=True)]
    _expect_settled(folders, job)
    copies = [Path(one.file) for one in still_shown(_copies(job), eraser, named=True)]
    planned = _planned(job, eraser, folders, copies)
    if wishes.dry_run:
        return planned
    question = f"{counted(len(folders), 'run folder')} and the ledger will lose all data about one person, permanently. Continue?"
    if copies:
        gone = counted(len(copies), "copy of the ledger", "copies of the ledger")
        question = f"{gone} as earlier releases had it will be deleted. {question}"
    if not observer.confirm(Confirmation(question)):
        raise Refused("Nothing was erased: you answered no.", remedy="see what would be done with --dry-run")
    work.pages = sorted({*work.pages, *with_histories(folders)})
    write_record(job.runs / _BEGUN, msgspec.to_builtins(work))
    removed, unread = list(planned.removed), list[LeftOver]()
    for path in folders:
        try:
            removed += _erased(path, job, eraser)
        except (
            InputError
        ) as error:  # of an earlier release, damaged, or not to be written by this user: the others go on
            unread.append(LeftOver(str(path), error.what))
    with contextlib.closing(ledger_of(job)) as ledger:
        rows = ledger.forget(job.name, sorted(work.ids), lambda text: eraser.text(text) != text)
    for path in copies:  # of tables as another release had them: they cannot be written anew, and the ledger needs them no more
        with trouble_with(path):
            path.unlink(missing_ok=True)
    unread_names = {Path(one.file).name for one in unread}
    renew_histories([name for name in work.pages if name not in unread_names], job, observer.now())
    told = _done(planned, (*unread, *_left(job, eraser)), removed, rows)
    _record(job, told, wishes, observer)
    with trouble_with(job.runs):
        (job.runs / _BEGUN).unlink(missing_ok=True)
    return told


@contextlib.contextmanager
def _alone(job: Job) -> Iterator[None]:
    """Nobody works on the job's enterprises meanwhile. Raises Locked."""
    enterprises = set()
    for path in runs_of(job):
        with contextlib.suppress(ProvisionError, FileNotFoundError):  # a run may have ended before its plan
            enterprises.add(read_record(path / PLAN_NAME, _Head, "").enterprise_id)
    with contextlib.ExitStack() as held:
        for each in sorted(enterprises):
            held.enter_context(locked(job, each))
        yield


class _Head(msgspec.Struct):
    enterprise_id: str = ""


def _begun(job: Job) -> _Work | None:
    """What a killed process was about."""
    with contextlib.suppress(FileNotFoundError):
        work = read_record(job.runs / _BEGUN, _Work, "delete the file, and run the command again")
        return work if work.job == job.name else None
    return None


def _work(job: Job, person: str, observer: Observer) -> _Work:
    """Whose values to erase. Raises InputError for somebody whose data is still needed."""
    known, runs = sightings(job, person, observer)
    lines = [*known, *(line for one in runs for line in one.lines)]
    keys = frozenset[tuple[str, str]]().union(*(line.keys for line in lines))
    _expect_not_in_roster(job, person, keys, observer)
    _expect_no_account(person, known, runs)
    ids = {key for _, key in keys} | {line.login for line in lines} - {""}
    return _Work(job.name, sorted(ids), sorted({line.name for line in lines} - {""}))


def _expect_not_in_roster(job: Job, person: str, keys: Keys, observer: Observer) -> None:
    roster = take_in(job, None, observer.now(), judged=False)
    if away := [each.name for each in roster.sources if each.trouble]:
        raise InputError(
            f"Nothing was erased: the sources {', '.join(away)} cannot be read, and may still name {person}.",
            cause="an export that did not arrive",
            remedy="export them again, then run the command again",
        )
    found = in_roster(lambda: rows_of(roster))(keys)
    if found:
        raise InputError(
            f"Nothing was erased: {person} is still in the roster {roster.path}, and the next run would learn of them again.",
            cause="the row was not taken out yet, or the person was hired again",
            remedy="let HR take the row out, let the person leave by the stages of the job, then run the command again",
        )


def _expect_no_account(person: str, known: Sequence[Sighting], runs: Sequence[RunLines]) -> None:
    """By the newest run that saw them or should have: an account that is still there would be in the next one again."""
    for one in runs:
        there = [line for line in one.lines if line.box_id or line.verdict == Kind.CREATE]
        if there and not all(_ended(one.run, line) for line in there):
            raise _has_account(person, there[0], f"by run {one.run.name}")
        if there or one.listed:
            return
    if known:
        raise _has_account(person, known[0], "by the job's ledger")


def _has_account(person: str, line: Sighting, whose: str) -> InputError:
    return InputError(
        f"Nothing was erased: {person} still has an account, {line.person.written} ({line.box_id or 'new'}), {whose}.",
        cause="the job's stages deactivate it and do not delete it, or a stage is still to come",
        remedy="let a stage delete or roll it out (lifecycle.leavers), or delete it in the Admin Console and run the job once more; "
        "then run the command again",
    )


def _ended(folder: Path, line: Sighting) -> bool:
    """Whether the account was taken away in this run, or not made."""
    if line.verdict not in (*ENDINGS, Kind.CREATE) or not (folder / JOURNAL_NAME).exists():
        return line.verdict == Kind.CREATE
    plan = read_recorded(folder)
    outcomes = read_outcomes(folder / JOURNAL_NAME, identity(plan))
    keys = {line.box_id, line.external_id, fold(line.login)} - {""}
    mine = [
        outcomes[one.id].status
        for one in plan.changes
        if one.kind == line.verdict
        and keys & {one.box_id, one.external_id, fold(one.login)}
        and one.id in outcomes
    ]
    if line.verdict == Kind.CREATE:
        return not any(each in (Status.DONE, Status.IN_DOUBT) for each in mine)
    return Status.DONE in mine


def _expect_settled(folders: list[Path], job: Job) -> None:
    """A run that was cut off may have sent what nobody knows of yet: it would be sent twice."""
    for path in folders:
        seal = proven_seal(path, job)
        cut_off = (
            seal is not None
            and (path / JOURNAL_NAME).exists()
            and (seal.journal is None or has_grown(path, seal))
        )
        if cut_off:
            raise InputError(
                f"Nothing was erased: run {path.name} was cut off, and what it did is not settled.",
                cause="the process was killed, or the machine went down",
                remedy=f"run the job once more, or finish it: provision resume {path}; then run the command again",
            )


def _erased(path: Path, job: Job, eraser: Eraser) -> list[str]:
    run, proven = find_run(str(path)), is_proven(path, job)
    gone: list[str] = []

    def write(copy: Path) -> None:
        gone.extend(rewrite(type(run)(copy, run.about), job, eraser, proven=proven))

    replaced(path, write)
    share(path, job)
    return [f"{path.name}/{name}" for name in gone]


def _planned(job: Job, eraser: Eraser, folders: list[Path], copies: list[Path]) -> Forgot:
    """What is to be done; copies of the ledger are removed."""
    return Forgot(
        job=job.name,
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        dry_run=True,
        pseudonyms=tuple(sorted({eraser.pseudonym(one) for one in eraser.ids})),
        rewritten=tuple(path.name for path in folders),
        removed=tuple(path.name for path in copies),
        not_reached=tuple(_not_reached(job)),
    )


def _done(planned: Forgot, showing: Iterable[LeftOver], removed: list[str], rows: int) -> Forgot:
    """What was done, and what still shows the person."""
    left = tuple(map(asdict, showing))
    unread = {Path(one["file"]).name for one in left if one["why"]}
    anew = tuple(name for name in planned.rewritten if name not in unread)
    done = replace(planned, dry_run=False, rewritten=anew, removed=tuple(removed), rows=rows, left=left)
    if not left:
        return done
    error = f"{counted(len(left), 'file')} still show the person, or may: check them by hand."
    end = conclude(Course.FORGET, frozenset({Fact.LEFT}))
    return replace(done, status=end.status, exit_code=int(end.exit_code), error=error)


def _left(job: Job, eraser: Eraser) -> Iterator[LeftOver]:
    """Every file of the runs, of the ledger, and of its copies beside it that still shows the person."""
    for path in sorted(runs_of(job)):
        yield from still_shown(_files_of(path), eraser)
    if (ledger := file_of(job.state.url)) is not None:
        yield from still_shown(sorted(ledger.parent.glob(f"{ledger.stem}*")), eraser)


def _copies(job: Job) -> list[Path]:
    """What migrations kept of the ledger."""
    ledger = file_of(job.state.url)
    return copies_of(ledger) if ledger else []


def _files_of(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


def _not_reached(job: Job) -> Iterator[str]:
    """What this program has handed to others, by code."""
    yield "backups"
    if job.report.copy_to:
        yield "copy_to"
    if job.notify:
        yield "messages"
    if file_of(job.state.url) is None:
        yield "database"
    if job.path is not None and any(job_of(path) != job.name for path in runs_in(job.runs)):
        yield "other_jobs"
    yield "roster_files"


def _record(job: Job, told: Forgot, wishes: ForgetWishes, observer: Observer) -> None:
    line = {
        "at": observer.now().isoformat(timespec="seconds"),
        **who_decides(wishes.by).row,
        "job": job.name,
        "pseudonyms": told.pseudonyms,
        "runs": told.rewritten,
        "removed": told.removed,
        "rows": told.rows,
    }
    append(job.runs / RECORD_NAME, json.dumps(line, ensure_ascii=False))
