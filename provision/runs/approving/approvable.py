"""What of a run people can settle with a word: operations that wait, and questions who is who; and which of it somebody means."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from provision.errors import UsageError
from provision.journal.book import JOURNAL_NAME, read_outcomes
from provision.keyed import AIM, FingerprintKey, kept
from provision.ledger.value import Release
from provision.model import fold, made_by_box
from provision.operations.value import Change, wholes
from provision.plan.guards.approvals import GivenWords, approved_since
from provision.plan.value import Plan, Question
from provision.runs.folder import RunFolder
from provision.runs.selection import identity
from provision.wording import nearest


@dataclass(frozen=True, slots=True)
class ApprovalChoice:
    """What to approve: everything that waits, whole kinds, people by login, external id or Box id, or each by its :func:`mark`.

    ``holds``: it is not approved but held, so that it waits. ``by`` is who decides, ``until`` the last day (ISO, in the job's time zone)
    on which that counts, "" for the usual week, and a year for what is held.
    """

    everything: bool = False
    kinds: Sequence[str] = ()
    people: Sequence[str] = ()
    by: str = ""
    until: str = ""
    holds: bool = False
    marks: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Approvable:
    """What of a run people can settle with a word: operations that wait, each a whole, and questions who is who."""

    operations: tuple[Change, ...] = ()
    questions: tuple[Question, ...] = ()

    def __len__(self) -> int:
        return len(self.operations) + len(self.questions)

    @property
    def asked(self) -> dict[tuple[str, str], Change | Question]:
        """What it is about, by what a word on it names: see :class:`provision.ledger.value.Release`."""
        questions: dict[tuple[str, str], Change | Question] = {
            (each.person.hold_id, aim_of(each)): each for each in self.questions
        }
        return questions | {(each.hold_id, each.aim): each for each in self.operations}


def all_of(plan: Plan) -> Approvable:
    """All that a plan does and asks."""
    return Approvable(wholes(plan.changes), plan.questions)


def aim_of(asked: Question) -> str:
    """A fingerprint of the answer to a question; "" where nothing is asked but to know."""
    if asked.to_be_known:
        return ""
    return hashlib.sha256(f"same\0{asked.external_id}\0{asked.login}\0{asked.box_id}".encode()).hexdigest()


def as_asked(words: Iterable[Release], about: Approvable, key: FingerprintKey | None) -> tuple[Release, ...]:
    """Words as a ledger keeps them, each with what it is about as the plan names that, if it is about this plan."""
    named = {(hold_id, kept(aim, key, AIM)): aim for hold_id, aim in about.asked}
    return tuple(replace(one, aim=named.get((one.hold_id, one.aim), one.aim)) for one in words)


def said_of(chosen: Approvable, word: Release) -> tuple[Release, ...]:
    """One word, said of each of these."""
    return tuple(replace(word, hold_id=hold_id, aim=aim) for hold_id, aim in chosen.asked)


def approvable(plan: Plan, run: RunFolder, words: GivenWords) -> Approvable:
    """What of a run waits, operations left out that are approved or were done all the same."""
    settled = settled_in(run, plan)
    holds = approved_since(plan, words, settled).holds
    operations = (
        change for change in wholes(plan.changes) if change.id in holds and change.id not in settled
    )
    return Approvable(tuple(operations), plan.questions)


def stoppable(plan: Plan, run: RunFolder) -> Approvable:
    """What of a run can be held: all operations that were not carried out."""
    settled = settled_in(run, plan)
    return Approvable(tuple(change for change in wholes(plan.changes) if change.id not in settled))


def settled_in(run: RunFolder, plan: Plan) -> frozenset[str]:
    """The operations of a plan, by id, that are done or were left alone for good."""
    journal = run.path / JOURNAL_NAME
    outcomes = read_outcomes(journal, identity(plan)) if journal.exists() else {}
    return frozenset(name for name, outcome in outcomes.items() if outcome.settled)


def mark(asked: Change | Question) -> str:
    """A short name of an operation as it was looked at, or of a question: another operation on the same person has another."""
    hold_id = asked.hold_id if isinstance(asked, Change) else asked.person.hold_id
    aim = asked.aim if isinstance(asked, Change) else aim_of(asked)
    return hashlib.sha256(f"{hold_id}\0{aim}".encode()).hexdigest()[:24]


def chosen_of(waiting: Approvable, choice: ApprovalChoice, run: RunFolder) -> Approvable:
    """What the person means. Who is who is only settled one by one, never for all at once. Raises UsageError."""
    if choice.holds and not waiting:
        raise UsageError(
            f"Run {run.about.run_id} has no operation that could be held.",
            cause="nothing was planned, or all of it was carried out",
            remedy="take it back, as far as that is possible: provision undo RUN --dry-run",
        )
    if not waiting or (choice.everything and not waiting.operations):
        raise UsageError(
            f"No operation of run {run.about.run_id} waits to be approved.",
            cause="it was approved already, or what waits needs an answer about one person (--person), another roster or a "
            "change in Box",
            remedy="see what waits: provision holds JOB, or the preview of the run",
        )
    if choice.everything:
        return Approvable(waiting.operations)
    for kind in choice.kinds:
        _expect_kind(kind, waiting, run)
    meant = [_of_person(name, waiting) for name in choice.people]
    if choice.marks:
        meant.append(_marked(frozenset(choice.marks), waiting, run))
    kinds = {change.id for change in waiting.operations if change.kind in choice.kinds}
    operations = kinds.union(*({change.id for change in each.operations} for each in meant))
    asked = {question for each in meant for question in each.questions}
    return Approvable(
        tuple(change for change in waiting.operations if change.id in operations),
        tuple(question for question in waiting.questions if question in asked),
    )


def _expect_kind(kind: str, waiting: Approvable, run: RunFolder) -> None:
    kinds = sorted({change.kind.value for change in waiting.operations})
    if kind not in kinds:
        raise UsageError(
            f"No operation of the kind {kind} waits in run {run.about.run_id}.",
            remedy=f"there are: {', '.join(kinds) or 'only questions about single people (--person)'}",
        )


def _marked(marks: frozenset[str], waiting: Approvable, run: RunFolder) -> Approvable:
    """What has one of these marks. Raises UsageError if not all of it waits any more."""
    found = Approvable(
        tuple(each for each in waiting.operations if mark(each) in marks),
        tuple(each for each in waiting.questions if mark(each) in marks),
    )
    if missing := len(marks) - len(found):
        raise UsageError(
            f"{missing:,} of the {len(marks):,} that were chosen cannot be decided about in run {run.about.run_id} any more.",
            cause="somebody else has decided about them, or a run has carried them out since",
            remedy="look again at what still waits, and choose anew",
        )
    return found


def _of_person(name: str, waiting: Approvable) -> Approvable:
    keys: dict[str, list[Change | Question]] = {}
    everything: list[Change | Question] = [*waiting.operations, *waiting.questions]
    for each in everything:
        about = each.name if isinstance(each, Change) and each.of_nobody else ""
        for key in {each.box_id, each.external_id, fold(each.login), about} - {""}:
            keys.setdefault(key, []).append(each)
    found = keys.get(name) or keys.get(fold(name))
    if found and len({each.person.anchor for each in found}) > 1:
        raise UsageError(
            f"--person {name} may be several people: an id of the roster that is somebody else's Box id, or a shared one.",
            remedy="name the person by the login, or by the Box id",
        )
    if found:
        operations = tuple(each for each in found if isinstance(each, Change))
        return Approvable(operations, tuple(each for each in found if isinstance(each, Question)))
    raise _nobody(name, keys)


def _nobody(name: str, keys: Iterable[str]) -> UsageError:
    close = nearest(fold(name), {key for key in keys if not made_by_box(key)})
    return UsageError(
        f"--person {name}: nothing about anybody of that name waits"
        + (f"; did you mean {close}?" if close else "."),
        cause="a typing error, or another run",
        remedy="see who waits: provision holds JOB",
    )
