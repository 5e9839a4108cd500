"""What a reader of an undo has to know beside the changes, in sentences: what stays, what is gone, what comes back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from provision.findings import Code, Finding, Level
from provision.plan.undo.support_request import REQUEST_NAME, said
from provision.plan.undo.undo import Undo
from provision.report.sentences.reasons import words
from provision.wording import counted

#: people who are left alone, named one by one in the notes; all of them are in the reconciliation
_NAMED = 100

#: what the next run of the job means for an undo
RETURNS = (
    "the next run of this job makes these changes again as long as its roster asks for them: "
    "correct the roster or the job first"
)


def left_alone(undo: Undo) -> tuple[str, ...]:
    """Who is left alone and why, a sentence each."""
    return tuple(f"{key}: {words(because)}" for key, because in undo.left)


def with_notes(undo: Undo) -> Undo:
    """The undo with its notes behind the remarks that its plan has instead of those on a roster."""
    roster = undo.plan.roster
    told = replace(roster, notes=(*roster.notes, *_notes(undo, len(undo.plan.changes))))
    return replace(undo, plan=replace(undo.plan, roster=told, findings=tuple(_not_restored(undo))))


def _not_restored(undo: Undo) -> Iterator[Finding]:
    if undo.deleted:
        people = counted(len(undo.deleted), "deleted account")
        sentence = f"{people} cannot be brought back by this program; the request to Box is in {REQUEST_NAME}"
        yield Finding(
            Code.NOT_RESTORED, Level.ERROR, sentence, f"send {REQUEST_NAME} of the run folder to Box support"
        )
    if undo.lasting:
        people = f"of {counted(len(undo.lasting), 'person', 'people')}"
        sentence = f"{people} the content, or the account itself, went away and cannot be brought back by this program"
        yield Finding(Code.NOT_RESTORED, Level.ERROR, sentence)


def _notes(undo: Undo, undone: int) -> tuple[str, ...]:
    left = left_alone(undo)
    notes = [f"undoes {counted(undone, 'operation')} of that run"]
    notes += [f"not undone: {sentence}" for sentence in left[:_NAMED]]
    if len(left) > _NAMED:
        notes.append(f"not undone: {len(left) - _NAMED:,} more, see the reasons in the reconciliation")
    notes += [f"cannot be undone: {said(lost)}" for lost in undo.deleted[:_NAMED]]
    if len(undo.deleted) > _NAMED:
        notes.append(f"deleted: {len(undo.deleted) - _NAMED:,} more, see {REQUEST_NAME}")
    return (*notes, RETURNS) if undo.returns else tuple(notes)
