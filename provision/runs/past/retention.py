"""Which run folders of a job may be deleted, and why the others stay.

Nothing goes that the ledger could not be made anew without (``runs --rebuild``), that a hold or an approval still points to, that
was not finished, or that limits over days and undo still reach.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pandas as pd

from provision.errors import InputError
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.ledger.recall import BASELINES
from provision.ledger.value import Memory, blank
from provision.lessons.finished import made_by, matched_in
from provision.lessons.groups import groups_known
from provision.model import Status
from provision.operations.registry import ENDINGS, operation_of
from provision.plan.columns import among
from provision.runs.approving.approvals import answers_in, recorded
from provision.runs.folder import (
    ADOPTION_NAME,
    APPROVALS_NAME,
    INBOX_NAME,
    NEW_LEDGER_NAME,
    runs_of,
    summary_of,
)
from provision.runs.memory.job_ledger import known_ledger_of
from provision.runs.memory.memory_loss import expect_memory
from provision.runs.past.applied import AppliedRun
from provision.runs.past.rebuild import runs_found
from provision.wording import counted

#: an applied run stays so long whatever is asked for: limits over a month count what it did, and undo reaches it
_MONTH = timedelta(days=31)


class Keep(StrEnum):
    """Why a run folder stays. Programs hold on to these words."""

    YOUNG = "young"
    HOLD = "hold"
    APPROVAL = "approval"
    ANSWER = "answer"
    RECORD = "record"
    NOT_BELIEVED = "not_believed"
    MONTH = "month"
    COMPARED = "compared"
    UNFINISHED = "unfinished"
    LEDGER = "ledger"


WORDS = {
    Keep.YOUNG: "it is younger",
    Keep.HOLD: "something that waits for a person was seen in it last",
    Keep.APPROVAL: "an approval in it still counts",
    Keep.ANSWER: "somebody said in it who is who, which a ledger made anew is told from there",
    Keep.RECORD: "it records an adoption, or that the ledger began anew",
    Keep.NOT_BELIEVED: "it cannot be read, or no seal proves it: look at it yourself",
    Keep.MONTH: "it was applied in the last 31 days: limits over a month count it, and it can be undone",
    Keep.COMPARED: f"it is one of the last {BASELINES} that were applied, with which the next roster is compared",
    Keep.UNFINISHED: "it was not finished",
    Keep.LEDGER: "no later run tells what it knows, and a ledger made anew would lack it",
}


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is decided of one run folder: ``why`` it stays, None for one that may go. ``detail`` tells more of that.

    ``at`` is when something last happened in it, ``applied`` whether it was more than a plan.
    """

    path: Path
    at: datetime
    applied: bool
    why: Keep | None = None
    detail: str = ""

    @property
    def words(self) -> str:
        """Why, as people read it."""
        if self.why is None:
            return "was applied, and later runs tell what it knew" if self.applied else "was only planned"
        return f"{WORDS[self.why]}{f': {self.detail}' if self.detail else ''}"


@dataclass(frozen=True, slots=True)
class _Told:
    """What a run tells a ledger made anew: ``done`` are kinds of operation with their objects, and accounts, ``gone`` the accounts it ended.

    ``groups``: names of groups that it tells the meaning of, and the ids of those it made.
    """

    run: AppliedRun = field(repr=False)
    done: frozenset[tuple[str, str]]
    gone: frozenset[str]
    groups: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, run: AppliedRun) -> _Told:
        """What this run tells."""
        ended = {name: one.status is Status.DONE for name, one in run.outcomes.items()}
        done = [change for change in run.plan.changes if ended.get(change.id)]
        tried = (
            change
            for change in run.plan.changes
            if operation_of(change).tried_remembered and change.id in ended
        )
        return cls(
            run,
            frozenset(
                (f"{change.kind.value}:{change.object}", change.box_id)
                for change in (*done, *tried)
                if operation_of(change).remembered
            ),
            frozenset(change.box_id for change in done if change.kind in ENDINGS),
            frozenset(_groups(run)),
        )

    @property
    def enterprise_id(self) -> str:
        """Where it was."""
        return self.run.plan.enterprise_id

    @property
    def accounts(self) -> pd.Series:
        """The accounts that are the job's by it."""
        made = made_by(self.run.plan, self.run.outcomes)["box_id"]
        matched = [matched_in(self.run.plan)["box_id"]] if self.run.ended else []
        return pd.concat([*matched, made], ignore_index=True)


