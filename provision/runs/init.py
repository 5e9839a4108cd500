"""Init: from a roster to a job file that loads, by the very understanding of a file that every run has."""

from __future__ import annotations

import contextlib
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from provision.errors import ExitCode, InputError, LostHeader, ProvisionError, RosterError, UsageError
from provision.files import trouble_with
from provision.job.document import Document
from provision.job.load import load_job, name_after
from provision.job.refusals import problems_of
from provision.job.roster import RosterKind, RosterSettings
from provision.report.findings import sentence_of
from provision.report.first_day.job_draft import EXAMPLE, JobDraft, text_of
from provision.report.first_day.proposal import (
    Open,
    OpenPoint,
    guessed,
    guesses_told,
    proposed,
    questions_told,
    what_next,
)
from provision.report.summary import RosterSummary, Summary, one_line
from provision.report.value import RunStatus, written_at
from provision.roster.files.remote import is_remote
from provision.roster.mapping.headers import is_portal_key
from provision.roster.read import read_roster
from provision.roster.reading import Why
from provision.roster.value import Roster
from provision.runs.observer import Observer, Remark
from provision.wording import shortened

#: the name of the file that is written
JOB_FILE = "provision.yaml"
#: the share of the logins from which on a domain is taken for the job's own
_OWN_DOMAIN = 0.1
#: different reasons of rows with errors that are asked about
_REASONS = 5


