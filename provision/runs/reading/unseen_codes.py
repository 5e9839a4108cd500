"""Lists of tracking codes that are shown empty although this job has written to them: they are hidden, not empty.

How Box answers a sign-in that lacks the right to see codes is not documented (help centre, 360043690994); by an empty list it
would look as if nobody had any, and what others wrote would be written over.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pandas as pd

from provision.batches import Batches, Held, on_disk
from provision.because import Because, Reason, parsed
from provision.directory.scope import Directory
from provision.frames import equals
from provision.ledger.roster_values import LEAST, unpack
from provision.ledger.value import Memory
from provision.model import CLEAR, TRACKING_PREFIX, UserKind
from provision.operations.cells import LIST
from provision.plan.columns import among
from provision.plan.diff.fingerprints import marks
from provision.tracking_codes import SHOWN_EMPTY


def with_unseen_codes(directory: Directory, mapped: Iterable[str], memory: Memory, job: str) -> Directory:
    """The directory, with the codes of managed users as something that Box did not tell if it shows none and some are known.

    ``mapped`` are the fields of the roster. Where anybody is shown with a code, an empty list is believed.
    """
    if not any(name.startswith(TRACKING_PREFIX) for name in mapped) or _any_shown(directory.listed):
        return directory
    known = _with_codes(memory, job)
    users = directory.listed.each(["box_id"])
    if not len(known) or not any(among(each["box_id"], known).any() for each in users):
        return directory
    if directory.listed.count == 1:
        return replace(directory, listed=Held(_hidden(directory.listed.whole())))
    return replace(directory, listed=on_disk(map(_hidden, directory.listed.each())))


def _any_shown(listed: Batches) -> bool:
    return any(not equals(users[LIST], "").all() for users in listed.each([LIST]))


def _hidden(users: pd.DataFrame) -> pd.DataFrame:
    managed = equals(users["kind"], UserKind.MANAGED.value) & ~users["untold"].str.contains(LIST, regex=False)
    more = users["untold"].where(equals(users["untold"], ""), users["untold"] + ",") + f"{LIST},{SHOWN_EMPTY}"
    return users.assign(untold=users["untold"].mask(managed, more))


def _tells_of_codes(why: Reason) -> bool:
    otherwise = why.code is Because.SHOWN_OTHERWISE and LIST in why.fact("fields").split(", ")
    return otherwise or why.code is Because.CODES_UNSEEN


def _with_codes(memory: Memory, job: str) -> pd.Series[str]:
    """The accounts that have codes by what this job wrote: as its roster said last, or as Box took and did not show them.

    Who waits for just that since an earlier night says the same of the others.
    """
    waits = {hold.box_id for hold in memory.holds if any(map(_tells_of_codes, parsed(hold.because)))}
    known = pd.Series(sorted(waits), dtype="str")
    if memory.key is None or not memory.said:
        return known
    said = unpack(memory.said)
    for name in (name for name in said.columns if str(name).startswith(TRACKING_PREFIX)):
        cleared = marks(job, str(name), pd.Series([CLEAR], dtype="str"), memory.key)[0]
        has = (said[name] >= LEAST) & (said[name] != cleared)
        known = pd.concat([known, said["box_id"][has]], ignore_index=True)
    return known
