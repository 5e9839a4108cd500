"""The executor: a graph of operations in order of rank, workers side by side, one outcome each whatever happens."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from provision.apply.attempt import tried
from provision.apply.context import ExecutionContext, WorkList, resolved
from provision.apply.halt import Halt, interrupted
from provision.errors import ProvisionError
from provision.journal.value import Noted, Outcome, is_done, noted, why_held
from provision.model import Status
from provision.operations.cells import sets_list, sets_unseen_list
from provision.operations.registry import operation_of
from provision.operations.value import Change

#: makes what runs operations: so many at once, of so many
Pool = Callable[[int, int], Executor]

#: so many lists are set one by one at most where none was seen in Box; where Box refuses these it shows nothing by the others either
_ALONE = 3


def threads(workers: int, operations: int) -> Executor:
    """Operations side by side in threads: they wait for Box nearly all of the time."""
    return ThreadPoolExecutor(min(workers, operations), thread_name_prefix="apply")


def carry_out(
    work: WorkList, context: ExecutionContext, told: Callable[[Outcome], None], pool: Pool = threads
) -> dict[str, Outcome]:
    """Send every pending operation once and say what became of each, by id of the change; ``told`` hears it at once.

    An operation is ready when all that it needs is done; of the ready ones those of the lowest rank go first, several at
    once. What completes one follows it at once: a run that is stopped leaves few halves behind. What needs an operation
    that was not done is not attempted.

    When the run is halted, what is in flight is finished and the rest has no outcome; ``context.halt.reason`` says why. An
    error that is no person's outcome (a journal that cannot be written) halts the run likewise and is raised.
    """
    outcomes: dict[str, Outcome] = {}

    def keep(outcome: Outcome) -> None:
        outcomes[outcome.change_id] = outcome
        told(outcome)

    known = ChainMap(outcomes, dict(work.earlier))
    for change, need in _leading_nowhere(work, known):
        keep(context.journal.end(_not_begun(change, need, known)))
    left = [change for change in work.pending if change.id not in outcomes]
    alone = _ALONE
    while left:
        ready, left = _ready(left, known)
        if alone and (first := _first_list(ready, work, context)):
            alone -= 1
            ready, left = [first], [*(change for change in ready if change is not first), *left]
        if not ready:
            if not context.halt.wanted:
                _unreachable(left, work, known, lambda end: keep(context.journal.end(end)))
            break
        with pool(context.workers, len(ready)) as runner:
            _phase(ready, _halves(left), work, context, _Means(runner, keep, known))
        left = [change for change in left if change.id not in outcomes]
    return outcomes


def _leading_nowhere(work: WorkList, known: Mapping[str, Outcome]) -> Iterator[tuple[Change, str]]:
    """The steps by which somebody makes room for people who change places, though not all of them move in this run; and what is missing.

    Whoever made room then would be left with an address that nobody keeps.
    """
    coming = {change.id: change for change in work.changes if change.id not in work.skipped}
    for change in work.pending:
        if not operation_of(change).makes_room(change):
            continue
        need = _missing(change.completes, coming, known)
        if need and not work.begun(change):
            yield change, need


def _missing(whole: str, coming: Mapping[str, Change], known: Mapping[str, Outcome]) -> str:
    """What is not done and will not be, of all that an operation needs, itself included; "" for nothing."""
    left, passed = [whole], set()
    while left:
        name = left.pop()
        if name in passed or is_done(known.get(name)):
            continue
        if name not in coming:
            return name
        passed.add(name)
        left += coming[name].needs
    return ""


def _not_begun(change: Change, need: str, known: Mapping[str, Outcome]) -> Outcome:
    """The end of what leads nowhere without something else."""
    status = known[need].status if need in known else Status.NOT_ATTEMPTED
    notes = noted(Noted.NEED_NOT_DONE, need=need, status=status.value)
    return Outcome(change.id, Status.NOT_ATTEMPTED, change.box_id, notes)


def freed(work: WorkList, outcomes: Mapping[str, Outcome]) -> WorkList:
    """What waited for something that turned out to be done after all, and what waits for that in turn."""
    left = [change for change in work.changes if change.id in outcomes and _waited(outcomes[change.id])]
    done = {name for name, outcome in outcomes.items() if is_done(outcome)}
    freed_ids: set[str] = set()
    while now := {change.id for change in left if done.issuperset(change.needs)} - freed_ids:
        freed_ids |= now
        done |= now
    able = tuple(change for change in left if change.id in freed_ids)
    return replace(work, changes=able, earlier={**work.earlier, **outcomes})


def _waited(outcome: Outcome) -> bool:
    return outcome.says(Noted.NEED_NOT_DONE)


def _ready(changes: Sequence[Change], known: Mapping[str, Outcome]) -> tuple[list[Change], list[Change]]:
    """The operations of the lowest rank of which all needs are done, and all others."""
    able = [change for change in changes if all(is_done(known.get(need)) for need in change.needs)]
    first = min((operation_of(change).rank for change in able), default=0)
    ready = [change for change in able if operation_of(change).rank == first]
    now = {change.id for change in ready}
    return ready, [change for change in changes if change.id not in now]


def _first_list(ready: Sequence[Change], work: WorkList, context: ExecutionContext) -> Change | None:
    """Of lists that all were shown empty one that is set before all others, None for none: its answer shows whether they can be seen.

    Whether Box shows an empty list to whom it hides one is not documented. If so, one person's codes are lost by that, not everybody's.
    """
    if context.remote.users.codes_shown is not None:
        return None
    lists = [change for change in ready if sets_list(change) and _is_sent(change, work)]
    return lists[0] if len(lists) > 1 and all(map(sets_unseen_list, lists)) else None


def _is_sent(change: Change, work: WorkList) -> bool:
    return work.begun(change) or not (change.id in work.held or change.id in work.skipped)


def _unreachable(
    changes: Sequence[Change],
    work: WorkList,
    known: Mapping[str, Outcome],
    keep: Callable[[Outcome], None],
) -> None:
    """What waits for something that will not be done in this run."""
    behind = {change.id: change for change in changes}
    before = dict(known)
    for change in changes:
        held = None if change.completes else _held(change, work)
        keep(held or _left_out(change, _kept_back_by(change, behind, before), known))


def _kept_back_by(change: Change, behind: Mapping[str, Change], known: Mapping[str, Outcome]) -> str:
    """What an operation waits for in the end: what it needs, or what that needs in turn, by its id."""
    passed: set[str] = set()
    while True:
        need = next(need for need in change.needs if not is_done(known.get(need)))
        if need not in behind or need in passed:
            return need
        passed.add(need)
        change = behind[need]


def _left_out(change: Change, cause: str, known: Mapping[str, Outcome]) -> Outcome:
    """The end of what needs something that was not done: it waits for whom that waits for, and a second half does not begin."""
    need = next(need for need in change.needs if not is_done(known.get(need)))
    left = _not_begun(change, need, known)
    first = known.get(cause)
    if change.completes or first is None or first.status is not Status.WAITING:
        return left
    why = noted(Noted.WAITS, why=why_held(first))
    return replace(left, status=first.status, notes=(*why, *left.notes))


@dataclass(frozen=True, slots=True)
class _Means:
    """What runs operations, who hears of them, and what is known of all so far."""

    runner: Executor
    keep: Callable[[Outcome], None]
    known: Mapping[str, Outcome]


def _halves(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """The operations that complete another one and need nothing else, by that one's id."""
    found: dict[str, list[Change]] = {}
    for change in changes:
        if change.needs == (change.completes,):
            found.setdefault(change.completes, []).append(change)
    return found