def _groups(run: AppliedRun) -> Iterator[tuple[str, str]]:
    found = groups_known(run.plan, run.outcomes, blank())
    for name, group_id, made_at in [] if found is None else found.itertuples(index=False, name=None):
        yield ("name", name)
        if made_at:
            yield ("made", group_id)


def judged(job: Job, older_than: timedelta, now: datetime) -> list[Sentence]:
    """Every run folder of a job, newest first, with why it stays or that it may go.

    Raises LostLedger where the ledger lacks what the folders tell, and InputError for one that cannot be read.
    """
    expect_memory(job)
    found = runs_found(job)
    told = {run.path: _Told.of(run) for run in found.applied}
    with contextlib.closing(known_ledger_of(job)) as ledger:
        held = {hold.run_id for _, hold in ledger.waiting(job.name)}
        taught = ledger.runs_taught("", job.name)
        enterprises = {one.enterprise_id for one in told.values()}
        memories = {each: ledger.memory(each, job.name) for each in enterprises}
    doubts = {one["run_dir"]: one["why"] for one in found.left_out}
    begun = tuple(path for path in runs_of(job) if (path / JOURNAL_NAME).exists())
    context = _Context(job, older_than, now, frozenset(held), frozenset(taught), begun, doubts)
    return _with_teachers([_of_itself(path, context) for path in runs_of(job)], told, memories)


@dataclass(frozen=True, slots=True)
class _Context:
    """What a folder is judged by: ``held`` and ``taught`` are run ids, ``begun`` the applied runs, newest first.

    ``doubts``: by folder why a ledger made anew would not learn from it.
    """

    job: Job
    older_than: timedelta
    now: datetime
    held: AbstractSet[str]
    taught: AbstractSet[str]
    begun: tuple[Path, ...]
    doubts: Mapping[str, str]


def _of_itself(path: Path, context: _Context) -> Sentence:
    """What a folder alone says, before others are looked at that may tell the same."""
    summary = summary_of(path)
    one = Sentence(path, _last(path, summary.get("finished_at")), path in context.begun)
    age = context.now - one.at
    if age < context.older_than:
        return replace(one, why=Keep.YOUNG)
    if path.name in context.held:
        return replace(one, why=Keep.HOLD)
    if str(path) in context.doubts:
        return replace(one, why=Keep.NOT_BELIEVED, detail=context.doubts[str(path)])
    if any((path / name).exists() for name in (ADOPTION_NAME, NEW_LEDGER_NAME)):
        return replace(one, why=Keep.RECORD)
    try:
        return replace(
            one, why=_said(path, context) or (_as_applied(path, age, context) if one.applied else None)
        )
    except InputError as error:
        return replace(one, why=Keep.NOT_BELIEVED, detail=error.what)


