"""The executor: phases in order, workers inside a phase, one outcome for each operation whatever happens."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor, as_completed
from itertools import groupby

from provision.apply.attempt import tried
from provision.apply.crew import Crew, Work
from provision.apply.halt import Halt, interrupted
from provision.errors import ProvisionError
from provision.journal.value import Outcome
from provision.model import Status
from provision.plan.value import Change

#: makes what runs so many operations at once
Pool = Callable[[int], Executor]


def threads(workers: int) -> Executor:
    """Operations side by side in threads: they wait for Box nearly all of the time."""
    return ThreadPoolExecutor(workers, thread_name_prefix="apply")


def carry_out(
    work: Work, crew: Crew, told: Callable[[Outcome], None], pool: Pool = threads
) -> dict[str, Outcome]:
    """Send every pending operation once and say what became of each, by id of the change; ``told`` hears it at once.

    When the run is halted, what is in flight is finished and the rest has no outcome; ``crew.halt.reason`` says why. An
    error that is no person's outcome (a journal that cannot be written) halts the run likewise and is raised.
    """
    outcomes: dict[str, Outcome] = {}

    def keep(outcome: Outcome) -> None:
        outcomes[outcome.change_id] = outcome
        told(outcome)

    for _kind, phase in groupby(work.pending, key=lambda change: change.kind):
        with pool(crew.workers) as runner:
            _phase(list(phase), work, crew, (runner, keep))
    return outcomes


def _phase(
    changes: list[Change], work: Work, crew: Crew, means: tuple[Executor, Callable[[Outcome], None]]
) -> None:
    """Operations of one kind, several at once."""
    runner, keep = means
    futures = [runner.submit(_attempt, change, work, crew) for change in changes]
    try:
        for future in as_completed(futures):
            outcome = future.result()
            if outcome is not None:
                keep(outcome)
    except BaseException as error:
        _stop_for(error, crew.halt)  # or leaving the pool would begin everything that is left
        raise


def _attempt(change: Change, work: Work, crew: Crew) -> Outcome | None:
    """One operation as soon as it is of use; None if the run, or its kind, was stopped before it began."""
    with crew.gate:
        return _gone_through(change, work, crew)


def _gone_through(change: Change, work: Work, crew: Crew) -> Outcome | None:
    """One operation from begin to end."""
    if crew.halt.wanted or crew.refusals.stopped(change.kind):
        return None
    try:
        if left := _left_alone(change, work):
            return crew.journal.end(left)
        crew.journal.begin(change.id)
        return crew.journal.end(tried(change, work, crew))
    except BaseException as error:
        _stop_for(error, crew.halt)
        raise


def _left_alone(change: Change, work: Work) -> Outcome | None:
    """The end of an operation that is not sent; what an earlier process has begun is brought to its end all the same."""
    if work.begun(change):
        return None
    if why := work.held.get(change.id, ""):
        return Outcome(change.id, Status.HELD, change.box_id, why)
    if why := work.skipped.get(change.id, ""):
        return Outcome(change.id, Status.SKIPPED, change.box_id, why)
    return None


def _stop_for(error: BaseException, halt: Halt) -> None:
    halt.request(error if isinstance(error, ProvisionError) else interrupted())
