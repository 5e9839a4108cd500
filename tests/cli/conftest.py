"""Whole commands against a sandbox of the test's own: in this process, or as a process where signals and pipes matter."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from provision.cli.main import run_program
from provision.directory import gather, listing
from provision.job.settings import Job
from provision.roster.files import locate as find
from provision.roster.text import pieces
from provision.runs.folder import find_run
from provision.runs.seal.key import known_key
from provision.runs.seal.seal_file import read_seal, write_seal
from provision.sandbox import Options, serve
from provision.sandbox.http.server import Server
from provision.sandbox.trouble.script import rule
from tests.live import canned

from .forks import NOTHING, TELL, Forked, Nursery, Without

__all__ = ["canned"]

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "sample_data"

#: keys of the one JSON object, as scripts rely on them
KEYS = [
    "run_id", "job", "status", "exit_code", "enterprise_id", "roster", "directory", "planned", "outcomes", "guards",
    "api", "files", "started_at", "finished_at", "error", "findings", "findings_total", "failures", "failures_total", "holds",
    "holds_total",
]  # fmt: skip

#: what a job writes that says nothing of it; the others do without most, to be quick
EVERY_FORMAT = {"formats": ["html", "csv", "xlsx", "json"]}

#: one of each kind; values that must not show up where they do not belong are unmistakable
SEED: dict[str, Any] = {
    "enterprise": {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example"]},
    "admin": {"name": "Ada Abara", "login": "ada@acme.example"},
    "users": [
        {"name": "Cora Coadmin", "login": "cora@acme.example", "role": "coadmin"},
        {"name": "Mia Managed", "login": "mia@acme.example", "job_title": "Buyer"},
        {"name": "Otto Ömer", "login": "otto@acme.example", "job_title": "Seller", "space_amount": -1},
        {"name": "Ina Inactive", "login": "ina@acme.example", "status": "inactive"},
        {"name": "Zoë Unowned", "login": "zoe@acme.example"},
        {"name": "Paul Partner", "login": "paul@partner.example"},
        {"name": "Client One", "kind": "app", "external_app_user_id": "client-1"},
        {"name": "Client Two", "kind": "app", "external_app_user_id": "client-2"},
    ],
    "elsewhere": [
        {"login": "guest@partner.example", "what": "external"},
        {"login": "taken@acme.example", "what": "personal"},
    ],
}

#: creates Nina, updates Otto, activates Ina, leaves Mia as she is
ROSTER = (
    "external_id,login,name,job_title,status\n"
    "E1,mia@acme.example,Mia Managed,Buyer,active\n"
    "E2,otto@acme.example,Otto Ömer,Director,active\n"
    "E3,ina@acme.example,Ina Inactive,,active\n"
    "E4,nina@acme.example,Nina Néw,Clerk,active\n"
)

CCG = {
    "method": "ccg",
    "client_id": "${BOX_CLIENT_ID}",
    "client_secret": "${BOX_CLIENT_SECRET}",
    "enterprise_id": "${BOX_ENTERPRISE_ID}",
}
JWT = {"method": "jwt", "config_file": "${BOX_JWT_CONFIG_FILE}"}
TOKEN = {"method": "token", "token": "${BOX_TOKEN}"}

_VARIABLES = {
    "BOX_BASE_URL": "url",
    "BOX_CLIENT_ID": "client_id",
    "BOX_CLIENT_SECRET": "client_secret",
    "BOX_ENTERPRISE_ID": "enterprise_id",
    "BOX_JWT_CONFIG_FILE": "jwt_config",
    "BOX_TOKEN": "developer_token",
}


@dataclass(frozen=True)
class Said:
    """What a command answered."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """Standard output as the one JSON object it has to be."""
        found: dict[str, Any] = json.loads(self.out)
        return found

    @property
    def folder(self) -> Path:
        """The run folder it names."""
        return Path(self.json["files"]["run_dir"])


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test in a folder of its own, 80 columns wide, without the settings of whoever runs it."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    for name in (*_VARIABLES, "NO_COLOR", "FORCE_COLOR", "PROVISION_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Server]]:
    """Starts a sandbox and names it in the environment: `box(seed={…}, rules=[…], choices={…}, clock=…)`."""
    running: list[Server] = []

    def start(
        seed: object = SEED, rules: object = (), choices: object = None, clock: Any = None, **options: Any
    ) -> Server:
        number = len(running)
        if seed is not None and "seed_file" not in options:
            options["seed_file"] = tmp_path / f"seed{number}.json"
            options["seed_file"].write_text(json.dumps(seed))
        options["faults"] = tmp_path / f"faults{number}.json"
        options["faults"].write_text(json.dumps({"rules": list(rules or ()), "choices": choices or {}}))
        running.append(serve(Options(config=tmp_path / f"box{number}.json", **options), clock))
        for variable, key in _VARIABLES.items():
            monkeypatch.setenv(variable, running[-1].announcement[key])
        return running[-1]

    yield start
    for server in running:
        server.close()


@pytest.fixture(params=["in memory", "on disk"])
def either_way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Roster and enterprise fit into memory, or they do not: pieces of some rows, pages of two users, each a batch."""
    if request.param == "on disk":
        monkeypatch.setattr(listing, "PAGE_SIZE", 2)
        monkeypatch.setattr(gather, "HELD", 1)
        monkeypatch.setattr(gather, "BATCH", 2)
        monkeypatch.setattr(find, "LARGE", 0)
        monkeypatch.setattr(pieces, "PIECE", 200)


