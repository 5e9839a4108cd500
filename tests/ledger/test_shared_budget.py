"""A budget of calls that machines share: each has a clock of its own, and the ledger on a server between them."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import pytest
import sqlalchemy as sa

from provision.box.pacing.budget import STRAY, Budget, OwnCell, Rate
from provision.ledger.budget import shared_by_machines
from provision.ledger.store import open_ledger
from tests.postgres import Server

RATE = Rate.of(1000)
#: seconds by which what machines know may differ here: a test may stand still for a while
ABOUT = 30


@pytest.fixture
def address(server: Server) -> str:
    """A ledger on a server, which a run has used before."""
    found = server.ledger()
    open_ledger(found).close()
    return found


class Machine:
    """One whose clock is ``ahead`` of another's, with a budget for itself; what it was told is ``lost``."""

    def __init__(self, address: str, ahead: float, name: str = "one") -> None:
        self.ahead, self.lost = ahead, list[str]()
        self.here = OwnCell()
        self.cell = shared_by_machines(address, self.clock, name, self.here, self.lost.append)

    def clock(self) -> float:
        return time.monotonic() + self.ahead

    def take(self) -> Budget:
        """Take the next free moment."""
        return self.cell.change(lambda budget: budget.taken(RATE, self.clock()))

    def hold(self, seconds: float) -> None:
        """Be asked for a pause."""
        self.cell.change(lambda budget: budget.held(seconds, self.clock()))

    def pause(self) -> float:
        """How long nobody may call, as far as is known here."""
        return self.cell.change(lambda budget: budget).held_until - self.clock()


def database(address: str) -> sa.Engine:
    return sa.create_engine(address, poolclass=sa.pool.NullPool)


def kept(address: str, what: str = "last") -> list[float]:
    """A fact of each budget that the ledger has."""
    with database(address).connect() as connection:
        return list(connection.exec_driver_sql(f"SELECT {what} FROM budgets").scalars())  # noqa: S608 - a column


def test_two_machines_whose_clocks_differ_are_given_moments_one_after_the_other(address: str) -> None:
    machines = Machine(address, 0), Machine(address, 1_000_000)
    moments = []
    for number in range(12):
        machines[number % 2].take()
        moments += kept(address)

    assert min(after - before for before, after in pairwise(moments)) >= RATE.interval - 1e-5
    assert abs(moments[-1] - time.time()) <= ABOUT
    assert not machines[0].lost + machines[1].lost


def test_no_two_of_many_are_given_the_same_moment(address: str) -> None:
    machines = [Machine(address, 1_000 * number) for number in range(4)]
    machines[0].take()
    [before] = kept(address)
    with ThreadPoolExecutor(len(machines)) as pool:
        list(pool.map(lambda number: machines[number % 4].take(), range(60)))

    [after] = kept(address)
    assert after - before >= 60 * RATE.interval - 1e-4
    assert not any(machine.lost for machine in machines)


def test_a_hold_that_one_machine_is_asked_for_holds_the_other_as_long(address: str) -> None:
    first, second = Machine(address, 0), Machine(address, -3_000)
    second.take()
    first.hold(600)

    assert second.pause() == pytest.approx(600, abs=ABOUT)
    assert kept(address, "share") == [STRAY]


def test_users_who_are_not_the_same_have_budgets_of_their_own(address: str) -> None:
    first, second = Machine(address, 0), Machine(address, 0, "another")
    first.hold(600)

    assert second.pause() < 0


def test_machines_go_on_alone_while_the_server_is_away_and_together_afterwards(
    address: str, server: Server
) -> None:
    first, second = Machine(address, 0), Machine(address, 50)
    first.take()
    second.hold(600)
    assert first.pause() == pytest.approx(600, abs=ABOUT)

    server.stop()
    try:
        assert first.pause() == pytest.approx(600, abs=ABOUT)  # what was known stays known
        assert second.pause() == pytest.approx(600, abs=ABOUT)
        first.hold(1_800)
        assert second.pause() == pytest.approx(600, abs=ABOUT)
    finally:
        server.start()
    assert first.pause() == pytest.approx(1_800, abs=ABOUT)
    assert second.pause() == pytest.approx(600, abs=ABOUT)  # it is too soon to look again
    first.ahead, second.ahead = first.ahead + 11, second.ahead + 11

    assert first.pause() == pytest.approx(1_800, abs=ABOUT)
    assert second.pause() == pytest.approx(1_800, abs=ABOUT)
    assert [len(first.lost), len(second.lost)] == [1, 1]


def test_a_ledger_that_no_run_has_used_yet_is_looked_at_again(server: Server) -> None:
    address = server.ledger()
    machine = Machine(address, 0)
    machine.hold(600)
    open_ledger(address).close()
    machine.ahead += 11

    assert machine.pause() == pytest.approx(590, abs=ABOUT)
    assert Machine(address, 0).pause() == pytest.approx(590, abs=ABOUT)
    assert not machine.lost


def test_a_budget_that_was_removed_meanwhile_is_made_again(address: str) -> None:
    machine = Machine(address, 0)
    machine.take()
    with database(address).begin() as connection:
        connection.exec_driver_sql("DELETE FROM budgets")
    machine.hold(600)

    assert Machine(address, 0).pause() == pytest.approx(600, abs=ABOUT)


@pytest.mark.parametrize(
    "damage",
    ["share = 0", "share = 'NaN'", "last = 'NaN'", "peak = 7", "held_until = 'Infinity'", "written_at = 9e9"],
)
def test_a_budget_that_makes_no_sense_neither_holds_anybody_for_ever_nor_lets_go(
    address: str, damage: str
) -> None:
    machine = Machine(address, 0)
    machine.take()
    with database(address).begin() as connection:
        connection.exec_driver_sql(f"UPDATE budgets SET {damage}")  # noqa: S608 - of this test

    found = machine.take()
    assert found.last - machine.clock() <= 3_600 + ABOUT
    assert 0.1 <= found.share <= found.peak <= 1
    assert not machine.lost


def test_who_was_stopped_while_the_row_was_its_own_holds_nobody_for_long(address: str) -> None:
    machine = Machine(address, 0)
    machine.take()
    with database(address).begin() as connection:
        connection.exec_driver_sql("SELECT * FROM budgets FOR UPDATE")
        machine.take()
        assert machine.lost == ["LockNotAvailable"]


def test_budgets_that_nobody_has_used_for_a_day_are_removed(address: str) -> None:
    Machine(address, 0).take()
    with database(address).begin() as connection:
        connection.exec_driver_sql("UPDATE budgets SET written_at = written_at - 86500")
    Machine(address, 0, "another").take()

    assert len(kept(address)) == 1


def test_a_ledger_in_a_file_has_the_budget_of_its_machine() -> None:
    here = OwnCell()

    assert (
        shared_by_machines("sqlite:///state/ledger.db", time.monotonic, "one", here, list[str]().append)
        is here
    )
