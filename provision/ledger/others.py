"""What a job is told of the other jobs of the same enterprise: whom they have, whom they name, and what their rosters want."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

#: accounts of other jobs, all text: ``how`` is NAMES, BY_ROW, OWNS, or LEFT for one that such a job has locked since its person was
#: absent; ``since`` is when the account became that job's, ISO, and ``login`` the one that its roster has; "" where it did not
CLAIM_COLUMNS = ("box_id", "job", "accepted_at", "how", "since", "login")
#: the job's last accepted roster names the account, which it has · a row of it does so of which nothing is done: it has an error, waits
#: for a person, and the like · the job has the account, and its people leave
#: · a job with a partial roster has locked it, since a row of it says that the person has left; it claims nothing by that
NAMES, BY_ROW, OWNS, LEFT, SAYS_LEFT = "names", "names_by_row", "owns", "owns_left", "says_left"

#: what a job's last accepted roster wants, all text. ``named``: A_ROW where a row names somebody and nothing is done about it, by what
#: keys it has, and by ``name``, as a keyed fingerprint, where it has none; "" where it was matched with the account. ``groups``: the ids of the groups that it
#: names, AS_GROUP_ADMIN behind one as an admin, and ``aliases`` its further addresses, each with ; between
WANT_COLUMNS = ("box_id", "kind", "external_id", "login", "name", "named", "groups", "aliases")
A_ROW, AS_GROUP_ADMIN = "row", "*"
#: those of them that the verdict table of a plan has as well
WANTED = ("groups", "aliases")


def nobody(columns: tuple[str, ...]) -> pd.DataFrame:
    """These columns, all text, of nobody."""
    return pd.DataFrame({name: pd.Series(dtype="str") for name in columns})


def no_wants() -> pd.DataFrame:
    """What a roster wants that wants nothing of others' concern: WANT_COLUMNS."""
    return nobody(WANT_COLUMNS)


def no_claims() -> pd.DataFrame:
    """What other jobs have where there are none: CLAIM_COLUMNS."""
    return nobody(CLAIM_COLUMNS)


@dataclass(frozen=True, slots=True)
class OtherJob:
    """What another job of the enterprise, with a full roster, said last: see ``wants`` and ``said`` of :class:`provision.ledger.value.Lessons`.

    ``accepted_at`` is when its last roster was accepted, ISO with offset. ``said`` is b"" if it was made with another key than ours.
    """

    name: str
    accepted_at: str
    wants: bytes = field(default=b"", repr=False)
    said: bytes = field(default=b"", repr=False)
