"""A rich console whose words steer no terminal; apart from streams.py, since rich takes long to load and errors do without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from provision.wording import harmless


class Page(Console):
    """A console on which text is only ever text, whoever wrote it; colours and progress are rich's own."""

    def __init__(self, file: TextIO, **manner: Any) -> None:
        super().__init__(file=file, highlight=False, **manner)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich does it: pieces of text, each made harmless, and movements of the cursor that rich itself asks for."""
        for piece in super().render(renderable, options):
            yield piece if piece.control else piece._replace(text=harmless(piece.text))
