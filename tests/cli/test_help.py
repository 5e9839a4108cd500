"""Help that teaches: examples that hold, lists that are whole, and what a shell is offered."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from click.shell_completion import ShellComplete

from provision.cli.main import program
from provision.cli.taught import ExampledCommand
from provision.errors import ExitCode
from provision.model import ROSTER_FIELDS, Kind
from provision.plan.guards.allow_names import check_allowed
from provision.plan.guards.limits import GUARDED, OF_ROSTER
from provision.report.sentences.help_words import EXIT_CODES, FIELDS, GUARDS

COMMANDS: dict[str, click.Command] = getattr(program, "commands", {})
RUNS = ("20260302T010000Z-nightly-ab12", "20260303T010000Z-nightly-0001")
#: seconds: what somebody who presses Tab does not notice
AT_ONCE = 0.15


def offered(typed: str) -> list[str]:
    """What a shell is offered behind these words."""
    *before, last = typed.split(" ")
    return [
        item.value for item in ShellComplete(program, {}, "provision", "_X").get_completions(before, last)
    ]


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_of_each_command_are_commands(name: str):
    command = COMMANDS[name]
    assert isinstance(command, ExampledCommand)
    assert command.examples
    assert len(command.get_short_help_str(1000)) <= 62, "a line of its own at 80 columns"
    for typed, comes in command.examples:
        program_name, own, *arguments = shlex.split(typed)
        assert (program_name, own) == ("provision", name)
        command.make_context(name, arguments)
        assert comes


def test_help_is_in_sections_and_wraps_nothing_in_a_pipe(provision):
    said = provision("--help")
    places = [said.out.index(f"\n{title}:\n") for title in ("First day", "Every night", "People", "Records")]
    assert places == sorted(places)
    assert [line for line in said.out.splitlines() if line.startswith("  Exit codes") and len(line) > 100]

    said = provision("approve", "--help")
    assert "\nExamples:\n  provision approve " in said.out
    assert '--by "Ines Iversen"\n' in said.out


def test_lists_are_whole_and_each_topic_is_told(provision):
    check_allowed(dict.fromkeys([name for name in GUARDS if name != "source"], 1))
    assert {*GUARDED, *OF_ROSTER} <= set(GUARDS)
    with pytest.raises(Exception, match="name one of") as refused:
        check_allowed({"no such guard": 1})
    named = str(refused.value).partition("name one of ")[2].split(", ")
    assert {name for name in named if not name.endswith(("_24h", "_7d", "_30d", "]"))} == {*GUARDS} - {
        "source"
    }
    assert set(FIELDS) == {*ROSTER_FIELDS, "tracking_codes.NAME"}
    assert set(EXIT_CODES) == {code.value for code in ExitCode}

    for topic, one in {
        "guards": "removals",
        "fields": "job_title",
        "kinds": "create",
        "keys": "scope.domains",
    }.items():
        said = provision("help", topic)
        assert (said.code, said.err) == (0, "")
        assert f"\n{one}: " in f"\n{said.out}"
        assert one in provision("help", topic, "--json").json
    assert "held for a person" in provision("help", "codes").out
    assert "row_rejected" in provision("help", "findings").out


def test_shell_is_offered_runs_guards_and_kinds(tmp_path: Path):
    for name in (*RUNS, "no run"):
        (tmp_path / "runs" / name).mkdir(parents=True)
    (tmp_path / "other.yaml").write_text("name: other\nruns: elsewhere  # not here\n")
    (tmp_path / "broken.yaml").write_bytes(b"\xff\xfe")
    (tmp_path / "elsewhere" / "20260401T010000Z-other-0000").mkdir(parents=True)

    assert offered("apply ") == ["elsewhere/20260401T010000Z-other-0000", RUNS[1], RUNS[0]]
    assert offered("undo 20260302") == [RUNS[0]]
    assert offered("runs other.yaml --trust else") == ["elsewhere/20260401T010000Z-other-0000"]
    assert offered("run provision.yaml --allow mem") == ["memberships_added=", "memberships_removed="]
    assert offered("apply x --only create,act") == ["create,activate"]
    assert {f"{kind}" for kind in Kind} == {*offered("apply x --except ")}
    assert "fields" in offered("help ")


def test_shell_is_offered_people_of_the_newest_run_and_those_who_wait(tmp_path: Path):
    head = "\ufeffexternal_id,box_id,login,kind\n"
    rows = "E1,1,ann@acme.example,managed\nE2,2,otto@acme.example,managed\nclient-7,3,AppUser_3@boxdevedition.com,app\n"
    for name, people in ((RUNS[0], "E9,9,old@acme.example,managed\n"), (RUNS[1], rows)):
        folder = tmp_path / "runs" / name
        folder.mkdir(parents=True)
        (folder / "identities.csv").write_text(head + people, encoding="utf-8")
    (tmp_path / "job.yaml").write_text("name: job\n")
    waits = {"holds": [{"key": "otto@acme.example"}, {"key": "E1"}]}
    (tmp_path / "runs" / RUNS[0] / "summary.json").write_text(json.dumps(waits))

    assert offered("explain job.yaml ") == [
        "AppUser_3@boxdevedition.com",
        "ann@acme.example",
        "otto@acme.example",
    ]
    assert offered("explain job.yaml cli") == ["client-7"]
    assert offered("forget job.yaml E") == ["E1", "E2"]
    assert offered("token job.yaml a") == offered("run job.yaml --person a") == ["ann@acme.example"]
    assert offered("explain elsewhere/job.yaml a") == offered("run elsewhere/job.yaml --person a") == []
    assert offered(f"approve {RUNS[0]} --person ") == ["E1", "otto@acme.example"]
    (tmp_path / "runs" / RUNS[1] / "summary.json").write_bytes(b"{")
    assert offered(f"approve {RUNS[1]} --person o") == ["otto@acme.example"]
    (tmp_path / "runs" / RUNS[1] / "identities.csv").write_bytes(b"\xff\xfe\0")
    assert offered("explain job.yaml a") == []


def test_shell_is_answered_at_once_and_nothing_is_said_beside(tmp_path: Path):
    (tmp_path / "runs" / RUNS[0]).mkdir(parents=True)
    asked = {
        "_PROVISION_COMPLETE": "bash_complete",
        "COMP_WORDS": "provision apply ",
        "COMP_CWORD": "2",
    }
    took = []
    for _ in range(3):
        before = time.perf_counter()
        said = subprocess.run(
            [sys.executable, "-c", "import sys; sys.argv[0] = 'provision'; from provision.__main__ import main; main()"],
            env=os.environ | asked, capture_output=True, text=True, check=False,
        )  # fmt: skip
        took.append(time.perf_counter() - before)
        assert (said.stdout, said.stderr, said.returncode) == (f"plain,{RUNS[0]}\n", "", 0)
    assert min(took) < AT_ONCE * 3, "with room for a busy machine"
