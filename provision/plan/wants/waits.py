"""Since when something waits for Box or a person, told again after a while. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from provision.because import Because, reason


def waits_since(
    since: str, told: str, wait: timedelta, as_of: datetime, codes: tuple[Because, Because]
) -> str:
    """Since when it waits, and until when nobody has to be told again, as a reason.

    ``since`` and ``told``, when somebody was told of it last, are ISO with offset; ``codes``: while it waits, and for too long.
    """
    until = datetime.fromisoformat(told) + wait
    return reason(codes[as_of >= until], since=since[:10], until=until.isoformat()[:10])
