"""A recipe for a schedule is one that its scheduler reads, with paths that nothing in them can break, and it starts the job."""

from __future__ import annotations

import configparser
import re
import shlex
import shutil
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest
import yaml

from provision.cli.commands import schedule
from tests.cli.conftest import ROOT, logins

#: a folder whose name every one of them would read otherwise
ODD = 'it\'s 50% of "$HOME"; x'


@pytest.fixture
def odd_job(make_job, tmp_path, said_where, monkeypatch) -> Path:
    """A job, and a program that writes down how it was started, in a folder of an odd name."""
    plain, folder = make_job(name="Night.ly_1"), tmp_path / ODD
    folder.mkdir()
    program = folder / "provision"
    program.write_text('#!/bin/sh\nprintf "%s\\n" "$@" "$BOX_TOKEN" > "$(dirname "$0")/started"\n')
    program.chmod(0o700)
    (folder / "Night.ly_1.env").write_text("BOX_TOKEN=shh\n")
    monkeypatch.setattr(schedule, "_program", lambda: (str(program),))
    return plain.rename(folder / "job.yaml")


def test_cron_starts_the_job_with_its_variables(provision, odd_job):
    said = provision("schedule", odd_job, "--print", "cron", "--at", "23:50", "--jitter", "30m")

    assert said.code == 0
    assert "#   needed: BOX_BASE_URL, BOX_CLIENT_ID, BOX_CLIENT_SECRET, BOX_ENTERPRISE_ID\n" in said.out
    assert all(f"#   {code}" in said.out for code in ("0  ", "3  ", "4  ", "5, 7  ", "6  "))
    lines = [line for line in said.out.splitlines() if not line.startswith("#")]
    [line] = [one for one in lines if not re.match(r"[A-Z]+=", one)]
    minute, hour, day, month, weekday, _user, command = line.split(" ", 6)
    late = (int(hour) * 60 + int(minute) - (23 * 60 + 50)) % 1440
    assert 0 <= late <= 30
    assert (day, month, weekday) == ("*", "*", "*")
    assert re.search(r"(?<!\\)%", command) is None  # cron(5): a bare one is the end of the command
    subprocess.run(["/bin/sh", "-c", command.replace(r"\%", "%")], check=True, env={"PATH": "/usr/bin:/bin"})
    started = (odd_job.parent / "started").read_text().splitlines()
    assert started == ["run", str(odd_job), "--yes", "--quiet", "shh"]
    again = provision("schedule", odd_job, "--print", "cron", "--at", "23:50", "--jitter", "30m", "--json")
    assert (again.json["recipe"], again.json["scheduler"]) == (said.out, "cron")


def test_units_are_read_by_systemd(provision, odd_job, tmp_path):
    said = provision("schedule", odd_job, "--print", "systemd", "--jitter")

    parts = re.split(r"(?m)^# /etc/systemd/system/(\S+)", said.out)
    units = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert list(units) == ["provision-night-ly-1.service", "provision-night-ly-1.timer"]
    for name, text in units.items():
        (tmp_path / name).write_text(text.partition("\n")[2])
    timer = configparser.ConfigParser(interpolation=None)
    timer.optionxform = str  # type: ignore[assignment]  # keys as they are
    timer.read(tmp_path / "provision-night-ly-1.timer")
    assert dict(timer["Timer"]) == {
        "OnCalendar": "*-*-* 02:30:00",
        "RandomizedDelaySec": "900",
        "Persistent": "true",
    }
    if shutil.which("systemd-analyze"):
        looked = subprocess.run(
            ["systemd-analyze", "verify", *(str(tmp_path / name) for name in units)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert [line for line in looked.stderr.splitlines() if "provision-night" in line] == []


def test_kubernetes_and_windows_get_the_same_job(provision, odd_job):
    cron_job: dict[str, Any] = yaml.safe_load(provision("schedule", odd_job, "--print", "k8s").out)
    spec = cron_job["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    [container] = spec["containers"]
    assert container["args"] == ["run", "/data/jobs/job.yaml", "--yes"]
    assert cron_job["spec"]["schedule"] == "30 2 * * *"
    assert cron_job["spec"]["concurrencyPolicy"] == "Forbid"
    assert cron_job["metadata"]["name"] == "provision-night-ly-1"
    assert str(spec["securityContext"]["runAsUser"]) in (ROOT / "Containerfile").read_text()

    script = provision("schedule", odd_job, "--print", "windows", "--jitter", "90s").out
    night = re.search(r"(?m)^\$night = '((?:[^']|'')*)'$", script)
    assert night is not None
    words = re.findall(r"'((?:[^']|'')*)'", night[1].replace("''", "'"))
    assert [word.replace("''", "'") for word in words][-4:] == ["run", str(odd_job), "--yes", "--quiet"]
    assert "-RandomDelay (New-TimeSpan -Seconds 90)" in script


def test_what_is_no_time_is_told(provision, make_job, said_where):
    job = make_job()
    for flag, value in (("--at", "25:00"), ("--jitter", "soon"), ("--jitter", "2d")):
        said = provision("schedule", job, "--print", "cron", flag, value)
        assert (said.code, said.out) == (1, "")
        assert f"{flag} {value} is" in said.err


def blocks(language: str) -> list[str]:
    text = (ROOT / "jobs/README.md").read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def test_recipe_for_airflow_runs_the_job_and_tells_what_a_person_has_to_see(
    box, make_job, monkeypatch, tmp_path
):
    server = box()
    [recipe] = blocks("python")
    again, never = type("AirflowException", (Exception,), {}), type("AirflowFailException", (Exception,), {})

    def plain(**_options: object) -> Any:
        return lambda function: function

    stubs = {
        "airflow": {},
        "airflow.exceptions": {"AirflowException": again, "AirflowFailException": never},
        "airflow.sdk": {"dag": plain, "task": plain},
    }
    for name, members in stubs.items():
        module = types.ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
    code = compile(recipe.replace("/srv/provision/nightly.yaml", str(make_job())), "recipe", "exec")
    exec(code, {})  # noqa: S102 - the recipe of our own page

    assert "nina@acme.example" in logins(server)
    (tmp_path / "nightly.csv").unlink()
    with pytest.raises(never, match="do: "):
        exec(code, {})  # noqa: S102 - likewise


def test_recipe_for_github_is_a_workflow_and_commands_on_the_page_are_read():
    [workflow] = map(yaml.safe_load, blocks("yaml"))
    [step] = workflow["jobs"]["night"]["steps"]
    assert shlex.split(step["run"])[:2] == ["provision", "run"]
    assert [line for block in blocks("sh") for line in block.splitlines() if not shlex.split(line)] == []
