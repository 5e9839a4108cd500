"""The access review pack: who has access to an enterprise, since when, by which evidence, and whose decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pandas as pd

from provision.box.accounts import Whoami
from provision.directory.scope import Directory
from provision.errors import ExitCode
from provision.explain.next_step import Standing, look_ahead
from provision.files import whole_where_named
from provision.frames import equals, records, worded
from provision.job.settings import Authority, Job
from provision.ledger.others import BY_ROW, SAYS_LEFT
from provision.ledger.progress import progress_of
from provision.ledger.value import Memory
from provision.model import UserKind
from provision.plan.leavers.stages import Absence, absences_of
from provision.plan.value import Plan
from provision.report.sentences.reasons import reason_words, words
from provision.report.summary import DirectorySummary, Summary
from provision.report.tables.review_pack import COLUMNS, DECISION_COLUMNS, ReviewPack, expect_form, write_pack
from provision.report.value import RunStatus
from provision.runs.memory.memory_loss import memory_loss
from provision.runs.observer import Observer, Remark, Trouble
from provision.runs.past.evidence import AccountEvidence, evidence_of
from provision.runs.planning.prepare import api_facts, read_directory, recall
from provision.runs.reading.connection import sign_in
from provision.wording import counted, moment

_SERVICE, _ADMIN, _COADMIN = "service_account", "admin", "coadmin"


@dataclass(frozen=True, slots=True)
class Packed(Summary):
    """What the pack holds: where it lies, how many accounts of each sort, and run folders that were not read, with why."""

    out: str = ""
    accounts: Mapping[str, int] = field(default_factory=dict)
    not_read: Mapping[str, str] = field(default_factory=dict)


def review_pack(job: Job, out: Path, observer: Observer) -> Packed:
    """Write the pack; Box is listed once, and nothing is changed. Raises UsageError for a file that cannot be written."""
    expect_form(out)
    now = observer.now()
    started_at = now.isoformat(timespec="seconds")
    connection = sign_in(job, observer)
    me = connection.me
    loss = memory_loss(job, me.enterprise_id)
    if loss is not None:
        observer.note(Remark(str(loss)))
    directory = read_directory(job, connection, observer)
    users, memory = directory.frame, recall(job, me.enterprise_id)
    evidence = evidence_of(job, me.enterprise_id, users["box_id"])
    for name, why in evidence.not_read.items():
        observer.note(Trouble(f"Run {name} proves nothing here: {why}"))
    people = _people(users, memory, evidence, job, now)
    parts = _parts(users)
    counts = {name: int(mine.sum()) for name, mine in parts.items()}
    facts = _facts(job, me, directory, counts, (evidence, now))
    pack = ReviewPack(people, parts, _decisions(evidence), tuple(facts))
    whole_where_named(out, lambda part: write_pack(pack, part, out.suffix.casefold()))
    observer.note(Remark(f"{counted(len(users), 'account')} written to {out}"))
    return Packed(
        job=job.name,
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        enterprise_id=me.enterprise_id,
        directory=DirectorySummary(directory.tally.users, directory.tally.managed, directory.tally.app),
        api=api_facts(connection, started_at, observer),
        out=str(out),
        accounts={"everybody": len(users), **{name.lower(): count for name, count in counts.items()}},
        not_read=evidence.not_read,
    )


def _parts(users: pd.DataFrame) -> dict[str, pd.Series]:
    """The sheets below everybody, and who is on each."""
    service = equals(users["protected"], _SERVICE)
    return {
        "Admins": users["role"].isin((_ADMIN, _COADMIN)) & ~service,
        "App users": pd.Series(equals(users["kind"], UserKind.APP.value) & ~service, users.index),
        "Service accounts": pd.Series(service, users.index),
        "Inactive": pd.Series(~equals(users["status"], "active"), users.index),
    }


def _people(
    users: pd.DataFrame, memory: Memory, evidence: AccountEvidence, job: Job, now: datetime
) -> pd.DataFrame:
    known = memory.accounts.set_index("box_id")
    ids = users["box_id"]
    external = known["external_id"].reindex(ids).fillna("").set_axis(users.index)
    table = pd.DataFrame(
        {
            "login": users["login"],
            "name": users["name"],
            "kind": users["kind"],
            "role": users["role"],
            "status": users["status"],
            "external_id": users["external_id"].where(users["external_id"] != "", external),
            "box_id": ids,
            "standing": _standing(users, memory, job),
            "since": known["since"].reindex(ids).fillna("").str[:10].set_axis(users.index),
            "evidence": _evidence(ids, evidence),
            "decided by": _decided(ids, evidence),
        }
    )
    table["last word"], table["what comes next"] = _last_words(users, memory, evidence.last, (job, now))
    return table[list(COLUMNS)].astype("str")


def _standing(users: pd.DataFrame, memory: Memory, job: Job) -> pd.Series:
    """Whose account it is by this job, and why it is never touched."""
    owning = memory.claims[~memory.claims["how"].isin([BY_ROW, SAYS_LEFT])]
    claims = owning.drop_duplicates("box_id").set_index("box_id")["job"]
    other = claims.reindex(users["box_id"]).fillna("").set_axis(users.index)
    owned = users["box_id"].isin(memory.accounts["box_id"])
    told = worded((~users["in_scope"]).to_numpy().astype("int8"), ["not owned by a job", "out of scope"])
    told = told.set_axis(users.index).mask(other != "", "owned by job " + other)
    told = told.mask(owned, f"owned by job {job.name}")
    why = reason_words(users["protected"])
    return told.mask(why != "", told + "; protected: " + why)


def _evidence(ids: pd.Series, evidence: AccountEvidence) -> pd.Series:
    """The run that made the account, and the row that named it last."""
    made = _told_of(ids, evidence.made)
    made = made.mask(made != "", "created by run " + made)
    row = _told_of(ids, evidence.rows)
    both = (made != "") & (row != "")
    return (made + row).mask(both, made + "; " + row)


def _decided(ids: pd.Series, evidence: AccountEvidence) -> pd.Series:
    """Who decided about the account by name, the newest first; where nobody did, rows and job decided."""
    told = {
        box_id: "; ".join(
            f"{one.what} by {one.by.told} on {one.at[:10]}" if one.by.told else one.what
            for one in reversed(decisions)
        )
        for box_id, decisions in evidence.decided.items()
    }
    return _told_of(ids, told)


def _told_of(ids: pd.Series, told: Mapping[str, str]) -> pd.Series:
    """What is told of each, "" for nothing; where nothing is told of anybody, these are texts, too."""
    return pd.Series([told.get(box_id, "") for box_id in ids], ids.index, dtype="str")


def _last_words(
    users: pd.DataFrame, memory: Memory, last: Plan | None, when: tuple[Job, datetime]
) -> tuple[pd.Series, pd.Series]:
    """What the last run said of each account, and of those who leave, are locked or wait for a person what comes next and when."""
    nothing = pd.Series("", users.index, dtype="str")
    if last is None:
        return nothing, nothing
    table = last.table
    lines = table[~equals(table["box_id"], "")].drop_duplicates("box_id").set_index("box_id")
    said = lines["verdict"].str.replace("_", " ", regex=False) + ": " + reason_words(lines["because"])
    said = said.reindex(users["box_id"]).fillna("").set_axis(users.index)
    held = {hold.box_id: hold.because for hold in memory.holds if hold.box_id}
    waits = _told_of(users["box_id"], {box_id: f"; held: {words(why)}" for box_id, why in held.items()})
    said = said + waits.mask(said == "", "")
    going = pd.Series(~equals(users["status"], "active"), users.index)
    going |= users["box_id"].isin(memory.absences["box_id"]) | users["box_id"].isin([*held])
    looked_at = users[going & users["box_id"].isin(lines.index)]
    wait_for = [held.get(box_id, "") for box_id in looked_at["box_id"]]
    standings = list(zip(looked_at["status"].tolist(), wait_for, strict=True))
    ahead = _ahead(lines.loc[looked_at["box_id"]], standings, memory, when)
    return said, nothing.where(
        ~users.index.isin(looked_at.index), pd.Series(ahead, looked_at.index, dtype="str")
    )


def _ahead(
    lines: pd.DataFrame, standings: list[tuple[str, str]], memory: Memory, when: tuple[Job, datetime]
) -> list[str]:
    """What comes next for the people of these lines of the last run, by Box id.

    ``standings``: of each the status of the account, and why it waits for a person, as a reason, "" if it does not.
    """
    job, now = when
    left = dict(zip(memory.accounts["box_id"], memory.accounts["left_at"], strict=True))
    absences, stages = absences_of(memory), progress_of(memory)
    told = []
    for box_id, (status, held), row in zip(lines.index, standings, records(lines), strict=True):
        standing = Standing(
            verdict=row["verdict"], because=row["because"], line=int(row["line"]), starts_on=row["starts_on"],
            ends_on=row["ends_on"], owned=box_id in left, status=status, left_at=left.get(box_id, ""),
            absence=absences.get(box_id, Absence()), full=job.roster.authority is Authority.FULL,
            stages=stages.get(box_id), held=held,
        )  # fmt: skip
        told.append(look_ahead(standing, job.lifecycle.of(row["segment"]), now).words)
    return told


def _decisions(evidence: AccountEvidence) -> pd.DataFrame:
    rows = [(one.at, one.by.told, one.what, one.who, one.run_id) for one in evidence.decisions]
    return pd.DataFrame(rows, columns=list(DECISION_COLUMNS), dtype="str")


def _facts(
    job: Job,
    me: Whoami,
    directory: Directory,
    counts: Mapping[str, int],
    seen: tuple[AccountEvidence, datetime],
) -> Iterator[tuple[str, str | int]]:
    evidence, now = seen
    yield from (
        ("enterprise", me.enterprise_id),
        ("job", job.name),
        ("read", moment(now, job.lifecycle.zone())),
    )
    yield ("signed in as", me.login or me.name or me.box_id)
    yield from (("", ""), ("accounts", directory.tally.users), ("managed users", directory.tally.managed))
    yield from ((name.lower(), count) for name, count in counts.items())
    yield from (("", ""), ("decisions by name", len(evidence.decisions)))
    if evidence.last is not None:
        last = evidence.last
        yield (
            "last accepted roster",
            f"{last.roster.path}, SHA-256 {last.roster.sha256[:12]}, {last.as_of[:16]}",
        )
    if evidence.not_read:
        yield ("run folders not read", "; ".join(f"{name}: {why}" for name, why in evidence.not_read.items()))
    yield from (("", ""), *_LEGEND)


_LEGEND = (
    ("standing", "whether this job looks after the account and may remove it, or why it never touches it"),
    (
        "since",
        "since when the account is the job's by its ledger, or since its person came back; empty for others",
    ),
    ("evidence", "the run that created the account, and the row of an accepted roster that named it last"),
    ("decided by", "who approved or adopted by name; empty where the roster and the job decided"),
    ("last word", "what the last accepted roster led to; what is held waits for a person"),
    (
        "what comes next",
        "of inactive accounts, and of people who are absent or held: what the next runs do, and when",
    ),
)
