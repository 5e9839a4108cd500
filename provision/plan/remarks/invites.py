"""What became of invitations since the last run: who has joined, and who is still invited though no row names them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd

from provision.directory.scope import Directory
from provision.findings import Code, Finding, Level
from provision.frames import folded
from provision.job.settings import Authority, Job
from provision.ledger.value import InviteState, Memory
from provision.roster.value import Roster
from provision.wording import counted, shortened

#: so many people are named in one finding
_NAMED = 5


def remarks_on_invites(roster: Roster, directory: Directory, memory: Memory, job: Job) -> Iterator[Finding]:
    """One note on all who have joined, one on all who are not wanted any more; none where nobody was invited."""
    invites = memory.invites
    open_ones = invites["login"][invites["state"] == InviteState.INVITED.value]
    if not len(open_ones):
        return
    there = set(
        directory.where(lambda users: users["login_key"].isin(open_ones), ("box_id", "login_key"))[
            "login_key"
        ]
    )
    if joined := sorted(there):
        people = counted(len(joined), "person who was invited has", "people who were invited have")
        yield Finding(
            Code.INVITE_ACCEPTED, Level.NOTE, f"{people} joined: {shortened(joined, _NAMED)}", key=joined[0]
        )
    if job.roster.authority is not Authority.FULL:
        return
    left = sorted(set(open_ones) - there - _named(roster, open_ones))
    if left:
        people = counted(len(left), "person is", "people are")
        sentence = f"{people} still invited, and no row names them any more: {shortened(left, _NAMED)}"
        do = "withdraw the invitation in the Admin Console; no program can"
        yield Finding(Code.INVITE_LEFT, Level.WARNING, sentence, do, key=left[0])


def _named(roster: Roster, logins: pd.Series[str]) -> set[str]:
    found: set[str] = set()
    for rows in roster.people.each(["login"]):
        mine = folded(rows["login"])
        found |= set(mine[mine.isin(logins)])
    return found