class Hands:
    """A clock that goes on as the system's does until it is set: moved by hours, or stopped at a moment."""

    def __init__(self) -> None:
        self._time: Callable[[], datetime] = lambda: datetime.now(UTC)
        self._began = self._time()

    def now(self) -> datetime:
        """The time, in UTC."""
        return self._time()

    def move(self, hours: float) -> None:
        """Stop so many hours after it was made."""
        self.stop(self._began + timedelta(hours=hours))

    def stop(self, at: datetime) -> None:
        """Stop at a moment."""
        self._time = lambda: at

    @property
    def began(self) -> datetime:
        """The moment that :meth:`move` counts from."""
        return self._began

    @began.setter
    def began(self, at: datetime) -> None:
        self._began = at


@pytest.fixture
def hands() -> Hands:
    """The clock of the commands that run in this process."""
    return Hands()


@pytest.fixture
def provision(capsys: pytest.CaptureFixture[str], hands: Hands) -> Callable[..., Said]:
    """Runs a command in this process."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        code = run_program([str(one) for one in arguments], hands.now)
        said = capsys.readouterr()
        assert "Traceback" not in said.err, said.err
        return Said(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery | None]:
    """What commands are forked from; None where each has to be begun afresh."""
    if sys.platform != "linux":
        yield None
        return
    with closing(Nursery()) as begun:
        yield begun


@pytest.fixture
def launch(nursery: Nursery | None) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command as a process of its own; one that is still there in the end is killed.

    ``without``: what it lacks. ``afresh``: it is to start as it does for people, with nothing loaded.
    """
    started: list[subprocess.Popen[str]] = []

    def go(
        *arguments: object, without: Without = NOTHING, afresh: bool = False, **options: Any
    ) -> subprocess.Popen[str]:
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **options}
        words = [str(each) for each in arguments]
        if afresh or nursery is None:
            command = [*without.words, sys.executable, "-m", "provision", *words]
            started.append(subprocess.Popen(command, text=True, **pipes))
        else:
            started.append(Forked(nursery, words, without, **pipes))
        return started[-1]

    yield go
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


def ended(process: subprocess.Popen[str], seen: str = "") -> Said:
    """What a process answered, once it has ended; ``seen`` is what was read of its standard error already."""
    try:
        out, err = process.communicate(timeout=60)
    except subprocess.TimeoutExpired:
        process.send_signal(TELL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=2)
        process.kill()
        raise AssertionError(f"it does not end: {process.communicate()}") from None
    assert "Traceback" not in seen + (err or "")
    return Said(process.returncode, out or "", seen + (err or ""))


def stopping(process: subprocess.Popen[str], number: signal.Signals) -> str:
    """Send a signal and read standard error until the program says that it has understood."""
    process.send_signal(number)
    seen = ""
    assert process.stderr is not None
    while "Stopping" not in seen:
        line = process.stderr.readline()
        assert line, seen
        seen += line
    return seen


@pytest.fixture
def make_job(tmp_path: Path) -> Callable[..., Path]:
    """Writes a job and its roster: `make_job(ROSTER, auth=JWT, name="portal", guards={…}, roster={…})`."""

    def write(text: str | bytes | Path = ROSTER, *, auth: Mapping[str, str] = CCG, **sections: Any) -> Path:
        name = sections.setdefault("name", "nightly")
        # nights of tests go back to earlier rosters, and mean it
        sections["guards"] = {"stale": "off", **sections.get("guards", {})}
        sections["lifecycle"] = _nights_count(sections.get("lifecycle", {}))
        roster = {"path": _written(text, tmp_path / f"{name}.csv"), **sections.pop("roster", {})}
        whole = {
            "version": 1,
            "box": {"base_url": "${BOX_BASE_URL}", "auth": dict(auth)},
            "roster": roster,
            "scope": {"domains": ["acme.example"]},
            "apply": {"requests_per_minute": 60_000, "workers": 4},
            "report": {"formats": ["csv"]},
            **sections,
        }
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(whole, allow_unicode=True, sort_keys=False), encoding="utf-8")
        return path

    return write


def _nights_count(lifecycle: Mapping[str, Any]) -> dict[str, Any]:
    """Nights of tests send the same people again, and mean it, unless they say otherwise."""
    return {**lifecycle, "evidence": {"resent_files": "count", **lifecycle.get("evidence", {})}}


def _written(roster: str | bytes | Path, path: Path) -> str:
    if isinstance(roster, Path):
        return str(roster)
    path.write_bytes(roster.encode() if isinstance(roster, str) else roster)
    return path.name


@pytest.fixture
def clock(hands: Hands) -> Callable[[float], None]:
    """Moves the program's clock: `clock(hours)` from the moment the test began."""
    hands.move(0)
    return hands.move


