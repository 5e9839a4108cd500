"""The one retry loop of the process (tenacity); the SDK's own is switched off.

What is tried again: 429 (the pace holds everybody as told), no connection, 5xx, lost answers, ended tokens. A call
that writes is never sent again before a *look* has shown that the doubtful try did not write: after a 503 a write may
still persist (developer.box.com, Common errors). When a call has failed too often, the :class:`~provision.box.pacing.outage.Outage`
tells whether Box is away for everybody; then it is waited for as long as the job says.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import tenacity

from provision.box.pacing.outage import Failing, Outage
from provision.box.pacing.timing import Timing
from provision.box.pacing.together import beside, together
from provision.errors import Away, BoxFault, Expired, ServerTrouble, Throttled

T = TypeVar("T")

#: waits double so often; a call that is throttled for an hour is tried more often than a float can be doubled
_DOUBLINGS = 16


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to insist. Times in seconds, each spread by half to both sides.

    After ``tries`` of one call somebody asks whether Box is away for everybody; if so it is waited for until
    ``give_up_after``. 429 does not count as a try, and no wait is begun that would end after ``give_up_after``.
    """

    tries: int = 7
    first_wait: float = 0.5
    longest_wait: float = 20.0
    give_up_after: float = 3600.0


class Retry:
    """Runs one call until it succeeds, is refused, or patience ends; then the last fault is raised.

    The fault raised is ``doubtful`` if any try may have written, and Away if Box answered nobody any more. ``noticed`` is
    told of every fault that is tried again. Without an ``outage`` a call is given up after its tries. ``breadth`` says how
    many questions are worth being asked at once.
    """

    def __init__(
        self,
        patience: Patience,
        timing: Timing,
        noticed: Callable[[BoxFault], None] = lambda _: None,
        outage: Outage | None = None,
        breadth: Callable[[], int] = lambda: 1,
    ) -> None:
        self._patience = patience
        self._timing = timing
        self._noticed = noticed
        self._outage = outage
        self._breadth = breadth

    def read(self, call: Callable[[], T]) -> T:
        """A call that changes nothing."""
        return self._insist(call, _Tries(self._patience, self._timing.clock), writes=False)

    def each(
        self, questions: Sequence[Callable[[], T]], seen: Callable[[int], None] = lambda _: None
    ) -> list[T]:
        """The answers to questions that do not wait for each other, in order; each reads as it would alone.

        ``seen`` hears in this thread how many are answered. Of several errors the first in order is raised.
        """
        return together(questions, self._breadth, seen)

    def beside(
        self,
    ) -> contextlib.AbstractContextManager[Callable[[Callable[[], T]], Callable[[], T]]]:
        """Around questions of which one at a time is asked beside other work, see :func:`~provision.box.pacing.together.beside`."""
        return beside(self._breadth)

    def write(self, call: Callable[[], T], look: Callable[[], T | None], *, doubtful: bool = False) -> T:
        """A call that changes something. After a doubtful try ``look`` decides: its answer, unless None, is the result.

        ``doubtful``: an earlier process has tried already, and nobody knows what came of it.
        """
        tries = _Tries(self._patience, self._timing.clock, doubtful=doubtful)

        def one_try() -> T:
            found = look() if tries.doubtful else None
            return found if found is not None else self._written(call)

        return self._insist(one_try, tries, writes=True)

    def _insist(self, call: Callable[[], T], tries: _Tries, *, writes: bool) -> T:
        while True:
            try:
                return self._loop(tries)(call)
            except BoxFault as fault:
                fault.doubtful = fault.doubtful or tries.doubtful
                if not self._worth_another_go(fault, tries, writes=writes):
                    raise
            tries.again()

    def _worth_another_go(self, fault: BoxFault, tries: _Tries, *, writes: bool) -> bool:
        if self._outage is None or not fault.transient or isinstance(fault, Throttled | Expired):
            return False
        try:
            return self._outage.passed(
                Failing(fault, tries.failing_since, writes, self._patience.give_up_after)
            )
        except Away as away:
            away.doubtful = tries.doubtful
            raise

    def _written(self, call: Callable[[], T]) -> T:
        """One request that writes; a refusal shows as well as a success that Box takes writes."""
        try:
            answer = call()
        except BoxFault as fault:
            if self._outage is not None and not fault.transient:
                self._outage.wrote()
            raise
        if self._outage is not None:
            self._outage.wrote()
        return answer

    def pause(self, seconds: float) -> None:
        """Let some time pass on purpose; raises if the run is to stop."""
        self._timing.sleep(seconds)

    def _loop(self, tries: _Tries) -> tenacity.Retrying:
        return tenacity.Retrying(
            retry=tenacity.retry_if_exception(_transient),
            stop=tries.enough,
            wait=self._wait,
            sleep=self._timing.sleep,
            before_sleep=self._tell,
            reraise=True,
        )

    def _tell(self, state: tenacity.RetryCallState) -> None:
        self._noticed(_fault(state))

    def _wait(self, state: tenacity.RetryCallState) -> float:
        fault = _fault(state)
        if isinstance(fault, Throttled) and fault.retry_after:
            return fault.retry_after  # as told; the pace holds everybody else until then
        grown = self._patience.first_wait * 2.0 ** min(state.attempt_number - 1, _DOUBLINGS)
        wait: float = min(grown, self._patience.longest_wait) * (0.5 + self._timing.random.random())
        return max(wait, fault.retry_after) if isinstance(fault, ServerTrouble) else wait


class _Tries:
    """What happened to one call so far."""

    def __init__(self, patience: Patience, clock: Callable[[], float], *, doubtful: bool = False) -> None:
        self._patience = patience
        self._clock = clock
        self._counted = 0
        self._failing_since: float | None = None
        self.doubtful = doubtful

    @property
    def failing_since(self) -> float:
        """The clock's time of the first failure."""
        return self._clock() if self._failing_since is None else self._failing_since

    def again(self) -> None:
        """An outage has passed: the tries are counted afresh, and what may have been written still may."""
        self._counted = 0
        self._failing_since = None

    def enough(self, state: tenacity.RetryCallState) -> bool:
        """Whether the fault just met was one too many."""
        fault = _fault(state)
        self._failing_since = self.failing_since
        self.doubtful = self.doubtful or fault.doubtful
        self._counted += not isinstance(fault, Throttled)
        waited = self._clock() - self._failing_since + state.upcoming_sleep
        return self._counted >= self._patience.tries or waited >= self._patience.give_up_after


def _fault(state: tenacity.RetryCallState) -> BoxFault:
    fault = state.outcome.exception() if state.outcome else None
    assert isinstance(fault, BoxFault)  # noqa: S101 - only faults are retried
    return fault


def _transient(error: BaseException) -> bool:
    return isinstance(error, BoxFault) and error.transient
