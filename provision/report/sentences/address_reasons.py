"""Words for reasons on further addresses, and on who has them."""

from __future__ import annotations

from collections.abc import Mapping

from provision.because import Because
from provision.report.sentences.reason_facts import CONSOLE

OF_ADDRESSES: Mapping[Because, str] = {
    Because.ADDRESS_MOVES: "the address {alias} goes to {to}",
    Because.ADDRESS_OF_TWO: "the roster gives {alias} to {to} as well, and an address is one person's: correct the row that has it wrongly",
    Because.ALIASES_DIFFER: "aliases differ from the roster",
    Because.ALIAS_UNCONFIRMED: "{alias} waits to be confirmed: by a click in the mail that Box has sent to it; the next runs look again",
    Because.ALIAS_WAITS: "its new address waits to be confirmed since {since}; from {until} on it is reported again",
    Because.ALIAS_OVERDUE: (
        "its new address waits to be confirmed since {since}, longer than match.wait: have the person open Box's mail, or verify the "
        f"domain {CONSOLE}"
    ),
    Because.ALIAS_DOUBT: "an earlier run may have added its new address",
    Because.ALIAS_TAKEN: "{alias} is the login or an alias of somebody else in Box; it is tried again by the next runs",
    Because.ALIAS_REFUSED: (
        "Box takes {alias} for no alias of this account: its domain is not one of the enterprise's, or the account has too many; it is "
        "tried again by the next runs"
    ),
    Because.ALIAS_NOT_OURS: "{aliases} stay, which this job has not added, or aliases.remove is false",
    Because.ALIAS_LEFT: "an address that an earlier run could not remove",
}
