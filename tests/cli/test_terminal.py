"""How it looks: plain lines without a terminal, colours and a question with one, 80 columns."""

from __future__ import annotations

import os
import re
import select
import sys

import pytest
from rich.cells import cell_len

from .conftest import EVERY_FORMAT, ROSTER, SAMPLES, SEED, accounts, environment, person

ESCAPE = "\x1b"
LEAVING = "login,action\nmia@acme.example,deactivate\n"


def long_lines(text: str, folder: object) -> list[str]:
    """Lines wider than 80 columns; one that holds a path may be."""
    return [line for line in text.splitlines() if cell_len(line) > 80 and str(folder) not in line]


#: rows with more than fits into a line of the terminal, and one that is wrong
LONG = ROSTER + "".join(
    f"X{at},person.with.a.rather.long.address.{at}@acme.example,{'Long Name ' * 4}{at},{'Title ' * 12},\n"
    for at in range(15)
)
READING = ("plan", "run", "verify", "check")


def test_what_people_read_is_plain_and_narrow_and_stands_beside_the_answer(
    box, provision, make_job, tmp_path, narrow
):
    """At 80 columns: no line is longer, the second one of a sentence stands further in; no escapes, nothing on standard output, and the same words beside --json."""
    box()
    people = f"{LONG}E5,no-address,Nobody,,\n"
    for command in READING:
        said = provision(command, make_job(people, report={"formats": []}))
        assert said.out == "", command
        assert said.err, command
        assert long_lines(said.err, tmp_path) == [], command
        assert ESCAPE not in said.err, command
        assert "\r" not in said.err, command
        assert not re.search(r"^  \S.*[a-z,]\n[a-z]", said.err, re.MULTILINE), command

    job = make_job(f"{people}E6,nora@acme.example,Nora Nye,,\n", guards={"creates": {"count": 0}})
    roster = job.with_suffix(".csv")
    for command in (*READING, "holds", "runs"):
        plain, said = provision(command, job), provision(command, job, "--json")
        assert said.json, command
        assert said.code == plain.code, command
        assert len(said.err.splitlines()) >= len((plain.err + plain.out).splitlines()) - 2, command
        if command in READING:
            assert str(roster) in said.err.replace("\n", ""), command  # a long path may fill a line
            assert said.json["roster"]["sha256"][:12] in said.err, command
            assert said.json["roster"]["written_at"][:10] in said.err, command
            assert said.json["roster"]["path"] == str(roster), command
        assert provision(command, job, "--json", "--quiet").json, command


def test_report_says_nothing_on_standard_output(box, provision, make_job):
    box()

    assert provision("report", provision("plan", make_job(), "--json").folder).out == ""


def test_quiet_says_nothing_of_a_good_end(box, provision, make_job):
    box()
    found = {command: provision(command, make_job(), "--quiet") for command in ("check", "run")}

    assert {command: (said.code, said.out, said.err) for command, said in found.items()} == {
        "check": (0, "", ""),
        "run": (0, "", ""),
    }


def test_quiet_tells_every_other_end_in_short(box, provision, make_job):
    box()
    ends = {"plan": "planned: 1 create", "run": "outcome: 2 done, 1 held", "verify": ""}
    for command, told in ends.items():
        guards = {} if command == "plan" else {"creates": {"count": 0}}

        said = provision(command, make_job(guards=guards, report=EVERY_FORMAT), "--quiet")

        assert said.code != 0, command
        assert f"(exit code {said.code})." in said.err, command
        assert told in said.err, command
        assert "do: " in said.err, command
        assert (command == "verify") or ".html" in said.err
        assert len(said.err) < 2000, command


def test_quiet_still_says_errors(box, provision, make_job):
    box()
    said = provision("plan", make_job(b""), "--quiet")

    assert said.code == 1
    assert "  do: " in said.err


