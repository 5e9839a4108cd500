"""Second accounts of app users that came of a create which was sent twice and written late, after its run had ended."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from provision.because import Because, reason
from provision.model import Kind, UserKind, Verdict
from provision.operations.value import Change
from provision.plan.columns import overlaid
from provision.plan.halves import Parts
from provision.plan.value import LateDouble


def with_doubles(
    changes: dict[int, Parts], verdicts: pd.DataFrame, frame: pd.DataFrame, doubles: Mapping[str, LateDouble]
) -> tuple[dict[int, Parts], pd.DataFrame]:
    """The operations and the verdicts (``verdict``, ``because``) with the removal of each second account, by its id.

    A deletion is never forced, and the account is read once more just before: Box refuses it if anything is owned by then.
    """
    if not doubles:
        return changes, verdicts
    here = frame.index[frame["box_id"].isin(list(doubles)) & (frame["line"] == 0)].tolist()
    removed = {at: _removal(frame.loc[at], doubles[str(frame.at[at, "box_id"])]) for at in here}
    told = {
        "verdict": overlaid(verdicts["verdict"], dict.fromkeys(removed, Verdict.DELETE.value)),
        "because": overlaid(verdicts["because"], {at: change.because for at, change in removed.items()}),
    }
    return changes | {at: (change,) for at, change in removed.items()}, verdicts.assign(**told)


def _removal(person: pd.Series[str], double: LateDouble) -> Change:
    return Change(
        kind=Kind.DELETE,
        user_kind=UserKind.APP,
        line=0,
        box_id=str(person["box_id"]),
        external_id=double.external_id,
        login=str(person["login"]),
        name=str(person["name"]),
        fields=(),
        because=reason(Because.MADE_TWICE, kept=double.kept, run=double.run_id),
        status=str(person["status"]),
        segment=str(person["segment"]),
        subject=str(person["box_id"]),
    )
