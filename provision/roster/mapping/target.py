"""One roster field and the columns or the template that its text comes from."""

from __future__ import annotations

from dataclasses import dataclass

from provision.roster.mapping.template import Piece
from provision.roster.reading import Why


@dataclass(frozen=True, slots=True)
class Target:
    """One roster field and where its text comes from.

    ``label`` is the header or template as people know it. ``parts`` are positions of columns, those that may be empty or go
    through filters as a Piece, with the text of a template between them. ``why`` it is this field.
    """

    field: str
    label: str
    parts: tuple[int | str | Piece, ...]
    why: Why = Why.USUAL_HEADER

    @property
    def places(self) -> tuple[int, ...]:
        """Positions of the columns that are read."""
        return tuple(piece.place for piece in self.pieces)

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """The columns that are read, in the order of the parts."""
        columns = (part for part in self.parts if not isinstance(part, str))
        return tuple(part if isinstance(part, Piece) else Piece(part) for part in columns)

    @property
    def plain(self) -> bool:
        """Whether it is one column as it stands."""
        return len(self.parts) == 1 and isinstance(self.parts[0], int)
