"""Nights in which everything goes wrong that can: kills, signals, twins, edited plans, lost ledgers, jumping clocks.

Commands are processes of their own over sockets. The story and what may never happen are those of all nights.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from provision.sandbox.trouble.script import rule
from tests.live import BoxTime

from .nights import JOBS, Night, Story
from .schedule import Broken
from .sockets import OverSockets
from .truth import Line, Seen, Truth, Users, tomorrow
from .zygote import Zygote

#: hours by which a clock may be wrong
_JUMPS = (-48, -1, 48)
#: a request that waits so long waits for the signal that meets our process meanwhile
_FATAL = 777.0


@dataclass(frozen=True)
class _Said:
    """What a command said. ``code``: negative for a signal that ended it."""

    code: int
    told: dict[str, Any]

    @property
    def folder(self) -> Path | None:
        """The run folder it names."""
        path = (self.told.get("files") or {}).get("run_dir")
        return Path(path) if path else None

    @property
    def refused(self) -> bool:
        """Whether nothing of the roster was carried out."""
        status, held = self.told.get("status"), (self.told.get("outcomes") or {}).get("held")
        return self.code in (6, 7) or status == "failed" or (status == "refused" and not held)


class _Fatal(BoxTime):
    """Time at which one request meets the end of our process."""

    def __init__(self) -> None:
        super().__init__()
        self.pid, self.signal = 0, signal.SIGKILL

    def wait(self, seconds: float) -> None:
        if seconds == _FATAL and self.pid:
            os.kill(self.pid, self.signal)
            self.pid = 0
        elif seconds != _FATAL:
            super().wait(seconds)


class Chaos(OverSockets):
    """A sandbox, two jobs, and commands that do not all come to their end."""

    def __init__(self, story: Story, seed: int, folder: Path, zygote: Zygote) -> None:
        super().__init__(story, seed, folder)
        self._zygote = zygote
        self._numbers = iter(range(10**6))

    def clock(self) -> BoxTime:
        """The sandbox's clock."""
        self.time = _Fatal()
        return self.time

    def lived(self, night: Night, before: Users) -> Seen:
        """What one night brings."""
        if night.calm:
            return self._seen_of(night, before, [self._command(night, "run", self.paths[night.job])])
        deed = self.random.choice(
            (
                self._run,
                self._killed,
                self._killed,
                self._stopped,
                self._twins,
                self._applied,
                self._applied,
                self._ledger_hurt,
            )
        )
        self.trace.append(f"chaos: {deed.__name__}")
        said = deed(night)
        self.heard.clear()
        return self._seen_of(night, before, said)

    # --- what is done in a night

    def _run(self, night: Night) -> list[_Said]:
        return [self._command(night, "run", self.paths[night.job])]

    def _killed(self, night: Night, number: signal.Signals = signal.SIGKILL) -> list[_Said]:
        """A process meets a signal in the middle; somebody goes on with its run, or another one begins, or nobody cares."""
        fault = self.random.choice(
            ({"fault": "slow", "delay": _FATAL}, {"fault": "stalled_body", "delay": _FATAL})
        )
        where = self.random.choice(({"method": "GET"}, {"method": ["POST", "PUT", "DELETE"]}))
        self.heard.add(rule(fault, path="/2.0/users", nth=self.random.randint(1, 4), **where))
        said = [self._command(night, "run", self.paths[night.job], fatal=number)]
        self.heard.clear()
        folder = max((self.folder / "runs").glob(f"*-{night.job}-*"), default=None)
        going_on = self.random.choice(("resume", "run", "nothing", "hurt"))
        if going_on == "hurt" and folder is not None:
            self._flip(
                folder, self.random.choice(("journal.sqlite", "plan.json", "summary.json", "people.parquet"))
            )
        if going_on == "resume" and folder is not None:
            said.append(self._command(night, "resume", folder))
        if going_on in ("run", "hurt"):
            said.append(self._command(night, "run", self.paths[night.job]))
        return said

    def _stopped(self, night: Night) -> list[_Said]:
        return self._killed(night, signal.SIGTERM)

    def _twins(self, night: Night) -> list[_Said]:
        """Two runs of the job at once."""
        pids = [self._begin(night, "run", self.paths[night.job], "--json") for _ in range(2)]
        return [self._end(*each) for each in pids]

    def _applied(self, night: Night) -> list[_Said]:
        """A plan, and what somebody does until it is applied."""
        path, roster = self.paths[night.job], self.folder / f"{night.job}.csv"
        planned = self._command(night, "plan", path)
        if planned.folder is None or planned.refused:
            return [planned]
        job, deed = (
            path.read_text(),
            self.random.choice(("nothing", "roster", "job", "bits", "bits", "twice")),
        )
        self.trace.append(f"  until it is applied: {deed}")
        if deed == "roster":
            roster.write_bytes(b"external_id,login,name\n")
        elif deed == "job":
            path.write_text(job.replace("acme.example", "else.example"))
        elif deed == "bits":
            self._flip(planned.folder, self.random.choice(("plan.json", "people.parquet", "run.json")))
        already = len(self.heard.writes)
        said = [self._command(night, "apply", planned.folder)]
        path.write_text(job)
        if deed in ("job", "bits"):
            assert len(self.heard.writes) == already, (
                f"a plan was carried out after somebody had changed the {deed}"
            )
            assert said[0].code == 1, f"{deed} were changed, and apply ended with {said[0].code}"
        if deed == "twice":
            already = len(self.heard.writes)
            self._command(night, "apply", planned.folder)
            if said[0].code == 0:
                assert len(self.heard.writes) == already, "a plan was carried out twice"
        return said

    def _ledger_hurt(self, night: Night) -> list[_Said]:
        """The ledger is gone, damaged, or one of before; then it is made anew of the run folders."""
        ledger, deed = self.folder / "ledger.db", self.random.choice(("gone", "cut", "old"))
        self.trace.append(f"  the ledger is {deed}")
        if not ledger.exists():
            return self._run(night)
        old = self.folder / "backup.db"
        if deed == "old" and old.exists():
            shutil.copy(old, ledger)
        elif deed == "cut":
            ledger.write_bytes(ledger.read_bytes()[:3000])
        elif deed == "gone":
            ledger.unlink()
        blind = self._command(night, "run", self.paths[night.job])
        for job in JOBS:
            self._command(night, "runs", self.paths[job], "--rebuild")
        return [blind, self._command(night, "run", self.paths[night.job])]

    def feed(self, night: Night) -> None:
        """Put the file where the job finds it; now and then somebody keeps a copy of the ledger."""
        super().feed(night)
        ledger = self.folder / "ledger.db"
        if ledger.exists() and not (self.folder / "backup.db").exists() and self.random.random() < 0.5:
            shutil.copy(ledger, self.folder / "backup.db")

    def _flip(self, folder: Path, name: str) -> None:
        """One bit of a file is another one."""
        path = folder / name
        if path.exists() and (content := bytearray(path.read_bytes())):
            content[self.random.randrange(len(content))] ^= 1 << self.random.randrange(7)
            path.write_bytes(bytes(content))
            self.trace.append(f"  a bit of {name} is flipped")

    # --- commands

    def _command(self, night: Night, *arguments: object, fatal: signal.Signals | None = None) -> _Said:
        return self._end(*self._begin(night, *arguments, "--json", fatal=fatal))

    def _begin(
        self, night: Night, *arguments: object, fatal: signal.Signals | None = None
    ) -> tuple[int, Path, str]:
        out = self.folder / f"out{next(self._numbers)}"
        words = [str(one) for one in arguments]
        pid = self._zygote.begin(words, night.at, out)
        if fatal is not None and isinstance(self.time, _Fatal):
            self.time.signal, self.time.pid = fatal, pid
        return pid, out, words[0]

    def _end(self, pid: int, out: Path, name: str) -> _Said:
        code = self._zygote.end(pid)
        if isinstance(self.time, _Fatal):
            self.time.pid = 0
        complained = Path(f"{out}.err").read_text() if Path(f"{out}.err").exists() else ""
        assert "Traceback" not in complained, complained
        assert code in (*range(8), -signal.SIGKILL, -signal.SIGTERM), (
            f"{name} ended with {code}: {complained}"
        )
        text = out.read_text() if out.exists() else ""
        assert text or code < 0, f"{name} ended with {code} and without an object"
        told = json.loads(text) if text.strip() else {}
        error = " ".join((told.get("error") or complained).split())[:300]
        self.trace.append(f"{name}: exit code {code} {told.get('status')} {told.get('outcomes')} {error}")
        return _Said(code, told)

    def _seen_of(self, night: Night, before: Users, said: list[_Said]) -> Seen:
        last = said[-1]
        refused = all(one.refused for one in said)
        counted: bool | None = None
        if refused:
            counted = False
        elif any(one.code in (0, 1, 3, 4) and not one.refused for one in said):
            counted = True
        lines = _lines(last.folder) if last.code in (0, 3, 4) and not last.refused else None
        code = last.code if last.told.get("status") not in ("failed", "interrupted") else None
        users, sent, edited = self.users, tuple(self.heard.writes), self.heard.edited_of(self.users)
        looked_up = (last.told.get("directory") or {}).get("read") == "lookup"
        return Seen(code, counted, sent, before, users, lines, edited, refused=refused, looked_up=looked_up)


