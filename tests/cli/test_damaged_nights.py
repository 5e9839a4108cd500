"""Whatever happens to the rosters of some nights, nobody is removed who has not truly left.

A few people leave for good, everything else that is missing from a file is damage. What counts as proof is decided here once
more, from what the test itself put into the files, without asking the program.

A few sequences by default; ``make soak`` tries a hundred, other ones each time.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provision.sandbox.http.server import Server
from tests.examples import either

from .conftest import Said
from .rosters import DAMAGES, LIKELY, Fed, Sheet, login, other_encoding, sheet, written

Damage = Callable[[Sheet, Random], Sheet]


SEEDED = settings(
    max_examples=either(2, 100),
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
    ],
)

HOURS = 12
#: guards of the roster: where one of them refuses, the file counts for nothing
OF_FILE = {"shrink", "truncated", "rekeyed", "headers", "blank_keys"}
STAGES = {
    "deactivate": [{"after": "0d", "do": "deactivate"}],
    "deactivate, then delete": [{"after": "0d", "do": "deactivate"}, {"after": "1d", "do": "delete"}],
    "delete at once": [{"after": "0d", "do": "delete"}],
}


@dataclass(frozen=True)
class Night:
    """What is to happen in a night: so many hours after the one before, and what becomes of the file."""

    gap: float
    damages: tuple[Damage, ...] = ()
    encoding: bool = False
    cut: float | None = None
    old: bool = False
    leaving: int = 0
    seed: int = 0


@dataclass
class Seen:
    """One night as it was: its hour, its file, whether that was another one and was not refused."""

    hour: float
    file: Fed
    fresh: bool
    accepted: bool


@dataclass
class Story:
    """The nights so far of one job, and what became of whom."""

    population: tuple[int, ...]
    ended: frozenset[int]
    here: set[int]
    nights: list[Seen] = field(default_factory=list)
    files: list[Fed] = field(default_factory=list)

    def proven(self, who: int) -> bool:
        """Whether this person may be removed in the night that was told last."""
        tonight = self.nights[-1]
        if who in tonight.file.people:
            return who in self.ended
        hours = []
        for seen in reversed([each for each in self.nights if each.accepted]):
            if who in seen.file.sound:
                break
            if who not in seen.file.people and seen.fresh:
                hours.append(seen.hour)
        return tonight.accepted and bool(hours) and hours[0] - hours[-1] >= HOURS


def nights() -> st.SearchStrategy[Night]:
    likely, any_ = st.sampled_from(LIKELY), st.sampled_from(DAMAGES)
    return st.builds(
        Night,
        gap=st.sampled_from([24, 24, 48, 12.5, 1]),
        damages=st.sampled_from([(), ()])
        | likely.map(lambda one: (one,))
        | st.lists(likely | any_, max_size=2).map(tuple),
        encoding=st.sampled_from([False] * 5 + [True]),
        cut=st.sampled_from([None] * 14 + [0.99, 0.97, 0.5, 0.0]),
        old=st.sampled_from([False] * 6 + [True]),
        leaving=st.sampled_from([0, 0, 1, 2]),
        seed=st.integers(0, 2**16),
    )


def fed_in(night: Night, story: Story) -> tuple[Fed, bool]:
    """The file of a night, and whether it is another one than those before."""
    chance = Random(night.seed)  # noqa: S311 - drawn by Hypothesis, to be replayed
    if night.old and story.files:
        return chance.choice(story.files), False
    left = chance.sample(sorted(story.here), min(night.leaving, len(story.here) - 2))
    story.here.difference_update(left)
    whole: Sheet = sheet(sorted(story.here), lambda who: "2020-01-31" if who in story.ended else "")
    for damage in night.damages:
        whole = damage(whole, chance)
    encoding = other_encoding(chance) if night.encoding else "utf-8"
    return written(whole, encoding, night.cut), True


@pytest.fixture
def enterprise(box, make_job, provision, clock):
    """Begins a job over an enterprise of its own: `enterprise(people, stages)` gives the server and what a night is."""
    numbers = count()

    def begin(people: tuple[int, ...], stages: str) -> tuple[Server, Callable[[float, Fed, bool], Said]]:
        name = f"job{next(numbers)}"
        users = [{"name": f"Person {who:03d}", "login": login(who)} for who in people]
        users += [{"name": "Zoë Unowned", "login": "zoe@acme.example"}]
        server = box(
            seed={"enterprise": {"id": "27335", "name": "Acme", "domains": ["acme.example"]},
                  "admin": {"name": "Ada Abara", "login": "ada@acme.example"}, "users": users}
        )  # fmt: skip
        lifecycle = {"leavers": STAGES[stages], "evidence": {"absent_runs": 2, "absent_hours": HOURS}}
        sections: dict[str, Any] = {
            "lifecycle": lifecycle, "state": f"sqlite:///state/{name}.db", "runs": f"runs/{name}",
        }  # fmt: skip
        times: dict[bytes, int] = {}

        def night(hour: float, fed: Fed, another: bool) -> Said:
            clock(hour)
            job = make_job(fed.content, name=name, **sections)
            path = Path(f"{name}.csv")
            moment = times[fed.content] if not another else 10**18 + len(times) * 10**10
            times[fed.content] = moment
            os.utime(path, ns=(moment, moment))
            return provision("run", job, "--json")

        return server, night

    return begin


def standing(server: Server) -> dict[str, str]:
    """The status of everybody, by login."""
    return {one.login: one.status for one in server.enterprise.accounts}


def removed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {who for who, status in before.items() if after.get(who, "gone") not in ("active", status)}


def live(story: Story, server: Server, night: Callable[..., Said], plans: list[Night]) -> set[str]:
    """Go through the nights and judge each; everybody who was removed."""
    hour, everybody, told = 0.0, set(), []
    for plan in plans:
        fed, another = fed_in(plan, story)
        before, whole = standing(server), state(server)
        said = night(hour, fed, another)
        accepted = said.code in (0, 1, 3, 4) and not refused(said)
        story.nights.append(Seen(hour, fed, another, accepted))
        story.files.append(fed)
        gone = removed(before, standing(server))
        told.append(
            f"{hour} h, {plan}: exit {said.code}, {len(fed.people)} in the file, removed {sorted(gone)}"
        )
        assert said.code in (0, 1, 3, 4), told
        assert accepted or state(server) == whole, told
        assert gone <= {login(who) for who in story.population if story.proven(who)}, told
        everybody |= gone
        hour += plan.gap
    return everybody


def refused(said: Said) -> bool:
    """Whether the file itself was refused."""
    told = {each["name"] for each in said.json["guards"] or () if each["verdict"] == "refused"}
    unread = said.json["status"] in ("refused", "failed") and not said.json["guards"]
    return unread or bool(told & OF_FILE)


def state(server: Server) -> list[Any]:
    return [(one.id, one.login, one.status, one.name) for one in server.enterprise.accounts]


@pytest.mark.soak
@pytest.mark.timeout(either(600, 0))
@SEEDED
@given(
    st.integers(20, 60),
    st.sampled_from(sorted(STAGES)),
    st.integers(0, 2),
    st.lists(nights(), min_size=3, max_size=5),
)
def test_nobody_without_proof_is_ever_removed(enterprise, size, stages, ends, plans):
    population = tuple(range(1, size + 1))
    server, night = enterprise(population, stages)
    try:
        story = Story(population, frozenset(population[:ends]), set(population))
        live(story, server, night, [Night(24), *plans])
    finally:
        server.close()


@pytest.mark.parametrize(("stages", "more"), [("deactivate, then delete", 1), ("delete at once", 0)])
def test_who_has_truly_left_is_removed_when_nothing_is_damaged(enterprise, stages, more):
    """Without it the property above could hold because nothing is ever done."""
    population = tuple(range(1, 41))
    server, night = enterprise(population, stages)
    story = Story(population, frozenset(), set(population))

    gone = live(story, server, night, [Night(24), Night(24, leaving=2), *[Night(24)] * (1 + more)])

    two = {login(who) for who in set(population) - story.here}
    assert (len(two), gone) == (2, two)
    assert two.isdisjoint(standing(server))
