"""Operations on the people of the sandbox, and a context to carry them out."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from provision.apply.again import look_again
from provision.apply.context import ExecutionContext, WorkList
from provision.apply.executor import carry_out, freed
from provision.apply.halt import Halt, interrupted
from provision.apply.snapshot import SNAPSHOTS, keeper
from provision.box.pacing.timing import Timing
from provision.journal.book import JOURNAL_NAME, Journal
from provision.journal.value import Note, Outcome
from provision.model import Kind, UserKind
from provision.operations.remote import Remote
from provision.operations.value import Change, FieldChange
from provision.plan.halves import in_halves
from tests.live import BoxTime, Live


def change(kind: Kind, box_id: str = "", user_kind: UserKind = UserKind.MANAGED, **said: Any) -> Change:
    """One operation. ``fields``: {name: (before, after)} or {name: after}."""
    named = {
        name: value if isinstance(value, tuple) else ("", value) for name, value in said["fields"].items()
    }
    fields = tuple(FieldChange(name, before, after) for name, (before, after) in named.items())
    keys = {name: said.get(name, "") for name in ("external_id", "login")}
    _, name = named.get("name", ("", "N"))
    line = said.get("line", 0)
    return Change(kind, user_kind, line, box_id, **keys, name=name, fields=fields, because="test")


def new_app(number: int = 1, **more: str) -> Change:
    key = f"new-{number}"
    fields = {"external_id": key, "name": f"Nadia Neu {number}", "phone": "+49 30 99", **more}
    return change(Kind.CREATE, user_kind=UserKind.APP, external_id=key, line=number, fields=fields)


def new_managed(login: str = "zoe@acme.example", **more: str) -> Change:
    fields = {"login": login, "name": "Zoë Weiß", "job_title": "Einkäuferin", **more}
    return change(Kind.CREATE, login=login, line=1, fields=fields)


UPDATE = change(
    Kind.UPDATE, "300", login="mia@acme.example", fields={"job_title": ("Buyer", "Head of Buying")}
)
ACTIVATE = change(Kind.ACTIVATE, "302", login="ina@acme.example", fields={"status": ("inactive", "active")})
DEACTIVATE = change(
    Kind.DEACTIVATE, "300", login="mia@acme.example", fields={"status": ("active", "inactive")}
)
DELETE = change(Kind.DELETE, "300", login="mia@acme.example", fields={})

END_SESSIONS = change(Kind.END_SESSIONS, "300", login="mia@acme.example", fields={})
ROLL_OUT = change(Kind.ROLL_OUT, "300", login="mia@acme.example", fields={})


def parts(change: Change) -> tuple[Change, ...]:
    """An operation with its second half, as a plan has them."""
    return in_halves({0: change}, {})[0]


EVERY_KIND = [new_app(), new_managed(), UPDATE, ACTIVATE, DEACTIVATE, DELETE]


@dataclass
class Run:
    """One run against a sandbox: everything a context needs, on the sandbox's clock."""

    live: Live
    folder: Path
    workers: int = 1
    apply: Mapping[str, Any] = field(default_factory=dict)
    method: str = "ccg"

    def __post_init__(self) -> None:
        self.halt = Halt()
        self.time: BoxTime = self.live.time
        self.told: list[Outcome] = []
        timing = Timing(self.time.now, self.sleep, Random(3))  # noqa: S311 - jitter
        self.connection = self.live.connect(self.method, timing=timing, workers=self.workers, **self.apply)
        ticks = itertools.count()
        self.journal = Journal(self.folder / JOURNAL_NAME, {"plan": "1"}, lambda: f"at {next(ticks)}")
        box, retry = self.connection.box, self.connection.retry
        enterprise_id = self.connection.me.enterprise_id
        keep = keeper(self.folder / SNAPSHOTS)
        remote = Remote(box, retry.read, enterprise_id)
        self.context = ExecutionContext(remote, retry, self.journal, self.workers, self.halt, keep)

    def sleep(self, seconds: float) -> None:
        if self.halt.wanted:
            raise interrupted()
        self.time.wait(seconds)

    def carry_out(
        self, changes: Sequence[Change], skipped: Mapping[str, tuple[Note, ...]] | None = None
    ) -> dict[str, Outcome]:
        return carry_out(WorkList(changes, skipped or {}), self.context, self.told.append)

    def resume(
        self,
        changes: Sequence[Change],
        skipped: Mapping[str, tuple[Note, ...]] | None = None,
        known: AbstractSet[str] = frozenset(),
    ) -> dict[str, Outcome]:
        """Go on with what the journal tells, to the look at the end; what is new."""
        work = WorkList(changes, skipped or {}, self.journal.outcomes(), known)
        return self.finished(work, self.go_on(work))

    def go_on(self, work: WorkList) -> dict[str, Outcome]:
        """Go on, and end before the look at the end."""
        return carry_out(work, self.context, self.told.append)

    def look_again(self, changes: Sequence[Change], outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
        return self.finished(WorkList(changes), outcomes)

    def finished(self, work: WorkList, outcomes: Mapping[str, Outcome]) -> dict[str, Outcome]:
        """The look at the end, and what it frees; all that is new."""
        known = {**outcomes, **look_again(work, {**work.earlier, **outcomes}, self.context)}
        left = freed(work, {**work.earlier, **known})
        return {**known, **carry_out(left, self.context, self.told.append)}

    def one(self, wanted: Change) -> Outcome:
        """The outcome of a single operation; the journal says the same."""
        [outcome] = self.carry_out([wanted]).values()
        assert self.journal.outcomes() == {wanted.id: outcome}
        return outcome


def showing(live: Live, wanted: Change) -> int:
    """How many accounts of the enterprise show the operation as done."""
    accounts = list(live.server.enterprise.accounts)
    if wanted.kind is Kind.CREATE and wanted.user_kind is UserKind.APP:
        return sum(account.external_app_user_id == wanted.external_id for account in accounts)
    if wanted.kind is Kind.CREATE:
        return sum(account.login.casefold() == wanted.login.casefold() for account in accounts)
    if wanted.kind is Kind.DELETE:
        return int(all(account.id != wanted.box_id for account in accounts))
    return sum(
        account.id == wanted.box_id
        and all(getattr(account, each.field) == each.after for each in wanted.fields)
        for account in accounts
    )
