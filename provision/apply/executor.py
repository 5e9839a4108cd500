"""The executor: phases in order, workers inside a phase, one outcome for each operation whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import groupby

from provision.apply.halt import Halt, away
from provision.apply.judge import judged
from provision.apply.users import Users, afterwards, look, moved_since, send
from provision.box.retry import Retry
from provision.errors import BoxFault, Expired, Interrupted, NotSent, Rejected, SignInRefused, Throttled
from provision.journal.book import Journal
from provision.journal.value import Outcome
from provision.model import Kind, Status
from provision.plan.value import Change


@dataclass(frozen=True, slots=True)
class Crew:
    """Who carries a plan out: Box's users, the retry loop, the journal, how many at once, and how to stop."""

    users: Users
    retry: Retry
    journal: Journal
    workers: int
    halt: Halt
    enterprise_id: str


def carry_out(
    changes: Iterable[Change], skipped: Mapping[str, str], crew: Crew, told: Callable[[Outcome], None]
) -> dict[str, Outcome]:
    """Send every operation once and say what became of each, by id of the change.

    ``skipped`` names operations that are not sent, with the reason. When the run is halted, what is in flight is
    finished and the rest has no outcome; ``crew.halt.reason`` says why.
    """
    outcomes: dict[str, Outcome] = {}
    for _kind, phase in groupby(changes, key=lambda change: change.kind):
        for outcome in _phase(list(phase), skipped, crew):
            outcomes[outcome.change_id] = outcome
            told(outcome)
    return outcomes


def look_again(changes: Iterable[Change], outcomes: Mapping[str, Outcome], crew: Crew) -> dict[str, Outcome]:
    """Operations in doubt are looked at once more: a late write may have come. Returns those that are decided now."""
    doubtful = [change for change in changes if _in_doubt(outcomes.get(change.id))]
    decided = {}
    for change in doubtful:
        box_id = _seen(change, crew)
        if box_id is not None:
            found = replace(
                outcomes[change.id],
                status=Status.DONE,
                box_id=box_id,
                note="found done at the end of the run",
            )
            decided[change.id] = crew.journal.end(found)
    return decided


def _in_doubt(outcome: Outcome | None) -> bool:
    return outcome is not None and outcome.status is Status.IN_DOUBT


def _seen(change: Change, crew: Crew) -> str | None:
    try:
        return crew.retry.read(lambda: look(change, crew.users, crew.enterprise_id))
    except (BoxFault, Interrupted, SignInRefused):
        return None


def _phase(changes: list[Change], skipped: Mapping[str, str], crew: Crew) -> Iterator[Outcome]:
    """Operations of one kind, several at once."""
    with ThreadPoolExecutor(crew.workers, thread_name_prefix="apply") as pool:
        futures = [pool.submit(_attempt, change, skipped.get(change.id, ""), crew) for change in changes]
        for future in as_completed(futures):
            outcome = future.result()
            if outcome is not None:
                yield outcome


def _attempt(change: Change, skip: str, crew: Crew) -> Outcome | None:
    """One operation from begin to end; None if the run was halted before it began."""
    if crew.halt.wanted:
        return None
    if skip:
        return crew.journal.end(Outcome(change.id, Status.SKIPPED, change.box_id, skip))
    crew.journal.begin(change.id)
    return crew.journal.end(_tried(change, crew))


class _Sender:
    """Counts how often the main request of one operation left and may have been carried out."""

    def __init__(self, change: Change, crew: Crew) -> None:
        self._change = change
        self._crew = crew
        self.count = 0
        self.found = False

    def send(self) -> str:
        try:
            box_id = send(self._change, self._crew.users)
        except (NotSent, Throttled, Expired, SignInRefused, Interrupted):
            raise
        except BoxFault:
            self.count += 1
            raise
        self.count += 1
        return box_id

    def look(self) -> str | None:
        box_id = look(self._change, self._crew.users, self._crew.enterprise_id)
        self.found = box_id is not None
        return box_id


def _tried(change: Change, crew: Crew) -> Outcome:
    sender = _Sender(change, crew)
    try:
        outcome = _moved_target(change, crew) or _sent(change, sender, crew)
    except BoxFault as fault:
        _halt_if_hopeless(fault, crew.halt)
        outcome = judged(change, fault, crew.users, crew.retry, crew.enterprise_id)
    except (Interrupted, SignInRefused) as error:
        crew.halt.request(error)
        status = Status.IN_DOUBT if sender.count else Status.NOT_ATTEMPTED
        outcome = Outcome(change.id, status, note="the run was stopped before an answer came")
    return replace(outcome, attempts=sender.count)


def _sent(change: Change, sender: _Sender, crew: Crew) -> Outcome:
    box_id = crew.retry.write(sender.send, sender.look)
    later = afterwards(change)
    if later:
        crew.retry.read(lambda: crew.users.update(box_id, later))  # setting a value twice is setting it once
    return Outcome(change.id, Status.DONE, box_id, "found done after a lost answer" if sender.found else "")


def _moved_target(change: Change, crew: Crew) -> Outcome | None:
    """What cannot be undone looks at its target once more, just before."""
    if change.kind is not Kind.DELETE:
        return None
    account = crew.retry.read(lambda: crew.users.get(change.box_id))
    if account is None:
        return Outcome(change.id, Status.DONE, change.box_id, "was gone already")
    reason = moved_since(change, account)
    return Outcome(change.id, Status.SKIPPED, change.box_id, reason) if reason else None


def _halt_if_hopeless(fault: BoxFault, halt: Halt) -> None:
    """Some faults would meet every further call too."""
    if isinstance(fault, NotSent | Throttled):
        halt.request(away())
    if isinstance(fault, Expired):
        halt.request(
            SignInRefused(
                "Box no longer accepts the sign-in (HTTP 401); the run stopped.",
                cause="a token that was revoked, or an app whose authorisation was taken back",
                remedy="have an admin authorise the app again, then run the job again",
            )
        )
    if isinstance(fault, Rejected) and fault.scope_missing:
        halt.request(
            SignInRefused(
                "Box says that this app may not do this (HTTP 403 insufficient_scope); the run stopped.",
                cause="the app lacks the scope 'Manage users'",
                remedy="grant it in the Developer Console, have an admin authorise the app again, then run the job again",
            )
        )
