"""People who are set aside since nothing is to be decided about them, as far as others have to know of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

#: of accounts that others may name, all text; ``external_id`` as in the people frame
NAMED_COLUMNS = ("box_id", "login", "external_id", "status")


def _nobody() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in NAMED_COLUMNS})


@dataclass(frozen=True, slots=True)
class Uninvolved:
    """People of this job in its scope who are in step with their rows, and accounts it has nothing to do with.

    ``count`` of the former, ``segments`` how many in each part of the people (``guards.by``). ``managers``: the folded keys of
    the managers of those who are active, if the job protects these. ``named``: NAMED_COLUMNS of all who are named as a
    receiver of content.
    """

    count: int = 0
    segments: Mapping[str, int] = field(default_factory=dict)
    managers: frozenset[str] = frozenset()
    named: pd.DataFrame = field(default_factory=_nobody)


#: where all people are compared at once
NOBODY = Uninvolved()
