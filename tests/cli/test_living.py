"""An enterprise that lives: between any two pages of a listing another client creates somebody and deletes somebody."""

from __future__ import annotations

import itertools
import json
import threading
import urllib.request

import pandas as pd
import pytest

from provision.box.client import Box
from provision.directory import listing
from tests.examples import either

from .conftest import ROSTER, SEED, accounts

STRANGERS = [
    {"name": f"Stranger {n}", "login": f"s{n}@acme.example", "job_title": "Stranger"} for n in range(40)
]


def asking(server):
    """Another client of the enterprise."""

    def ask(method, path, body=None):
        request = urllib.request.Request(
            server.url + path,
            json.dumps(body).encode() if body else None,
            {"Authorization": f"Bearer {server.announcement['developer_token']}"},
            method=method,
        )
        urllib.request.urlopen(request).close()

    return ask


@pytest.fixture
def lively(box, monkeypatch):
    """The enterprise; before each page one stranger is created, and every other time one deleted."""
    server = box({**SEED, "users": SEED["users"] + STRANGERS})
    numbers, real = itertools.count(), Box.page
    monkeypatch.setattr(listing, "PAGE_SIZE", 8)

    ask = asking(server)

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


class BusyClient(threading.Thread):
    """Another client that creates somebody and deletes a stranger every quarter of a second, until it is stopped."""

    def __init__(self, server) -> None:
        super().__init__(daemon=True)
        self._ask = asking(server)
        self._ids = [one["id"] for one in strangers(server).values()]
        self._over = threading.Event()
        self.turns = 0

    def run(self) -> None:
        while not self._over.wait(0.25):
            self.turns += 1
            self._ask(
                "POST",
                "/2.0/users",
                {"name": f"Newcomer {self.turns}", "login": f"n{self.turns}@acme.example"},
            )
            self._ask("DELETE", f"/2.0/users/{self._ids.pop()}")

    def stop(self) -> None:
        self._over.set()
        self.join()


@pytest.mark.soak
def test_every_command_goes_through_beside_a_busy_client(box, provision, make_job, tmp_path):
    many = [{"name": f"Stranger {n}", "login": f"s{n}@acme.example"} for n in range(either(300, 20_000))]
    server = box({**SEED, "users": SEED["users"] + many})
    before = {one["id"]: one for one in strangers(server).values()}
    busy = BusyClient(server)
    busy.start()
    job = make_job(ROSTER)

    planned, said = provision("plan", job, "--json"), provision("run", job, "--json")
    codes = [planned.code, said.code, provision("resume", said.folder).code, provision("verify", job).code]
    codes.append(provision("export", job, "--out", tmp_path / "out.csv").code)
    busy.stop()

    assert codes == [2, 0, 0, 0, 0]
    assert busy.turns > 0
    left = {one["id"]: one for one in strangers(server).values()}
    assert all(one == before[box_id] for box_id, one in left.items() if box_id in before)
    assert len(left) == len(before)
    read = pd.read_csv(said.folder / "reconciliation.csv", dtype=str)
    assert set(read.loc[read["name"].str.startswith(("Stranger", "Newcomer"), na=False), "verdict"]) == {
        "unowned"
    }


def test_leavers_leave_and_absence_is_of_the_roster_alone(lively, nights):
    leaving = "".join(line for line in ROSTER.splitlines(keepends=True) if "otto" not in line)
    sections = {"guards": {"shrink": {"percent": 50}, "updates": "off", "creates": "off"}}
    assert nights(0, ROSTER, **sections).code == 0
    nights(1, leaving, **sections)
    said = nights(2, leaving, "--yes", **sections)

    assert (said.code, said.json["planned"]) == (0, {"deactivate": 1})
