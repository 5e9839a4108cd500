"""The executor: phases in order, workers inside a phase, one outcome for each operation whatever happens."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace
from itertools import groupby

from provision.apply.halt import Halt, halt_if_hopeless, interrupted
from provision.apply.judge import judged
from provision.apply.users import Users, afterwards, look, moved_since, send
from provision.box.retry import Retry
from provision.errors import (
    BoxFault,
    BoxRefused,
    Expired,
    Interrupted,
    NotSent,
    ProvisionError,
    Throttled,
)
from provision.journal.book import Journal
from provision.journal.value import Outcome
from provision.model import Kind, Status, UserKind
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
    finished and the rest has no outcome; ``crew.halt.reason`` says why. An error that is no person's outcome (a journal
    that cannot be written) halts the run likewise and is raised.
    """
    outcomes: dict[str, Outcome] = {}

    def keep(outcome: Outcome) -> None:
        outcomes[outcome.change_id] = outcome
        told(outcome)

    for _kind, phase in groupby(changes, key=lambda change: change.kind):
        _phase(list(phase), skipped, crew, keep)
    return outcomes


def look_again(changes: Iterable[Change], outcomes: Mapping[str, Outcome], crew: Crew) -> dict[str, Outcome]:
    """What was ever in doubt is looked at once more: a late write may have come. Returns what is decided otherwise now."""
    decided: dict[str, Outcome] = {}
    for change in changes:
        outcome = outcomes.get(change.id)
        if outcome is None or not _was_doubtful(change, outcome):
            continue
        try:
            found = _twice(change, outcome, crew) or _found_at_last(change, outcome, crew)
        except (BoxFault, Interrupted, BoxRefused):
            if crew.halt.wanted:  # Box is away, or the person wants to go: the next look would fail too
                return decided
            continue
        if found is not None:
            decided[change.id] = crew.journal.end(found)
    return decided


def _was_doubtful(change: Change, outcome: Outcome) -> bool:
    sent_again = change.kind is Kind.CREATE and outcome.status is Status.DONE and outcome.attempts > 1
    return outcome.status is Status.IN_DOUBT or sent_again


def _twice(change: Change, outcome: Outcome, crew: Crew) -> Outcome | None:
    """A create that was sent again although the first one came late: Box need not refuse the second app user."""
    sent_once = (
        outcome.attempts == 1
    )  # and so cannot be there twice; 0 is what a journal says that has no end
    if change.user_kind is not UserKind.APP or not change.external_id or sent_once:
        return None
    found = crew.retry.read(lambda: crew.users.find_app(change.external_id))
    if len(found) < 2:
        return None
    ids = ", ".join(sorted(account.box_id for account in found))
    note = f"made twice, since the first request was carried out late: {ids}; one of them has to go"
    return replace(outcome, status=Status.IN_DOUBT, note=note)


def _found_at_last(change: Change, outcome: Outcome, crew: Crew) -> Outcome | None:
    if outcome.status is Status.DONE:
        return None
    box_id = crew.retry.read(lambda: look(change, crew.users, crew.enterprise_id))
    if box_id is None:
        return None
    note = "found done at the end of the run"
    return _completed(change, replace(outcome, status=Status.DONE, box_id=box_id, note=note), crew)


def _phase(
    changes: list[Change], skipped: Mapping[str, str], crew: Crew, keep: Callable[[Outcome], None]
) -> None:
    """Operations of one kind, several at once."""
    with ThreadPoolExecutor(crew.workers, thread_name_prefix="apply") as pool:
        futures = [pool.submit(_attempt, change, skipped.get(change.id, ""), crew) for change in changes]
        try:
            for future in as_completed(futures):
                outcome = future.result()
                if outcome is not None:
                    keep(outcome)
        except BaseException as error:
            _stop_for(error, crew.halt)  # or leaving the pool would begin everything that is left
            raise


