"""Rows that the job leaves out: what is wrong with them is nobody's concern, as long as no wrong key is taken from them."""

from __future__ import annotations

import pandas as pd

from provision.model import UserKind
from provision.roster.files.grid import Mask
from provision.roster.finding import RowFinding, within

#: what tells who a row is about, if nothing in it can be trusted
_WHO = ("external_id", "login", "name")


def without_left_out(findings: list[RowFinding], frame: pd.DataFrame, left: Mask) -> list[RowFinding]:
    """The findings on the other rows. In those that are ``left`` out, cells that cannot be used are emptied in the frame."""
    if not left.any():
        return findings
    for finding in findings:
        spoilt = [row for row in finding.rows if left[row]]
        fields = (finding.field,) if finding.field else _WHO if finding.unreadable else ()
        for field in fields:
            if spoilt and field in frame:
                frame.loc[spoilt, field] = ""
    frame.loc[left & ~frame["kind"].isin(list(UserKind)).to_numpy(bool), "kind"] = UserKind.MANAGED.value
    return within(findings, ~left)
