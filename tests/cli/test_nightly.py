"""Every night: who is told how a run ended, the house's own programs around it, and what is measured of it."""

from __future__ import annotations

import base64
import json
import os
import re
import socket
import time
from pathlib import Path
from typing import Any

import pytest

from provision.runs.afterwards import hooks
from tests.cli.conftest import ROSTER, dead_address, person, run_folders
from tests.live import Canned

NAMES = ("mia@", "otto@", "nina@", "ina@", "Ömer", "Néw")
ALL = ["failed", "held", "refused", "changes"]


def program(path: Path, *lines: str, mode: int = 0o700) -> str:
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(mode)
    return path.name


def messages(receiver: Any) -> list[dict[str, Any]]:
    """What has come in so far, and nothing of it twice."""
    found = [json.loads(body) for _, _, body in receiver.asked]
    receiver.asked.clear()
    return found


def samples(path: Path) -> dict[str, float]:
    text = path.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert all(re.fullmatch(r'[a-z_]+\{([a-z_]+="[^"]*",?)+\} [0-9.e+]+', line) for line in lines)
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


@pytest.fixture
def receiver(canned, monkeypatch):
    """A web server of the test's own that takes messages, named in the environment by an address that lets in."""
    server = canned(Canned())
    monkeypatch.setenv("NOTIFY_URL", f"{server.url.replace('http', 'json')}/hush-hush")
    monkeypatch.setenv("FULL_URL", f"{server.url.replace('http', 'json')}/full")
    return server


