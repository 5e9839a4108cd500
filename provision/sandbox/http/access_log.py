"""The access log: a line for each request, for whoever wants to see what a client asked for.

Time, verb, path (without the query, which can hold addresses), status, whether something was written, the acting user, the
fault that met it; `-` for what is not there.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from provision.sandbox.options import SandboxError

if TYPE_CHECKING:
    from pathlib import Path
    from typing import TextIO


class Written(StrEnum):
    """Whether a request changed the enterprise: it did, it did not, it will."""

    YES = "yes"
    NO = "no"
    LATE = "late"


@dataclass(frozen=True, slots=True)
class LogLine:
    """One request in the log, without its body; status 0 means no answer was sent.

    A late write has two lines: one when it was asked for, one with the fault `landed` when it took effect.
    """

    at: float
    method: str
    path: str
    status: int
    written: Written
    user_id: str
    fault: str


class AccessLog:
    """Appends to a file, or writes to stderr for `-`; each line is there when the answer is."""

    def __init__(self, path: Path | None) -> None:
        self._file: TextIO | None = None
        self._own = path is not None and str(path) != "-"
        if path is not None:
            self._file = self._open(path) if self._own else sys.stderr

    def write(self, line: LogLine) -> None:
        """One more line."""
        if self._file is None:
            return
        at = datetime.fromtimestamp(line.at, UTC).isoformat(timespec="milliseconds")
        path = line.path.encode("unicode_escape").decode()
        told = (
            at,
            line.method,
            path,
            line.status or "-",
            line.written.value,
            line.user_id or "-",
            line.fault or "-",
        )
        self._file.write(" ".join(map(str, told)) + "\n")
        self._file.flush()

    def close(self) -> None:
        """Let go of the file."""
        if self._own and self._file is not None:
            self._file.close()

    def _open(self, path: Path) -> TextIO:
        try:
            path.touch(mode=0o600)
            return path.open("a", encoding="utf-8")
        except OSError as error:
            raise SandboxError(
                f"the log {path} cannot be written: {error.strerror}",
                "its folder does not exist, or belongs to another user",
                "name another file with --log",
            ) from error
