"""Who is who: the keys that a portal or an HR system has for its people beside the ids that Box gave them."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from provision.journal.value import is_done
from provision.model import Kind, Status
from provision.operations.people.login_change import new_login
from provision.operations.registry import ENDINGS
from provision.report.tables.tables import write_cells
from provision.report.value import Reconciliation

#: columns of ``identities.csv``, in order; programs hold on to them
IDENTITY_COLUMNS = ("external_id", "box_id", "login", "kind")


def identities_of(reconciliation: Reconciliation) -> pd.DataFrame:
    """One row an account that a row names or that has an external id, as far as it is known; IDENTITY_COLUMNS.

    An account that this run made has the id and the address that Box gave it; one that it took away is left out.
    """
    table = reconciliation.table
    gone = table["verdict"].isin([kind.value for kind in ENDINGS]) & (table["outcome"] == Status.DONE.value)
    named = (table["line"] > 0) | (table["external_id"] != "")
    found = table.loc[(table["box_id"] != "") & named & ~gone, list(IDENTITY_COLUMNS)]
    logins = found["box_id"].map(_new_logins(reconciliation))
    return found.assign(login=logins.fillna(found["login"]).astype("str")) if logins.notna().any() else found


def _new_logins(reconciliation: Reconciliation) -> dict[str, str]:
    """The logins that this run has changed, by Box id."""
    return {
        change.box_id: new_login(change)
        for change in reconciliation.changes.values()
        if change.kind is Kind.LOGIN_CHANGE and is_done(reconciliation.outcomes.get(change.id))
    }


def write_identities(reconciliation: Reconciliation, path: Path) -> None:
    """The identities as CSV, in the form of the reconciliation."""
    write_cells(identities_of(reconciliation), path)
