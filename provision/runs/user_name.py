"""Who runs this, by the operating system."""

from __future__ import annotations

import getpass


def user_name() -> str:
    """The name of the operating system's user."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "somebody without a name"
