"""What an undo says beside its numbers: what stays as it is and why, what only Box can do, what comes back."""

from __future__ import annotations

from collections.abc import Iterable
from textwrap import wrap

from rich.console import Console

from provision.plan.undo.support_request import said
from provision.report.sentences.undo_notes import left_alone
from provision.runs.observer import TakenBack

#: how many sentences of a kind are said; the reconciliation has them all
_SHOWN = 10


def show_taken_back(note: TakenBack, console: Console) -> None:
    """Print it, wrapped to the console's width; where the text for Box support lies stands on one line, to be copied whole."""
    _list(console, "Left as they are", left_alone(note.undo))
    _list(console, "Deleted: only Box support can bring these back", tuple(map(said, note.undo.deleted)))
    if note.request is not None:
        _line(console, "  The request to Box support is ready to be sent:")
        console.print(f"    {note.request}", markup=False, soft_wrap=True)
    for remark in note.remarks:
        _line(console, "")
        _sentence(console, f"Note: {remark}.")


def _list(console: Console, title: str, sentences: tuple[str, ...]) -> None:
    if not sentences:
        return
    _line(console, f"\n{title} ({len(sentences):,})")
    for sentence in sentences[:_SHOWN]:
        _sentence(console, sentence, "  ")
    if len(sentences) > _SHOWN:
        _line(console, f"  … and {len(sentences) - _SHOWN:,} more")


def _sentence(console: Console, sentence: str, before: str = "") -> None:
    """One sentence with a hanging indent."""
    after = f"{before}  " if before else ""
    lines: Iterable[str] = wrap(
        sentence,
        max(console.width, 20),
        initial_indent=before,
        subsequent_indent=after,
        break_on_hyphens=False,
    )
    for line in lines:
        _line(console, line)


def _line(console: Console, text: str) -> None:
    console.print(text, markup=False)
