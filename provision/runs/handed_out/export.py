"""Export: the users a job looks after, as a roster of its own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from provision.errors import ExitCode, UsageError
from provision.job.settings import Job, RosterKind
from provision.model import ATTRIBUTES, CLEAR, ROLES, TRACKING_PREFIX, UserKind
from provision.report.summary import DirectorySummary, Summary
from provision.report.tables.identities import IDENTITY_COLUMNS
from provision.report.value import RunStatus
from provision.roster.export import write_as_it_is, write_roster
from provision.runs.handed_out.export_aliases import aliases_of
from provision.runs.handed_out.export_groups import all_groups, groups_of, unsaid_groups
from provision.runs.observer import Observer, Remark
from provision.runs.planning.prepare import api_facts, read_directory, recall
from provision.runs.reading.connection import sign_in
from provision.tracking_codes import codes_of


@dataclass(frozen=True, slots=True)
class ExportFiles:
    """Where to write: a roster that plans no change, and who is who; None for not at all.

    ``aliases``: the roster has everybody's further addresses, too, each account's by a call of its own.
    """

    roster: Path | None = None
    identities: Path | None = None
    aliases: bool = False


def export(job: Job, files: ExportFiles, observer: Observer) -> Summary:
    """Write everybody in scope; nobody else. Raises InputError for a file that cannot be written, or none."""
    if not (files.roster or files.identities):
        raise UsageError("No file is named.", remedy="give --out FILE, --identities FILE, or both")
    started_at = observer.now().isoformat(timespec="seconds")
    connection = sign_in(job, observer)
    directory = read_directory(job, connection, observer)
    memory = recall(job, connection.me.enterprise_id)
    mine = directory.where(lambda users: users["in_scope"])
    groups = all_groups(job, connection) if files.roster else None
    if files.roster:
        rows = as_roster(mine, memory.accounts, job)
        rows = rows.assign(groups=groups_of(mine["box_id"], groups).array) if groups else rows
        if files.aliases:
            rows = rows.assign(aliases=aliases_of(mine, job, connection, observer).array)
        for remark in (*write_roster(rows, files.roster), *(unsaid_groups(groups) if groups else ())):
            observer.note(Remark(remark))
    if files.identities:
        for remark in write_as_it_is(identities(mine, memory.accounts), files.identities):
            observer.note(Remark(remark))
    for path in filter(None, (files.roster, files.identities)):
        observer.note(Remark(f"{len(mine):,} users written to {path}"))
    number = len(groups.listed) if groups else None
    part = DirectorySummary(directory.tally.users, directory.tally.managed, directory.tally.app, number)
    return Summary(
        job=job.name,
        status=RunStatus.NO_CHANGES,
        exit_code=int(ExitCode.DONE),
        enterprise_id=connection.me.enterprise_id,
        directory=part,
        api=api_facts(connection, started_at, observer),
    )


def identities(users: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Who is who: the key a roster has for each user beside Box's id and login; IDENTITY_COLUMNS."""
    return users.assign(external_id=_keys(users, known))[list(IDENTITY_COLUMNS)].reset_index(drop=True)


def _keys(users: pd.DataFrame, known: pd.DataFrame) -> pd.Series[str]:
    """Their external ids; those of managed users come from the ledger."""
    ids = known.set_index("box_id")["external_id"].reindex(users["box_id"]).fillna("").to_numpy()
    return users["external_id"].where(users["external_id"] != "", ids)


def as_roster(users: pd.DataFrame, known: pd.DataFrame, job: Job) -> pd.DataFrame:
    """Directory rows as roster rows: only what a roster may say, so that reading it back plans nothing.

    Employee ids of managed users come from the ledger; a role that cannot be written is left out.
    """
    roster = pd.DataFrame({"external_id": _keys(users, known)})
    roster["login"] = users["login"]
    if job.roster.kind is RosterKind.COLUMN:
        roster["kind"] = users["kind"]
    is_app = users["kind"] == UserKind.APP.value
    for attribute in ATTRIBUTES:
        roster[attribute.name] = (
            users[attribute.name] if attribute.app else users[attribute.name].mask(is_app, "")
        )
    roster["role"] = roster["role"].where(roster["role"].isin(ROLES), "")
    roster = roster.join(_codes(users))
    roster = roster.mask(roster == CLEAR, "")  # in a roster that word would empty the attribute
    said = [name for name in roster.columns if name in _ALWAYS or bool((roster[name] != "").any())]
    return roster[said]


#: columns that are written even when all their cells are empty
_ALWAYS = ("external_id", "login", "kind", "name")


def _codes(users: pd.DataFrame) -> pd.DataFrame:
    """A column for each tracking code anybody has."""
    cells = [codes_of(text) for text in users["tracking_codes"].tolist()]
    names = sorted({name for codes in cells for name in codes})
    return pd.DataFrame(
        {
            f"{TRACKING_PREFIX}{name}": pd.Series([c.get(name, "") for c in cells], dtype="str")
            for name in names
        },
        index=users.index,
    )
