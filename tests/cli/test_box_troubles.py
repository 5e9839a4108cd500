"""Exit code 7: Box refused the sign-in, is not there, or does not tell all; and what is no trouble at all."""

from __future__ import annotations

import json

import pytest

from tests.live import WHO_AM_I, Canned

from .clocks import ShiftedClock
from .conftest import CCG, JWT, SEED, TOKEN, accounts, complaint, creates, dead_address


def _wrong_secret(monkeypatch, _box):
    monkeypatch.setenv("BOX_CLIENT_SECRET", "wrong")


def _dead_port(monkeypatch, _box):
    monkeypatch.setenv("BOX_BASE_URL", dead_address())


def _speaks_html(_monkeypatch, box):
    box(rules=[{"do": "not_json"}])


def _no_entries(_monkeypatch, box):
    box(rules=[{"do": "entries_null"}])


def _html_page(_monkeypatch, box):
    box(rules=[{"do": "not_json", "match": {"path": "/2.0/users", "after": 1}}])


def _short_pages(_monkeypatch, box):
    box(rules=[{"do": "short_page", "match": {"path": "^/2.0/users$"}}])


def _may_not_list(_monkeypatch, box):
    box(rules=[{"do": "forbidden", "match": {"path": "^/2.0/users$"}}])


def _app_not_authorized(_monkeypatch, box):
    box(seed={**SEED, "app": {"authorized": False}})


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        (_wrong_secret, "Box refused the sign-in: invalid_client"),
        (_app_not_authorized, "Box refused the sign-in"),
        (_dead_port, "Box cannot be reached at http://127.0.0.1:"),
        (_speaks_html, "does not speak Box's language"),
        (_no_entries, "The enterprise could not be read completely"),
        (_html_page, "what came is not a page of users"),
        (_short_pages, "The enterprise could not be read completely"),
        (_may_not_list, "Box does not let this sign-in list the users"),
    ],
)
@pytest.mark.usefixtures("hurried")
def test_box_that_refuses_or_does_not_tell_all_yields_no_plan(
    box, provision, make_job, monkeypatch, trouble, told
):
    server, job = box(), make_job()
    before = accounts(server)
    trouble(monkeypatch, box)

    said = provision("run", job, "--json")

    assert (said.code, said.json["status"]) == (7, "failed")
    assert told in said.json["error"]
    assert "usual cause: " in said.json["error"]
    assert said.json["error"] in said.err
    assert accounts(server) == before
    assert not (said.folder / "plan.json").exists()
    assert json.loads((said.folder / "summary.json").read_text()) == said.json


@pytest.mark.parametrize("command", ["plan", "verify", "export"])
def test_every_command_that_signs_in_has_the_code_for_it(box, provision, make_job, monkeypatch, command):
    box()
    monkeypatch.setenv("BOX_CLIENT_SECRET", "wrong")
    more = ("--out", "out.csv") if command == "export" else ()

    assert provision(command, make_job(), *more).code == 7


@pytest.mark.parametrize("hours", [-1, 1])
def test_clock_that_is_off_signs_in_by_box_s_and_is_named(box, provision, make_job, hours):
    box(clock=ShiftedClock(3600 * hours))

    said = provision("plan", make_job(auth=JWT), "--json")

    [told] = [one["sentence"] for one in said.json["findings"] if one["code"] == "clock_off"]
    about_an_hour = told.replace("3599 s", "3600 s").replace("3601 s", "3600 s")
    assert said.code == 2
    assert f"clock is 3600 s {'behind' if hours > 0 else 'ahead of'} Box's" in about_an_hour
    assert about_an_hour.partition("3600")[0] in said.err


def test_sign_in_that_ends_in_the_middle_is_told_and_nothing_is_lost(box, provision, make_job):
    """Client credentials are renewed; the person notices nothing."""
    server = box(
        rules=[{"do": "expired_token", "match": {"method": "POST", "path": "^/2.0/users$", "nth": 1}}]
    )

    said = provision("run", make_job(auth=CCG), "--json")

    assert (said.code, said.json["outcomes"]["done"]) == (0, 3)
    assert sorted(creates(server)) == [201, 401]


@pytest.mark.usefixtures("either_way")
@pytest.mark.parametrize("left", [0, 1])
def test_an_enterprise_without_any_of_our_accounts_is_seen_with_other_eyes(box, provision, make_job, left):
    job = make_job("login,name\n" + "".join(f"p{n}@acme.example,Person {n}\n" for n in range(5)))
    first = box()
    assert provision("run", job).code == 0
    ours = [one for one in accounts(first).values() if one["name"].startswith("Person ")][:left]
    people = [{"name": "Olga Other", "login": f"o{n}@acme.example", "id": str(7000 + n)} for n in range(9)]
    box({**SEED, "users": people + [{name: one[name] for name in ("name", "login", "id")} for one in ours]})

    said = provision("plan", job, "--json")
    none_is_shown = "Of the 5 accounts this job owns, the enterprise shows none." in said.out
    assert (said.code == 7) == none_is_shown == (left == 0)


@pytest.mark.usefixtures("hurried")
def test_a_listing_that_is_led_elsewhere_is_told_as_that(canned, provision, make_job, monkeypatch):
    portal = canned(WHO_AM_I, *[Canned(302, "", {"location": "https://portal.example/?secret=1"})] * 8)
    monkeypatch.setenv("BOX_BASE_URL", portal.url)
    monkeypatch.setenv("BOX_TOKEN", "invented")

    said = provision("plan", make_job(auth=TOKEN))

    assert said.code == 7
    assert f"{portal.url} leads somewhere else (a redirect), which Box never does" in complaint(said)
    assert "portal.example" not in said.err
