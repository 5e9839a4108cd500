"""Attributes of an account set in one request: update, activate, deactivate.

Setting a value twice is setting it once, and the account shows the value afterwards.
"""

from __future__ import annotations

from provision.box.accounts import Account
from provision.operations.cells import brought
from provision.operations.kind import Sent, Sight, of_account, wanted_fields
from provision.operations.remote import Remote
from provision.operations.value import Change


def send(change: Change, remote: Remote) -> Sent:
    """Set the fields (Box API reference, PUT /users/{user_id})."""
    return Sent(remote.users.update(change.box_id, wanted_fields(change)))


def seen(change: Change, remote: Remote) -> Sight:
    """The account shows every field as it was to be."""
    return of_account(remote.users.get(change.box_id), lambda account: shows(change, account))


def shows(change: Change, account: Account) -> bool:
    """Whether an account has what every field of an operation was to bring; what Box does not tell, it does not show."""
    untold = account.untold
    return all(
        each.field not in untold and brought(each, account.cells.get(each.field, ""))
        for each in change.fields
    )
