"""Co-admin rights: whom the job may give them, and what that makes of an operation. Pure."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from provision.because import Because
from provision.directory.scope import named
from provision.frames import folded
from provision.job.settings import Scope
from provision.operations.value import Change, FieldChange

COADMIN = "coadmin"
#: the field that gives them, which an operation of its own sets
ROLE = "role"


def may_be_coadmins(logins: pd.Series[str], ids: pd.Series[str], scope: Scope) -> pd.Series[bool]:
    """Whom the job lists, by login or external id (``scope.coadmins``)."""
    return named(folded(logins), ids, scope.coadmins)


def grants(each: FieldChange) -> bool:
    """Whether a field of an operation gives somebody these rights."""
    return each.field == ROLE and each.after == COADMIN


def granting(change: Change) -> Change:
    """The operation held: nobody gets these rights by a file alone, and Box ticks none of their permissions."""
    return replace(change, hold=Because.COADMIN_GRANTED.value, asks=COADMIN, object=ROLE, coadmin=True)
