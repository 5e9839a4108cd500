"""Small plans, outcomes and listings of invented people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import pandas as pd

from provision.batches import Held
from provision.because import coded
from provision.errors import BoxAnswer
from provision.journal.value import Outcome
from provision.model import Kind, Status, UserKind, Verdict
from provision.operations.registry import ENDINGS, LEAVING
from provision.operations.value import Change, FieldChange
from provision.plan.value import TABLE_COLUMNS, DirectoryFacts, GuardVerdict, Plan, RosterFacts

NOW_COLUMNS = (
    "box_id", "login", "name", "kind", "external_id", "status", "role", "language", "timezone", "job_title",
    "phone", "address", "space_amount", "tracking_codes", "is_sync_enabled", "untold", "in_scope", "protected",
)  # fmt: skip
AT = "2026-03-02T01:00:07+00:00"


@dataclass(frozen=True)
class Person:
    """One line of a plan; ``line`` 0 has no roster row, ``box_id`` "" no account."""

    verdict: str = "unchanged"
    line: int = 0
    login: str = ""
    name: str = "Ada Example"
    box_id: str = ""
    external_id: str = ""
    kind: str = "managed"
    reason: str = "in step"
    fields: tuple[tuple[str, str, str], ...] = ()
    evidence: str = ""

    @property
    def change(self) -> Change | None:
        if self.verdict not in set(Kind):
            return None
        return Change(
            kind=Kind(self.verdict),
            user_kind=UserKind(self.kind),
            line=self.line,
            box_id=self.box_id,
            external_id=self.external_id,
            login=self.login,
            name=self.name,
            fields=tuple(FieldChange(*field) for field in self.fields),
            because=coded(self.reason),
            evidence=coded(self.evidence),
        )

    @property
    def text(self) -> str:
        return "; ".join(f"{name}: {before} → {after}" for name, before, after in self.fields)


def person(verdict: str, number: int, **given: object) -> Person:
    """Somebody with this verdict; creates have no account yet, leavers and unowned accounts no roster row."""
    leaves = verdict in tuple(LEAVING)
    rowless = leaves or verdict in ("unowned", "claimed", "protected")
    defaults: dict[str, object] = {
        "verdict": verdict,
        "line": 0 if rowless else number + 1,
        "login": f"p{number}@acme.example",
        "name": f"Person {number}",
        "box_id": "" if verdict in ("create", "invite", "rejected", "starts_later") else str(20_000 + number),
        "fields": FIELDS.get(verdict, ()),
        "reason": REASONS[verdict],
        "evidence": "absent from 2 complete rosters, since 2026-02-20" if leaves else "",
    }
    return Person(**{**defaults, **given})


FIELDS = {
    "create": (("name", "", "Person"), ("job_title", "", "Clerk")),
    "update": (("job_title", "Clerk", "Senior Clerk"), ("tracking_codes", "", '{"cost":"100"}')),
    "activate": (("status", "inactive", "active"),),
    "deactivate": (("status", "active", "inactive"),),
    "membership_add": (("groups", "", "Sales"),),
    "membership_update": (("groups", "Sales", "Sales (admin)"),),
    "membership_remove": (("groups", "Sales", ""),),
    "login_change": (("login", "p@acme.example", "p.new@acme.example"),),
    "alias_add": (("aliases", "", "p.alias@acme.example"),),
    "alias_remove": (("aliases", "p.alias@acme.example", ""),),
    "collaboration_add": (("collaborations", "", "/Clients (viewer)"),),
    "collaboration_remove": (("collaborations", "/Clients (viewer)", ""),),
    "starter_content": (("content", "", "copy of folder 123456"),),
}
REASONS = {
    "create": "not in Box",
    "invite": "an account outside",
    "update": "differs from the roster",
    "activate": "is back on the roster",
    "deactivate": "not on the roster any more",
    "end_sessions": "left yesterday",
    "archive_move": "its folder waits",
    "transfer": "left more than 20 days ago; the content goes to boss@acme.example (the manager)",
    "delete": "left more than 30 days ago",
    "roll_out": "left more than 40 days ago",
    "membership_add": "the roster names the group Sales",
    "membership_update": "another role in the group Sales",
    "membership_remove": "the roster no longer names the group Sales",
    "login_change": "another login in the roster",
    "alias_add": "another alias in the roster",
    "alias_remove": "an alias that is in the roster no more",
    "collaboration_add": "new people are let into /Clients (onboarding)",
    "collaboration_remove": "the undone run let this account into the folder, or took it out",
    "starter_content": "new people are given 123456 (onboarding)",
    "unchanged": "in step with the roster",
    "rejected": "row 7, column Language: xx is not a language Box knows",
    "protected": "the login matches scope.protect",
    "unowned": "not created or adopted by this job",
    "held": "two rows claim one account",
    "starts_later": "upcoming: the start date (2026-05-01) is ahead",
    "out_of_scope": "the domain is not in scope.domains",
    "claimed": "claimed by job portal",
    "excluded": 'left out by roster.where ("Type")',
}


def plan_of(*people: Person, guards: Iterable[GuardVerdict] = (), **facts: object) -> Plan:
    """The plan with a line for each of these people."""
    rows = [
        (
            p.line,
            p.external_id,
            p.login,
            p.name,
            p.kind,
            p.box_id,
            p.verdict,
            coded(p.reason),
            p.text,
            True,
            *[""] * 8,
        )
        for p in people
    ]
    table = pd.DataFrame(rows, columns=list(TABLE_COLUMNS))
    text = [name for name in TABLE_COLUMNS if name not in ("line", "owned")]
    table = table.astype({"line": "int64", "owned": "bool", **dict.fromkeys(text, "str")})
    counts = table["verdict"].value_counts()
    lines = sum(p.line > 0 for p in people)
    rejected = sum(p.verdict == "rejected" for p in people)
    plan = Plan(
        job="nightly",
        enterprise_id="900000",
        as_of="2026-03-02T01:00:00+00:00",
        roster=RosterFacts("employees.csv", "ab" * 32, lines, lines - rejected, rejected, "full"),
        directory=DirectoryFacts(len(people), len(people), 0, "cd" * 32),
        changes=tuple(p.change for p in people if p.change),
        guards=tuple(guards),
        verdicts={str(word): int(counts[str(word)]) for word in Verdict if str(word) in counts.index},
        people=Held(table),
        digest="ef" * 32,
    )
    return replace(plan, **facts)


def outcome(change: Change, status: Status = Status.DONE, **given: object) -> Outcome:
    """What became of the change; a done create has an account, and whoever has accepted an invitation."""
    comes = change.kind in (Kind.CREATE, Kind.INVITE) and status is Status.DONE
    made = f"9{change.line}" if comes else change.box_id
    answer = BoxAnswer(http_status=200 if status is Status.DONE else 0)
    known: dict[str, object] = {"box_id": made, "answer": answer, "attempts": 1, "at": AT}
    return Outcome(change.id, status, **{**known, **given})


def outcomes_of(plan: Plan, status: Status = Status.DONE) -> dict[str, Outcome]:
    """The same outcome for every change of the plan."""
    return {change.id: outcome(change, status) for change in plan.changes}


def users(*rows: Mapping[str, object]) -> pd.DataFrame:
    """A fresh listing with these users; what is not given is empty, in scope and managed."""
    filled = [{**dict.fromkeys(NOW_COLUMNS, ""), "kind": "managed", "in_scope": True, **row} for row in rows]
    frame = pd.DataFrame(filled, columns=list(NOW_COLUMNS))
    return frame.astype({**dict.fromkeys(NOW_COLUMNS, "str"), "in_scope": "bool"})


def listing_after(plan: Plan, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """The users as Box lists them when every outcome called done really is."""
    accounts = {
        row["box_id"]: {name: row[name] for name in ("box_id", "login", "name", "kind", "external_id")}
        for row in plan.table.to_dict("records")
        if row["box_id"] and row["verdict"] != "out_of_scope"
    }
    for change in plan.changes:
        end = outcomes.get(change.id)
        if end is not None and end.status is Status.DONE:
            _apply(accounts, change, end.box_id or change.box_id)
    return users(*accounts.values())


def _apply(accounts: dict[str, dict[str, object]], change: Change, box_id: str) -> None:
    if change.kind in ENDINGS:
        accounts.pop(box_id)
        return
    fresh = {
        "box_id": box_id, "login": change.login, "name": change.name, "kind": str(change.user_kind),
        "external_id": change.external_id,
    }  # fmt: skip
    account = accounts.setdefault(box_id, fresh)
    account |= {field.field: field.after for field in change.fields}


#: verdicts on people whose memberships alone are changed, who are invited or let into folders, see test_groups.py and test_invites.py, and of what an
#: earlier run could not finish
_ELSEWHERE = (
    Verdict.MEMBERSHIP_ADD, Verdict.MEMBERSHIP_UPDATE, Verdict.MEMBERSHIP_REMOVE, Verdict.ARCHIVE_MOVE, Verdict.INVITE,
    Verdict.COLLABORATION_ADD, Verdict.COLLABORATION_REMOVE, Verdict.STARTER_CONTENT,
)  # fmt: skip
#: somebody with every other verdict, those whose content or sessions are concerned last
_VERDICTS = sorted(
    (each for each in Verdict if each not in _ELSEWHERE),
    key=(Verdict.END_SESSIONS, Verdict.TRANSFER, Verdict.ROLL_OUT).__contains__,
)
EVERYBODY = tuple(person(str(verdict), number) for number, verdict in enumerate(_VERDICTS, start=1))
