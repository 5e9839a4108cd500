"""Nights of a fleet by whole commands, over sandboxes and on workers that die."""

from __future__ import annotations

import json
import os
import signal
import threading

import pytest
import yaml

from provision.fleet.cluster import _DaskPool
from tests.cli.conftest import complaint, dead_address, ended
from tests.simulation.fleets import PEOPLE, Holding


def test_workers_that_are_killed_lose_nobody_and_do_nothing_twice(holding, provision):
    made = holding(12)
    for number, at in ((1, 6), (4, 8), (7, 9), (9, 4)):  # while it reads, and while it writes
        made.heard[number].deadly.add(at)
    said = provision("fleet", made.fleet, "--json")

    assert list(made.wrong()) == []
    assert sum(heard.killed for heard in made.heard) == 4
    assert said.code == 0, said.err
    assert said.json["counts"] == {
        "enterprises": 12, "applied": 12, "partial": 0, "held": 0, "refused": 0, "interrupted": 0, "failed": 0, "no_changes": 0,
        "not_begun": 0,
    }  # fmt: skip
    assert said.json["outcomes"]["done"] == 12 * (len(PEOPLE) + 1)
    enterprises = {one["fleet"]["name"]: one for one in said.json["enterprises"]}
    assert list(enterprises) == [f"client-{5000 + number}" for number in range(12)]
    assert [
        enterprises[f"client-{5000 + number}"]["fleet"]["workers_lost"] for number in (1, 4, 7, 9, 0)
    ] == [1, 1, 1, 1, 0]
    secrets = [server.announcement["client_secret"].encode() for server in made.servers]
    written = b"".join(path.read_bytes() for path in made.runs.rglob("*") if path.is_file())
    assert not any(secret in written for secret in secrets)

    again = provision("fleet", made.fleet, "--only", "client-5001,5004", "--json")
    assert (again.code, again.json["counts"]["no_changes"], len(again.json["enterprises"])) == (0, 2, 2)
    resumed = provision("fleet", made.fleet, "--resume", said.json["fleet_id"], "--json")
    assert {one["fleet"]["end"] for one in resumed.json["enterprises"]} == {"kept"}
    assert json.loads((made.runs / said.json["fleet_id"] / "summary.json").read_text())["exit_code"] == 0


def test_the_gravest_end_is_that_of_the_fleet_and_each_says_what_to_do(holding, provision, tmp_path):
    made = holding(3)
    (tmp_path / "secret-5001").write_text("not-the-secret\n")
    (tmp_path / "broken.yaml").write_text("version: 1\nrooster: {}\n")
    table = (tmp_path / "clients.csv").read_text().splitlines()
    table[3] = table[3].replace("client.yaml", "broken.yaml")
    (tmp_path / "clients.csv").write_text("\n".join(table) + "\n")
    said = provision("fleet", made.fleet)

    assert said.code == 7
    assert "2 of 3 enterprises need a person: 1 Box refused, 1 wrong input." in said.err
    assert f"provision fleet {made.fleet} --resume fleet-" in said.err
    lines = said.err.splitlines()
    shown = lines[lines.index(next(line for line in lines if line.startswith("enterprise "))) :]
    assert [line.split()[0] for line in shown if line.startswith(("client", "broken"))] == [
        "client-5001", "broken", "client-5000",
    ]  # fmt: skip
    assert all(len(line) <= 80 for line in shown[:6])
    [page] = made.runs.glob("fleet-*/report.html")
    text = page.read_text()
    assert text.index("client-5001") < text.index("broken") < text.index("client-5000")
    assert "unknown key &#34;rooster&#34;" in text
    assert "not-the-secret" not in text + said.err
    assert (page.stat().st_mode & 0o777, page.parent.stat().st_mode & 0o777) == (0o600, 0o700)

    (tmp_path / "secret-5001").write_text(f"{made.servers[1].announcement['client_secret']}\n")
    later = provision("fleet", made.fleet, "--resume", page.parent.name, "--quiet", "--json")
    assert later.code == 1
    assert [one["fleet"]["end"] for one in later.json["enterprises"]] == ["kept", "ended", "ended"]
    assert "fleet: 1 of 3 enterprises needs a person (exit code 1)." in later.err