@pytest.fixture
def silent():
    """A server that takes calls and answers none."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_night_is_told_measured_and_followed_by_the_programs_of_the_house(
    box, provision, make_job, receiver, clock, tmp_path, monkeypatch
):
    box()
    monkeypatch.setenv("HUSH", "a secret of the shell")
    told = [
        {"url": "${NOTIFY_URL}", "on": [*ALL, "digest"], "attach": ["report"]},
        {"url": "${FULL_URL}", "on": ["changes"], "attach": ["report_full"], "names": True},
        {"url": "${NOTHING:-}", "on": ALL},
    ]
    before = program(tmp_path / "before.sh", 'env > "$1/env.txt"; echo "mia@acme.example may go"')
    after = program(
        tmp_path / "after.sh", 'cp "$PROVISION_SUMMARY" seen.json; echo $PROVISION_EXIT_CODE > code'
    )
    job = make_job(
        notify=told,
        hooks={"before_apply": [before], "after_run": [after]},
        metrics={"textfile": "night.prom"},
        report={"formats": ["html"]},
    )

    said = provision("run", job, "--json")

    # the message: how it ended, numbers, where the report lies, and nobody by name
    assert (said.code, said.json["status"]) == (0, "applied")
    by_path = {path: json.loads(body) for _, path, body in receiver.asked}
    receiver.asked.clear()
    short, full = by_path["/hush-hush"], by_path["/full"]
    assert short["title"] == "nightly: Done: Box matches the roster (exit code 0)"
    assert short["type"] == "success"
    assert "planned: 1 create, 1 update, 1 activate" in short["message"]
    assert f"report: {said.folder / 'report.html'}" in short["message"]
    [redacted], [whole] = short["attachments"], full["attachments"]
    page = base64.b64decode(redacted["base64"]).decode()
    assert (redacted["filename"], whole["filename"]) == ("report.html", "report.html")
    assert "Done: Box matches the roster" in page
    assert not [name for name in NAMES if name in short["message"] + page]
    assert "Néw" in base64.b64decode(whole["base64"]).decode()

    # the programs: what they get and what they do not, and what they said in the log, without addresses
    environment = (said.folder / "env.txt").read_text()
    assert "PROVISION_RUN_DIR=" in environment
    assert "PROVISION_PLAN=" in environment
    assert not re.search(r"HUSH|hush|BOX_|NOTIFY", environment)
    assert json.loads((tmp_path / "seen.json").read_text())["run_id"] == said.json["run_id"]
    assert (tmp_path / "code").read_text() == "0\n"
    log = (said.folder / "log.jsonl").read_text()
    assert re.search(r'"hook": "before.sh", "returncode": 0, .*"output": "hash=[0-9a-f]{16} may go"', log)
    assert [one["verdict"] for one in said.json["guards"] if one["name"] == "hook"] == ["ok"]

    # the metrics
    measured = samples(tmp_path / "night.prom")
    assert measured['provision_operations{provision_job="nightly",kind="create",outcome="done"}'] == 1
    assert measured['provision_run_status{provision_job="nightly",status="applied"}'] == 1
    assert measured['provision_roster_rows{provision_job="nightly",state="valid"}'] == 4
    success = measured['provision_last_success_timestamp_seconds{provision_job="nightly"}']
    assert success == measured['provision_last_run_timestamp_seconds{provision_job="nightly"}'] > 1e9
    assert (tmp_path / "night.prom").stat().st_mode & 0o777 == 0o644
    assert not [name for name in NAMES if name in (tmp_path / "night.prom").read_text()]


def test_silence_where_nothing_is_to_be_told_and_a_word_where_a_run_cannot_even_begin(
    box, provision, make_job, receiver, clock, tmp_path
):
    box()
    after = program(tmp_path / "after.sh", "echo $PROVISION_EXIT_CODE > code")
    job = make_job(
        notify=[{"url": "${NOTIFY_URL}", "on": [*ALL, "digest"]}],
        hooks={"after_run": [after]},
        metrics={"textfile": "night.prom"},
    )
    assert provision("run", job).code == 0
    assert len(messages(receiver)) == 1
    success = samples(tmp_path / "night.prom")[
        'provision_last_success_timestamp_seconds{provision_job="nightly"}'
    ]

    # nothing to do is nothing to tell; a plan tells what it would change, and runs no program
    clock(24)
    (tmp_path / "code").unlink()
    assert provision("run", job).code == 0
    assert messages(receiver) == []
    (tmp_path / "code").unlink()
    (tmp_path / "nightly.csv").write_text(ROSTER.replace("Clerk", "Baker"))
    assert provision("plan", job).code == 2
    [planned] = messages(receiver)
    assert "Changes are planned" in planned["title"]
    assert re.search(r"do: provision apply /\S+", planned["message"])
    assert not (tmp_path / "code").exists()

    # a run that cannot even read its roster is told and measured as well, and the last success is not forgotten
    (tmp_path / "nightly.csv").unlink()
    clock(48)
    assert provision("run", job).code == 1
    [failed] = messages(receiver)
    assert failed["type"] == "failure"
    assert "do: " in failed["message"]
    assert (tmp_path / "code").read_text() == "1\n"
    later = samples(tmp_path / "night.prom")
    assert later['provision_run_exit_code{provision_job="nightly"}'] == 1
    assert later['provision_last_success_timestamp_seconds{provision_job="nightly"}'] > success
    assert later['provision_run_status{provision_job="nightly",status="failed"}'] == 1


def test_holds_grow_louder_and_what_comes_is_told_once(box, nights, receiver):
    box()
    first = ROSTER.replace("status\n", "status,start_date,end_date\n").replace(",active\n", ",active,,\n")
    held = {
        "guards": {"removals": {"count": 0}},
        "lifecycle": {"evidence": {"absent_runs": 2, "absent_hours": 1}},
    }
    told = [{"url": "${NOTIFY_URL}", "on": ["held", "refused", "digest"], "names": True, "days": 5}]
    # the first of the nights is today; that Nora starts in two days is news, and only once
    soon = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 2 * 86_400))
    starter = f"E9,nora@acme.example,Nora Nightingale,,active,{soon},\n"

    assert nights(0, first + starter, notify=told, **held).code == 0
    [one] = messages(receiver)
    assert f"in the next 5 days 1 starts ({soon}: 1)" in one["message"]
    assert f"{soon} Nora Nightingale (nora@acme.example)" in one["message"]
    assert one["type"] == "success"
    assert nights(0.1, first + starter, notify=told, **held).code == 0
    assert messages(receiver) == []

    gone = first.replace("E2,otto@acme.example,Otto Ömer,Director,active,,\n", "")
    assert nights(1, gone, notify=told, **held).code == 0
    [absent] = messages(receiver)
    assert "absent from the roster for the first time: 1" in absent["message"]
    assert "Otto Ömer (otto@acme.example)" in absent["message"]
    assert nights(2, gone, notify=told, **held).code == 3
    [waits] = messages(receiver)
    assert waits["type"] == "warning"
    assert "waiting for a person: 1" in waits["message"]
    assert nights(12, gone, notify=told, **held).code == 3
    [louder] = messages(receiver)
    assert louder["title"].startswith("OVERDUE, 10 days: nightly: ")
    assert louder["type"] == "failure"
    assert re.search(r"do: .*provision approve /\S+", louder["message"])

    # a bad row is told with its row and what is wrong with it
    assert nights(13, gone + "E5,nobody,No Body,,active,,\n", notify=[{**told[0], "on": ["held"]}]).code == 3
    [bad] = messages(receiver)
    assert re.search(r'  nightly.csv, row 5, column "login", E5: .*no e-mail address', bad["message"])


def test_who_cannot_be_told_fails_no_run_and_is_a_finding_without_the_address(
    box,
    provision,
    make_job,
    canned,
    silent,
    monkeypatch,
    tmp_path,
):
    box()
    angry = canned(Canned(500, '{"hush": "hush"}'))
    monkeypatch.setenv("DEAD", f"{dead_address().replace('http', 'json')}/hush-hush")
    monkeypatch.setenv("ANGRY", f"{angry.url.replace('http', 'json')}/hush-hush")
    monkeypatch.setenv("ODD", "hush://hush-hush")
    monkeypatch.setattr("provision.notify.send.LIMIT", 3.0)
    monkeypatch.setenv("SILENT", f"json://127.0.0.1:{silent.getsockname()[1]}/hush-hush")
    (tmp_path / "other.prom").write_text('provision_holds{provision_job="portal"} 0\n')
    urls = ["${DEAD}", "${ANGRY}", "${ODD}", "${SILENT}"]
    job = make_job(
        notify=[{"url": url, "on": ["changes"]} for url in urls], metrics={"textfile": "other.prom"}
    )

    said = provision("run", job, "--json")

    assert (said.code, said.json["status"]) == (0, "applied")
    assert {each["code"] for each in said.json["findings"]} >= {"notify_failed", "metrics_failed"}
    sentences = " ".join(each["sentence"] for each in said.json["findings"])
    assert "notify[2] (json) was not told how the run ended: the service answered HTTP 500" in sentences
    assert "notify[1] (json) was not told how the run ended: the service could not be reached" in sentences
    assert (
        "notify[3] (hush) was not told how the run ended: this is no address that Apprise knows" in sentences
    )
    assert "notify[4] (json) was not told how the run ended: no answer within 3 seconds" in sentences
    assert "it holds those of the job portal" in sentences
    assert (
        json.loads((said.folder / "summary.json").read_text())["findings_total"]
        == said.json["findings_total"]
    )
    told = (
        said.out + said.err + "".join(path.read_text(errors="replace") for path in said.folder.glob("*.jso*"))
    )
    assert "hush-hush" not in told
    assert "hush" not in said.err.replace("(hush)", "")

    # check tells before the night does
    refused = provision("check", job)
    assert refused.code == 1
    assert "notify[3] (hush): this is no address that Apprise knows" in refused.err
    monkeypatch.setattr("provision.notify.send.find_spec", lambda _name: None)
    looks = {one["code"]: one["sentence"] for one in provision("doctor", job, "--json").json["checks"]}
    assert "(Apprise) is not installed" in looks["beside_wrong"]
    missing = provision("check", job)
    assert missing.code == 1
    assert "pip install 'box-provision[notify]'" in missing.err
    monkeypatch.delenv("ODD")
    assert "the environment variable ODD is not set" in provision("run", job).err
    assert "hush" not in missing.err + refused.err.replace("(hush)", "")


def test_a_program_that_says_no_refuses_the_run_and_one_that_fails_afterwards_is_told(
    box, provision, make_job, tmp_path, monkeypatch
):
    server = box()
    monkeypatch.setattr(hooks, "LIMIT", 0.4)
    no = program(tmp_path / "no.sh", 'echo "frozen until Monday\x1b[2J"; exit 9')
    slow = program(tmp_path / "slow.sh", "sleep 30 & echo $! > child; wait")
    flood = program(tmp_path / "flood.sh", "head -c 300000 /dev/zero | tr '\\0' x; exit 1")
    job = make_job(hooks={"before_apply": [no, slow], "after_run": [flood]})

    said = provision("run", job, "--json")

    assert (said.code, said.json["status"]) == (3, "refused")
    assert (
        "hooks.before_apply: no.sh ended with exit code 9; slow.sh was ended after 0.4 seconds"
        in said.json["error"]
    )
    assert "run again with --allow hook=2" in said.json["error"]
    assert [one for one in said.json["guards"] if one["name"] == "hook"] == [
        {"name": "hook", "limit": 0, "actual": 2, "verdict": "refused"}
    ]
    assert "no.sh said: frozen until Monday\ufffd[2J" in said.err
    assert person(server, "nina@acme.example") == {}
    with pytest.raises(ProcessLookupError):  # what it has started is gone with it
        _gone(int((tmp_path / "child").read_text()))
    assert [each["code"] for each in said.json["findings"] if each["code"] == "hook_failed"] == [
        "hook_failed"
    ]
    log = (said.folder / "log.jsonl").read_text().splitlines()
    assert {json.loads(line)["run_id"] for line in log} == {said.json["run_id"]}
    [line] = [line for line in (said.folder / "log.jsonl").read_text().splitlines() if '"flood.sh"' in line]
    assert len(json.loads(line)["output"]) == 2_000

    # a saved plan is refused likewise, and goes on by the exact number; what fails afterwards is told by the end
    planned = provision("plan", job, "--json")
    assert provision("apply", planned.folder).code == 3
    job.write_text(job.read_text().replace("no.sh", "gone.sh"))
    allowed = provision("apply", planned.folder, "--allow", "hook=2", "--json")
    assert (allowed.code, allowed.json["status"]) == (3, "partial")
    assert "hooks.after_run: flood.sh ended with exit code 1" in allowed.json["error"]
    assert json.loads((allowed.folder / "summary.json").read_text())["exit_code"] == 3
    last = json.loads((allowed.folder / "log.jsonl").read_text().splitlines()[-1])
    assert (last["event"], last["status"], last["exit_code"]) == ("finished", "partial", 3)
    assert person(server, "nina@acme.example")["name"] == "Nina Néw"
    # where nothing would be sent nobody is asked
    assert "before_apply" not in provision("run", job, "--json").out


def _gone(process: int) -> None:
    """Raise ProcessLookupError once this process has ended; a zombie has."""
    for _ in range(50):
        os.kill(process, 0)
        if "\nState:\tZ" in Path(f"/proc/{process}/status").read_text():
            raise ProcessLookupError
        time.sleep(0.02)


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="needs owners of files")
def test_a_program_that_others_could_exchange_is_none(provision, make_job, said_where, tmp_path):
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    open_one = program(tmp_path / "open.sh", mode=0o772)
    within = program(tmp_path / "open" / "in.sh")
    closed = program(tmp_path / "closed.sh", mode=0o600)
    (tmp_path / "link.sh").symlink_to(tmp_path / "open" / within)
    hooked = [open_one, "open/in.sh", closed, "link.sh", "missing.sh", "open"]
    job = make_job(hooks={"after_run": hooked})

    said = provision("check", job)

    assert said.code == 1
    doubts = {Path(name).name: why for name, why in re.findall(r"hooks.after_run: (\S+) (.*)", said.err)}
    assert doubts["open.sh"] == doubts["in.sh"] == doubts["link.sh"] == hooks.HookDoubt.OPEN
    assert doubts["closed.sh"] == hooks.HookDoubt.CLOSED
    assert doubts["missing.sh"] == hooks.HookDoubt.MISSING
    assert doubts["open"] == hooks.HookDoubt.NO_FILE
    # so is a folder for metrics that is not there
    assert provision("check", make_job(metrics={"textfile": "nowhere/night.prom"})).code == 1
    assert run_folders(tmp_path / "runs") == []


def test_a_folder_that_brings_its_own_job_starts_no_program_and_tells_nobody(
    box, provision, make_job, receiver, monkeypatch, tmp_path
):
    box()
    after = program(tmp_path / "after.sh", "echo ran > ran")
    notify = [{"url": "${NOTIFY_URL}", "on": ALL}]
    job = make_job(notify=notify, hooks={"after_run": [after]}, metrics={"textfile": "night.prom"})
    folder = provision("plan", job, "--json").folder
    assert len(messages(receiver)) == 1

    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "of-somebody-else"))
    assert "you have not used that job here" in provision("apply", folder).err

    assert messages(receiver) == []
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "night.prom").exists()
    assert provision("check", job).code == 0
    assert provision("apply", folder).code == 0
    assert len(messages(receiver)) == 1
    assert (tmp_path / "ran").exists()
    # one that was applied already is told as well: its folder is proven
    assert provision("apply", folder).code == 1
    assert [one["type"] for one in messages(receiver)] == ["failure"]
