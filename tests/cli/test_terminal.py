"""How it looks: plain lines without a terminal, colours and a question with one, 80 columns."""

from __future__ import annotations

import os
import re
import select
import subprocess
import sys

import pytest
from rich.cells import cell_len

from .conftest import EVERY_FORMAT, ROSTER, SAMPLES, SEED, accounts, environment, person

ESCAPE = "\x1b"
LEAVING = "login,action\nmia@acme.example,deactivate\n"


def long_lines(text: str, folder: object) -> list[str]:
    """Lines wider than 80 columns; one that holds a path may be."""
    return [line for line in text.splitlines() if cell_len(line) > 80 and str(folder) not in line]


@pytest.mark.parametrize("command", ["plan", "run", "verify", "check"])
def test_nothing_is_wider_than_eighty_columns(box, provision, make_job, tmp_path, command):
    box()
    roster = ROSTER + "".join(
        f"X{at},person.with.a.rather.long.address.{at}@acme.example,{'Long Name ' * 4}{at},{'Title ' * 12},\n"
        for at in range(15)
    )

    said = provision(command, make_job(f"{roster}E5,no-address,Nobody,,\n", report={"formats": []}))

    assert said.err
    assert long_lines(said.err, tmp_path) == []


def test_wide_characters_count_as_two(box, provision, make_job, tmp_path):
    box()
    said = provision("plan", make_job(f"{ROSTER}E5,li@acme.example,{'李' * 25},{'部' * 50},\n"))

    assert [line for line in said.err.splitlines() if cell_len(line) > 80 and str(tmp_path) not in line] == []


@pytest.mark.parametrize("command", ["plan", "run", "verify", "check"])
def test_without_a_terminal_lines_are_plain(box, provision, make_job, command):
    box()
    said = provision(command, make_job())

    assert ESCAPE not in said.err + said.out
    assert "\r" not in said.err


@pytest.mark.parametrize("command", ["run", "check"])
def test_quiet_says_nothing_of_a_good_end(box, provision, make_job, command):
    box()
    said = provision(command, make_job(), "--quiet")

    assert (said.code, said.out, said.err) == (0, "", "")


@pytest.mark.parametrize(
    ("command", "told"), [("plan", "planned: 1 create"), ("run", "outcome: 2 done, 1 held"), ("verify", "")]
)
def test_quiet_tells_every_other_end_in_short(box, provision, make_job, command, told):
    box()
    guards = {} if command == "plan" else {"creates": {"count": 0}}

    said = provision(command, make_job(guards=guards, report=EVERY_FORMAT), "--quiet")

    assert said.code != 0
    assert f"(exit code {said.code})." in said.err
    assert told in said.err
    assert "do: " in said.err
    assert (command == "verify") or ".html" in said.err
    assert len(said.err) < 2000


@pytest.mark.parametrize("command", ["plan", "run", "verify", "holds", "runs"])
def test_json_does_not_silence_what_people_read(box, provision, make_job, command):
    box()
    job = make_job(guards={"creates": {"count": 0}})
    provision("run", job)

    plain, said = provision(command, job), provision(command, job, "--json")

    assert said.json
    assert said.code == plain.code
    assert len(said.err.splitlines()) >= len((plain.err + plain.out).splitlines()) - 2
    assert provision(command, job, "--json", "--quiet").json


@pytest.mark.parametrize("command", ["plan", "run", "verify", "check"])
def test_every_command_names_the_file_that_it_read(box, provision, make_job, command):
    box()
    job = make_job()
    roster = job.with_suffix(".csv")
    told = provision(command, job, "--json")

    assert str(roster) in told.err.replace("\n", "")  # a long path may fill a line
    assert told.json["roster"]["sha256"][:12] in told.err
    assert told.json["roster"]["written_at"][:10] in told.err
    assert told.json["roster"]["path"] == str(roster)


def test_quiet_still_says_errors(box, provision, make_job):
    box()
    said = provision("plan", make_job(b""), "--quiet")

    assert said.code == 1
    assert "  do: " in said.err


