"""The rate limit: so many calls for each acting user in a sliding window (Box guide, Rate limits).

Box names about 1,000 calls a minute for each user; how its window moves is undocumented. Here it slides:
a call is refused if the limit was reached within the last so many seconds.
"""

from __future__ import annotations

import math
from collections import defaultdict, deque


class Limiter:
    """Counts calls by user; without a limit it lets everything pass. Not locked: the caller holds the lock."""

    def __init__(self, limit: tuple[int, float] | None, refused_count: bool = False) -> None:
        self._limit = limit
        self._refused_count = refused_count
        self._calls: dict[str, deque[float]] = defaultdict(deque)

    def wait(self, user_id: str, now: float) -> int:
        """Seconds until this user may call again, rounded up, at least 1; 0 means now."""
        if self._limit is None:
            return 0
        calls, (most, seconds) = self._calls[user_id], self._limit
        while calls and calls[0] <= now - seconds:
            calls.popleft()
        if len(calls) < most:
            return 0
        return max(1, math.ceil(calls[len(calls) - most] + seconds - now))

    def charge(self, user_id: str, now: float) -> int:
        """Count one call; the seconds to wait if it is refused, else 0."""
        seconds = self.wait(user_id, now)
        if self._limit is not None and (not seconds or self._refused_count):
            self._calls[user_id].append(now)
        return seconds
