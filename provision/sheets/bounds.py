"""Bounds of a process that reads what somebody else has made: memory, time, and who goes first where memory runs short."""

from __future__ import annotations

import contextlib


def bounded(memory: int) -> None:
    """Let this process have so many bytes, where the system can see to it, and be the first to go where it has no more."""
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:  # noqa: PTH123 - pathlib takes as long to load as all the rest
        file.write("1000")
    limited("RLIMIT_AS", memory)
    limited("RLIMIT_CORE", 0)


def limited(name: str, wanted: int) -> None:
    """Set one limit of this process, as far as the system knows it."""
    try:
        import resource
    except ImportError:  # a system that knows no such limits
        return
    kind = getattr(resource, name)
    _, most = resource.getrlimit(kind)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(kind, (wanted if most == resource.RLIM_INFINITY else min(wanted, most), most))
