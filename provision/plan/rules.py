"""The decision table: what is known of one person → what is done about it.

The first rule that fits decides. A test proves that every situation has a rule and that no rule is in another's shadow.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.because import Because


class Decision(StrEnum):
    """What the table decides; CHANGE and LEAVE are worked out further by the diff and the lifecycle."""

    KEEP = "keep"
    CREATE = "create"
    CHANGE = "change"
    LEAVE = "leave"
    PROTECTED = "protected"
    UNOWNED = "unowned"
    HELD = "held"
    OUT_OF_SCOPE = "out_of_scope"
    REJECTED = "rejected"
    EXCLUDED = "excluded"
    CLAIMED = "claimed"
    LATER = "later"
    NOBODY = "nobody"


Y, N, ANY = True, False, None


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of the table. ``None`` in a condition means that it does not matter."""

    row: bool | None
    account: bool | None
    excluded: bool | None
    claimed: bool | None
    rejected: bool | None
    in_scope: bool | None
    protected: bool | None
    doubtful: bool | None
    ignored: bool | None
    leaving: bool | None
    upcoming: bool | None
    differs: bool | None
    owned: bool | None
    full: bool | None
    decision: Decision
    because: Because

    @property
    def conditions(self) -> tuple[bool | None, ...]:
        """The conditions in the order of CONDITIONS."""
        return tuple(getattr(self, name) for name in CONDITIONS)


#: row: named by the roster · account: exists in Box · excluded: the job leaves the row out (roster.where) · claimed: another
#: job's full roster names the account · rejected: the row has
#: an error, or does not count since the job leaves it out · doubtful: the row and the account
#: may not be one person · leaving: the row says the person leaves · upcoming: the start date is ahead · owned: created,
#: matched or adopted by this job · full: the roster says who is everybody
CONDITIONS = (
    "row", "account", "excluded", "claimed", "rejected", "in_scope", "protected", "doubtful", "ignored", "leaving", "upcoming", "differs",
    "owned", "full",
)  # fmt: skip

# fmt: off
RULES = (
    #    row  acct excl clmd rejc scop prot doub ignr leav upco diff ownd full
    Rule(N,   N,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, Decision.NOBODY, Because.NOWHERE),
    Rule(Y,   ANY, Y,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, Decision.EXCLUDED, Because.EXCLUDED),
    Rule(Y,   ANY, ANY, ANY, Y,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, Decision.REJECTED, Because.ROW_ERROR),
    Rule(ANY, ANY, ANY, ANY, ANY, N,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, Decision.OUT_OF_SCOPE, Because.OUT_OF_SCOPE),
    Rule(ANY, ANY, ANY, ANY, ANY, ANY, Y,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, Decision.PROTECTED, Because.PROTECTED),
    Rule(Y,   ANY, ANY, ANY, N,   ANY, ANY, ANY, Y,   ANY, ANY, ANY, ANY, ANY, Decision.KEEP, Because.IGNORED),
    Rule(Y,   ANY, ANY, ANY, N,   ANY, ANY, Y,   ANY, ANY, ANY, ANY, ANY, ANY, Decision.HELD, Because.IN_DOUBT),
    Rule(Y,   N,   ANY, ANY, N,   ANY, ANY, ANY, ANY, Y,   ANY, ANY, ANY, ANY, Decision.KEEP, Because.LEFT_WITHOUT_ACCOUNT),
    Rule(Y,   N,   ANY, ANY, N,   ANY, ANY, ANY, ANY, ANY, Y,   ANY, ANY, ANY, Decision.LATER, Because.STARTS_LATER),
    Rule(Y,   N,   ANY, ANY, N,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, Decision.CREATE, Because.NOT_IN_BOX),
    Rule(Y,   Y,   ANY, Y,   N,   ANY, ANY, ANY, ANY, Y,   ANY, ANY, ANY, Y,   Decision.CLAIMED, Because.CLAIMED),
    Rule(Y,   Y,   ANY, ANY, N,   ANY, ANY, ANY, ANY, Y,   ANY, ANY, ANY, ANY, Decision.LEAVE, Because.ROW_LEAVES),
    Rule(Y,   Y,   ANY, ANY, N,   ANY, ANY, ANY, ANY, ANY, ANY, Y,   ANY, ANY, Decision.CHANGE, Because.DIFFERS),
    Rule(Y,   Y,   ANY, ANY, N,   ANY, ANY, ANY, ANY, ANY, Y,   ANY, ANY, ANY, Decision.KEEP, Because.IN_STEP_STARTS_LATER),
    Rule(Y,   Y,   ANY, ANY, N,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, Decision.KEEP, Because.IN_STEP),
    Rule(N,   Y,   ANY, Y,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, Y,   Decision.CLAIMED, Because.CLAIMED),
    Rule(N,   Y,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, N,   ANY, Decision.UNOWNED, Because.UNOWNED),
    Rule(N,   Y,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, N,   Decision.KEEP, Because.NOT_NAMED),
    Rule(N,   Y,   ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, ANY, Decision.LEAVE, Because.NOT_IN_ROSTER),
)
# fmt: on


def decide(situations: pd.DataFrame) -> npt.NDArray[np.intp]:
    """The index in RULES of the first rule that fits, for each row of ``situations`` (a bool column a condition)."""
    flags = {name: situations[name].to_numpy(bool) for name in CONDITIONS}
    masks = [_fits(rule, flags, len(situations)) for rule in RULES]
    return np.select(masks, list(range(len(RULES))), default=-1)


def _fits(rule: Rule, flags: dict[str, npt.NDArray[np.bool_]], size: int) -> npt.NDArray[np.bool_]:
    fits = np.ones(size, dtype=bool)
    for name, wanted in zip(CONDITIONS, rule.conditions, strict=True):
        if wanted is not None:
            fits &= flags[name] == wanted
    return fits