def _last(path: Path, finished_at: object) -> datetime:
    """When something last happened in a run: as its summary says, or as its name does."""
    try:
        made = datetime.strptime(path.name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:  # a name that nobody but a person gives
        made = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    with contextlib.suppress(ValueError, TypeError):
        return max(made, datetime.fromisoformat(str(finished_at)))
    return made


def _said(path: Path, context: _Context) -> Keep | None:
    """Whether a word of somebody in it still counts, or has to be told a ledger made anew."""
    if answers_in(path, context.job):
        return Keep.ANSWER
    until = [datetime.fromisoformat(str(row["until"])) for row in recorded(path / APPROVALS_NAME)]
    beside = any(
        context.now.timestamp() - each.stat().st_mtime < context.older_than.total_seconds()
        for each in (path / INBOX_NAME).glob("*.json")
    )
    counts = any(each.replace(tzinfo=each.tzinfo or UTC) > context.now for each in until)
    return Keep.APPROVAL if counts or beside else None


def _as_applied(path: Path, age: timedelta, context: _Context) -> Keep | None:
    """Why a run that was applied stays, whatever others tell."""
    if age < _MONTH:
        return Keep.MONTH
    if path.name not in context.taught or summary_of(path).get("status") == "interrupted":
        return Keep.UNFINISHED
    return Keep.COMPARED if path in context.begun[:BASELINES] else None


def _with_teachers(
    sentences: Sequence[Sentence], told: dict[Path, _Told], memories: Mapping[str, Memory]
) -> list[Sentence]:
    """The sentences, with those that stay because nobody later tells what they know: the newest to tell it stays."""
    every_gone = frozenset().union(*(one.gone for one in told.values()))
    seen = _Seen(memories)
    kept: list[Sentence] = []
    known: dict[Path, frozenset[str]] = {}
    for each in sentences:
        one = each
        if (teaches := told.get(one.path)) is not None:
            accounts = teaches.accounts
            known[one.path] = frozenset(accounts[accounts.isin(every_gone)])
            news = seen.news(teaches, accounts)
            if one.why is None and news:
                one = replace(one, why=Keep.LEDGER, detail=news)
            if one.why is not None:
                seen.add(teaches, accounts)
        kept.append(one)
    return _with_ends(kept, told, known)


class _Seen:
    """What the runs that stay tell, of the accounts and groups that the job has."""

    def __init__(self, memories: Mapping[str, Memory]) -> None:
        self._owned = {each: memory.accounts["box_id"] for each, memory in memories.items()}
        self._names = {each: set(memory.groups["name"]) for each, memory in memories.items()}
        self._made = {each: set(memory.groups["group_id"]) for each, memory in memories.items()}
        self._accounts = {each: pd.Series(dtype="str") for each in memories}
        self._done: set[tuple[str, str]] = set()
        self._groups: set[tuple[str, str]] = set()

    def news(self, told: _Told, accounts: pd.Series) -> str:
        """Of how many accounts and groups that the job has this run alone tells something; "" for none."""
        owned = self._owned[told.enterprise_id]
        mine = accounts[among(accounts, owned)]
        fresh = set(mine[~among(mine, self._accounts[told.enterprise_id])])
        new = {box_id for _, box_id in told.done - self._done}
        fresh |= new.intersection(owned) if new else set()
        known = {"name": self._names[told.enterprise_id], "made": self._made[told.enterprise_id]}
        groups = {each for sort, each in told.groups - self._groups if each in known[sort]}
        parts = [counted(len(each), noun) for each, noun in ((fresh, "account"), (groups, "group")) if each]
        return f"of {' and '.join(parts)}" if parts else ""

    def add(self, told: _Told, accounts: pd.Series) -> None:
        """What a run tells that stays."""
        before = self._accounts[told.enterprise_id]
        fresh = accounts[~among(accounts, before)]
        if len(fresh):
            self._accounts[told.enterprise_id] = pd.concat([before, fresh], ignore_index=True)
        self._done |= told.done
        self._groups |= told.groups


def _with_ends(
    sentences: Iterable[Sentence], told: dict[Path, _Told], known: dict[Path, frozenset[str]]
) -> list[Sentence]:
    """The same, with the ends of accounts that an older run that stays still knows: else they would be the job's again."""
    alive: set[str] = set()
    kept = []
    for each in sorted(sentences, key=lambda one: one.path.name):
        one, teaches = each, told.get(each.path)
        if teaches is not None and one.why is None and (ended := teaches.gone & alive):
            one = replace(one, why=Keep.LEDGER, detail=f"the end of {counted(len(ended), 'account')}")
        if teaches is not None and one.why is not None:
            alive |= known[one.path]
        kept.append(one)
    return kept[::-1]
