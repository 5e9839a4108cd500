"""Who gets a leaver's content: the row's own ``transfer_to``, else the stage's ``to``; or why nobody can.

Content that went to the wrong account cannot be called back, so whoever is not found for sure gets nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

import pandas as pd

from provision.because import Because, joined, reason
from provision.frames import folded, written
from provision.ledger.value import Memory
from provision.model import CLEAR, PERSON_FIELDS, fold
from provision.plan.columns import among
from provision.plan.situations import Situations

SERVICE_ACCOUNT, MANAGER = "service_account", "manager"


@dataclass(frozen=True, slots=True)
class Wish:
    """A transfer that is due: the leaver's position in the people frame and Box id, and the stage's ``to``."""

    at: int
    box_id: str
    to: str


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets the content of one leaver, how people name that account and by what it was chosen; or ``why_not``, as a reason.

    ``named_by`` is ``transfer_to`` or ``manager``, as the roster says, or ``job``.
    """

    box_id: str = ""
    key: str = ""
    named_by: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class _Candidate:
    box_id: str
    key: str
    status: str
    unsure: bool


@dataclass(frozen=True, slots=True)
class Receivers:
    """The receivers of all transfers that are due, by the leaver's position in the people frame."""

    _found: Mapping[int, Receiver]

    @classmethod
    def among(
        cls, people: Situations, wishes: Iterable[Wish], known: tuple[AbstractSet[str], Memory, str]
    ) -> Receivers:
        """Look for the receivers of these transfers.

        ``known``: Box ids of those who leave themselves, what the job remembers, and the Box id of the service account.
        """
        gone, memory, service_account = known
        wanted = [(wish, _named(wish, people, memory)) for wish in wishes]
        candidates = _candidates(people, {named.key for _, named in wanted})
        found = {}
        for wish, named in wanted:
            if named.key == SERVICE_ACCOUNT:
                found[wish.at] = _service_account(named, service_account, wish)
            else:
                found[wish.at] = _chosen(named, candidates.get(fold(named.key), ()), wish, gone)
        return cls(found)

    def of(self, at: int) -> Receiver:
        """The receiver for the leaver at this position."""
        return self._found[at]


def _named(wish: Wish, people: Situations, memory: Memory) -> Receiver:
    """Which key the content goes to, and who says so; the key is "" if nobody does."""
    own = _own_words(wish, people, memory)
    if own["transfer_to"]:
        return Receiver(key=own["transfer_to"], named_by="transfer_to")
    if wish.to == MANAGER:
        return Receiver(key=own["manager"], named_by=MANAGER)
    return Receiver(key=wish.to, named_by="job")


def _own_words(wish: Wish, people: Situations, memory: Memory) -> dict[str, str]:
    """Manager and receiver as the person's row names them, else as a row last did; ``(clear)`` is nobody."""
    remembered = memory.managers[memory.managers["box_id"] == wish.box_id]
    words = {}
    for name in PERSON_FIELDS:
        said = str(people.frame[name].iat[wish.at])
        last = str(remembered[name].iloc[0]) if len(remembered) else ""
        word = said or last
        words[name] = "" if word == CLEAR else word
    return words


def _candidates(people: Situations, keys: Iterable[str]) -> Mapping[str, tuple[_Candidate, ...]]:
    """The accounts with these logins or external ids, by folded key."""
    wanted = {fold(key) for key in keys if key}
    asked = pd.Series(sorted(wanted), dtype="str")
    aside = people.aside.named.assign(account=True, doubtful=False, rejected=False, excluded=False, kind="")
    frame = people.frame[list(aside.columns)]
    frame = pd.concat([frame, aside], ignore_index=True) if len(aside) else frame
    logins, ids = folded(frame["login"]), folded(frame["external_id"])
    some = frame["account"] & (among(logins, asked) | among(ids, asked))
    found: dict[str, dict[str, _Candidate]] = defaultdict(dict)
    unsure = (frame["doubtful"] | (frame["rejected"] & ~frame["excluded"])).to_numpy(bool)
    found_for = frame.assign(unsure=unsure)[some]
    found_for = found_for.assign(key=written(found_for).to_numpy())
    columns = (found_for[name].tolist() for name in ("box_id", "key", "status", "unsure"))
    both = (logins[some].tolist(), ids[some].tolist())
    for *cells, login, external_id in zip(*columns, *both, strict=True):
        for key in {login, external_id} & wanted:
            found[key][cells[0]] = _Candidate(*cells)
    return {key: tuple(accounts.values()) for key, accounts in found.items()}


def _service_account(named: Receiver, box_id: str, wish: Wish) -> Receiver:
    if not box_id:
        return Receiver(why_not=joined(Because.SERVICE_ACCOUNT_UNKNOWN, Because.NAME_ONE))
    if box_id == wish.box_id:
        return Receiver(why_not=joined(Because.OWN_ACCOUNT, Because.NAME_ONE))
    return replace(named, box_id=box_id, key="the service account")


def _chosen(
    named: Receiver, accounts: tuple[_Candidate, ...], wish: Wish, gone: AbstractSet[str]
) -> Receiver:
    why_not = _obstacle(named, accounts, wish, gone)
    if why_not:
        return Receiver(why_not=joined(why_not, Because.NAME_ONE))
    return replace(named, box_id=accounts[0].box_id, key=accounts[0].key)


def _obstacle(named: Receiver, accounts: tuple[_Candidate, ...], wish: Wish, gone: AbstractSet[str]) -> str:
    """Why this key gets nothing, "" if it does."""
    if not named.key:
        return Because.NO_MANAGER.value
    who = {"key": named.key, "named_by": named.named_by}
    if not accounts:
        return reason(Because.RECEIVER_UNKNOWN, **who)
    if len(accounts) > 1:
        return reason(Because.RECEIVER_AMBIGUOUS, accounts=len(accounts), **who)
    [one] = accounts
    if one.box_id == wish.box_id:
        return reason(Because.RECEIVER_IS_LEAVER, **who)
    if one.unsure:
        return reason(Because.RECEIVER_UNSURE, **who)
    if one.status == "inactive":
        return reason(Because.RECEIVER_INACTIVE, **who)
    return reason(Because.RECEIVER_LEAVES, **who) if one.box_id in gone else ""
