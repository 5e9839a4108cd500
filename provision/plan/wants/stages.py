"""The operations that a change of logins takes, in the order in which they need each other. Pure.

A login becomes another one in three steps: the new address is added as an alias, the alias becomes the login, and the old
login, an alias now, is kept or removed. An address can be added once whoever has it has let it go: so people wait for each
other in chains. Where a chain bites its own tail, one of them makes room by an address that nobody keeps.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from provision.job.settings import OldLogin
from provision.model import Kind, fold
from provision.operations.people.addresses import is_on_the_way
from provision.operations.people.login_change import new_login
from provision.operations.value import Change


@dataclass(frozen=True, slots=True)
class LoginTerms:
    """What decides the steps.

    ``claimed``: addresses that somebody else's row wants, folded. ``own``: those that a person's own row lists as aliases, by Box
    id, folded. ``waits``: the reason of an alias that an earlier run has added, by Box id and folded address. ``there``: aliases that need no
    adding, likewise. ``free``: the operation that frees an address which is somebody's alias, by the folded address. ``seed`` makes
    addresses on the way that no other plan makes.
    """

    old_login: OldLogin = OldLogin.KEEP
    claimed: Collection[str] = ()
    own: Mapping[str, Collection[str]] = field(default_factory=dict)
    waits: Mapping[tuple[str, str], str] = field(default_factory=dict)
    there: Collection[tuple[str, str]] = ()
    free: Mapping[str, str] = field(default_factory=dict)
    seed: str = ""


def steps_of(wanted: Sequence[Change], terms: LoginTerms) -> dict[str, tuple[Change, ...]]:
    """All operations of those whose logins change, by Box id; ``wanted`` are what is to come of it, one a person."""
    by_login = {fold(change.login): change for change in wanted}
    behind = {change.box_id: by_login.get(fold(new_login(change))) for change in wanted}
    rings = {ring[0].box_id: ring for ring in _rings(wanted, behind)}
    return {
        change.box_id: _steps(change, behind[change.box_id], rings.get(change.box_id, ()), terms)
        for change in wanted
    }


def freed_by(wanted: Iterable[Change]) -> dict[str, str]:
    """The operation after which each old login can be somebody else's, by the folded login."""
    return {fold(change.login): _removal(change, change.login).id for change in wanted}


def _rings(wanted: Sequence[Change], behind: Mapping[str, Change | None]) -> list[list[Change]]:
    """Those who want each other's logins in a circle, each circle once, from whoever has the lowest Box id on."""
    rings, passed = [], set()
    for first in sorted(wanted, key=lambda change: (len(change.box_id), change.box_id)):
        walk: list[Change] = []
        now: Change | None = first
        while now is not None and now.box_id not in passed:
            passed.add(now.box_id)
            walk.append(now)
            now = behind[now.box_id]
        if now in walk:
            rings.append(_from_lowest(walk[walk.index(now) :]))
    return rings


def _from_lowest(ring: list[Change]) -> list[Change]:
    at = min(range(len(ring)), key=lambda place: (len(ring[place].box_id), ring[place].box_id))
    return ring[at:] + ring[:at]


def _steps(
    change: Change, holder: Change | None, ring: Sequence[Change], terms: LoginTerms
) -> tuple[Change, ...]:
    """The steps of one person; ``ring`` are all of the circle that she is to break, herself first."""
    added = _added(change, holder, terms)
    whole = replace(change, needs=tuple(step.id for step in added))
    detour = _detour(whole, ring, terms.seed)
    gone = [step for step in detour if step.kind is Kind.LOGIN_CHANGE] or [whole]
    return (whole, *added, *detour, *_dropped(whole, gone[0], terms))


def _added(change: Change, holder: Change | None, terms: LoginTerms) -> tuple[Change, ...]:
    """The step that adds the new address, unless it is there; behind whoever has it as login now."""
    login = new_login(change)
    place = (change.box_id, fold(login))
    if place in terms.there:
        return ()
    need = _removal(holder, login).id if holder is not None else terms.free.get(fold(login))
    needs = (need,) if need else ()
    because = terms.waits.get(place, "")
    step = _step(change, Kind.ALIAS_ADD, login, needs)
    return (replace(step, because=f"{change.because};{because}" if because else change.because),)


def _dropped(whole: Change, gone: Change, terms: LoginTerms) -> tuple[Change, ...]:
    """The step that removes the old login, where it is not kept; ``gone`` is what makes an alias of it."""
    old = fold(whole.login)
    dropped = terms.old_login is OldLogin.DROP or is_on_the_way(old)
    if old not in terms.claimed and (not dropped or old in terms.own.get(whole.box_id, ())):
        return ()
    return (replace(_removal(whole, whole.login), needs=(gone.id,)),)


def _detour(whole: Change, ring: Sequence[Change], seed: str) -> tuple[Change, ...]:
    """How whoever breaks a circle makes room: one address in each domain of it, so that all are known to count, before any login moves."""
    if not ring:
        return ()
    domains = dict.fromkeys(_domain(each.login) for each in ring)
    made = hashlib.sha256(f"{seed}\0{whole.id}\0{new_login(whole)}".encode()).hexdigest()[:8]
    addresses = [f"provision-{made}@{domain}" for domain in domains]
    added: list[Change] = []
    for (
        address
    ) in addresses:  # one after the other: where one does not count, those before it are taken off again
        added.append(_step(whole, Kind.ALIAS_ADD, address, tuple(each.id for each in added[-1:])))
    moved = _step(whole, Kind.LOGIN_CHANGE, addresses[0], tuple(each.id for each in added))
    removed = [replace(_removal(whole, address), needs=(whole.id,)) for address in addresses]
    return (*added, moved, *removed)


def _removal(change: Change, address: str) -> Change:
    return _step(change, Kind.ALIAS_REMOVE, address, ())


def _step(whole: Change, kind: Kind, address: str, needs: tuple[str, ...]) -> Change:
    return replace(
        whole, kind=kind, fields=(), object=fold(address), hold="", asks="", needs=needs, completes=whole.id
    )


def _domain(login: str) -> str:
    return fold(login).rpartition("@")[2]
