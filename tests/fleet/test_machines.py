"""A fleet as it runs on several machines: a ledger on a server, a leader that dies, one message, and the examples of the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml

from provision.fleet.cluster import LostTry, _DaskPool
from provision.fleet.reading import Assignment, load_fleet
from provision.fleet.value import Task
from tests.live import Canned

from .conftest import KEY

PAGE = (Path(__file__).parents[2] / "docs" / "fleet.md").read_text(encoding="utf-8")


def test_a_run_goes_on_elsewhere_with_a_ledger_on_a_server(holding, provision, server, monkeypatch):
    monkeypatch.setenv("PROVISION_KEY", KEY)
    made = holding(3, state=server.ledger())
    made.heard[1].deadly.add(8)
    said = provision("fleet", made.fleet, "--json")

    assert said.code == 0, said.err
    assert (made.heard[1].killed, list(made.wrong())) == (1, [])
    assert [one["fleet"]["workers_lost"] for one in said.json["enterprises"]] == [0, 1, 0]


def test_a_night_whose_leader_is_killed_is_gone_on_with(holding, provision, launch):
    made = holding(2)

    def end() -> None:
        process.kill()
        process.wait()

    for heard in made.heard:
        heard.before_writing = end
    process = launch("fleet", made.fleet, "--json")
    process.wait()
    [night] = made.runs.glob("fleet-*")
    said = provision("fleet", made.fleet, "--resume", night, "--json")

    assert said.code == 0, said.err
    assert said.json["fleet_id"] == night.name
    assert list(made.wrong()) == []


def test_one_message_tells_of_the_night_and_the_jobs_tell_nothing(holding, provision, canned, tmp_path):
    server = canned(Canned())
    address = server.url.replace("http", "json")
    made = holding(2, notify=[{"url": address}])
    job = tmp_path / "client.yaml"
    job.write_text(f"{job.read_text()}notify: [{{url: '{address}', on: [failed, changes]}}]\n")
    (tmp_path / "secret-5001").write_text("not-the-secret\n")
    said = provision("fleet", made.fleet, "--json")

    assert said.code == 7
    [(_, _, body)] = server.asked
    told = json.loads(body)
    assert told["title"] == "fleet: 1 of 2 enterprises needs a person (exit code 7)"
    assert "client-5001: Box refused (exit code 7)" in told["message"]
    assert (
        f"do: look at the report; once the cause is gone: provision fleet {made.fleet} --resume fleet-"
        in told["message"]
    )
    assert "acme.example" not in told["message"]


class _Gone:
    """A client whose scheduler will not come back."""

    def submit(self, *_given: object, **_more: object) -> None:
        raise RuntimeError("Client is closed")


def test_a_scheduler_that_is_gone_loses_a_try_and_does_not_end_the_night(tmp_path):
    pool = _DaskPool(_Gone())  # type: ignore[arg-type]  # as much of one as is asked
    given = Assignment(tmp_path, (), tmp_path, "", "", "", quiet=False)
    pool.submit(Task("acme", tmp_path, given, "5e55", "1"), "acme-1", 0)

    assert pool.ended(0) == [LostTry("acme")]
    assert pool.ended(0) == []


def test_a_local_cluster_is_asked_for_workers_that_it_has_given_up(monkeypatch):
    monkeypatch.setattr("provision.fleet.cluster._RENEWED", -1.0)
    asked: list[str] = []
    pool = _DaskPool(_Gone(), lambda: asked.append("again"))  # type: ignore[arg-type]  # as much of one as is asked

    assert pool.ended(0) == []
    assert asked == ["again"]


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def test_the_fleet_of_the_page_is_read(tmp_path):
    job = "version: 1\nbox: {auth: {method: token, token: '${A_TOKEN}'}}\nroster: {path: x.csv}\n"
    (tmp_path / "jobs").mkdir()
    for name in ("client.yaml", "jobs/north.yaml"):
        (tmp_path / name).write_text(job)
    (tmp_path / "clients.csv").write_text(
        "job,BOX_ENTERPRISE_ID,A_TOKEN\nclient.yaml,4712,keyring:box/4712\n"
    )
    (tmp_path / "fleet.yaml").write_text(examples("yaml")[0])
    fleet = load_fleet(tmp_path / "fleet.yaml", {})

    assert [row.name for row in fleet.rows] == ["north", "acme", "client"]


def test_the_services_of_the_page_are_whole():
    _, compose, cluster = (list(yaml.safe_load_all(text)) for text in examples("yaml"))

    assert set(compose[0]["services"]) == {"ledger", "scheduler", "worker", "lead"}
    workers, night = cluster
    assert (workers["kind"], night["kind"]) == ("DaskCluster", "CronJob")
    started = [
        compose[0]["services"]["worker"]["entrypoint"],
        workers["spec"]["worker"]["spec"]["containers"][0]["command"],
    ]
    assert all({"--nthreads", "--memory-limit"} <= set(line) for line in started)


@pytest.mark.parametrize("word", ["deadline", "retries", "keyring:", "file:", "command:"])
def test_what_a_fleet_can_say_is_on_the_page(word):
    assert word in PAGE
