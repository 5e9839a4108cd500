"""The rate limit: a sliding window for each acting user, and what 429 says."""

from __future__ import annotations

import pytest

from provision.sandbox.limits import Limiter


def statuses(caller, count):
    return [caller("GET", "/2.0/users/me").status for _ in range(count)]


def test_calls_beyond_the_limit_are_refused(start, connect):
    assert statuses(connect(start(rate_limit=(3, 60))), 5) == [200, 200, 200, 429, 429]


def test_refusal_says_when_to_come_back(start, connect, clock):
    """Box guide, Rate limits; lower case header: github.com/cburnette/boxr, issues 99 and 103."""
    caller = connect(start(rate_limit=(1, 60)))
    statuses(caller, 1)
    clock.move(17.5)

    reply = caller("GET", "/2.0/users/me")

    assert ("retry-after", "43") in reply.headers
    assert reply.json["code"] == "rate_limit_exceeded"
    assert reply.json["message"] == "Request rate limit exceeded, please try again later"


def test_waiting_as_told_is_enough(start, connect, clock):
    caller = connect(start(rate_limit=(2, 60)))
    statuses(caller, 2)

    clock.move(float(caller("GET", "/2.0/users/me").header("retry-after")))

    assert statuses(caller, 2) == [200, 200]


def test_window_slides(start, connect, clock):
    caller = connect(start(rate_limit=(2, 10)))
    first = statuses(caller, 1)
    clock.move(6)
    second = statuses(caller, 2)
    clock.move(4)

    assert (first, second, statuses(caller, 2)) == ([200], [200, 429], [200, 429])


def test_each_acting_user_has_a_limit_of_its_own(start, connect, sign_in):
    """Box guide, Rate limits: per user."""
    server = start(rate_limit=(2, 60))
    one, other = connect(server, sign_in(server)), connect(server)

    assert statuses(one, 3) == [200, 200, 429]
    assert statuses(other, 3) == [200, 200, 429]


@pytest.mark.parametrize(("choice", "then"), [("acting", 200), ("token", 429)])
def test_who_pays_for_as_user_is_a_switch(seeded, connect, choice, then):
    """Nowhere documented."""
    caller = connect(seeded(rate_limit=(1, 60), choices={"as_user_is_charged_to": choice}))
    caller("GET", "/2.0/users/me", As_User="300")

    assert caller("GET", "/2.0/users/me").status == then


def test_sign_in_is_refused_in_its_own_shape_when_the_admin_is_over_the_limit(start, connect):
    """Box help centre, article 20298633634707."""
    server = start(rate_limit=(1, 60))
    statuses(connect(server), 1)
    told = server.announcement

    reply = connect(server, None).form(
        "/oauth2/token",
        grant_type="client_credentials",
        client_id=told["client_id"],
        client_secret=told["client_secret"],
    )

    assert (reply.status, reply.json["error"]) == (429, "temporarily_unavailable")
    assert reply.header("retry-after") == "60"


def test_refused_call_changes_nothing(start, connect):
    server = start(rate_limit=(1, 60))
    caller = connect(server)
    statuses(caller, 1)

    caller("POST", "/2.0/users", {"name": "N", "login": "n@acme.example"})

    assert server.enterprise.changes == 0
    assert [line.status for line in server.log] == [200, 429]


def test_refused_calls_can_count_as_well():
    limiter = Limiter((1, 10), refused_count=True)

    refusals = [limiter.charge("1", now) for now in (0.0, 5.0, 11.0)]

    assert refusals == [0, 5, 4]


def test_without_a_limit_nothing_is_refused(start, connect):
    assert set(statuses(connect(start()), 50)) == {200}
