"""A budget shared by processes: simulated ones on one clock, and two real ones."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from filelock import FileLock
from hypothesis import given
from hypothesis import strategies as st

from provision.box.connect import Surroundings, connect
from provision.box.pacing.budget import CALM, LEAST, LONGEST_HOLD, STRAY, Budget, Cell, Rate
from provision.box.pacing.budget_file import Clocks, SharedCell, budget_name, budget_path
from provision.box.pacing.outage import Unwatched
from provision.box.pacing.timing import Timing
from provision.job.settings import ApplySettings
from tests.examples import examples
from tests.live import BoxTime, Live, Start

from .crowd import Call, Crowd

INTERVAL = Rate.of(1000).interval
#: the wall clock of the simulated processes when their own clock says 0
EPOCH = 1_800_000_000.0

Made = Callable[[Callable[[], float]], Cell]


def unexpected(error: OSError) -> None:
    raise AssertionError(error)


def never(_: float) -> None:
    raise AssertionError("one at a time, nobody waits for the lock")


def sharing(path: Path, processes: int = 2) -> list[Made]:
    """As many cells on one file."""

    def cell(clock: Callable[[], float]) -> Cell:
        return SharedCell(path, Clocks(clock, lambda: clock() + EPOCH, never), unexpected)

    return [cell] * processes


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "budgets" / "one"


def most_in(seconds: float, sent: Sequence[float]) -> int:
    """The most calls in any so many seconds."""
    return max(_counts(seconds, sent))


def _counts(seconds: float, sent: Sequence[float]) -> Iterator[int]:
    first = 0
    for last, moment in enumerate(sent):
        while moment - sent[first] >= seconds - 1e-5:
            first += 1
        yield last - first + 1


# --- many processes, one clock ---------------------------------------------------------------------------


@given(
    per_minute=st.sampled_from([2, 60, 333, 1000]),
    workers=st.lists(st.integers(1, 12), min_size=1, max_size=4),
    pauses=st.lists(st.floats(0, 90), min_size=1, max_size=6),
)
@examples(40)
def test_processes_together_never_pass_the_rate_in_any_sixty_seconds(
    per_minute: int, workers: list[int], pauses: list[float]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        cells = sharing(Path(folder) / "budgets" / "one", len(workers))
        crowd = Crowd(per_minute, workers, lambda number: pauses[number % len(pauses)], cells)

        assert most_in(60, crowd.sent(min(3 * per_minute + 20, 400))) <= per_minute


@pytest.mark.parametrize("latency", [0.15, 0.6])
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_processes_together_use_most_of_the_rate(path: Path, processes: int, latency: float) -> None:
    sent = Crowd(1000, 12, lambda _: latency, sharing(path, processes)).sent(1500)

    assert len(sent) / (sent[-1] - sent[0]) * 60 >= 1000 * 0.97


@pytest.mark.parametrize("workers", [(12, 12), (12, 2), (1, 12)])
def test_two_processes_get_as_much_whatever_their_workers(path: Path, workers: tuple[int, int]) -> None:
    calls = Crowd(1000, workers, lambda _: 0.05, sharing(path)).calls(1000)

    assert 450 <= sum(call.process for call in calls) <= 550


def test_a_process_that_comes_later_is_not_starved(path: Path) -> None:
    crowd = Crowd(1000, 12, lambda _: 0.15, sharing(path, 3))
    crowd.paces[0].hold(0)

    calls = crowd.calls(600)

    for process in range(3):
        moments = [call.moment for call in calls if call.process == process]
        assert max(after - before for before, after in pairwise(moments)) <= 4 * INTERVAL / 0.75


def test_a_hold_is_respected_by_every_process(path: Path) -> None:
    crowd = Crowd(1000, 12, cells=sharing(path, 3))
    crowd.after(50, lambda: crowd.paces[1].hold(30))

    sent = crowd.sent(200)

    assert sent[50] == pytest.approx(sent[49] + 30)
    assert min(after - before for before, after in pairwise(sent[50:])) >= INTERVAL - 1e-5


def test_a_process_that_is_killed_costs_the_others_no_more_than_one_call(path: Path) -> None:
    crowd = Crowd(1000, 12, lambda _: 0.15, sharing(path))
    crowd.after(100, lambda: crowd.kill(1))

    sent = crowd.sent(300)

    assert max(after - before for before, after in pairwise(sent)) <= 2 * INTERVAL + 1e-5
    assert sent[-1] - sent[99] <= 201 * INTERVAL + 1e-5


def test_who_waits_for_the_hold_of_another_process_says_so_once(path: Path) -> None:
    crowd = Crowd(1000, 12, cells=sharing(path))
    crowd.after(50, lambda: crowd.paces[0].hold(45))

    crowd.sent(200)

    assert sorted(crowd.told) == [("Box asks for a pause of 45 s (HTTP 429)", pytest.approx(45, abs=0.2))] * 2


def test_a_short_wait_is_not_worth_a_word(path: Path) -> None:
    crowd = Crowd(1000, 12, cells=sharing(path))
    crowd.after(50, lambda: crowd.paces[0].hold(9))

    crowd.sent(200)

    assert crowd.told == []


def test_a_slow_rate_is_told_now_and_then(path: Path) -> None:
    crowd = Crowd(5, 12, cells=sharing(path, 1))

    crowd.sent(20)

    assert {why for why, _ in crowd.told} == {"The next call is not due yet at 5 a minute"}
    assert 3 <= len(crowd.told) <= 5


def test_a_lowered_rate_is_named(path: Path) -> None:
    crowd = Crowd(5, 12, cells=sharing(path, 1))
    for seconds in (2, 8, 14):
        crowd.after(seconds, lambda: crowd.pace.hold(0))

    crowd.sent(4)

    assert any("a minute instead of 5 after an HTTP 429" in why for why, _ in crowd.told)


class Server:
    """Refuses what passes ``most`` calls within the last 60 seconds, and counts both."""

    def __init__(self, crowd: Crowd, most: int) -> None:
        self._crowd, self._most = crowd, most
        self._passed = deque[float]()
        self.passed, self.refused = 0, 0

    def __call__(self, call: Call) -> None:
        while self._passed and self._passed[0] <= call.moment - 60:
            self._passed.popleft()
        if len(self._passed) < self._most:
            self._passed.append(call.moment)
            self.passed += 1
            return
        self.refused += 1
        self._crowd.paces[call.process].hold(max(1.0, self._passed[0] + 60 - call.moment))


@pytest.mark.parametrize("most", [400, 700, 950])
def test_a_limit_that_is_lower_than_the_job_says_is_found_and_used(path: Path, most: int) -> None:
    crowd = Crowd(1000, 12, lambda _: 0.15, sharing(path))
    server = Server(crowd, most)
    crowd.at_each(server)

    sent = crowd.sent(10_000)

    assert server.refused <= 0.005 * len(sent)
    assert server.passed / (sent[-1] - sent[0]) * 60 >= 0.93 * most


# --- what a 429 teaches ----------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.floats(0, 400), st.floats(-5, 90)), min_size=1, max_size=40))
@examples()
def test_the_rate_stays_between_its_bounds_and_comes_back(events: list[tuple[float, float]]) -> None:
    budget, now = Budget(), 100.0
    for passed, asked in events:
        before, now = budget.share_at(now), now + passed
        assert LEAST <= before <= budget.share_at(now) + 1e-9 <= 1 + 1e-9
        budget = budget.held(asked, now)

        assert LEAST <= budget.share_at(now) <= 1
        assert now <= budget.held_until or asked <= 0
        assert budget.held_until <= now + LONGEST_HOLD


def test_answers_to_calls_that_had_left_before_lower_the_rate_once() -> None:
    budget = Budget()
    for number in range(12):
        budget = budget.held(1.0, 100.0 + number * 0.3)

    assert budget.share_at(103.3) == pytest.approx(STRAY)
    again = busy(budget, 106.0).held(1.0, 106.0)
    assert again.share_at(106.0) == pytest.approx(0.75 * budget.share_at(106.0))
    assert again.share < 0.75


def busy(budget: Budget, now: float, part: float = 1.0) -> Budget:
    """The budget as if calls had left since it was lowered for so much of the time."""
    return replace(budget, used=(now - budget.lowered_at) * part)


def test_trouble_without_end_leaves_a_tenth_of_the_rate() -> None:
    budget = Budget()
    for number in range(50):
        budget = budget.held(1.0, 100.0 + number * 6)

    assert budget.share == LEAST == 0.1


def test_a_stray_429_costs_two_and_a_half_in_a_hundred_of_a_minute_and_a_half() -> None:
    budget = Budget().held(0, 0)

    shares = [budget.share_at(second / 10) for second in range(900)]
    assert sum(shares) / len(shares) >= 0.975
    assert shares == sorted(shares)


def test_the_rate_is_soon_just_below_where_it_was_lowered_and_goes_slowly_beyond() -> None:
    budget = Budget().held(0, 0)

    assert (budget.share, budget.peak) == pytest.approx((0.97, 0.98))
    assert budget.share_at(5) == pytest.approx(0.98, abs=0.001)
    assert budget.share_at(60) < 0.985
    assert budget.share_at(200) == 1.0


def test_who_meets_others_comes_back_soon_to_more_than_what_they_left_since_they_may_have_gone() -> None:
    """The third 429 comes well below the ceiling that the second has left."""
    first = Budget().held(0, 0)
    second = busy(first, 8).held(0, 8)
    third = busy(second, 14).held(0, 14)

    assert second.share == pytest.approx(0.75 * first.share_at(8))
    met = second.share_at(14)
    assert met < 0.985 * second.peak
    assert (third.share, third.peak) == pytest.approx((0.75 * met, 1.0))
    at = [third.share_at(14 + seconds) for seconds in (0, 3, 6, 9, 12, 15)]
    steps = [later - before for before, later in pairwise(at)]
    assert steps == sorted(steps, reverse=True)
    assert at[4] > 0.95


@pytest.mark.parametrize(("part", "learnt"), [(0.4, 0.4), (0.55, 0.75 * 0.98), (0.9, 0.75 * 0.98)])
def test_what_goes_through_is_the_rate_where_holds_take_more_than_half_of_the_time(
    part: float, learnt: float
) -> None:
    first = Budget().held(6, 0)
    second = busy(first, 12, part).held(6, 12)

    assert second.share == pytest.approx(learnt, abs=0.01)
    if part < 0.45:
        assert second.share_at(12 + 60) == pytest.approx(learnt, abs=0.01)
        assert second.share_at(12 + 600) == 1.0


def test_who_hardly_calls_is_not_taken_for_somebody_who_is_held() -> None:
    """Only holds count as time in which nothing went through, not that nobody wanted to call."""
    rate = Rate.of(1_000)
    budget = Budget().taken(rate, 0).held(1, 0)
    for second in (4, 8, 12):
        budget = budget.taken(rate, second)

    assert budget.used == pytest.approx(11, abs=0.5)
    assert budget.held(1, 12).share == pytest.approx(0.75 * budget.share_at(12))


def test_a_429_out_of_the_calm_is_a_stray_one_again() -> None:
    often = busy(Budget().held(0, 0), 8).held(0, 8)

    calm, soon = often.lowered_at + CALM + 1, often.lowered_at + CALM - 1
    assert often.held(0, calm).share == pytest.approx(STRAY * often.share_at(calm))
    assert busy(often, soon).held(0, soon).share == pytest.approx(0.75 * often.share_at(soon))


# --- the file --------------------------------------------------------------------------------------------


class Desk:
    """Two clocks that are set by hand, and what was told."""

    def __init__(self, path: Path) -> None:
        self.now, self.wall = 50.0, EPOCH
        self.lost: list[str] = []
        self.path = path

    def cell(self, ahead: float = 0.0) -> SharedCell:
        """A process whose own clock is ahead of the others'."""

        def nap(seconds: float) -> None:
            self.now += seconds

        clocks = Clocks(lambda: self.now + ahead, lambda: self.wall, nap)
        return SharedCell(self.path, clocks, lambda error: self.lost.append(str(error.strerror)))


