"""What somebody should know of memberships and addresses that stay, since another job's roster names them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd

from provision.because import Because, among_them, parsed
from provision.findings import Code, Finding, Level
from provision.frames import written
from provision.wording import counted, shortened

_STAYS = (Because.GROUP_CLAIMED, Because.ALIAS_CLAIMED)
_DO = "nothing; or let one of the two jobs manage it, or make both rosters say the same"


def remarks_on_claims(people: pd.DataFrame, because: pd.Series[str]) -> Iterator[Finding]:
    """A finding for each group, and one for the addresses, that another job's roster names. ``because``: why, aligned with ``people``."""
    at = np.flatnonzero(among_them(because, _STAYS))
    if not len(at):
        return
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    some = people[["kind", "external_id", "login", "box_id"]].iloc[at].reset_index(drop=True)
    for key, text in zip(written(some).tolist(), because.iloc[at].tolist(), strict=True):
        for each in parsed(text):
            if each.code in _STAYS:
                found[each.fact("job"), each.fact("group")].append(key)
    for (job, group), keys in sorted(found.items()):
        whose = counted(len(keys), "person", "people")
        what = (
            f"the membership of {whose} in the group {group!r}" if group else f"a further address of {whose}"
        )
        told = f"{what} stays as it is, claimed by job {job}: {shortened(keys)}"
        yield Finding(Code.CLAIMED_BY_JOB, Level.WARNING, told, _DO, key=group)
