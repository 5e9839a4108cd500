"""An enterprise that lives: between any two pages of a listing another client creates somebody and deletes somebody."""

from __future__ import annotations

import itertools
import json
import urllib.request

import pandas as pd
import pytest

from provision.box.client import Box
from provision.directory import listing

from .conftest import ROSTER, SEED, accounts

STRANGERS = [
    {"name": f"Stranger {n}", "login": f"s{n}@acme.example", "job_title": "Stranger"} for n in range(40)
]


@pytest.fixture
def lively(box, monkeypatch):
    """The enterprise; before each page one stranger is created, and every other time one deleted."""
    server = box({**SEED, "users": SEED["users"] + STRANGERS})
    numbers, real = itertools.count(), Box.page
    monkeypatch.setattr(listing, "PAGE_SIZE", 8)

    def ask(method, path, body=None):
        request = urllib.request.Request(
            server.url + path,
            json.dumps(body).encode() if body else None,
            {"Authorization": f"Bearer {server.announcement['developer_token']}"},
            method=method,
        )
        urllib.request.urlopen(request).close()

    def page(self, marker, limit=8):
        number = next(numbers)
        ask("POST", "/2.0/users", {"name": f"Newcomer {number}", "login": f"n{number}@acme.example"})
        if number % 2:
            gone = next(iter(strangers(server).values()))
            ask("DELETE", f"/2.0/users/{gone['id']}")
        return real(self, marker, limit)

    monkeypatch.setattr(Box, "page", page)
    return server


def strangers(server):
    found = accounts(server).values()
    return {one["login"]: one for one in found if one["name"].startswith(("Stranger", "Newcomer"))}


def test_every_command_goes_through_and_no_stranger_is_touched(lively, provision, make_job, tmp_path):
    job = make_job(ROSTER)
    writes = [line for line in lively.log if line.method == "PUT"]

    planned = provision("plan", job, "--json")
    said = provision("run", job, "--json")
    provision("report", said.folder, "--format", "html")
    page = (said.folder / "report.html").read_text()
    resumed = provision("resume", said.folder)
    codes = [planned.code, said.code, resumed.code, provision("verify", job).code]
    exported = provision("export", job, "--out", tmp_path / "out.csv").code

    assert (codes, exported) == ([2, 0, 0, 0], 0)
    assert said.json["outcomes"]["done"] == 3
    assert len([line for line in lively.log if line.method == "PUT"]) - len(writes) == 2
    table = pd.read_csv(said.folder / "reconciliation.csv", dtype=str)
    assert set(table.loc[table["login"].isin(strangers(lively)), "verdict"]) == {"unowned"}
    found = json.loads((said.folder / "plan.json").read_text())["findings"]
    assert [one["code"] for one in found] == ["came_and_went"]
    assert "others made" in page


def test_leavers_leave_and_absence_is_of_the_roster_alone(lively, nights):
    leaving = "".join(line for line in ROSTER.splitlines(keepends=True) if "otto" not in line)
    sections = {"guards": {"shrink": {"percent": 50}, "updates": "off", "creates": "off"}}
    assert nights(0, ROSTER, **sections).code == 0
    nights(1, leaving, **sections)
    said = nights(2, leaving, "--yes", **sections)

    assert (said.code, said.json["planned"]) == (0, {"deactivate": 1})
