"""What is to be carried out, and by whom."""

from __future__ import annotations

from collections.abc import Collection, Container, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace

from provision.apply.halt import Halt, Refusals, Strangers
from provision.apply.snapshot import Keep
from provision.box.pacing.retry import Retry
from provision.journal.book import Journal
from provision.journal.value import Note, Outcome
from provision.model import Kind, Status
from provision.operations.remote import Remote
from provision.operations.value import Change


@dataclass(frozen=True, slots=True)
class ExecutionContext:
    """Who carries a plan out: Box as operations reach it, the retry loop, the journal, how many at once at most, and how to stop.

    ``keep`` puts down what is known of an account before it is removed for good. Each operation begins and ends inside the ``gate``, which lets all workers in unless another is given.
    """

    remote: Remote
    retry: Retry
    journal: Journal
    workers: int
    halt: Halt
    keep: Keep
    refusals: Refusals = field(default_factory=Refusals)
    strangers: Strangers = field(default_factory=Strangers)
    gate: AbstractContextManager[None] = field(default_factory=nullcontext)


@dataclass(frozen=True, slots=True)
class WorkList:
    """The operations of a plan, in order, and what is known of them.

    ``skipped`` names operations that are not sent, and how their accounts have moved; ``held`` those that wait for a person, and
    why. ``earlier`` is what the journal of an interrupted run
    tells, by change id. ``known`` are the ids of the accounts that existed when the plan was made. ``sent`` are creates that
    other runs may have sent before, by id: by how many requests. ``wary``: the plan's listing may have missed accounts.
    ``logins`` are those that an account may have by the plan's own doing, folded, by Box id.
    """

    changes: Sequence[Change]
    skipped: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    earlier: Mapping[str, Outcome] = field(default_factory=dict)
    known: Container[str] = frozenset()
    held: Mapping[str, str] = field(default_factory=dict)
    sent: Mapping[str, int] = field(default_factory=dict)
    wary: bool = False
    logins: Mapping[str, Collection[str]] = field(default_factory=dict)

    @property
    def pending(self) -> list[Change]:
        """What no earlier process has brought to its end: not begun, in doubt, failed, or not sent."""
        return [change for change in self.changes if not self._settled(change)]

    def doubtful(self, change: Change) -> bool:
        """Whether an earlier process, or another run, may have carried it out."""
        return self._in_doubt(change) or change.id in self.sent

    def begun(self, change: Change) -> bool:
        """Whether what is there now may be an earlier process's own work: not a reason to leave it half done."""
        return self._in_doubt(change) or bool(self.made(change))

    def made(self, change: Change) -> str:
        """The id of an account that an earlier process surely made and did not finish, "" for none."""
        outcome = self.earlier.get(change.id)
        if outcome is None or change.kind is not Kind.CREATE or outcome.settled:
            return ""
        return outcome.box_id

    def tries(self, change: Change) -> int:
        """How often earlier processes sent it, at least: one that was cut off may have sent it once."""
        outcome = self.earlier.get(change.id)
        here = max(outcome.attempts, int(self._in_doubt(change))) if outcome is not None else 0
        return here + self.sent.get(change.id, 0)

    def _in_doubt(self, change: Change) -> bool:
        outcome = self.earlier.get(change.id)
        return outcome is not None and outcome.status is Status.IN_DOUBT

    def _settled(self, change: Change) -> bool:
        outcome = self.earlier.get(change.id)
        return outcome is not None and outcome.settled


def resolved(change: Change, known: Mapping[str, Outcome]) -> Change:
    """An operation with what those that it needs brought: its account, its group, its folder, and for a second half what Box made beside it.

    ``known`` are outcomes by id.
    """
    if change.kind is Kind.INVITE and (before := known.get(change.id)) is not None and before.made:
        return replace(change, invite=before.made)  # what an earlier process has made is followed
    if not change.needs:
        return change
    first = known.get(change.completes)
    change = (
        change if first is None else replace(change, box_id=change.box_id or first.box_id, made=first.made)
    )
    brought = {need.partition(":")[0]: known[need].box_id for need in change.needs if need in known}
    return replace(
        change,
        box_id=change.box_id or ("" if change.of_nobody else brought.get(Kind.CREATE, "")),
        group=change.group or brought.get(Kind.GROUP_CREATE, ""),
        folder=change.folder or brought.get(Kind.FOLDER_CREATE, ""),
    )
