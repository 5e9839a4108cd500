"""Nights over sockets: whole runs with their folders, ledger and reports, against a sandbox with its faults."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import yaml

from provision import Job, resume_run, run_job
from provision.errors import ExitCode, ProvisionError
from provision.runs.ending import RunResult
from provision.runs.observer import Unattended
from provision.sandbox import Options, serve
from provision.sandbox.model.accounts import Account, AccountKind
from provision.sandbox.trouble.faults import FaultKind as Fault
from provision.sandbox.trouble.faults import Faults
from provision.sandbox.trouble.script import rule
from provision.sandbox.world import Request as Call
from tests.live import BoxTime

from .memory import account, dwellers, lines_of
from .nights import JOBS, Edit, Night, Story
from .truth import Seen, Users
from .watch import Request

_BAD, _RESUMED = 45, 60
#: where the sandbox's app is told to a job
_VARIABLES = {
    "BOX_CLIENT_ID": "client_id", "BOX_CLIENT_SECRET": "client_secret", "BOX_ENTERPRISE_ID": "enterprise_id",
}  # fmt: skip
#: where requests meet faults
_WRITES: dict[str, Any] = {"method": ["POST", "PUT", "DELETE"], "path": "/2.0/users"}
_READS: dict[str, Any] = {"method": "GET", "path": "/2.0/users"}
#: what somebody else, or Box itself, does to an account just before or after a request of ours
_EDITED = tuple(
    {"fault": "edited", "edit": edit, "moment": moment}
    for edit in ({"phone": "+49 0"}, {"status": "inactive"})
    for moment in ("before", "after")
)
#: every fault there is
FAULTS: Sequence[tuple[dict[str, Any], Any]] = (
    *((_WRITES, do) for do in (
        500, 502, "503_not_written", "503_written", "lost_answer", "lost_request", "expired_token", "forbidden",
        {"status": 429, "retry_after": 2}, {"fault": "written_late", "delay": 5}, {"fault": "slow", "delay": 3},
        {"fault": "written_late", "delay": 40, "answer": "lost_answer"}, {"fault": "not_json", "written": True},
        {"fault": "html_error", "status": 502}, {"fault": "html_error", "status": 504, "written": True},
        {"fault": "stalled_body", "delay": 0}, *_EDITED,
    )),
    *((_READS, do) for do in (
        503, "lost_answer", "expired_token", "short_page", "entries_null", "duplicate_page", "repeated_marker", "not_json",
        {"status": 429, "retry_after": 30},
    )),
    ({"path": "/oauth2/token"}, {"fault": "sign_in_refused"}),
    ({"path": "/oauth2/token"}, 503),
)  # fmt: skip


class Overheard(Faults):
    """Faults that keep what was asked of users: the writes as they came in, and ids or logins of whom somebody edited then."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[Request] = []
        self.edited: set[str] = set()

    def due(self, request: Call) -> Any:
        """The fault that meets this request."""
        verb = {"POST": "create", "PUT": "update", "DELETE": "delete"}.get(request.method)
        if verb and request.path.startswith("/2.0/users"):
            fields = {name: str(cell) for name, cell in (request.json() if request.body else {}).items()}
            key = fields.get("external_app_user_id") or fields.get("login", "").casefold()
            self.writes.append(
                Request(verb, key if verb == "create" else request.path.rpartition("/")[2], fields)
            )
        fault = super().due(request)
        if fault is not None and fault.fault is Fault.EDITED:
            self.edited.add(self.writes[-1].whom)
        return fault

    def edited_of(self, users: Users) -> frozenset[str]:
        """The ids of whom somebody edited."""
        keys = ("login", "external_id")
        return frozenset(
            box_id
            for box_id, user in users.items()
            if self.edited & {box_id, *(user[name].casefold() for name in keys)}
        )


