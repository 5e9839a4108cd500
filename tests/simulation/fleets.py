"""A fleet over many sandboxes whose workers are killed in the middle of what they do: everybody there, nobody twice, one run at a time.

Each enterprise has a sandbox of its own. A worker is killed by the sandbox that it is asking something, at a request that the
seed has chosen: what was asked still happens.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import yaml

from provision.fleet.cluster import local_workers
from provision.fleet.folder import taken
from provision.fleet.lead import FleetWishes, lead
from provision.report.fleet.value import FleetSummary
from provision.runs.observer import Remark, Unattended
from provision.sandbox import Options, serve
from provision.sandbox.http.server import Server
from provision.sandbox.trouble.faults import Faults
from provision.sandbox.world import Request as Call

from .schedule import Broken

#: enterprises of one night, kills that are prepared, and how many of them have to happen: some fall on a request that no run makes
SIZE, KILLS, FEWEST = 200, 52, 40
#: seconds between two looks whether all workers are there
_RENEWED = 5.0
_VARIABLES = ("BOX_BASE_URL", "BOX_CLIENT_ID", "BOX_CLIENT_SECRET", "BOX_ENTERPRISE_ID")
#: people of each roster: some to be created, one to be updated
PEOPLE = tuple(f"p{number}@acme.example" for number in range(4))


class Deadly(Faults):
    """What an enterprise was asked, by whom; and the requests, counted from 1, at which whoever asks is killed.

    ``before_writing`` is called before the first request that writes.
    """

    def __init__(self, name: str, runs: Path) -> None:
        super().__init__()
        self.name, self.runs = name, runs
        self.deadly: set[int] = set()
        self.asked: list[tuple[str, str, str]] = []
        self.killed = 0
        self.before_writing: Callable[[], object] = bool
        self._guard = threading.Lock()

    def due(self, request: Call) -> Any:
        """The fault that meets this request."""
        if request.path.startswith("/2.0/"):
            with self._guard:
                login = (
                    str(request.json().get("login", "")) if request.method == "POST" and request.body else ""
                )
                self.asked.append((request.headers.get("authorization", ""), request.method, login))
                if len(self.asked) in self.deadly:
                    self._kill()
                writes = sum(method != "GET" for _, method, _ in self.asked)
            if request.method != "GET" and writes == 1:
                self.before_writing()
        return super().due(request)

    def _kill(self) -> None:
        self.killed += 1
        self.signal(signal.SIGKILL)

    def signal(self, number: int) -> None:
        """Send a signal to the worker that has it."""
        for night in self.runs.glob("fleet-*"):
            if by := taken(night, self.name).by:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(by[-1].pid, number)

    @property
    def creates(self) -> Counter[str]:
        """How often each login was asked to be created."""
        return Counter(login for _, method, login in self.asked if method == "POST" and login)

    @property
    def one_at_a_time(self) -> bool:
        """Whether no run wrote once another one had begun to."""
        order = [by for by, method, _ in self.asked if method != "GET"]
        return len(set(order)) == sum(one != other for one, other in zip(order, ["", *order], strict=False))


@dataclass
class Holding:
    """Enterprises, each with its sandbox, and the files of their fleet."""

    folder: Path
    count: int
    servers: list[Server] = field(default_factory=list)
    heard: list[Deadly] = field(default_factory=list)

    @property
    def fleet(self) -> Path:
        """The fleet file."""
        return self.folder / "fleet.yaml"

    @property
    def runs(self) -> Path:
        """Where the runs lie."""
        return self.folder / "runs"

    def open(self) -> None:
        """Start the sandboxes and write the table of the jobs; secrets lie in files of their own."""
        lines = [",".join(("job", *_VARIABLES))]
        for number in range(self.count):
            lines.append(self._one(str(5000 + number)))
        (self.folder / "clients.csv").write_text("\n".join(lines) + "\n")
        roster = "".join(f"E{at},{login},Person {at}\n" for at, login in enumerate(PEOPLE))
        (self.folder / "staff.csv").write_text(
            f"external_id,login,name\nE99,mia@acme.example,Mia Marsh\n{roster}"
        )
        (self.folder / "client.yaml").write_text(yaml.safe_dump(_job()))
        self.write()

    def _one(self, enterprise: str) -> str:
        seed = self.folder / f"seed-{enterprise}.json"
        seed.write_text(json.dumps(_seed(enterprise)))
        server = serve(Options(seed_file=seed, config=self.folder / f"box-{enterprise}.json"))
        heard = Deadly(f"client-{enterprise}", self.runs)
        server.service.faults = heard
        self.servers.append(server)
        self.heard.append(heard)
        told = server.announcement
        (self.folder / f"secret-{enterprise}").write_text(f"{told['client_secret']}\n")
        cells = (told["url"], told["client_id"], f"file:secret-{enterprise}", told["enterprise_id"])
        return ",".join(("client.yaml", *map(str, cells)))

    def write(self, **keys: Any) -> Path:
        """Write the fleet file, with these keys besides."""
        said = {
            "version": 1,
            "jobs": ["clients.csv"],
            "runs": "runs",
            "state": f"sqlite:///{self.folder}/state/fleet.db",
        }
        quick = {"retries": {"count": 20, "wait": "1s"}}
        self.fleet.write_text(yaml.safe_dump({**said, **quick, **keys}))
        return self.fleet

    def close(self) -> None:
        """Stop the sandboxes."""
        for server in self.servers:
            server.close()

    def wrong(self) -> Iterator[str]:
        """What is not as the rosters and the rules of a fleet want it."""
        for server, heard in zip(self.servers, self.heard, strict=True):
            there = Counter(one.login for one in server.enterprise.accounts)
            if missing := [login for login in PEOPLE if there[login] != 1]:
                yield f"{heard.name}: {missing} not there once"
            if again := [login for login, count in heard.creates.items() if count > 1]:
                yield f"{heard.name}: {again} sent again though they had arrived"
            if not heard.one_at_a_time:
                yield f"{heard.name}: two runs at a time"


def _seed(enterprise: str) -> dict[str, Any]:
    about = {"id": enterprise, "name": f"Enterprise {enterprise}", "domains": ["acme.example"]}
    admin = {"name": "Ada Abara", "login": "ada@acme.example"}
    return {"enterprise": about, "admin": admin, "users": [{"name": "Mia M", "login": "mia@acme.example"}]}


def _job() -> dict[str, Any]:
    url, ident, secret, enterprise = (f"${{{name}}}" for name in _VARIABLES)
    auth = {"method": "ccg", "client_id": ident, "client_secret": secret, "enterprise_id": enterprise}
    guards = dict.fromkeys(("creates", "updates", "mass_change", "stale"), "off")
    return {
        "version": 1,
        "box": {"base_url": url, "auth": auth},
        "roster": {"path": "staff.csv"},
        "scope": {"domains": ["acme.example"]},
        "guards": guards,
        "apply": {"requests_per_minute": 60_000, "workers": 2, "timeout_seconds": 20},
        "report": {"formats": ["csv"]},
    }


class Heard(Unattended):
    """Whoever leads, with what was said."""

    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self._said = said

    def note(self, note: object) -> None:
        """Keep it."""
        if isinstance(note, Remark):
            self._said.append(note.text)


def run(seed: int, folder: Path, size: int = SIZE, kills: int = KILLS) -> list[str]:
    """Live through one night; what was said. Raises Broken where a promise was not kept."""
    chance, said = Random(f"fleet {seed}"), []  # noqa: S311 - chance is the point
    holding = Holding(folder, size)
    try:
        holding.open()
        for heard in chance.choices(holding.heard, k=kills):
            heard.deadly.add(chance.randint(1, 14))
        with local_workers(4, XDG_STATE_HOME=str(folder / "home")) as cluster:
            holding.write(scheduler=str(cluster.scheduler_address))
            summary = lead(holding.fleet, FleetWishes(), Heard(said))
        _expect(holding, summary, said)
        return said
    finally:
        holding.close()


class Machines:
    """A scheduler and workers as processes of their own, which whoever looks after them starts anew when they end."""

    def __init__(self, folder: Path, workers: int) -> None:
        with socket.create_server(("127.0.0.1", 0)) as briefly:
            self.address = f"tcp://127.0.0.1:{briefly.getsockname()[1]}"
        self._environ = {**os.environ, "XDG_STATE_HOME": str(folder / "home")}
        self._scheduler = self._begin(
            "scheduler", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2]
        )
        self._workers = [self._worker() for _ in range(workers)]
        self._closed = threading.Event()
        self._keeper = threading.Thread(target=self._keep)
        self._keeper.start()

    def restart(self) -> None:
        """The scheduler ends without a word, and comes back."""
        self._scheduler.kill()
        self._scheduler.wait()
        self._scheduler = self._begin(
            "scheduler", "--host", "127.0.0.1", "--port", self.address.rpartition(":")[2]
        )

    def close(self) -> None:
        """End them all."""
        self._closed.set()
        self._keeper.join()
        for process in (*self._workers, self._scheduler):
            process.kill()
            process.wait()

    def _worker(self) -> subprocess.Popen[bytes]:
        return self._begin("worker", self.address, "--nthreads", "1", "--memory-limit", "0", "--no-nanny")

    def _begin(self, what: str, *words: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", f"distributed.cli.dask_{what}", *words, "--no-dashboard"]
        return subprocess.Popen(
            command, env=self._environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def _keep(self) -> None:
        while not self._closed.wait(0.5):
            ended = [at for at, process in enumerate(self._workers) if process.poll() is not None]
            for at in ended:
                self._workers[at] = self._worker()


def restarted(seed: int, folder: Path, size: int = 12, kills: int = 3) -> list[str]:
    """The same on machines whose scheduler is started anew in the middle."""
    chance, said = Random(f"scheduler {seed}"), []  # noqa: S311 - chance is the point
    holding, machines = Holding(folder, size), Machines(folder, 2)
    try:
        holding.open()
        for heard in chance.sample(holding.heard, k=kills):
            heard.deadly.add(chance.randint(1, 14))
        chance.choice(holding.heard).before_writing = machines.restart
        holding.write(scheduler=machines.address)
        summary = lead(holding.fleet, FleetWishes(), Heard(said))
        _expect(holding, summary, said)
        return said
    finally:
        machines.close()
        holding.close()


def _expect(holding: Holding, summary: FleetSummary, said: list[str]) -> None:
    """Raise Broken where a promise was not kept."""
    died = sum(heard.killed for heard in holding.heard)
    found = [
        *holding.wrong(),
        *([f"{died} workers were killed"] if holding.count >= SIZE and died < FEWEST else []),
        *([f"exit code {summary.exit_code}: {summary.error}"] if summary.exit_code else []),
    ]
    said.append(f"{holding.count} enterprises, {died} workers killed")
    if found:
        raise Broken("\n".join([*found, *said]))


def main() -> None:
    """Workers for whoever starts this as a process: the address of their scheduler on a line, until standard input ends."""
    count = int(sys.argv[1])
    with local_workers(count) as cluster:
        sys.stdout.write(f"{cluster.scheduler_address}\n")
        sys.stdout.flush()
        while not select.select([sys.stdin], [], [], _RENEWED)[0]:
            cluster.scale(count)  # in the place of those that Dask has given up, as on a busy machine


if __name__ == "__main__":
    main()