def test_preview_and_result_are_told_and_steer_no_terminal(box, provision, make_job, tmp_path):
    """Wide characters count as two, and no text of the roster steers the terminal."""
    box()
    wide = f"E5,li@acme.example,{'李' * 25},{'部' * 50},\n"
    evil = "E6,evil@acme.example,Eve\x1b[31m\u202e[red]x[/red],\x07bell,\n"
    said = provision("plan", make_job(f"{ROSTER}{wide}{evil}"))

    assert "nothing was changed" in said.err
    assert "nina@acme.example" in said.err
    assert re.search(r"Seller.*→.*Director", said.err)
    assert "李" in said.err
    assert len(long_lines(said.err, tmp_path)) > 1, "where no terminal is, each line stays whole"
    assert "李" * 25 in said.err
    assert not set(said.err) & {ESCAPE, "\x07", "\u202e"}

    done = provision("run", make_job())
    assert "4 roster rows + 3 accounts without a row = 7 lines" in done.err


#: an escape, a bell, C1, overrides and marks of direction, half a character
STEERING = "\x1b[31m\x07\x9b\u202e\u2066\u200f\u061c"


def assert_harmless(said) -> None:
    assert not set(said.err + said.out) & set(STEERING.replace("[31m", "")), ascii(said.err + said.out)


def test_no_word_of_anybody_steers_the_terminal(box, provision, make_job, tmp_path):
    """Headers, file names, arguments, what people are called in Box."""
    box(seed={**SEED, "users": [*SEED["users"], {"name": f"Eve{STEERING}", "login": "eve@acme.example"}]})
    job = make_job()
    (tmp_path / f"in{STEERING}.csv").write_text(f"login,name,x{STEERING}\n", encoding="utf-8")
    commands = (
        ("check", job, "--roster", tmp_path / f"in{STEERING}.csv"),
        ("plan", job, "--roster", tmp_path / f"in{STEERING}.csv", "--json"),
        ("adopt", job),
        ("adopt", job, "--json"),
        ("adopt", job, "--login", f"eve{STEERING}"),
        ("explain", job, f"eve{STEERING}"),
        ("explain", job, "eve@acme.example", "--json"),
        ("plan", job, "--allow", f"x{STEERING}=1", "--json"),
        ("apply", f"run{STEERING}"),
        (f"no{STEERING}",),
        ("plan", tmp_path / f"job{STEERING}.yaml"),
    )
    for command in commands:
        assert_harmless(provision(*command))

    said = provision("adopt", job, "--json")
    assert f"Eve{STEERING}" in {account["name"] for account in said.json["adoptable"]}


# --- with a terminal ---------------------------------------------------------------------------------------


class Terminal:
    """A pseudo terminal at which a command runs."""

    def __init__(self, launch, *arguments, stdout=None, stderr=None, **variables):
        self._mine, theirs = os.openpty()
        env = environment(TERM="xterm-256color", COLUMNS="80", **variables)
        self.process = launch(
            *arguments, stdin=theirs, stdout=stdout or theirs, stderr=stderr or theirs, env=env
        )
        os.close(theirs)
        self.shown = ""

    def until(self, words: str) -> None:
        """Read until these words are shown."""
        while words not in self.shown:
            assert self._more(), self.shown

    def type(self, text: str) -> None:
        os.write(self._mine, text.encode())

    def end(self) -> int:
        """Read the rest; the exit code."""
        while self._more():
            pass
        code = self.process.wait(timeout=60)
        os.close(self._mine)
        assert "Traceback" not in self.shown
        return code

    def _more(self) -> bool:
        assert select.select([self._mine], [], [], 60)[0], self.shown
        try:
            read = os.read(self._mine, 65536)
        except OSError:  # what Linux says when the other side is closed
            return False
        self.shown += read.decode("utf-8", "replace")
        return bool(read)


terminals = pytest.mark.skipif(sys.platform == "win32", reason="needs pseudo terminals")


