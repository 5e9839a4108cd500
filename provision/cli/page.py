"""A rich console whose words steer no terminal; apart from streams.py, since rich takes long to load and errors do without."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TextIO

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from provision.wording import harmless

#: columns where no terminal is: a file or a program gets each line whole
_WHOLE = 1 << 20
#: columns by which the second line of a paragraph stands further in
_HANGING = 2


class Page(Console):
    """A console on which text is only ever text, whoever wrote it; colours and progress are rich's own.

    Lines are wrapped at the width of a terminal, and not at all elsewhere.
    """

    def __init__(self, file: TextIO, **manner: Any) -> None:
        width = None if file.isatty() else _WHOLE
        super().__init__(file=file, highlight=False, width=width, **manner)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does it: pieces of text, each made harmless, and movements of the cursor that rich itself asks for."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else piece._replace(text=harmless(piece.text))

    def wrapped(self, text: str) -> Iterator[str]:
        """The lines of a text, each that is too long with a hanging indent; a longer word, as a path, stays whole."""
        for line in text.split("\n"):
            words = line.lstrip(" ")
            indent = len(line) - len(words)
            room = max(self.width - indent - _HANGING, 20)
            if cell_len(line) <= self.width:
                yield line
                continue
            before = " " * indent
            for piece in _filled(words, room):
                yield f"{before}{piece}".rstrip()
                before = " " * (indent + _HANGING)

    def say(self, text: str) -> None:
        """Print it as ``wrapped``."""
        for line in self.wrapped(text):
            self.print(line, markup=False, no_wrap=True, overflow="ignore", crop=False)


def _filled(text: str, room: int) -> Iterator[str]:
    """The words of a text in lines of at most ``room`` columns; a word that is wider has a line to itself."""
    line, *words = text.split(" ")
    for word in words:
        if cell_len(line) + 1 + cell_len(word) > room:
            yield line
            line = word
        else:
            line = f"{line} {word}"
    yield line