def test_what_waits_is_listed_and_approved_across_the_fleet(holding, provision, tmp_path):
    made = holding(2)
    client, staff = tmp_path / "client.yaml", tmp_path / "staff.csv"
    client.write_text(client.read_text().replace("guards:\n", f"guards:\n  seats: {len(PEOPLE) + 2}\n"))
    staff.write_text(f"{staff.read_text()}E5,new@acme.example,New Person\n")
    held = provision("fleet", made.fleet, "--json")
    assert held.code == 3
    assert held.json["error"].endswith(f"do: provision holds --fleet {made.fleet}")
    waits = provision("holds", "--fleet", made.fleet, "--json")

    assert waits.code == 0, waits.err
    assert [(row["enterprise"], row["enterprise_id"], row["kind"]) for row in waits.json["holds"]] == [
        ("client-5000", "5000", "create"),
        ("client-5001", "5001", "create"),
    ]
    release = held.json["enterprises"][1]["holds"][0]["approve"]
    assert f" --fleet {made.fleet} " in release
    by = provision(*release.removeprefix("provision ").replace("NAME", "Ines").split())
    assert by.code == 0, by.err
    assert f"It is carried out by: provision fleet {made.fleet}, which plans afresh" in by.err
    after = provision("fleet", made.fleet, "--json")
    assert [one["exit_code"] for one in after.json["enterprises"]] == [3, 0]
    assert made.servers[1].enterprise.accounts.with_login("new@acme.example") is not None


def test_a_fleet_that_is_stopped_leaves_runs_that_are_gone_on_with(holding, provision, monkeypatch):
    made, told = holding(3), threading.Event()
    stop = _DaskPool.stop

    def stopped(pool: _DaskPool, session: str) -> list[str]:
        taken_back = stop(pool, session)
        told.set()
        return taken_back

    def wait() -> None:
        os.kill(os.getpid(), signal.SIGINT)
        assert told.wait(60)

    monkeypatch.setattr(_DaskPool, "stop", stopped)
    for heard in made.heard:
        heard.before_writing = wait if heard is made.heard[0] else lambda: told.wait(60)
    said = provision("fleet", made.fleet, "--json")

    assert said.code == 5, said.err
    ends = [(one["fleet"]["end"], one["exit_code"]) for one in said.json["enterprises"]]
    assert ends[0] == ("ended", 5)
    assert ("not_begun", 5) in ends
    resumed = provision("fleet", made.fleet, "--resume", said.json["fleet_id"], "--json")
    assert resumed.code == 0, resumed.err
    assert list(made.wrong()) == []


def test_signals_reach_a_local_fleet_through_whoever_leads_it(holding, launch, provision):
    made, night_over = holding(1), threading.Event()
    cluster = yaml.safe_load(made.fleet.read_text())["scheduler"]
    made.write(scheduler="local", workers=1)

    def wait() -> None:
        made.heard[0].signal(signal.SIGINT)  # as a terminal does, which sends it to all
        process.send_signal(signal.SIGINT)
        assert night_over.wait(60)

    made.heard[0].before_writing = wait
    process = launch("fleet", made.fleet, "--json", afresh=True)
    seen = ""
    while "The night is over" not in seen:
        line = process.stderr.readline()
        assert line, seen
        seen += line
    night_over.set()
    said = ended(process, seen)

    assert said.code == 5, said.err
    assert said.json["enterprises"][0]["status"] == "interrupted"
    made.write(scheduler=cluster)
    assert provision("fleet", made.fleet, "--resume", said.json["files"]["run_dir"]).code == 0
    assert list(made.wrong()) == []


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--only", "clint-5000"), "did you mean client-5000?"),
        (("--only", ""), "--only has no value"),
        (("--resume", "fleet-of-nobody"), "There is no fleet run fleet-of-nobody"),
    ],
)
def test_a_choice_that_is_none_begins_nothing(made, provision, arguments, told):
    said = provision("fleet", made.fleet, *arguments)

    assert said.code == 1
    assert told in complaint(said)
    assert not made.runs.exists()


def test_a_scheduler_that_does_not_answer_is_told(made, provision, monkeypatch):
    monkeypatch.setattr("provision.fleet.cluster._PATIENCE", 0.2)
    made.write(scheduler=dead_address().replace("http", "tcp"))
    said = provision("fleet", made.fleet)

    assert said.code == 1
    assert "No Dask scheduler answers at tcp://127.0.0.1" in complaint(said)


@pytest.fixture
def made(tmp_path) -> Holding:
    """The files of a fleet without anybody behind them."""
    found = Holding(tmp_path, 0)
    found.open()
    (tmp_path / "clients.csv").write_text("job,BOX_ENTERPRISE_ID\nclient.yaml,5000\nclient.yaml,5001\n")
    return found
