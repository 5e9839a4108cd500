"""What became of one planned operation."""

from __future__ import annotations

from dataclasses import dataclass, field

from provision.errors import Answer
from provision.model import Status


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one operation. Nothing personal in it: the journal and the log carry these as they are.

    ``change_id`` names the operation. ``box_id`` is the account, as soon as known. ``attempts`` counts requests that
    could have written. ``note`` says in words how it was decided. ``at`` is an ISO time stamp.
    """

    change_id: str
    status: Status
    box_id: str = ""
    note: str = ""
    answer: Answer = field(default_factory=Answer)
    attempts: int = 0
    at: str = ""

    @property
    def settled(self) -> bool:
        """Whether no later process goes on with it: it is done, or was left alone on purpose."""
        return self.status in (Status.DONE, Status.SKIPPED)
