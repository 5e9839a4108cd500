"""Reading the enterprise by lookup: where looking each person up by key takes fewer calls than listing everybody.

So for partial rosters, whose other accounts are nobody's business, for a few people of any, and for going on with a saved plan, which knows whom it is
about. A job whose rules look at everybody lists.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np
import pandas as pd

from provision.batches import Held, joined
from provision.box.accounts import Account
from provision.box.connect import Connection
from provision.directory.account_rows import frame_of
from provision.directory.answered import answered
from provision.directory.lookup import Wanted, look_up, seen_again
from provision.directory.scope import Directory, WayOfReading, survey
from provision.frames import folded
from provision.job.settings import Authority, Job
from provision.journal.value import Outcome
from provision.ledger.roster_values import NOT_SAID, unpack
from provision.ledger.value import Memory
from provision.model import UserKind
from provision.operations.value import Change
from provision.paging import PAGE_SIZE
from provision.plan.columns import Mask, among
from provision.plan.diff.fingerprints import marks
from provision.plan.few import Few
from provision.plan.match.lookalikes import without_zeros
from provision.roster.value import Roster
from provision.runs.observer import Observer, Phase, go_on
from provision.runs.reading.connection import waited_for
from provision.runs.reading.unlisted import MOST_ASKED, keys_of, named_in

#: a listing is counted before and after
_COUNTS = 2


@dataclass(frozen=True, slots=True)
class Tried:
    """Whom a lookup showed, None where a listing is cheaper or the job needs one; and how many users Box counts, if it was asked."""

    directory: Directory | None = None
    counted: int | None = None


def read_by_key(
    roster: Roster, memory: Callable[[], Memory], job: Job, connection: Connection, observer: Observer
) -> Tried:
    """The people of a partial roster, looked up; ``memory`` is what earlier runs left, read only where it is needed."""
    if job.roster.authority is not Authority.PARTIAL or _looks_at_everybody(job):
        return Tried()
    wanted = _people(roster)
    cheaper, users = _cheaper(len(wanted), connection, job)
    if not cheaper:
        return Tried(None, users)
    found = _found(wanted, job, connection, observer)
    found += _found(_known(roster, memory(), found), job, connection, observer)
    return Tried(_directory(found, len(wanted), job, connection), users)


def read_few(
    whose: tuple[Roster, Few], memory: Memory, job: Job, connection: Connection, observer: Observer
) -> tuple[Roster, Tried]:
    """Some people of a roster looked up, and the roster with them and with whoever claims one of their accounts as well.

    The whole roster where they are not looked up.
    """
    roster, few = whose
    small = replace(roster, people=Held(few.among(roster.people)), rejected=few.of(roster.rejected))
    wanted = _people(small)
    cheaper, users = (False, None) if _looks_at_everybody(job) else _cheaper(len(wanted), connection, job)
    if not cheaper:
        return roster, Tried(None, users)
    found = _found(wanted, job, connection, observer)
    known = _known(small, memory, found)
    found += _found(known, job, connection, observer)
    asked = wanted + known
    claimed = _claiming(roster, few, found, memory)
    more = _people(claimed) + _known(claimed, memory, found) + _gone_alike(roster, small, memory, job)
    if len(more):
        asked += more
        found = list({one.box_id: one for one in (*found, *_found(more, job, connection, observer))}.values())
    both = pd.concat([small.frame, claimed.frame], ignore_index=True)
    people = Held(both.sort_values("line", kind="stable", ignore_index=True))
    return replace(roster, people=people), Tried(_directory(found, len(asked), job, connection), users)


def _claiming(roster: Roster, few: Few, found: Sequence[Account], memory: Memory) -> Roster:
    """The good rows of others that have a key of one of these accounts, as Box or the ledger has it."""
    ids = [one.box_id for one in found]
    known = memory.accounts.loc[memory.accounts["box_id"].isin(ids), ["external_id", "login"]]
    accounts = pd.concat([frame_of(found)[["external_id", "login"]], known.astype("str")])
    logins, external_ids = folded(accounts["login"]), accounts["external_id"]
    parts = [
        rows[
            (among(folded(rows["login"]), logins) | among(rows["external_id"], external_ids))
            & ~rows["line"].isin(few.lines).to_numpy(bool)
        ]
        for rows in roster.people.each()
    ]
    return replace(roster, people=Held(joined(parts)), rejected=roster.rejected[:0])


def _gone_alike(roster: Roster, small: Roster, memory: Memory, job: Job) -> Wanted:
    """The job's accounts of whom no row speaks that may be one of a few people: the same name, or start of the login.

    The ledger knows names by their fingerprints only. So somebody with a new address is not made anew beside the account of old.
    """
    if job.roster.authority is not Authority.FULL or memory.accounts.empty:
        return Wanted()
    named = named_in(memory.accounts, chain(roster.people.each(["external_id", "login"]), [roster.rejected]))
    gone = memory.accounts[~named]
    said = unpack(memory.said, ["name"])
    names = said["name"].to_numpy() if "name" in said else np.zeros(len(said), np.uint64)
    rows = small.frame
    ours = marks(job.name, "name", rows["name"], memory.key) if memory.key else names[:0]
    like = np.isin(names, ours) & (names != NOT_SAID)
    wanted = among(gone["box_id"], said["box_id"][like])
    wanted |= _start(gone["login"]).isin(_start(rows["login"][rows["login"] != ""])).to_numpy(bool)
    return Wanted(tuple(gone["box_id"][wanted].head(MOST_ASKED)))


def _start(logins: pd.Series[str]) -> pd.Series[str]:
    return folded(logins).str.replace("@.*", "", regex=True)


def read_targets(
    changes: Sequence[Change],
    earlier: Mapping[str, Outcome],
    job: Job,
    connection: Connection,
    observer: Observer,
) -> Tried:
    """The accounts that operations of a saved plan are about, looked up.

    ``earlier`` is what became of them so far. They are looked at once more for the proof, where a listing would be as well.
    """
    if _looks_at_everybody(job):
        return Tried()
    nobody = {change.id for change in changes if change.of_nobody}
    done = [one.box_id for name, one in earlier.items() if one.box_id and name not in nobody]
    ids = [one for change in changes for one in (change.box_id, change.to) if one]
    left = [change for change in changes if not (change.id in earlier and earlier[change.id].box_id)]
    wanted = Wanted(tuple(dict.fromkeys([*ids, *done]))) + keys_of(left)
    cheaper, users = _cheaper(len(wanted), connection, job)
    if not cheaper:
        return Tried(None, users)
    return Tried(_directory(_found(wanted, job, connection, observer), len(wanted), job, connection), users)


def read_again(
    directory: Directory, box_ids: Sequence[str], job: Job, connection: Connection, observer: Observer
) -> Directory:
    """What was looked up, with these accounts as they are now: those that are gone are in it no more."""
    with observer.progress(Phase.LISTING) as show:
        fresh = look_up(Wanted(tuple(box_ids)), connection.box, connection.retry, connection.me, show)
    surveyed = seen_again(directory.frame, box_ids, fresh, job, connection.me)
    return replace(surveyed, read=WayOfReading.LOOKUP, asked=len(box_ids))


def _looks_at_everybody(job: Job) -> bool:
    """Whether a rule of the job is about more people than it names: who manages, who receives, who is of one department, who holds a seat."""
    guards = job.guards
    rules = (job.scope.protect_managers, job.lifecycle.transfers, guards.by, guards.seats is not None)
    return any(rules)


def _cheaper(lookups: int, connection: Connection, job: Job) -> tuple[bool, int | None]:
    """Whether so many calls are fewer than a listing takes, and how many users Box counts.

    To know that is one call itself, unless nothing can be less; a listing begins with the same one.
    """
    if lookups < _COUNTS:
        return True, None
    with waited_for(job):
        users = answered(connection.retry, connection.box.total)
    return users is not None and 1 + lookups < -(-users // PAGE_SIZE) + _COUNTS, users


def _found(wanted: Wanted, job: Job, connection: Connection, observer: Observer) -> list[Account]:
    if not len(wanted):
        return []

    def seen(number: int) -> None:
        go_on(observer)
        show(number)

    with waited_for(job), observer.progress(Phase.LISTING, len(wanted)) as show:
        return look_up(wanted, connection.box, connection.retry, connection.me, seen)


def _directory(found: list[Account], asked: int, job: Job, connection: Connection) -> Directory:
    surveyed = survey(Held(frame_of(found)), job.scope, job.roster.kinds, connection.me)
    return replace(surveyed, read=WayOfReading.LOOKUP, asked=asked)


def _people(roster: Roster) -> Wanted:
    """Everybody whom a row may mean, also one that has an error: app users by external id, all others by login."""
    wanted = Wanted()
    for rows in (*roster.people.each(["kind", "external_id", "login"]), roster.rejected):
        may_be_app = (rows["kind"] != UserKind.MANAGED.value) & (rows["external_id"] != "")
        logins = rows["login"][rows["login"] != ""]
        wanted += Wanted((), tuple(rows["external_id"][may_be_app]), tuple(logins))
    return wanted


def _but_for_zeros(ids: pd.Series[str], roster: Roster) -> Mask:
    """Which of these ids a row names but for leading zeros: the row may mean that account (see :mod:`provision.plan.match.lookalikes`)."""
    plain = without_zeros(ids)
    found = np.zeros(len(ids), dtype=bool)
    for rows in roster.people.each(["external_id"]):
        found |= among(plain, without_zeros(rows["external_id"]))
    return found & (plain != "").to_numpy(bool)


def _known(roster: Roster, memory: Memory, found: Sequence[Account]) -> Wanted:
    """The accounts of these people that earlier runs, or answers, know under another key."""
    known = pd.concat([memory.accounts, memory.answers])[["box_id", "external_id", "login"]].astype("str")
    named = named_in(known, chain(roster.people.each(["external_id", "login"]), [roster.rejected]))
    named = named | _but_for_zeros(known["external_id"], roster)
    ids = known["box_id"][named & ~known["box_id"].isin([one.box_id for one in found]).to_numpy(bool)]
    return Wanted(tuple(dict.fromkeys(ids)))
