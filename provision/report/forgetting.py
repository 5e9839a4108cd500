"""What is said of a person who was forgotten: what was done, and what no program can reach from here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from provision.wording import counted

_NOT_REACHED = {
    "backups": "backups of the run folders and of the ledger",
    "copy_to": "copies of reports (report.copy_to): delete or replace them there",
    "messages": "messages that were sent (notify), and what was attached to them",
    "database": "what the database keeps of deleted rows until it clears up after itself (VACUUM), and its logs",
    "other_jobs": "runs of other jobs in the same folder: run forget for each of them",
    "roster_files": "the roster files themselves, and what HR keeps",
}


class Forgetting(Protocol):
    """What was done, or would be."""

    @property
    def dry_run(self) -> bool:
        """Whether nothing was done yet."""
        ...

    @property
    def pseudonyms(self) -> Sequence[str]:
        """What stands in the place of the person's ids."""
        ...

    @property
    def rewritten(self) -> Sequence[str]:
        """The runs that are written anew."""
        ...

    @property
    def removed(self) -> Sequence[str]:
        """Files that are gone, or would be: those of a run by its folder, and copies of the ledger."""
        ...

    @property
    def rows(self) -> int:
        """Rows of the ledger that went or were changed."""
        ...

    @property
    def left(self) -> Sequence[Mapping[str, str]]:
        """Files that still show the person."""
        ...

    @property
    def not_reached(self) -> Sequence[str]:
        """Where the person may still be, by code."""
        ...


def forgetting_words(told: Forgetting) -> Iterator[str]:
    """The lines of the answer."""
    runs = counted(len(told.rewritten), "run folder")
    if told.dry_run:
        yield f"{runs} would be rewritten, and the ledger would forget the person:"
        yield from (f"    {name}" for name in told.rewritten)
        yield from (f"    to be deleted, since it cannot be rewritten: {name}" for name in told.removed)
    else:
        yield f"{runs} rewritten and sealed, {counted(told.rows, 'row')} of the ledger erased or emptied."
        yield f"What was done, when and by which run is kept under {', '.join(told.pseudonyms)} from now on."
        yield from (f"    deleted, since it cannot be rewritten: {name}" for name in told.removed)
        for one in told.left:
            why = f" ({one['why']})" if one["why"] else ""
            yield f"    still shows the person, or may; check it by hand: {one['file']}{why}"
    yield "Not covered by this command; take care of these yourself:"
    yield from (f"    {_NOT_REACHED[code]}" for code in told.not_reached)
