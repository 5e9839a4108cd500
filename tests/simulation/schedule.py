"""One seed, one schedule: an enterprise, workers, weather, and processes that are killed and gone on with until all is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from provision.apply.halt import Halt, interrupted
from provision.journal.value import Noted, Outcome
from provision.ledger.progress import progress_of
from provision.lessons.finished import lessons
from provision.lessons.interrupted import after, salvaged
from provision.model import Kind, Status
from provision.report.sentences.notes import words_of
from tests.apply.village import Fate

from .baton import Baton
from .process import Ended, Means, live
from .town import Town, Weather
from .verdict import assert_process, assert_salvaged, assert_settled, assert_unharmed
from .worlds import START, WORLDS, directory, groups_in, planned, shared_in, world

#: seconds that a Box which is away is waited for
_PATIENCE = 300.0
#: seconds for which Box is away, from a hiccup to longer than anybody waits
_AWAY = (5.0, 40.0, 120.0, 220.0)
_AWAY_FOR_LONG = 700.0
#: how many lines of what happened a broken promise is told with
_TOLD = 120
#: how many of a hundred schedules have which weather
_SHARES = (80, 15, 5)
#: processes that clear weather needs at most to bring everything to its end
_ENOUGH = 4
#: and how many more it takes to be sure of a transfer in doubt that it never began, and to send it again
_TO_BE_SURE = 4


class Broken(AssertionError):
    """A promise that did not hold, with the command that shows it again."""

    def __init__(self, seed: int, what: str, trace: list[str], kind: str = "schedules") -> None:
        told = "\n".join(trace[-_TOLD:])
        chosen = "" if kind == "schedules" else f" WHAT={kind}"
        super().__init__(f"{what}\n\nreplay: make soak{chosen} SEED={seed} COUNT=1\n\n{told}")


@dataclass
class _Luck:
    """What goes wrong around the requests, as shares of 1 at each point. ``kills``, ``outages``: how many are left."""

    kill: float = 0.0
    kills: int = 0
    stop: float = 0.0
    jump: float = 0.0
    away: float = 0.0
    outages: int = 0


def _any_weather(random: Random) -> tuple[Weather, _Luck]:
    weather = Weather(
        random, faults=random.choice((0.0, 0.05, 0.2, 0.4)), late=random.randint(1, 12),
        lag=random.choice((0, 0, 3, 8)), used=random.choice((0.0, 0.3)),
    )  # fmt: skip
    luck = _Luck(
        kill=random.choice((0.0, 0.01, 0.03, 0.1)), kills=random.randint(1, 8), stop=random.choice((0.0, 0.0, 0.01)),
        jump=random.choice((0.0, 0.02)), away=random.choice((0.0, 0.0, 0.01)), outages=random.randint(1, 5),
    )  # fmt: skip
    return weather, luck


def _second_accounts(random: Random) -> tuple[Weather, _Luck]:
    """Writes come late, and listings lag: whatever is sent again may be there twice."""
    late = (Fate.LOST_THEN_LATE, Fate.TROUBLE_THEN_LATE, Fate.KILLED_THEN_LATE, Fate.TROUBLE_AFTER)
    weather = Weather(random, faults=random.choice((0.2, 0.4)), late=30, lag=random.choice((0, 8, 20)),
                      used=random.choice((0.0, 0.0, 0.3)), fates=late)  # fmt: skip
    return weather, _Luck(kill=random.choice((0.0, 0.02, 0.05)), kills=random.randint(1, 8))


def _only_away(random: Random) -> tuple[Weather, _Luck]:
    """Box is away for a while, shorter than anybody's patience, and nothing else goes wrong."""
    return Weather(random), _Luck(away=0.05, outages=1)


def run(seed: int, folder: Path) -> list[str]:
    """Live through one schedule; what happened. Raises Broken when a promise does not hold."""
    schedule = Schedule(seed, folder)
    try:
        schedule.live()
    except AssertionError as error:
        raise Broken(seed, str(error), schedule.town.trace) from error
    return schedule.town.trace


