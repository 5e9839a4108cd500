"""The way out: all that is shown leaves here or through page.py, and no word of it steers a terminal.

A standard error that cannot be written to any more (a closed pipe, a full disk) stops no run.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Callable
from typing import TextIO, cast

from provision.errors import InputError
from provision.wording import harmless, harmless_json


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


def answered(text: str) -> None:
    """Write a line of the answer to standard output. Raises InputError where it is closed or the disk behind it is full."""
    _answer(harmless(text))


def answered_json(text: str) -> None:
    """Write one JSON object, on one line, to standard output. Raises as ``answered``."""
    _answer(harmless_json(text))


def _answer(text: str) -> None:
    if sys.stdout is None:  # as by >&-
        raise InputError(
            "The answer could not be written to standard output: it is closed.",
            cause="a command line that ends in >&-, or a service without a log file",
            remedy="send it to a file or a pipe, or look in the run folder",
        )
    try:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
    except OSError as error:
        unanswered(error)


def unanswered(error: OSError) -> None:
    """Write nothing more to standard output, which failed. Raises InputError, unless its reader has just seen enough."""
    silenced(sys.stdout)
    if not isinstance(error, BrokenPipeError):
        raise InputError(
            f"The answer could not be written to standard output: {error.strerror}.",
            cause="a full disk behind the redirection",
            remedy="free some space, or look in the run folder",
        ) from None


def complained(text: str) -> None:
    """Write what went wrong to standard error, where no terminal was made yet."""
    for_people().write(f"{harmless(text)}\n")


def for_people() -> TextIO:
    """Where everything for people goes: standard error, as long as it can be written to."""
    return cast("TextIO", _Forgiving(sys.stderr))


def for_programs() -> TextIO:
    """Where answers go, to learn how wide it is; what is written this way is let go where it cannot be written."""
    return cast("TextIO", _Forgiving(sys.stdout))


def silenced(stream: TextIO) -> None:
    """Let nothing come of what is still written to this stream: its buffer would fail once more at exit, with a traceback."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
