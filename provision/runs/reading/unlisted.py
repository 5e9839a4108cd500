"""Accounts that a listing does not show and that may be there: looked for singly before their absence is believed.

A listing may lag behind writes, and hide a user whom Box counts and shows by id. So a person whom an earlier run gave an account
gets no other one before Box was asked for that very account; and where the listing is not proven to be whole, whoever would
be created is asked for by key.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from provision.box.connect import Connection
from provision.directory.lookup import Wanted, look_up, with_accounts
from provision.directory.scope import Directory
from provision.frames import folded
from provision.hashes import EMPTY, Hashes, hashed
from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import Kind, UserKind
from provision.operations.value import Change
from provision.plan.columns import Mask, among
from provision.roster.value import Roster
from provision.runs.reading.connection import waited_for

#: so many are asked for before a plan for no other reason than a listing that is not proven
MOST_ASKED = 500


def with_unlisted(wanted: Wanted, directory: Directory, job: Job, connection: Connection) -> Directory:
    """The directory with those of the wanted who are there though they are not listed."""
    if not len(wanted):
        return directory
    with waited_for(job):
        found = look_up(wanted, connection.box, connection.retry, connection.me)
    return with_accounts(directory, found, job, connection.me)


def unlisted(roster: Roster, directory: Directory, memory: Memory) -> Wanted:
    """Whom to ask for before a plan: known accounts of people in the roster, and where the listing is not proven more.

    These are the other accounts of the job, and the people of the roster who would be created; unless they are too many.
    """
    owned = memory.accounts
    gone = owned[~_listed(owned["box_id"], directory)]
    named = gone[
        named_in(gone, roster.people.each(["external_id", "login"])) & ~_elsewhere(gone, owned, directory)
    ]
    wanted = Wanted(tuple(named["box_id"]))
    if directory.certainty.proven:
        return wanted
    others = gone["box_id"][~gone["box_id"].isin(wanted.box_ids)]
    return wanted + Wanted(tuple(others.head(MOST_ASKED))) + _creates(roster, directory, memory)


def targets(changes: Iterable[Change], directory: Directory) -> Wanted:
    """The accounts of planned operations that are not listed."""
    ids = [one for change in changes for one in (change.box_id, change.to) if one]
    column = pd.Series(list(dict.fromkeys(ids)), dtype="str")
    return Wanted(tuple(column[~_listed(column, directory)]))


def still_there(box_ids: Iterable[str], directory: Directory) -> tuple[str, ...]:
    """Those of these accounts that are listed, or were looked up and found."""
    column = pd.Series(list(dict.fromkeys(box_ids)), dtype="str")
    return tuple(column[_listed(column, directory)])


def keys_of(changes: Iterable[Change]) -> Wanted:
    """Creates by the key that Box keeps unique."""
    creates = [change for change in changes if change.kind is Kind.CREATE]
    apps = [change.external_id for change in creates if change.user_kind is UserKind.APP]
    logins = [change.login for change in creates if change.user_kind is not UserKind.APP]
    return Wanted((), tuple(filter(None, apps)), tuple(filter(None, logins)))


def _listed(box_ids: pd.Series[str], directory: Directory) -> Mask:
    mask = np.zeros(len(box_ids), bool)
    if len(box_ids):
        for users in directory.listed.each(["box_id"]):
            mask |= among(box_ids, users["box_id"])
    return mask


def named_in(accounts: pd.DataFrame, batches: Iterable[pd.DataFrame]) -> Mask:
    """Which of the accounts have a key that stands in one of these rows of a roster."""
    mask, logins = np.zeros(len(accounts), bool), folded(accounts["login"])
    for rows in batches if len(accounts) else ():
        mask |= among(accounts["external_id"], rows["external_id"]) | among(logins, folded(rows["login"]))
    return mask


def _elsewhere(gone: pd.DataFrame, owned: pd.DataFrame, directory: Directory) -> Mask:
    """Whose key is that of a listed account by now: who was deleted and made anew is not looked for every night."""
    there = owned[~owned["box_id"].isin(gone["box_id"])]
    mask, logins = among(gone["external_id"], there["external_id"]), folded(gone["login"])
    if len(gone):
        for users in directory.listed.each(["login_key", "external_id"]):
            mask |= among(logins, users["login_key"]) | among(gone["external_id"], users["external_id"])
    return mask


def _creates(roster: Roster, directory: Directory, memory: Memory) -> Wanted:
    """The people whose keys nobody has who is listed or known; none if they are too many to be asked for beforehand."""
    logins, ids = _taken(directory, memory)
    found = [rows[_new(rows, logins, ids)] for rows in roster.people.each(["kind", "external_id", "login"])]
    new = pd.concat(found, ignore_index=True)
    if len(new) > MOST_ASKED:
        return Wanted()
    is_app = (new["kind"] == UserKind.APP.value).to_numpy(bool)
    return Wanted((), _filled(new["external_id"][is_app]), _filled(new["login"][~is_app]))


def _filled(column: pd.Series[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(column[column != ""]))


def _taken(directory: Directory, memory: Memory) -> tuple[Hashes, Hashes]:
    """The folded logins and the external ids of all who are listed or known, as hashes."""
    logins = [hashed(users["login_key"]) for users in directory.listed.each(["login_key"])]
    ids = [hashed(users["external_id"]) for users in directory.listed.each(["external_id"])]
    return np.concatenate(logins), np.concatenate([*ids, hashed(memory.accounts["external_id"])])


def _new(rows: pd.DataFrame, logins: Hashes, ids: Hashes) -> Mask:
    login, external_id = hashed(folded(rows["login"])), hashed(rows["external_id"])
    new: Mask = ~np.isin(login, logins[logins != EMPTY]) & ~np.isin(external_id, ids[ids != EMPTY])
    return new