class Schedule:
    """Everything that one seed says."""

    def __init__(self, seed: int, folder: Path) -> None:
        self.random = random = Random(seed)  # noqa: S311 - chance is the point
        self.world = world(random.randrange(WORLDS))
        self.plan, self.plans = self.world.plan, 1
        self.memory = self.world.memory
        self.baton = Baton(random)
        self.baton.mishap, self.baton.hurry = self._mishap, lambda: self.halt.wanted
        self.halt = Halt()
        mood = random.choices((_any_weather, _second_accounts, _only_away), _SHARES)[0]
        self._unharmed = mood is _only_away
        self.weather, self.luck = mood(random)
        unique = mood is not _second_accounts and random.random() < 0.5
        self.town = Town(self.world.users, self.baton, self.weather, unique=unique)
        ids = {user["login"]: box_id for box_id, user in self.town.users.items()}
        for name, login in self.world.joined:
            self.town.join(ids[login], name)
        self.town.outside |= self.world.outside
        self.town.invited |= self.world.invited
        for name, login, role in self.world.shared:
            self.town.share(name, ids[login], role)
        for path, sha1 in self.world.kept.items():
            self.town.keep(path, sha1)
        self._offset = timedelta()
        self._means = (folder, random.randint(1, 4), random.choice((2, 3, 7)))
        self._number = 0
        self.town.wants(self.plan)
        self.town.told(f"{len(self.plan.changes)} changes, external ids unique: {self.town.unique}")

    def live(self) -> None:
        """Processes one after the other: first in any weather, then in clear weather until nothing is left."""
        for _ in range(self.random.randint(1, 6)):
            ended = self._process()
            if self._unharmed:
                assert_unharmed(ended)
            if not ended.open and not ended.killed and not ended.stopped:
                break
            self._between(ended)
        self._clear_up()
        assert_settled(self.town, self.world, self._finish())

    def _finish(self) -> Ended:
        """Go on until nothing is left; a plan that skipped somebody is followed by a fresh one."""
        for _ in range(_ENOUGH + _TO_BE_SURE * bool(self.town.senders)):
            ended = self._process()
            left = [name for name in _left(ended) if not _reported(ended, name)]
            owed = [box_id for box_id in self.town.senders if not self.town.landed(box_id)]
            if not left and not owed and not self.town.edited:
                return ended
            if all(_waits(ended.outcomes[name]) for name in left if name in ended.outcomes):
                self._fresh(ended)
        left = _left(ended)
        raise AssertionError(f"not finished after {_ENOUGH} processes in clear weather: {left}")

    def _process(self) -> Ended:
        self._number += 1
        self.baton.dead = False
        self.halt = Halt()
        self.town.watch.begin()
        self.town.told(f"--- process {self._number} goes at plan {self.plans}")
        folder, workers, tries = self._means
        means = Means(
            self.town,
            self.baton,
            self._stamp,
            folder,
            workers,
            tries,
            _PATIENCE,
            self.random.randrange(10**6),
        )
        ended = live(self.plan, f"plan{self.plans}", means, self.halt)
        self.town.told(
            "--- killed" if ended.killed else "--- stopped" if ended.stopped else "--- came to its end"
        )
        assert_process(ended, self.town)
        return ended

    def _between(self, ended: Ended) -> None:
        """What happens until somebody goes on: time passes, an admin changes somebody, or the job is planned afresh."""
        if self._unharmed:
            return
        if self.random.random() < 0.3:
            self.town.settle()
        if self.random.random() < 0.15:
            self._admin_edits()
        if self.random.random() < 0.06:
            self._fresh(ended)

    def _admin_edits(self) -> None:
        targets = [c for c in self.plan.changes if c.kind is Kind.UPDATE and c.box_id in self.town.users]
        if targets:
            change = self.random.choice(targets)
            self.town.edited.add(change.box_id)
            self.town.users[change.box_id][change.fields[0].field] = (
                f"set by an admin before process {self._number + 1}"
            )
            self.town.told(f"an admin changes {change.box_id}")

    def _fresh(self, ended: Ended) -> None:
        """The job is planned again; what the unfinished run says is salvaged first."""
        self.town.settle()
        listed = self.town.listed()
        if ended.killed or ended.stopped:
            taught = salvaged(self.plan, ended.outcomes, directory(listed), self.memory)
            assert_salvaged(taught, ended, self.town)
        else:
            taught = lessons(self.plan, ended.outcomes, self.memory, self.world.job.lifecycle.evidence)
        self.memory = after(self.memory, taught)
        looks = self.town.looks(progress_of(self.memory))
        self.plan = planned(
            self.world.number,
            (listed, groups_in(self.town), shared_in(self.town)),
            self.memory,
            looks,
            self.plans,
        )
        self.plans += 1
        self.town.wants(self.plan)
        self.town.watch.listed()
        self.town.told(f"--- plan {self.plans} is made: {[change.id for change in self.plan.changes]}")

    def _clear_up(self) -> None:
        self.weather.clear()
        self.luck = _Luck()
        self.town.settle()

    def _mishap(self, where: str) -> None:
        """What may happen at any point."""
        luck, chance = self.luck, self.random.random
        if luck.kills and chance() < luck.kill:
            luck.kills -= 1
            self.town.told(f"killed {where}")
            self.baton.kill()
        if chance() < luck.stop:
            self.town.told(f"asked to stop {where}")
            self.halt.request(interrupted())
        if chance() < luck.jump:
            self.baton.now += self.random.uniform(0, 60)
            self._offset += timedelta(seconds=self.random.uniform(-90_000, 90_000))
        if luck.outages and chance() < luck.away:
            luck.outages -= 1
            times = _AWAY if self._unharmed else (*_AWAY, _AWAY_FOR_LONG)
            self.weather.away_until = self.baton.now + self.random.choice(times)
            self.town.told(f"Box is away until {self.weather.away_until:.1f}")

    def _stamp(self) -> str:
        return (START + timedelta(seconds=self.baton.now) + self._offset).isoformat()


def _left(ended: Ended) -> list[str]:
    return [change.id for change in ended.open]


def _waits(outcome: Outcome) -> bool:
    """Whether only another plan goes on with it: its account was changed, or nobody knows yet whether a transfer began."""
    return outcome.status is Status.SKIPPED or outcome.says(Noted.TRANSFER_DOUBT, Noted.NEED_NOT_DONE)


def _reported(ended: Ended, change_id: str) -> bool:
    outcome = ended.outcomes.get(change_id)
    return outcome is not None and "only one of them may stay" in words_of(outcome)
