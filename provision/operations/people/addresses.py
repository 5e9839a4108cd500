"""What the kinds of operation on logins and aliases share: the address meant, the alias as Box shows it, and for what it waits."""

from __future__ import annotations

import re

from provision.because import Because, reason, says
from provision.box.holdings import Alias
from provision.errors import BoxFault
from provision.journal.value import Note, Noted, noted
from provision.model import fold
from provision.operations.remote import Remote
from provision.operations.value import Change

#: what Box answers where an address, or an account, is not as it has to be; why, it does not say
BAD_REQUEST = 400


#: an address that a login takes on its way where people change places, and that nobody keeps
_ON_THE_WAY = re.compile(r"provision-[0-9a-f]{8}@.+", re.IGNORECASE)


def is_on_the_way(address: str) -> bool:
    """Whether this program made up an address for a login on its way."""
    return _ON_THE_WAY.fullmatch(address) is not None


def makes_room(change: Change) -> bool:
    """Whether an operation only takes somebody out of the way of others, under an address that nobody keeps."""
    return is_on_the_way(change.object)


def alias_of(box_id: str, address: str, remote: Remote) -> Alias | None:
    """The alias of an account with this address, whatever its letter case; one request."""
    return next((one for one in remote.users.aliases(box_id) if fold(one.email) == fold(address)), None)


def alias_if_told(box_id: str, address: str, remote: Remote) -> Alias | None:
    """The same after a refusal; None also where Box does not say."""
    try:
        return remote.read(lambda: alias_of(box_id, address, remote))
    except BoxFault:
        return None


def unconfirmed(address: str) -> tuple[Note, ...]:
    """What is noted of an alias that Box does not count before somebody has confirmed it."""
    return noted(Noted.WAITS, why=reason(Because.ALIAS_UNCONFIRMED, alias=address))


def waits_since_before(change: Change) -> bool:
    """Whether an earlier run has added this very alias, or may have."""
    return says(change.because, Because.ALIAS_WAITS, Because.ALIAS_OVERDUE, Because.ALIAS_DOUBT)