@pytest.fixture
def nights(provision, make_job, clock) -> Callable[..., Said]:
    """Runs the nightly job with a roster, so many nights after the first: `nights(1, ROSTER, "--yes", scope={…})`."""

    def run(number: float, people: str | bytes | Path, *flags: str, **sections: Any) -> Said:
        clock(24 * number)
        return provision("run", make_job(people, **sections), "--json", *flags)

    return run


@pytest.fixture(scope="session")
def settled_worlds(tmp_path_factory) -> tuple[Path, dict[str, datetime]]:
    """Where enterprises after their first night are kept, a folder each, and when that night was, by name."""
    return tmp_path_factory.mktemp("settled"), {}


@pytest.fixture
def settled(box, hands, tmp_path, settled_worlds) -> Callable[..., Server]:
    """An enterprise after a first good night, which is made once and copied then: `settled("village", SEED, first)`.

    ``first()`` carries that night out; everything that it leaves in the folder of the test is copied, the sandbox's memory too.
    The sandbox has no log of it, and the run's folder names the job of the test that it was made in.
    """
    folder, nights_of = settled_worlds

    def start(name: str, seed: object, first: Callable[[], object]) -> Server:
        if name in nights_of:
            shutil.copytree(folder / name, tmp_path, dirs_exist_ok=True)
            hands.began = nights_of[name]
        else:
            box(seed=seed, state=tmp_path / "first.db")
            first()
            shutil.copytree(tmp_path, folder / name)
            nights_of[name] = hands.began
        for each in (folder / name).glob("first.db*"):  # the file, and what is not in it yet
            shutil.copy(each, tmp_path / each.name.replace("first", "later"))
        return box(seed=seed, state=tmp_path / "later.db")

    return start


@pytest.fixture
def signed_in_as(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """From the call on, the operating system says that this user runs commands, at this terminal."""

    def become(user: str, terminal: str = "none") -> None:
        monkeypatch.setattr("provision.runs.who_decides.user_name", lambda: user)
        monkeypatch.setattr("provision.runs.who_decides._terminal", lambda: terminal)

    return become


@pytest.fixture
def no_sockets(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on, whoever makes a socket fails, also one to this machine."""

    def refuse(*_arguments: object, **_options: object) -> None:
        raise AssertionError("a socket was asked for")

    def close() -> None:
        monkeypatch.setattr("socket.socket", refuse)
        monkeypatch.setattr("socket.create_connection", refuse)
        monkeypatch.setattr("socket.getaddrinfo", refuse)

    return close


@pytest.fixture
def unchanged(box: Callable[..., Server]) -> Iterator[Server]:
    """A sandbox that has to be as it was when the test ends."""
    server = box()
    before = accounts(server)
    yield server
    assert accounts(server) == before


@pytest.fixture
def said_where(monkeypatch: pytest.MonkeyPatch) -> None:
    """Variables of a Box that nobody may ask."""
    for name in ("BOX_CLIENT_ID", "BOX_CLIENT_SECRET", "BOX_ENTERPRISE_ID", "BOX_TOKEN"):
        monkeypatch.setenv(name, f"invented-{name}")
    monkeypatch.setenv("BOX_BASE_URL", "https://box.invalid")


def complaint(said: Said) -> str:
    """The error, which has to be at most three parts and say what to do."""
    assert "\n  do: " in said.err
    assert said.err.count("usual cause: ") <= 1
    return said.err


def accounts(server: Server) -> dict[str, dict[str, Any]]:
    """Everybody in the enterprise as a value, by id."""
    return {one.id: msgspec.structs.asdict(one) for one in server.enterprise.accounts}


def person(server: Server, key: str) -> dict[str, Any]:
    """One account by login or external id; {} if there is none."""
    found = server.enterprise.accounts.with_login(key) or server.enterprise.accounts.with_external_id(key)
    return msgspec.structs.asdict(found) if found else {}


def logins(server: Server) -> list[str]:
    return sorted(one.login for one in server.enterprise.accounts)


def creates(server: Server) -> list[int]:
    """Statuses of the calls that were to create somebody."""
    return [line.status for line in server.log if line.method == "POST" and line.path == "/2.0/users"]


def dead_address() -> str:
    """An address of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as briefly:
        port = briefly.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def slow(**match: Any) -> dict[str, Any]:
    """A rule: these calls wait at the sandbox's clock."""
    return {"do": {"fault": "slow", "delay": 1}, "match": match}


def slow_from_now(server: Server, **match: Any) -> None:
    """The same for a sandbox that is serving already."""
    server.faults.add(rule({"fault": "slow", "delay": 1}, **match))


def run_folders(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, **more}


def not_closed(folder: Path) -> None:
    """The seal of a run folder as it was before the program closed the journal."""
    key = known_key(Job.load(find_run(str(folder)).about.job_path))
    seal = read_seal(folder)
    assert key is not None and seal.proven_by(key)
    write_seal(folder, key, seal.run_id, seal.files, None)


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command says is wrapped as at a terminal of 80 columns."""
    monkeypatch.setattr("provision.cli.page._WHOLE", 80)