def _lines(folder: Path | None) -> list[Line] | None:
    """The lines of a report as it lies in a run folder."""
    path = folder / "reconciliation.csv" if folder else None
    if path is None or not path.exists():
        return None
    with path.open(encoding="utf-8-sig", newline="") as file:
        return [
            Line(
                int(row["line"] or 0),
                row["external_id"] or row["login"],
                row["box_id"],
                row["verdict"],
                row["outcome"],
            )
            for row in csv.DictReader(file)
        ]


def run(seed: int, folder: Path, most: int | None = None) -> list[str]:
    """Live through one world, to a calm end or through so many nights at most; what happened.

    Raises Broken when something happens that may not.
    """
    story = Story(seed)
    with Zygote() as zygote, closing(Chaos(story, seed, folder, zygote)) as lived:
        try:
            _live(story, lived, most)
        except AssertionError as error:
            raise Broken(seed, f"{error}\n{story.rules}", lived.trace, "chaos") from error
        return lived.trace


def _live(story: Story, lived: Chaos, most: int | None) -> None:
    truth = Truth(story.rules, lived.whose)
    for night in islice(story.nights(), most):
        jump = 0 if night.calm or lived.random.random() < 0.8 else lived.random.choice(_JUMPS)
        tonight = replace(night, hour=night.hour + jump)
        lived.trace.append(f"the clock is wrong by {timedelta(hours=jump)}")
        truth.judge(tonight, lived.night(tonight))
    if most is not None:
        return
    last = {}
    for night in story.calm_nights(story.rules.absent_runs + 1):
        last[night.job] = lived.night(night)
        truth.judge(night, last[night.job])
    truth.judge_end(story, last, lived.users, tomorrow(night))