class OverSockets:
    """One sandbox and the two jobs over it, in this process. ``trace`` is what has happened."""

    def __init__(self, story: Story, seed: int, folder: Path) -> None:
        self.random = Random(f"weather {seed}")  # noqa: S311 - chance is the point
        self.folder, self._kind = folder, story.rules.kind
        self.trace: list[str] = []
        self.time = BoxTime()
        people = list(dwellers(story))
        self.whose: dict[str, int | str] = {str(1000 + n): who for n, (who, _) in enumerate(people)}
        self.server = serve(Options(seed_file=_seed(people, folder)), self.clock())
        self.heard = Overheard()
        self.server.service.faults = self.heard
        self._before = {name: os.environ.get(name) for name in _VARIABLES}
        os.environ.update({name: self.server.announcement[key] for name, key in _VARIABLES.items()})
        self.paths = {name: _job(name, folder, self.server.url, story) for name in JOBS}

    def clock(self) -> Any:
        """The sandbox's clock."""
        return self.time

    def close(self) -> None:
        """Stop the sandbox, and leave the environment as it was."""
        self.server.close()
        for name, value in self._before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})

    @property
    def users(self) -> Users:
        """Everybody who has an account now, when all has landed that is on its way."""
        self.time.move(100_000)
        return {
            one.id: _cells(one)
            for one in self.server.enterprise.accounts
            if one.kind is not AccountKind.SERVICE
        }

    def night(self, night: Night) -> Seen:
        """Live through one night."""
        self.heard.clear()
        for edit in night.edits:
            self._happens(edit)
        before = self.users
        self.trace.append(
            f"=== night {night.number} of {night.job} at {night.hour} h, {len(night.feed.people)} in the file"
        )
        self.heard.writes.clear()
        self.heard.edited.clear()
        self.feed(night)
        if not night.calm and self.random.random() * 100 < _BAD:
            self.bad_weather()
        return self.lived(night, before)

    def feed(self, night: Night) -> None:
        """Put the file where the job finds it."""
        path = self.folder / f"{night.job}.csv"
        path.write_bytes(night.feed.content)
        os.utime(path, ns=(night.written, night.written))

    def bad_weather(self) -> None:
        """Some requests meet faults from now on."""
        for match, do in self.random.choices(FAULTS, k=self.random.randint(1, 3)):
            how = self.random.choice(
                ({"nth": self.random.randint(1, 4)}, {"every": self.random.randint(2, 4), "times": 3})
            )
            self.heard.add(rule(do, **match, **how))
            self.trace.append(f"fault {do} at {match['path']} {how}")

    def lived(self, night: Night, before: Users) -> Seen:
        """The night's run, and perhaps another go at it."""
        job = Job.load(self.paths[night.job])
        try:
            result = run_job(job, observer=self._watched(night))
            if result.exit_code is ExitCode.INTERRUPTED and self.random.random() * 100 < _RESUMED:
                self.heard.clear()
                result = resume_run(result, observer=self._watched(night))
        except ProvisionError as error:
            self.trace.append(f"exit code {int(error.exit_code)}: {error.what}")
            return self._seen(night, int(error.exit_code), before)
        self._tell(result)
        counted = result.exit_code in (0, 1, 3, 4) and not result.plan.refused
        refused, sent = bool(result.plan.refused), tuple(self.heard.writes)
        lines = None if refused else lines_of(result.reconciliation)
        users, code = self.users, int(result.exit_code)
        edited, read = self.heard.edited_of(users), result.summary.directory
        looked_up = read is not None and read.read == "lookup"
        return Seen(code, counted, sent, before, users, lines, edited, refused=refused, looked_up=looked_up)

    def _seen(self, night: Night, code: int, before: Users) -> Seen:
        """The end of a run that came to no result: it did not get as far as to send anything."""
        return Seen(code, False, tuple(self.heard.writes), before, self.users, refused=True)

    def _tell(self, result: RunResult) -> None:
        summary = result.summary
        done = [f"{name} {one.status}" for name, one in result.reconciliation.outcomes.items()]
        self.trace.append(f"exit code {summary.exit_code} {summary.status}: {done} {summary.error or ''}")

    def _watched(self, night: Night) -> Unattended:
        return Unattended(lambda: night.at, self.time.timing(night.number))

    def _happens(self, edit: Edit) -> None:
        """An admin does something in Box."""
        self.trace.append(f"an admin: {edit}")
        enterprise = self.server.enterprise
        theirs = [one for one in enterprise.accounts if self.whose.get(one.id) == edit.who]
        if edit.what == "make" and not theirs:
            made = _account(enterprise.next_id(), account(edit.who, self._kind), enterprise.app_user_login())
            enterprise.add(made)
            self.whose[made.id] = edit.who
        for one in theirs:
            if edit.what == "delete":
                enterprise.remove(one)
            elif edit.what in ("lock", "phone"):
                new = {"status": "inactive"} if edit.what == "lock" else {"phone": "+49 0"}
                enterprise.change(one, msgspec.structs.replace(one, **new))


def _account(box_id: str, cells: dict[str, str], made_up: str) -> Account:
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Account(
        id=box_id, name=cells["name"], login=cells.get("login") or made_up, kind=AccountKind(cells["kind"]), phone=cells["phone"],
        external_app_user_id=cells.get("external_id"), created_at=at, modified_at=at,
    )  # fmt: skip


def _cells(one: Account) -> dict[str, str]:
    return {
        "login": one.login if one.kind is AccountKind.MANAGED else "", "external_id": one.external_app_user_id or "",
        "name": one.name, "phone": one.phone, "status": one.status,
    }  # fmt: skip


def _seed(people: list[tuple[int | str, dict[str, str]]], folder: Path) -> Path:
    users = []
    for n, (_, cells) in enumerate(people):
        named = {"external_id": "external_app_user_id"}
        users.append({named.get(name, name): cell for name, cell in cells.items()} | {"id": str(1000 + n)})
    admin = next(one for one in users if one.get("role") == "admin")
    facts = {"id": "27335", "name": "Acme Inc.", "domains": ["acme.example", "else.example"]}
    others = [one for one in users if one is not admin]
    whole = {
        "enterprise": facts,
        "admin": {name: admin[name] for name in ("name", "login", "id")},
        "users": others,
    }
    path = folder / "seed.json"
    path.write_text(json.dumps(whole))
    return path


def _job(name: str, folder: Path, url: str, story: Story) -> Path:
    told = {
        "version": 1, "name": name,
        "box": {"base_url": url, "auth": {"method": "ccg", **{key: f"${{{name}}}" for name, key in _VARIABLES.items()}}},
        "roster": {"path": f"{name}.csv", **story.rules.roster(name)}, "state": "sqlite:///ledger.db", "runs": "runs",
        "apply": {"requests_per_minute": 60_000, "workers": 3}, "report": {"formats": ["csv"]}, **story.rules.sections(),
    }  # fmt: skip
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(told, sort_keys=False))
    return path