@pytest.mark.parametrize("command", ["plan", "run", "verify", "check", "report"])
def test_standard_output_belongs_to_the_answer(box, provision, make_job, command):
    box()
    job = make_job()
    target = provision("run", job, "--json").folder if command == "report" else job

    assert provision(command, target).out == ""


def test_preview_shows_before_and_after(box, provision, make_job):
    box()
    said = provision("plan", make_job())

    assert "nothing was changed" in said.err
    assert "nina@acme.example" in said.err
    assert re.search(r"Seller.*→.*Director", said.err)


def test_result_balances_in_words(box, provision, make_job):
    box()
    said = provision("run", make_job())

    assert "4 roster rows + 3 accounts without a row = 7 lines" in said.err


def test_text_that_would_steer_the_terminal_is_harmless(box, provision, make_job):
    box()
    said = provision(
        "plan", make_job(f"{ROSTER}E5,evil@acme.example,Eve\x1b[31m\u202e[red]x[/red],\x07bell,\n")
    )

    assert not set(said.err) & {ESCAPE, "\x07", "\u202e"}


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
@pytest.mark.parametrize(("answer", "code", "status"), [("y\n", 0, "inactive"), ("\n", 3, "active")])
def test_person_at_a_terminal_is_asked_before_removals(box, make_job, launch, answer, code, status):
    server = box()
    terminal = Terminal(launch, "run", make_job(LEAVING, roster={"authority": "partial"}))
    terminal.until("1 account will be deactivated or deleted. Go on? [y/N]")
    terminal.type(answer)

    assert terminal.end() == code
    assert person(server, "mia@acme.example")["status"] == status


@terminals
@pytest.mark.parametrize(("answer", "code", "status"), [("y\n", 0, "inactive"), ("\n", 3, "active")])
def test_person_who_types_is_asked_though_the_output_is_piped(box, make_job, launch, answer, code, status):
    server = box()
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    terminal = Terminal(launch, "run", make_job(LEAVING, roster={"authority": "partial"}), "--json", **pipes)
    terminal.until("1 account will be deactivated or deleted. Go on? [y/N]")
    terminal.type(answer)

    assert terminal.process.wait(timeout=60) == code
    assert person(server, "mia@acme.example")["status"] == status
    assert "mia@acme.example" in terminal.shown


@terminals
def test_who_types_and_cannot_be_asked_is_told_of_yes(box, provision, make_job, monkeypatch):
    server = box()
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stdin, "fileno", lambda: -1, raising=False)

    said = provision("run", make_job(LEAVING, roster={"authority": "partial"}), "--json")

    assert (said.code, "--yes" in said.json["error"]) == (1, True)
    assert person(server, "mia@acme.example")["status"] == "active"


@terminals
def test_yes_asks_nothing_and_a_terminal_has_colours(box, make_job, launch):
    server = box()
    terminal = Terminal(launch, "run", make_job(LEAVING, roster={"authority": "partial"}), "--yes")

    assert terminal.end() == 0
    assert "[y/N]" not in terminal.shown
    assert re.search(r"\x1b\[[0-9;]*3[0-9]", terminal.shown)
    assert person(server, "mia@acme.example")["status"] == "inactive"


@terminals
def test_no_colour_means_no_colour(box, make_job, launch):
    box()
    terminal = Terminal(launch, "plan", make_job(), NO_COLOR="1")

    assert terminal.end() == 2
    assert re.findall(r"\x1b\[[0-9;]*3[0-9](?:;|m)", terminal.shown) == []


def test_pipe_is_never_asked(box, provision, make_job):
    server = box()

    assert provision("run", make_job(LEAVING, roster={"authority": "partial"})).code == 0
    assert person(server, "mia@acme.example")["status"] == "inactive"


def test_samples_preview_is_readable_at_eighty_columns(box, provision, tmp_path, monkeypatch):
    server = box(seed_file=SAMPLES / "enterprise.json")
    monkeypatch.setenv("PROVISION_HOME", str(tmp_path / "home"))
    before = accounts(server)

    said = provision("plan", SAMPLES.parent / "jobs/nightly.yaml")

    assert said.code == 2
    assert long_lines(said.err, tmp_path) == []
    assert accounts(server) == before
