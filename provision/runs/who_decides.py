"""Who runs this, by the operating system, which the name that is given stands beside."""

from __future__ import annotations

import contextlib
import getpass
import os
import platform

from provision.deciders import NO_TERMINAL, Decider
from provision.errors import UsageError

#: standard input, output and error
_STREAMS = (0, 1, 2)
#: characters of a name
_LONGEST = 200


def who_decides(name: str = "") -> Decider:
    """Who decides something now: the name that is given, by default that of the operating system's user, and that user.

    Raises UsageError for a name that no file, terminal or database could keep as it is.
    """
    if not name.isprintable() or len(name) > _LONGEST:
        raise UsageError(
            "--by is to be a name that can be printed, on one line.", remedy='write it as --by "Ines Iversen"'
        )
    user = user_name()
    return Decider(name.strip() or user, user, platform.node() or "a host without a name", _terminal())


def user_name() -> str:
    """The name of the operating system's user; not of LOGNAME or USER, which anybody may set."""
    if hasattr(os, "geteuid"):
        return name_of(os.geteuid())
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody without a name"


def name_of(uid: int) -> str:
    """The name of the operating system's user with this number; the number where there is none, as in a container."""
    try:
        import pwd

        return pwd.getpwuid(uid).pw_name
    except (KeyError, ImportError):
        return f"uid {uid}"


def _terminal() -> str:
    """The terminal that a word comes from: that of standard input, else of the outputs."""
    if hasattr(os, "ttyname"):
        for stream in _STREAMS:
            with contextlib.suppress(OSError):
                return os.ttyname(stream)
    return NO_TERMINAL
