"""E-mail aliases: who may have which, which count at once, and how one becomes the login."""

from __future__ import annotations

import copy

import pytest

from tests.live import SEED

OTTO, MIA = "/2.0/users/301", "/2.0/users/300"
MINE = f"{MIA}/email_aliases"


@pytest.fixture
def mia(start, connect):
    """A caller of an enterprise in which new.example is registered and not verified."""
    seed = copy.deepcopy(SEED)
    seed["enterprise"] |= {
        "domains": ["acme.example", "new.example"],
        "verified_domains": ["acme.example"],
    }
    return connect(start(seed=seed))


def test_an_alias_on_a_verified_domain_counts_at_once_and_becomes_the_login(mia):
    made = mia("POST", MINE, {"email": "mia.new@acme.example"})
    again = mia("POST", MINE, {"email": "MIA.new@acme.example"})
    moved = mia("PUT", MIA, {"login": "mia.new@acme.example"})
    left = mia("GET", MINE).json["entries"]

    assert (made.status, made.json["is_confirmed"]) == (201, True)
    assert (again.status, again.json["code"]) == (409, "user_login_already_used")
    assert moved.json["login"] == "mia.new@acme.example"
    assert [one["email"] for one in left] == ["mia@acme.example"]

    assert mia("DELETE", f"{MINE}/{left[0]['id']}").status == 204
    assert mia("GET", MINE).json == {"total_count": 0, "entries": []}
    assert mia("DELETE", f"{MINE}/{left[0]['id']}").status == 404


def test_an_alias_that_is_not_confirmed_is_taken_and_becomes_no_login(mia):
    made = mia("POST", MINE, {"email": "mia@new.example"})

    assert (made.status, made.json["is_confirmed"]) == (201, False)
    assert mia("PUT", MIA, {"login": "mia@new.example"}).status == 400
    assert mia("PUT", OTTO, {"login": "mia@new.example"}).status == 409
    assert mia("POST", f"{OTTO}/email_aliases", {"email": "mia@new.example"}).status == 409


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        (MINE, {}, 400),
        (MINE, {"email": 7}, 400),
        (MINE, {"email": "no address"}, 400),
        (MINE, {"email": "mia@elsewhere.example"}, 400),
        (MINE, {"email": "otto@acme.example"}, 409),
        ("/2.0/users/400/email_aliases", {"email": "client@acme.example"}, 403),
        ("/2.0/users/999/email_aliases", {"email": "nobody@acme.example"}, 404),
    ],
)
def test_what_is_no_alias_of_this_account_is_refused(mia, path, body, status):
    assert mia("POST", path, body).status == status