def _attempt(change: Change, skip: str, crew: Crew) -> Outcome | None:
    """One operation from begin to end; None if the run was halted before it began."""
    if crew.halt.wanted:
        return None
    try:
        if skip:
            return crew.journal.end(Outcome(change.id, Status.SKIPPED, change.box_id, skip))
        crew.journal.begin(change.id)
        return crew.journal.end(_tried(change, crew))
    except BaseException as error:
        _stop_for(error, crew.halt)
        raise


def _stop_for(error: BaseException, halt: Halt) -> None:
    halt.request(error if isinstance(error, ProvisionError) else interrupted())


#: seconds between the looks for a create whose answer was lost, before it is sent again: a write may come late
#: (developer.box.com, Common errors, 503), and Box does not promise that a second one is refused
_LATE = (2.0, 4.0)


class _Sender:
    """Sends and looks for one operation; ``count`` is how often its main request may have been carried out."""

    def __init__(self, change: Change, crew: Crew) -> None:
        self._change = change
        self._crew = crew
        self.count = 0
        self.found = False

    def send(self) -> str:
        try:
            box_id = send(self._change, self._crew.users)
        except (NotSent, Throttled, Expired):
            raise
        except BoxFault:
            self.count += 1
            raise
        self.count += 1
        return box_id

    def look(self) -> str | None:
        """Whether a doubtful try has happened. A create is looked for some seconds long: a late one is a second one."""
        box_id = self._seen()
        for seconds in _LATE if self._change.kind is Kind.CREATE else ():
            if box_id is None:
                self._crew.retry.pause(seconds)
                box_id = self._seen()
        self.found = box_id is not None
        return box_id

    def _seen(self) -> str | None:
        return look(self._change, self._crew.users, self._crew.enterprise_id)


def _tried(change: Change, crew: Crew) -> Outcome:
    sender = _Sender(change, crew)
    try:
        outcome = _left_alone(change, crew) or _sent(change, sender, crew)
    except (Interrupted, BoxRefused) as error:
        crew.halt.request(error)
        status = Status.IN_DOUBT if sender.count else Status.NOT_ATTEMPTED
        outcome = Outcome(change.id, status, note="the run was stopped before an answer came")
    return replace(outcome, attempts=sender.count)


def _sent(change: Change, sender: _Sender, crew: Crew) -> Outcome:
    try:
        box_id = crew.retry.write(sender.send, sender.look)
        note = "found done after a lost answer" if sender.found else ""
        outcome = Outcome(change.id, Status.DONE, box_id, note)
    except BoxFault as fault:
        halt_if_hopeless(fault, crew.halt)
        outcome = judged(change, fault, crew.users, crew.retry, crew.enterprise_id)
    return _completed(change, outcome, crew) if outcome.status is Status.DONE else outcome


def _completed(change: Change, outcome: Outcome, crew: Crew) -> Outcome:
    """A create is only done with the fields that need a second request; setting a value twice is setting it once."""
    later = afterwards(change)
    if not later:
        return outcome
    note = f"the account was made, but not its {', '.join(later)}; the next run sets that"
    unfinished = replace(outcome, status=Status.FAILED, note=note)
    try:
        crew.retry.read(lambda: crew.users.update(outcome.box_id, later))
    except BoxFault as fault:
        halt_if_hopeless(fault, crew.halt)
        return replace(unfinished, answer=fault.answer)
    except (Interrupted, BoxRefused) as error:
        crew.halt.request(error)
        return unfinished
    return outcome


def _left_alone(change: Change, crew: Crew) -> Outcome | None:
    """What cannot be undone looks at its target once more, just before; why it is not sent, or None."""
    if change.kind is not Kind.DELETE:
        return None
    try:
        account = crew.retry.read(lambda: crew.users.get(change.box_id))
    except BoxFault as fault:
        halt_if_hopeless(fault, crew.halt)
        note = "not sent: the account could not be looked at just before"
        return Outcome(change.id, Status.FAILED, change.box_id, note, fault.answer)
    if account is None:
        return Outcome(change.id, Status.DONE, change.box_id, "was gone already")
    reason = moved_since(change, account)
    return Outcome(change.id, Status.SKIPPED, change.box_id, reason) if reason else None
