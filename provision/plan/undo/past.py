"""What an undo is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from provision.journal.value import Outcome
from provision.plan.value import Plan


@dataclass(frozen=True, slots=True)
class Past:
    """What an earlier run recorded: its sealed plan, and the last word on each of its operations by change id.

    ``remarks`` are sentences about it that the reader of the undo has to know.
    """

    run_id: str
    plan: Plan
    outcomes: Mapping[str, Outcome]
    remarks: tuple[str, ...] = ()
