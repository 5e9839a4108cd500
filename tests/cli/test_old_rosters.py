"""Rosters of before that come again: refused where they take back what a newer one said, and no second absence."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .conftest import person

HEADER = "external_id,login,name,job_title,status\n"
JOBS = {"guards": {"stale": None, "shrink": {"percent": 90}, "updates": "off", "mass_change": "off"}}


def roster(*, titles="Clerk", without=(), inactive=(), extra=""):
    """Thirty people; some with another title, some gone, some locked."""
    rows = [
        f"E{n},p{n}@acme.example,Person {n},{titles if n < 6 else 'Clerk'},{'inactive' if n in inactive else 'active'}\n"
        for n in range(1, 31)
        if n not in without
    ]
    return HEADER + "".join(rows) + extra


@pytest.fixture
def night(box, provision, make_job, hands):
    server, number = box(seed=SEED), 0

    def go(text, command="run", *flags, **sections):
        nonlocal number
        number += 1
        hands.move(hours=24 * number)
        job = make_job(text, **{**JOBS, **sections})
        return provision(command, job, "--json", *(["--yes"] if command == "run" else []), *flags)

    go.server = server
    return go


SEED = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [
        {"name": f"Person {n}", "login": f"p{n}@acme.example", "job_title": "Clerk"} for n in range(1, 31)
    ],
}
NEWER = roster(titles="Head", inactive=(9,))
OLD = {
    "the very bytes": roster(),
    "saved again": roster().replace("\n", "\r\n"),
    "in another order": HEADER + "".join(sorted(roster().removeprefix(HEADER).splitlines(keepends=True))),
    "with somebody new": roster(extra="E31,p31@acme.example,Person 31,Clerk,active\n"),
}


CORRECTIONS = {"one mistake": roster(titles="Head"), "new people": NEWER.replace("Head", "Chief")}


def stale(said):
    """Whether a roster is refused as one that takes back what a newer one said."""
    refused = [guard["name"] for guard in said.json["guards"] if guard["verdict"] == "refused"]
    return (said.code, "stale" in refused) == (3, True)


def test_a_roster_that_takes_back_what_a_newer_one_said_is_refused_and_a_correction_is_not(night):
    """Somebody terminated yesterday would be active again, and promotions undone, with exit code 0."""
    assert [night(text).code for text in (roster(), NEWER)] == [0, 0]

    said = {what: night(text, "check") for what, text in {**OLD, **CORRECTIONS}.items()}
    assert {what: stale(one) for what, one in said.items()} == dict.fromkeys(OLD, True) | dict.fromkeys(
        CORRECTIONS, False
    )
    assert {what: said[what].code for what in CORRECTIONS} == dict.fromkeys(CORRECTIONS, 0)
    assert all("roster_stale" in {found["code"] for found in said[what].json["findings"]} for what in OLD)
    assert stale(night(OLD["in another order"], "plan"))
    assert stale(night(OLD["saved again"]))
    assert person(night.server, "p9@acme.example")["status"] == "inactive"
    assert night(OLD["with somebody new"], "run", "--allow", "stale=1").code == 0
    assert person(night.server, "p9@acme.example")["status"] == "active"


def test_a_file_of_long_ago_is_known_all_the_same(night, monkeypatch):
    """Also when it is one of before those that are remembered by what they looked like."""
    monkeypatch.setattr("provision.ledger.recall.BASELINES", 2)
    assert night(roster()).code == 0
    for number in range(3):
        assert night(roster(titles=f"Head {number}")).code == 0

    assert stale(night(roster(), "check"))
    assert stale(night(roster().replace("\n", "\r\n").encode("utf-8-sig"), "check"))


def test_the_same_bytes_sent_again_prove_no_second_absence(night):
    ignore = {"lifecycle": {"evidence": {"resent_files": "ignore"}}}
    count = {"lifecycle": {"evidence": {"resent_files": "count"}}}
    night(roster(), **ignore)

    said = [night(roster(without=(3,)), **ignore) for _ in range(2)]

    assert [one.json["planned"] for one in said] == [{}] * 2
    assert "roster_same_file" in {one["code"] for one in said[1].json["findings"]}
    assert "no new proof that anybody is absent" in " ".join(said[1].err.split())
    os.utime(Path("nightly.csv"))
    assert night(roster(without=(3,)), **count).json["planned"] == {"deactivate": 1}


def test_of_a_roster_that_is_not_about_absence_nothing_of_it_is_said(night):
    partial = {"roster": {"authority": "partial"}, "lifecycle": {"evidence": {"resent_files": "ignore"}}}

    said = [night(roster(), **partial) for _ in range(2)]

    assert [one.code for one in said] == [0, 0]
    assert "roster_same_file" not in {one["code"] for one in said[1].json["findings"]}


@pytest.mark.parametrize(
    "saved",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="with other line ends"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="with a mark in front"),
        pytest.param(lambda text: text.encode("utf-16"), id="as UTF-16"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode("cp1252"), id="in an old encoding"),
    ],
)
def test_the_same_text_saved_otherwise_proves_no_second_absence(night, saved):
    """Somebody opens last night's file in a spreadsheet and saves it: other bytes, and not one other letter."""
    ignore = {"lifecycle": {"evidence": {"resent_files": "ignore"}}}
    everybody, fewer = (roster(without=gone).replace("Person 9,", "Jérôme Müller,") for gone in ((), (3,)))
    night(everybody, **ignore)
    night(fewer, **ignore)

    again = night(saved(fewer), **ignore)

    assert again.json["planned"] == {}
    assert "roster_same_file" in {one["code"] for one in again.json["findings"]}
    assert "the very text (in another encoding, or with other line ends)" in " ".join(again.err.split())
    assert night(saved(fewer.replace("Clerk", "Head", 1)), **ignore).json["planned"] == {
        "deactivate": 1,
        "update": 1,
    }


def test_the_corrected_roster_is_compared_with_the_one_before_the_damaged_one_that_waited(night):
    """Ids or names that slipped by a row wait for a person, all of them; nothing of that file is believed, nor an absence."""
    lines = [line.split(",") for line in roster(without=(30,)).splitlines()[1:]]
    slipped = {
        place: HEADER + "".join(
            ",".join([*cells[:place], other[place], *cells[place + 1 :]]) + "\n"
            for cells, other in zip(lines, lines[1:] + lines[:1], strict=True)
        )
        for place in (0, 2)
    }  # fmt: skip
    guards = {"guards": {"stale": None, "shrink": {"percent": 90}}}
    assert night(roster(), **guards).code == 0

    for place, damaged in slipped.items():
        assert [night(damaged, **guards).code for _ in range(2)] == [3, 3], place
        good = night(roster(), **guards)
        assert (good.code, good.json["planned"]) == (0, {}), place
    first = night(roster(without=(30,)), **guards)
    assert (first.code, first.json["planned"]) == (0, {})
