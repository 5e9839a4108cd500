"""How many operations are worth being begun at once: as many as keep the budget of calls busy, and no more.

By Little's law so many calls are under way as leave in the time that one takes. Whatever is begun beyond that sends nothing
sooner: it queues, and is one more operation in doubt if the process is killed. No clock and no lock here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

#: the fewest: one slow answer must not keep everybody waiting
LEAST = 2
#: more than the law says: calls do not all take as long, and an operation has to be written down besides
_MARGIN = 1.25
#: who is next in the queue, so that no moment passes unused
_NEXT = 1
#: how much of the estimate one call makes up, and how many times the estimate it counts as at most
_WEIGHT, _OUTLIER = 1 / 8, 4.0
#: what a call counts as at least, in seconds, so that an estimate can grow again
_SHORTEST = 0.001


@dataclass(frozen=True, slots=True)
class Latency:
    """How long a call takes from its leaving to its answer: a moving average in ``seconds``, 0 for not known yet.

    One call raises it by three eighths at most, however long it took; when all take ten times as long, the estimate is
    within a quarter of that after a dozen.
    """

    seconds: float = 0.0

    def heard(self, seconds: float) -> Latency:
        """The estimate after one more call."""
        took = max(seconds, _SHORTEST)
        if not self.seconds:
            return Latency(took)
        return Latency(self.seconds + _WEIGHT * (min(took, _OUTLIER * self.seconds) - self.seconds))


def breadth(per_second: float, latency: Latency, most: int) -> int:
    """How many operations to begin at once where so many calls may leave a second: LEAST to ``most``, or 1 if that is most.

    An operation of several calls has one of them under way at a time, so it counts as one.
    """
    busy = min(per_second * latency.seconds * _MARGIN, float(most))
    return min(most, max(LEAST, math.ceil(busy) + _NEXT))