@pytest.fixture
def desk(path: Path) -> Desk:
    return Desk(path)


def as_it_is(budget: Budget) -> Budget:
    return budget


def test_processes_with_clocks_of_their_own_mean_the_same_moment(desk: Desk) -> None:
    desk.cell().change(lambda budget: budget.held(30, 50.0))

    assert desk.cell(ahead=7000).change(as_it_is).held_until == pytest.approx(7080.0)


def test_a_budget_outlives_its_processes(desk: Desk) -> None:
    first = desk.cell().change(lambda budget: budget.taken(Rate.of(1000), 50.0))

    assert desk.cell().change(as_it_is).last == pytest.approx(first.last)


@pytest.mark.parametrize(
    ("passed", "jumped"), [(0, -1e9), (0, -3600), (0, -2), (3000, -0.5), (3000, 3600), (0, 3600), (0, 1e9)]
)
def test_a_clock_that_jumps_makes_nobody_wait(desk: Desk, passed: float, jumped: float) -> None:
    rate = Rate.of(1000)
    desk.cell().change(lambda budget: budget.taken(rate, desk.now).held(3000, desk.now))
    desk.now += passed
    desk.wall += passed + jumped

    moment = desk.cell().change(lambda budget: budget.taken(rate, desk.now)).last

    assert moment - desk.now <= 0.6