@dataclass(frozen=True, slots=True)
class InitChoices:
    """What somebody says of a new job; "" and nothing is left to the file.

    ``roster`` is where it lies, as typed. ``read`` may have sheet, header_row, encoding and delimiter; ``words`` are what words of
    the file mean, by field; ``columns`` and ``domains`` as in a job file.
    """

    folder: Path
    roster: str = ""
    name: str = ""
    kind: str = ""
    authority: str = ""
    auth: str = "ccg"
    domains: tuple[str, ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    read: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Proposed(Summary):
    """A job that was written, and what nobody could tell from the file. The people of the sample are in ``roster.understood``."""

    job_file: str = ""
    guesses: Mapping[str, str] = field(default_factory=dict)
    questions: tuple[OpenPoint, ...] = ()

    def to_json(self) -> str:
        """One JSON object on one line; of each question also its words."""
        told = asdict(self)
        told["questions"] = [
            {**asdict(each), "sentence": each.sentence, "answer": each.answer} for each in self.questions
        ]
        return one_line(told)


def init(choices: InitChoices, observer: Observer) -> Proposed:
    """Write the job file, and tell each guess and each question.

    Raises InputError for a file that is there already, RosterError for a roster without a key, UsageError for choices that do not go.
    """
    path = choices.folder / JOB_FILE
    _refuse_another(path)
    roster = _read(choices, observer) if choices.roster else None
    draft = _draft(choices, roster)
    questions = tuple(_questions(choices, draft, roster))
    _write(path, text_of(draft))
    proposal = Proposed(
        job=draft.name,
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        roster=_summed(roster),
        job_file=str(path.resolve()),
        guesses=guessed(draft, set(_said(choices)), _shares(roster)) if roster else {},
        questions=questions,
    )
    _tell(path, roster, proposal, observer)
    return proposal


def _said(choices: InitChoices) -> Iterator[str]:
    """The keys of the job that somebody gave."""
    given = {
        "roster.authority": choices.authority,
        "roster.kind": choices.kind,
        "scope.domains": choices.domains,
    }
    return (key for key, value in given.items() if value)


def _refuse_another(path: Path) -> None:
    if os.path.lexists(path):
        raise InputError(
            f"{path} is there already, and is not written over.",
            cause="a job was begun in this folder before",
            remedy="name another folder, as provision init DIR, or move that file away first",
        )


def _read(choices: InitChoices, observer: Observer) -> Roster:
    """The roster by the choices. The kind of its people is that of its column, or app users where no header and no cell has an address."""
    if choices.roster == "-":
        raise UsageError("A new job needs a roster that can be read again.", remedy="name a file with --from")
    try:
        roster = _as(choices.kind or RosterKind.MANAGED.value, choices, observer)
    except LostHeader as lost:
        app = None if choices.kind else _without_addresses(choices, observer)
        if app is None:
            raise _asked_for(lost) from None
        return app
    if choices.read.get("sheet") and not roster.sheet:
        raise UsageError(
            f"--sheet {choices.read['sheet']}: {roster.path} is no workbook.",
            remedy="take --sheet away, or name a workbook",
        )
    if not choices.kind and "kind" in roster.mapped:
        return _as(RosterKind.COLUMN.value, choices, observer)
    return roster


def _as(kind: str, choices: InitChoices, observer: Observer) -> Roster:
    told: dict[str, Any] = {
        "path": choices.roster,
        "kind": kind,
        "columns": dict(choices.columns),
        **choices.read,
    }
    told["values"] = {name: dict(words) for name, words in choices.words.items()}
    try:
        settings = RosterSettings.model_validate(told)
    except ValidationError as error:
        wrong = next(iter(problems_of(error, Document(told), frozenset())))
        raise UsageError(
            f"What the flags say cannot be used as it is. {wrong.sentence}",
            remedy="see provision init --help; provision help fields lists the fields",
        ) from None
    try:
        return read_roster(settings, today=observer.now().astimezone(UTC).date().isoformat())
    except LostHeader:
        raise
    except RosterError as error:
        remedy = (
            f"correct --from or the flag it is about (provision init --help); in a job file: {error.remedy}"
        )
        raise RosterError(error.what, cause=error.cause, remedy=remedy) from None


def _without_addresses(choices: InitChoices, observer: Observer) -> Roster | None:
    """The roster as one of app users, if it can be one and no column of it holds addresses that may be logins."""
    with contextlib.suppress(RosterError):
        roster = _as(RosterKind.APP.value, choices, observer)
        return None if roster.addresses else roster
    return None


def _asked_for(lost: LostHeader) -> RosterError:
    if not lost.wanted:
        return lost
    header = lost.guess.replace('"', '\\"')
    clients = (
        ""
        if lost.wanted != "login"
        else (
            '; or, if these are clients of a portal who never sign in themselves: --kind app --map "HEADER=external_id"'
        )
    )
    return RosterError(
        f"{lost.what} Which one is it?",
        cause=lost.cause,
        remedy=f'say it with --map "{header}={lost.wanted}", with the header that is meant{clients}',
    )


def _draft(choices: InitChoices, roster: Roster | None) -> JobDraft:
    draft = JobDraft(
        name=_name(choices),
        authority=choices.authority or "partial",
        auth=choices.auth,
        domains=choices.domains,
        kind=choices.kind or "managed",
        read=choices.read,
        words=choices.words,
    )
    if roster is None or roster.reading is None:
        return draft
    reading = roster.reading
    return replace(
        draft,
        roster=_place(choices),
        kind=choices.kind or _kind(roster),
        columns=reading.columns,
        left_out=reading.left_out,
        domains=choices.domains or tuple(_own(roster)),
        read={**({"sheet": reading.sheet} if reading.sheet else {}), **choices.read},
    )


def _name(choices: InitChoices) -> str:
    """The name that was given, or that of the roster, or of the folder."""
    told = choices.name or Path(choices.roster.rpartition("/")[2] or choices.folder.resolve()).name
    name = name_after(Path(f"{told}.yaml" if choices.name else told))
    if choices.name and name != choices.name:
        raise UsageError(
            f'"{choices.name}" cannot be the name of a job.',
            cause="blanks, accents or signs, which have no place in the names of folders",
            remedy=f"name it {name}",
        )
    return name


def _kind(roster: Roster) -> str:
    """Which kind the roster was read as: what its rows say, or what its keys are."""
    if "kind" in roster.mapped:
        return RosterKind.COLUMN.value
    return (RosterKind.MANAGED if "login" in roster.mapped else RosterKind.APP).value


def _place(choices: InitChoices) -> str:
    """Where the roster lies, as a file in the job's folder names it; an address as it is."""
    return choices.roster if is_remote(choices.roster) else _beside(choices.roster, choices.folder)


def _beside(path: str, folder: Path) -> str:
    try:
        return Path(os.path.relpath(Path(path).absolute(), folder.absolute())).as_posix()
    except ValueError:  # another drive
        return str(Path(path).absolute())


def _shares(roster: Roster | None) -> Mapping[str, float]:
    """How many of the logins have a domain, as a share, the most frequent first."""
    return {} if roster is None or roster.profile is None else roster.profile.domains


def _own(roster: Roster) -> Iterator[str]:
    """The domains that many of the logins have."""
    return (domain for domain, share in _shares(roster).items() if domain and share >= _OWN_DOMAIN)


def _questions(choices: InitChoices, draft: JobDraft, roster: Roster | None) -> Iterator[OpenPoint]:
    if roster is None:
        yield OpenPoint(Open.ROSTER, taken=EXAMPLE)
        return
    if not choices.authority:
        yield OpenPoint(Open.AUTHORITY, taken=draft.authority)
    if not choices.kind and draft.kind == RosterKind.MANAGED.value:
        for header in (column.header for column in draft.left_out if is_portal_key(column.header)):
            yield OpenPoint(Open.KIND, header, draft.kind)
    for domain, share in _shares(roster).items():
        if domain and draft.domains and domain not in draft.domains:
            yield OpenPoint(Open.DOMAIN, domain, rows=max(1, round(share * roster.valid)))
    for why in (Why.DOUBTED, Why.AMBIGUOUS, Why.UNKNOWN):
        headers = [column.header for column in draft.left_out if column.why is why]
        if headers:
            yield OpenPoint(Open.COLUMN, shortened([f'"{header}"' for header in headers]), why.value)
    yield from _wrong_rows(roster)


def _wrong_rows(roster: Roster) -> Iterator[OpenPoint]:
    """What most of the rows with errors have in common."""
    reasons = Counter((error.column, error.reason) for error in roster.errors)
    for (column, reason), rows in reasons.most_common(_REASONS):
        yield OpenPoint(Open.ROWS, f'"{column}": {reason}' if column else reason, rows=rows)


def _write(path: Path, text: str) -> None:
    """Put the file there, and see that it loads; one that does not is taken away again."""
    with trouble_with(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("x", encoding="utf-8")  # before all that may take it away: it may be another one
    try:
        with trouble_with(path), file:
            file.write(text)
        load_job(path, {}, signs_in=False)
    except ProvisionError:
        path.unlink(missing_ok=True)
        raise


def _summed(roster: Roster | None) -> RosterSummary:
    if roster is None:
        return RosterSummary()
    return RosterSummary(
        roster.path, roster.sha256, roster.rows, roster.valid, len(roster.rejected),
        written_at(roster.profile) or None, roster.reading, len(roster.excluded),
    )  # fmt: skip


def _tell(path: Path, roster: Roster | None, proposal: Proposed, observer: Observer) -> None:
    """Everything, for the person at the terminal: people of the roster are shown here and are not in the file."""
    lines: list[str] = []
    if roster is not None and roster.reading is not None:
        counts = (roster.rows, roster.valid, len(roster.rejected))
        lines += [*proposed(roster.reading, counts), *guesses_told(proposal.guesses)]
        lines += [f"note: {note}" for note in roster.notes]
        lines += [f"{found.level}: {sentence_of(found)}" for found in roster.findings]
    for line in (*lines, *questions_told(proposal.questions), *what_next(str(path))):
        observer.note(Remark(line))
