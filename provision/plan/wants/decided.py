"""What is decided about everybody, with room for more operations of the same people. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from provision.because import Because, joined
from provision.operations.registry import in_order
from provision.plan.columns import overlaid
from provision.plan.halves import Parts

#: what the rules say of somebody who differs, and not in what; the operations say it
_UNSAID = (Because.DIFFERS.value,)


@dataclass(frozen=True, slots=True)
class Decided:
    """What is done about everybody: operations by position in the people frame, and the verdicts (``verdict``, ``because``)."""

    changes: dict[int, Parts]
    verdicts: pd.DataFrame

    def instead(self, others: Mapping[int, Parts]) -> Decided:
        """With these operations of these people in the place of theirs; the first of each says what is told of them."""
        if not others:
            return self
        verdicts = {at: parts[0].kind.value for at, parts in others.items()}
        told = {at: parts[0].because for at, parts in others.items()}
        return Decided(self.changes | dict(others), self._telling(verdicts, told))

    def _telling(self, verdicts: Mapping[int, str], told: Mapping[int, str]) -> pd.DataFrame:
        return self.verdicts.assign(
            verdict=overlaid(self.verdicts["verdict"], verdicts),
            because=overlaid(self.verdicts["because"], told),
        )

    def beside(self, more: Mapping[int, Parts]) -> Decided:
        """With more operations of these people: the first in the order of a plan is the verdict on each, and all reasons are told."""
        if not more:
            return self
        changes, told = dict(self.changes), {}
        for at, parts in more.items():
            changes[at] = tuple(sorted((*changes.get(at, ()), *parts), key=in_order))
            before = str(self.verdicts["because"].iat[at])
            own = dict.fromkeys(each.because for each in parts if not each.completes)
            told[at] = joined("" if before in _UNSAID else before, *own)
        verdicts = {at: changes[at][0].kind.value for at in more}
        return Decided(changes, self._telling(verdicts, told))
