"""Standard error as people read it: one that cannot be written to any more (a closed pipe, a full disk) stops no run."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from typing import TextIO, cast


class _Forgiving:
    """A stream as far as rich needs one. What cannot be written is let go."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.encoding = getattr(stream, "encoding", None) or "utf-8"

    def write(self, text: str) -> int:
        """Write it, or nothing any more."""
        self._tried(lambda stream: stream.write(text))
        return len(text)

    def flush(self) -> None:
        """Send it off, or nothing any more."""
        self._tried(lambda stream: stream.flush())

    def isatty(self) -> bool:
        """Whether a person looks on."""
        return self._stream is not None and not self._stream.closed and self._stream.isatty()

    def fileno(self) -> int:
        """That of the stream."""
        if self._stream is None:
            raise io.UnsupportedOperation("there is no standard error")
        return self._stream.fileno()

    def _tried(self, work: Callable[[TextIO], object]) -> None:
        if self._stream is None:
            return
        try:
            work(self._stream)
        except (OSError, ValueError):
            silenced(self._stream)


def for_people() -> TextIO:
    """Where everything for people goes: standard error, as long as it can be written to."""
    return cast("TextIO", _Forgiving(sys.stderr))


def silenced(stream: TextIO) -> None:
    """Let nothing come of what is still written to this stream: its buffer would fail once more at exit, with a traceback."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
