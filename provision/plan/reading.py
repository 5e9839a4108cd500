"""What is to be told of how the enterprise was read."""

from __future__ import annotations

from collections.abc import Iterator

from provision.directory.several import Certainty
from provision.findings import Code, Finding, Level
from provision.wording import counted, plural


def findings_of(certainty: Certainty) -> Iterator[Finding]:
    """That others worked in the enterprise meanwhile, and that Box counts users whom it does not show."""
    if certainty.came or certainty.went:
        yield Finding(
            Code.CAME_AND_WENT,
            Level.NOTE,
            f"While the enterprise was read, others made {counted(certainty.came, 'account')} and deleted {certainty.went:,}; "
            f"{certainty.singly:,} {plural(certainty.singly, 'was', 'were')} looked up singly.",
        )
    if certainty.unseen > certainty.came + certainty.went:  # fewer may be those who came meanwhile
        yield Finding(
            Code.UNSEEN_USERS,
            Level.NOTE,
            f"Box counts {counted(certainty.unseen, 'user')} more than it shows, as it does for app users of other apps; "
            "before an account is made, it is looked for by its key.",
        )