@terminals
def test_person_at_a_terminal_is_asked_in_colours_before_removals(box, make_job, launch):
    server = box()
    terminal = Terminal(launch, "run", make_job(LEAVING, roster={"authority": "partial"}))
    terminal.until("1 account will be deactivated or deleted. Continue? [y/N]")
    assert person(server, "mia@acme.example")["status"] == "active"
    terminal.type("y\n")

    assert terminal.end() == 0
    assert re.search(r"\x1b\[[0-9;]*3[0-9]", terminal.shown)
    assert person(server, "mia@acme.example")["status"] == "inactive"


@pytest.fixture
def typing(monkeypatch):
    """A terminal at which somebody types while the output goes elsewhere: `typing(text)`; then what it has shown."""
    mine, theirs = os.openpty()

    def typed(text: str) -> None:
        os.write(mine, text.encode())

    def shown() -> str:
        read = b""
        while select.select([mine], [], [], 0)[0]:
            read += os.read(mine, 65536)
        return read.decode("utf-8", "replace")

    with os.fdopen(theirs, "r", encoding="utf-8") as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield typed, shown
    os.close(mine)


@terminals
def test_person_who_types_is_asked_though_the_output_is_piped(box, provision, make_job, typing):
    server = box()
    type_in, shown = typing
    job = make_job(LEAVING, roster={"authority": "partial"})

    for answer, code, status in (("\n", 3, "active"), ("n\n", 3, "active"), ("y\n", 0, "inactive")):
        type_in(answer)
        said = provision("run", job, "--json")

        assert (said.code, said.json["exit_code"]) == (code, code), answer
        assert person(server, "mia@acme.example")["status"] == status, answer
        there = shown()
        assert "1 account will be deactivated or deleted. Continue? [y/N]" in there
        assert "mia@acme.example" in there


@terminals
def test_a_terminal_that_goes_away_at_the_question_has_not_said_yes(
    box, provision, make_job, typing, monkeypatch
):
    def gone() -> str:
        raise OSError(5, "Input/output error")

    server = box()
    monkeypatch.setattr(sys.stdin, "readline", gone)
    said = provision("run", make_job(LEAVING, roster={"authority": "partial"}), "--json")

    assert (said.code, person(server, "mia@acme.example")["status"]) == (3, "active")


@terminals
def test_who_types_and_cannot_be_asked_is_told_of_yes(box, provision, make_job, monkeypatch):
    server = box()
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdin, "fileno", lambda: -1, raising=False)

    said = provision("run", make_job(LEAVING, roster={"authority": "partial"}), "--json")

    assert (said.code, "--yes" in said.json["error"]) == (1, True)
    assert person(server, "mia@acme.example")["status"] == "active"


@terminals
def test_yes_asks_nothing_and_no_colour_means_no_colour(box, make_job, launch):
    server = box()
    job = make_job(LEAVING, roster={"authority": "partial"})
    terminal = Terminal(launch, "run", job, "--yes", NO_COLOR="1")

    assert terminal.end() == 0
    assert "[y/N]" not in terminal.shown
    assert re.findall(r"\x1b\[[0-9;]*3[0-9](?:;|m)", terminal.shown) == []
    assert person(server, "mia@acme.example")["status"] == "inactive"


def test_pipe_is_never_asked(box, provision, make_job):
    server = box()

    assert provision("run", make_job(LEAVING, roster={"authority": "partial"})).code == 0
    assert person(server, "mia@acme.example")["status"] == "inactive"


def test_samples_preview_is_readable_at_eighty_columns(box, provision, tmp_path, monkeypatch, narrow):
    server = box(seed_file=SAMPLES / "enterprise.json")
    monkeypatch.setenv("PROVISION_HOME", str(tmp_path / "home"))
    before = accounts(server)

    said = provision("plan", SAMPLES.parent / "jobs/nightly.yaml")

    assert said.code == 2
    assert long_lines(said.err, tmp_path) == []
    assert accounts(server) == before
