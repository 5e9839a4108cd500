"""Some rows of a sheet as they are handed on: of a column of texts its bytes, in one run, and how long each cell is."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any, NamedTuple


class HandedRows(NamedTuple):
    """Some rows, column by column.

    ``columns``: of each either its cells, or, where all are texts, ``{"bytes": how many, "cells": how many}``; the bytes of
    such a column, UTF-8, and the length of each of its cells in bytes (C ints of this machine) are in ``texts``, in their order.
    """

    columns: list[Sequence[Any] | dict[str, int]]
    texts: list[bytes]


def handed_rows(columns: Sequence[Sequence[Any]], sizes: Sequence[Sequence[int] | None]) -> HandedRows:
    """Columns as they are handed on. ``sizes``: the characters of each cell of a column of texts; None for any other column."""
    told: list[Sequence[Any] | dict[str, int]] = []
    texts: list[bytes] = []
    for cells, lengths in zip(columns, sizes, strict=True):
        if lengths is None:
            told.append(cells)
            continue
        joined = "".join(cells)
        text, counts = (joined.encode(), lengths) if joined.isascii() else _coded(cells)
        told.append({"bytes": len(text), "cells": len(cells)})
        texts += text, array("i", counts).tobytes()
    return HandedRows(told, texts)


def _coded(cells: Sequence[str]) -> tuple[bytes, list[int]]:
    coded = [cell.encode() for cell in cells]
    return b"".join(coded), list(map(len, coded))
