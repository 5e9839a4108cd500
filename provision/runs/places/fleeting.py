"""Whether what runs remember lies where it will be lost: a container without a volume, a folder in memory, one for temporary files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.ledger.address import file_of
from provision.ledger.value import Memory

#: kinds of file system that are gone with the machine or the container
_GONE = {
    "tmpfs": "in memory",
    "ramfs": "in memory",
    "overlay": "in the container itself, on no volume",
    "aufs": "in the container itself",
}
_MOUNTS = Path("/proc/self/mounts")


def lost_soon(job: Job, memory: Memory) -> Iterator[Finding]:
    """What to tell of a job that remembers nothing yet and keeps its ledger or its run folders where they do not last."""
    if memory.baselines or len(memory.accounts):
        return
    places = {"state": file_of(job.state.url), "runs": job.runs}
    told = [f"{key} ({path}) lies {why}" for key, path in places.items() if path and (why := _why(path))]
    if told:
        yield Finding(
            Code.STATE_FLEETING,
            Level.WARNING,
            f"{' and '.join(told)}: if it is lost, the next run knows nobody, and nobody can leave",
            "put both on a volume or a disk that stays (see docs/every-night.md, In a container)",
        )


def _why(path: Path) -> str:
    """Where a path lies that will not last, "" for one that will, as far as that can be seen."""
    path = path.absolute()
    kind = _file_system(path)
    if kind in _GONE:
        return _GONE[kind]
    temporary = Path(tempfile.gettempdir()).absolute()
    return "among temporary files" if path.is_relative_to(temporary) else ""


def _file_system(path: Path) -> str:
    """The kind of file system that a path lies on, "" where the system does not tell."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    mounts = [(Path(_plain(line.split()[1])), line.split()[2]) for line in lines if len(line.split()) > 2]
    around = [(len(place.parts), kind) for place, kind in mounts if path.is_relative_to(place)]
    return max(around, default=(0, ""), key=lambda one: one[0])[1]


def _plain(text: str) -> str:
    """A path as /proc/mounts writes it, where blanks are octal."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)
