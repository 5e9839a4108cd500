"""``provision review``."""

from __future__ import annotations

import tempfile
import webbrowser
from html import escape
from pathlib import Path

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.runs.observer import Note, Serving
from provision.runs.reviewing.review import ReviewWishes, review

_ONWARD = '<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0; url={0}"><a href="{0}">Review</a>'


class _Opening(Terminal):
    """A terminal that also opens the page in a browser, by a file of this user: every user sees the arguments of a program."""

    def __init__(self, flags: Flags, folder: Path) -> None:
        super().__init__(flags)
        self._file = (folder / "review").with_suffix(".html")

    def note(self, note: Note) -> None:
        """Say it, and show the page."""
        super().note(note)
        if isinstance(note, Serving):
            self._file.write_text(_ONWARD.format(escape(note.address)), encoding="utf-8")
            if not webbrowser.open(self._file.as_uri()):
                self.say("No browser could be opened here; open the address on a machine that has one.")


def review_run(name: str, wishes: ReviewWishes, flags: Flags, *, opens: bool) -> int:
    """``provision review``."""
    if not opens:
        return command(Terminal(flags), lambda begun: review(name, wishes, begun))
    with tempfile.TemporaryDirectory(prefix="provision-") as folder:
        return command(_Opening(flags, Path(folder)), lambda begun: review(name, wishes, begun))
