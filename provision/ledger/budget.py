"""A budget of calls that machines share: a row in the ledger on PostgreSQL, locked for two exchanges with the server at a time.

Moments in it are those of the server's clock. While it cannot be used, this machine goes on with the budget it has for itself, says so
once, and looks again a little later; what each side learnt meanwhile counts for both from then on.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from provision.box.pacing.budget import Budget, Cell, Step, kept
from provision.ledger.address import parsed
from provision.ledger.postgres import POSTGRESQL, connected_at_once

#: seconds until a server is tried again that could not be used, and until its clock is asked again
_AGAIN, _CLOCK_HOLDS = 10.0, 60.0
#: how often its clock is asked in one go: the quickest answer is nearest to the truth
_ASKED = 3
#: PostgreSQL's code for a table that is not there: before the first run there is none (appendix A of its manual)
_NOT_YET = "42P01"
#: seconds after which nobody uses a budget any more
_FORGOTTEN = 86_400.0

_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"
_MADE = """INSERT INTO budgets (name, last, held_until, share, lowered_at, peak, used, written_at)
    VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (name) DO """
_SWEPT = "DELETE FROM budgets WHERE written_at < %s AND name <> %s"
# who holds the row and does not go on loses it
_TAKEN = """BEGIN; SET LOCAL lock_timeout = '1s'; SET LOCAL idle_in_transaction_session_timeout = '5s';
    SELECT last, held_until, share, lowered_at, peak, used, written_at FROM budgets WHERE name = %s FOR UPDATE"""
_GIVEN_BACK = f"""{_MADE} UPDATE SET (last, held_until, share, lowered_at, peak, used, written_at) = (excluded.last,
    excluded.held_until, excluded.share, excluded.lowered_at, excluded.peak, excluded.used, excluded.written_at); COMMIT"""


def shared_by_machines(
    url: str, clock: Callable[[], float], name: str, here: Cell, lost: Callable[[str], None]
) -> Cell:
    """The budget of this name for all whose ledger lies at this address; ``here``, this machine's own, for a ledger in a file.

    ``lost`` is told why it cannot be shared. ``clock``: seconds, this process's own.
    """
    address = parsed(url)
    if address.get_backend_name() != POSTGRESQL:
        return here
    return LedgerCell(address, name, clock, here, lost)


class LedgerCell:
    """Keeps the budget in a row of the ledger's table of budgets."""

    def __init__(
        self, address: sa.URL, name: str, clock: Callable[[], float], here: Cell, lost: Callable[[str], None]
    ) -> None:
        self._address, self._name, self._clock, self._here, self._lost = address, name, clock, here, lost
        self._threads = threading.Lock()
        self._failures: tuple[type[Exception], ...] = (address.get_dialect().import_dbapi().Error,)
        self._connection: Any = None
        #: the server's clock less this one, in seconds, and when that was asked
        self._ahead, self._asked_at = 0.0, 0.0
        self._seen = Budget()
        self._alone, self._again_at, self._told = False, clock(), False

    def change(self, step: Step) -> Budget:
        """Replace the budget and return it; that of this machine alone while the server cannot be used."""
        with self._threads:
            if self._clock() >= self._again_at:
                try:
                    self._seen = self._shared(step)
                    return self._seen
                except self._failures as error:
                    self._go_on_alone(error)
            self._seen = self._here.change(step)
            return self._seen

    def _shared(self, step: Step) -> Budget:
        connection = self._reached()
        facts, written_at = self._taken(connection)
        now = self._clock()
        before = kept(facts, written_at, now, self._ahead)
        after = step(_both(before, self._seen) if self._alone else before)
        if after == before:
            connection.execute("COMMIT")
        else:
            connection.execute(_GIVEN_BACK, (self._name, *after.by(self._ahead), now + self._ahead))
        self._alone = False
        return after

    def _go_on_alone(self, error: Exception) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._again_at = self._clock() + _AGAIN
        if not self._alone:
            self._alone, seen = True, self._seen
            self._here.change(lambda budget: _both(budget, seen))
        if not self._told and getattr(error, "sqlstate", None) != _NOT_YET:
            self._told = True
            self._lost(type(error).__name__)

    def _reached(self) -> Any:
        if self._connection is None:
            self._connection = connected_at_once(self._address)
            weakref.finalize(self, self._connection.close)
            self._ask_for_its_time()
            now = self._clock() + self._ahead
            self._connection.execute(_SWEPT, (now - _FORGOTTEN, self._name))
            self._connection.execute(f"{_MADE} NOTHING", (self._name, *Budget().by(0.0), now))
        elif self._clock() - self._asked_at >= _CLOCK_HOLDS:
            self._ask_for_its_time()
        return self._connection

    def _taken(self, connection: Any) -> tuple[tuple[float, ...], float]:
        """The facts as they are kept, and when they were written; the row is ours until the transaction ends."""
        cursor = connection.execute(_TAKEN, (self._name,))
        while cursor.nextset():  # the last of the statements is the one with an answer
            pass
        *facts, written_at = cursor.fetchone() or (*Budget(last=self._clock()).by(self._ahead), 0.0)
        return tuple(facts), written_at

    def _ask_for_its_time(self) -> None:
        """How far the server's clock is ahead of this one, as exactly as its quickest answer tells."""
        told = []
        for _ in range(_ASKED):
            before = self._clock()
            (there,) = self._connection.execute(_NOW).fetchone()
            after = self._clock()
            told.append((after - before, there - (before + after) / 2))
        self._ahead, self._asked_at = min(told)[1], self._clock()


def _both(one: Budget, other: Budget) -> Budget:
    """What both know: whoever was told of less room is believed."""
    later = max(one, other, key=lambda budget: budget.lowered_at)
    return replace(later, last=max(one.last, other.last), held_until=max(one.held_until, other.held_until))