def _phase(
    changes: Sequence[Change],
    halves: Mapping[str, Sequence[Change]],
    work: WorkList,
    context: ExecutionContext,
    means: _Means,
) -> None:
    """Operations of one kind, several at once, each with what completes it."""
    ready = [resolved(change, means.known) for change in context.refusals.in_turn(changes)]
    futures = [
        means.runner.submit(_whole, change, halves.get(change.id, ()), work, context) for change in ready
    ]
    try:
        for future in as_completed(futures):
            for outcome in future.result():
                means.keep(outcome)
    except BaseException as error:
        _stop_for(error, context.halt)  # or leaving the pool would begin everything that is left
        raise


def _whole(
    change: Change, halves: Sequence[Change], work: WorkList, context: ExecutionContext
) -> list[Outcome]:
    """One operation, and if it is done what completes it."""
    first = _attempt(change, work, context)
    if first is None or not is_done(first):
        return [first] if first is not None else []
    later = [_attempt(resolved(half, {change.id: first}), work, context) for half in halves]
    return [first, *(outcome for outcome in later if outcome is not None)]


def _attempt(change: Change, work: WorkList, context: ExecutionContext) -> Outcome | None:
    """One operation as soon as it is of use; None if the run, or its kind, was stopped before it began."""
    with context.gate:
        return _gone_through(change, work, context)


def _gone_through(change: Change, work: WorkList, context: ExecutionContext) -> Outcome | None:
    """One operation from begin to end."""
    if context.halt.wanted or context.refusals.stopped(change.kind):
        return None
    try:
        if left := _left_alone(change, work):
            return context.journal.end(left)
        context.journal.begin(change.id)
        return context.journal.end(tried(change, work, context))
    except BaseException as error:
        _stop_for(error, context.halt)
        raise


def _left_alone(change: Change, work: WorkList) -> Outcome | None:
    """The end of an operation that is not sent; what an earlier process has begun is brought to its end all the same."""
    if held := _held(change, work):
        return held
    if work.begun(change):
        return None
    if moved := work.skipped.get(change.id):
        return Outcome(change.id, Status.SKIPPED, change.box_id, moved)
    return None


def _held(change: Change, work: WorkList) -> Outcome | None:
    """The end of what waits for a decision of its own, whatever else it waits for: who releases that has not released this."""
    why = work.held.get(change.id, "")
    if not why or work.begun(change):
        return None
    return Outcome(
        change.id, Status.HELD, change.box_id, noted(Noted.WAITS, why=why), attempts=work.tries(change)
    )


def _stop_for(error: BaseException, halt: Halt) -> None:
    halt.request(error if isinstance(error, ProvisionError) else interrupted())
