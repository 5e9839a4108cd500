"""The lines of a text as bytes: where they end, and in which one a byte stands."""

from __future__ import annotations

import re

#: CR, LF and CRLF end a line
LINE_END = re.compile(rb"\r\n|\r|\n")


def line_at(content: bytes, offset: int) -> int:
    """The line, from 1, in which the byte at ``offset`` of a UTF-8 text stands."""
    return sum(1 for _ in LINE_END.finditer(content, 0, offset)) + 1