@pytest.mark.parametrize(
    "content", [b"x", b"budget 1" + bytes(44), bytes(52), b"budget 9" * 20, bytes(range(52))]
)
def test_a_damaged_file_is_written_anew(desk: Desk, content: bytes) -> None:
    desk.path.parent.mkdir(mode=0o700)
    desk.path.write_bytes(content)
    rate = Rate.of(1000)
    moments = [desk.cell().change(lambda budget: budget.taken(rate, desk.now)).last for _ in range(3)]

    assert moments == pytest.approx([desk.now + number * INTERVAL for number in (1, 2, 3)], abs=1e-5)
    assert desk.lost == []


def in_the_way(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")


def a_folder(path: Path) -> None:
    path.mkdir(parents=True, mode=0o700)


def open_to_all(path: Path) -> None:
    path.parent.mkdir()
    path.parent.chmod(0o777)


def opened_to_all_later(path: Path) -> None:
    path.parent.mkdir()
    path.touch(mode=0o600)
    path.parent.chmod(0o777)


def a_link(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.symlink_to("elsewhere")


def a_linked_folder(path: Path) -> None:
    real = path.parent.with_name("real")
    real.mkdir(mode=0o700)
    path.parent.symlink_to(real)


@pytest.mark.parametrize(
    "spoiled", [in_the_way, a_folder, open_to_all, opened_to_all_later, a_link, a_linked_folder]
)
def test_a_file_that_cannot_be_used_leaves_a_budget_for_the_process_and_one_word(
    desk: Desk, spoiled: Callable[[Path], None]
) -> None:
    spoiled(desk.path)
    cell, rate = desk.cell(), Rate.of(1000)
    moments = [cell.change(lambda budget: budget.taken(rate, desk.now)).last for _ in range(20)]

    assert len(desk.lost) == 1
    assert most_in(60, moments) == 20
    assert moments[-1] - moments[0] == pytest.approx(19 * INTERVAL)


def test_who_holds_the_file_and_does_not_go_on_is_waited_for_a_second(desk: Desk) -> None:
    cell = desk.cell()
    before = cell.change(lambda budget: budget.held(30, desk.now))
    with FileLock(desk.path, timeout=0):
        after = cell.change(as_it_is)

    assert after == before
    assert desk.lost == ["another process holds it and does not let go"]
    assert 51.0 <= desk.now <= 51.1


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_locked(desk: Desk) -> None:
    desk.cell().change(lambda budget: budget.held(30, desk.now))
    code = (
        "import os, sys, time; from pathlib import Path\n"
        "from provision.box.pacing.budget_file import Clocks, SharedCell\n"
        "cell = SharedCell(Path(sys.argv[1]), Clocks(time.monotonic), print)\n"
        "cell.change(lambda budget: os.kill(os.getpid(), 9))"
    )
    killed = subprocess.run([sys.executable, "-c", code, str(desk.path)], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert desk.cell().change(as_it_is).held_until == pytest.approx(80.0)
    assert desk.lost == []


@pytest.fixture
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this user's state is kept."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path / "state"


WORDS = ("https://api.box.com", "app", "27335", "100")


def test_a_budget_belongs_to_one_app_enterprise_and_user(state: Path) -> None:
    others = [(*WORDS[:at], "other", *WORDS[at + 1 :]) for at in range(4)]
    others.append(("https://api.box.comapp", *WORDS[2:]))

    assert len({budget_path(budget_name(*each)) for each in (WORDS, *others)}) == 6
    assert budget_path(budget_name(*WORDS)) == budget_path(budget_name(*WORDS))
    assert budget_path(budget_name(*WORDS)).parent == state / "box-provision" / "budgets"
    assert not any(word in budget_path(budget_name(*WORDS)).name for word in WORDS)


def test_who_has_no_folder_for_state_shares_among_the_temporary_files(state: Path) -> None:
    state.write_text("a file where the folder should be")

    assert budget_path(budget_name(*WORDS)).parent.parent == state.parent
    assert budget_path(budget_name(*WORDS)) == budget_path(budget_name(*WORDS))


def test_the_file_is_for_its_owner_only_and_old_ones_go(desk: Desk) -> None:
    desk.path.parent.mkdir(mode=0o700)
    old, young = desk.path.with_name("old"), desk.path.with_name("young")
    for path, age in ((old, 100_000), (young, 1000)):
        path.touch()
        os.utime(path, (time.time() - age,) * 2)

    desk.cell().change(lambda budget: budget.taken(Rate.of(1000), desk.now))

    assert stat.S_IMODE(desk.path.stat().st_mode) == 0o600
    assert sorted(path.name for path in desk.path.parent.iterdir()) == ["one", "young"]


# --- a connection ----------------------------------------------------------------------------------------


class Listener(Unwatched):
    """Keeps what is told of the budget."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, float]] = []

    def paced(self, why: str, wait: float) -> None:
        self.heard.append((why, wait))


def listed(live: Live, method: str, timing: Timing) -> list[tuple[str, float]]:
    """What is told of the budget by one connection that makes two calls."""
    listener = Listener()
    apply = ApplySettings.model_validate({"requests_per_minute": 600_000})
    box = connect(live.settings(method), apply, timing, Surroundings(listener)).box
    box.total()
    box.total()
    return listener.heard


def of_this_machine() -> Timing:
    return Timing(time.monotonic, time.sleep, Random(0))  # noqa: S311 - jitter


def test_connections_of_one_app_and_user_share_a_budget(start: Start, state: Path) -> None:
    live = start()
    for method in ("ccg", "jwt"):
        assert listed(live, method, of_this_machine()) == []

    assert len(list((state / "box-provision" / "budgets").iterdir())) == 1


def test_another_acting_user_has_another_budget(start: Start, state: Path) -> None:
    live = start()
    for method in ("ccg", "token"):
        listed(live, method, of_this_machine())

    assert len(list((state / "box-provision" / "budgets").iterdir())) == 2


def test_a_clock_of_ones_own_is_shared_with_nobody(start: Start, state: Path) -> None:
    listed(start(), "ccg", BoxTime().timing())

    assert not state.exists()


def test_a_budget_that_cannot_be_shared_is_told_and_stops_nothing(start: Start, state: Path) -> None:
    state.write_text("a file where the folder should be")
    in_the_way(state.parent / f"provision-{os.getuid()}-budgets" / "any")

    [(why, wait)] = listed(start(), "ccg", of_this_machine())

    assert why.startswith("The budget of calls is not shared with other runs on this machine (")
    assert wait == 0


# --- two real processes ----------------------------------------------------------------------------------

_CALLER = """
import sys, time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from provision.box.pacing.budget_file import Clocks, SharedCell
from provision.box.pacing.pace import EvenPace
from provision.box.pacing.timing import Timing

def lost(error):
    raise error

cell = SharedCell(Path(sys.argv[1]), Clocks(time.monotonic), lost)
pace = EvenPace(6000, Timing(time.monotonic, time.sleep, Random(0)), cell)
print("ready", flush=True)
sys.stdin.readline()
with ThreadPoolExecutor(4) as pool:
    for moment in pool.map(lambda _: (pace.wait(), time.monotonic())[1], range(100)):
        print(moment)
"""


def test_two_real_processes_share_one_rate(path: Path) -> None:
    context = [
        subprocess.Popen(
            [sys.executable, "-c", _CALLER, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    assert [process.stdout.readline() for process in context if process.stdout] == ["ready\n"] * 2
    began = time.monotonic()
    for process in context:
        assert process.stdin
        process.stdin.write("go\n")
        process.stdin.flush()
    sent = sorted(float(line) for process in context for line in process.communicate()[0].split())

    assert [process.returncode for process in context] == [0, 0]
    assert len(sent) == 200
    assert sent[-1] - began >= 195 * Rate.of(6000).interval
