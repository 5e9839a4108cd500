"""Other logins and further addresses as operations beside what is done to attributes. Pure.

An address is somebody's at one time. So whoever wants one waits for the operation by which another lets it go: the step of a login that
changes, or the removal of an alias that earlier runs know of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from provision.because import Because, joined, reason
from provision.job.settings import Job
from provision.ledger.value import AliasState, Memory
from provision.model import Kind, Verdict, fold
from provision.operations.value import Change, FieldChange
from provision.plan.columns import Positions
from provision.plan.diff.addresses import states_of
from provision.plan.halves import Parts, of_new_account
from provision.plan.leavers.leavers import Person
from provision.plan.moving import moving
from provision.plan.persons import persons_at
from provision.plan.rules import RULES, Decision, decide
from provision.plan.situations import Situations
from provision.plan.updates import change_of
from provision.plan.wants.decided import Decided
from provision.plan.wants.stages import LoginTerms, freed_by, steps_of
from provision.plan.wants.waits import waits_since

#: verdicts of people about whom nothing is done, whatever anybody else wants
_LEFT_ALONE = (
    Verdict.PROTECTED, Verdict.UNOWNED, Verdict.HELD, Verdict.OUT_OF_SCOPE, Verdict.REJECTED, Verdict.CLAIMED, Verdict.EXCLUDED,
)  # fmt: skip


#: while an address waits to be confirmed, and for too long
_WAITS = (Because.ALIAS_WAITS, Because.ALIAS_OVERDUE)
#: states of what may have to be added, or confirmed, still
_UNSURE = (AliasState.WAITS, AliasState.DOUBT)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known before any operation is made: ``states`` of further addresses, ``waits`` why one waits, both by place."""

    people: Situations
    states: Mapping[str, Mapping[str, str]]
    waits: Mapping[tuple[str, str], str]


def with_addresses(
    decided: Decided, people: Situations, memory: Memory, job: Job, as_of: datetime
) -> Decided:
    """With all steps of the logins that change, and the aliases that are added and removed."""
    movers = _changed(np.flatnonzero(moving(people.frame, job)), people)
    wants = np.array(sorted(people.addresses), np.intp)
    created = [at for at in wants.tolist() if _created(decided, at)]
    wanting = np.union1d(_changed(wants, people), np.array(created, np.intp))
    states = states_of(memory)
    if not len(movers) and not len(wanting) and not _wanted_by_new(decided, states):
        return decided
    known = _Known(people, states, _waits(memory, job, as_of))
    logins = _logins(movers, people)
    aliases = _aliases(wanting, known, decided)
    claims = _claims(decided, logins, aliases)
    gone = _given_up(claims, decided, known, aliases)
    free = {each.object: each.id for parts in (*aliases.values(), *gone.values()) for each in parts
            if each.kind is Kind.ALIAS_REMOVE} | freed_by(logins.values())  # fmt: skip
    terms = LoginTerms(
        old_login=job.match.old_login,
        claimed=claims,
        own=_own(movers, people),
        waits=known.waits,
        there=_there(known.states),
        free=free,
        seed=as_of.isoformat(timespec="seconds"),
    )
    steps = steps_of(list(logins.values()), terms)
    of_two = _of_two(claims, aliases, known)

    def settled(changes: Mapping[int, Parts]) -> dict[int, Parts]:
        return {
            at: tuple(_behind(_held(each, of_two), free) for each in parts) for at, parts in changes.items()
        }

    done = Decided(settled(decided.changes), decided.verdicts)
    for more in ({place: steps[change.box_id] for place, change in logins.items()}, aliases, gone):
        done = done.beside(settled(more))
    return done


def _changed(at: Positions, people: Situations) -> Positions:
    """Of these people those who are changed; about all others the rules decide otherwise."""
    if not len(at):
        return at
    changed = np.array([rule.decision is Decision.CHANGE for rule in RULES])
    found: Positions = at[changed[decide(people.frame.iloc[at])]]
    return found


def _logins(movers: Positions, people: Situations) -> dict[int, Change]:
    """What is to come of the logins that change, by position."""
    logins = people.frame["new_login"].iloc[movers].tolist()
    return {
        person.at: change_of(
            Kind.LOGIN_CHANGE,
            person,
            (FieldChange("login", person.login, login),),
            reason(Because.LOGIN_CHANGES, before=person.login, after=login),
        )
        for person, login in zip(persons_at(people, movers), logins, strict=True)
    }


def _created(decided: Decided, at: int) -> bool:
    """Whether somebody gets an account by this plan."""
    return any(each.kind is Kind.CREATE for each in decided.changes.get(at, ()))


def _wanted_by_new(decided: Decided, states: Mapping[str, Mapping[str, str]]) -> bool:
    """Whether somebody new is to have as login what is a further address of somebody."""
    known = {address for each in states.values() for address in each}
    return bool(known) and any(
        each.kind is Kind.CREATE and fold(each.login) in known
        for parts in decided.changes.values()
        for each in parts
    )


def _aliases(wanting: Positions, known: _Known, decided: Decided) -> dict[int, Parts]:
    """What is done about the aliases of these people, by position; of new ones once they have an account."""
    return {
        person.at: tuple(
            _theirs(each, decided.changes.get(person.at, ())) for each in _of_person(person, known)
        )
        for person in persons_at(known.people, wanting)
    }


def _theirs(change: Change, others: Parts) -> Change:
    first = next((each for each in others if each.kind is Kind.CREATE), None)
    return change if first is None else of_new_account(change, first)


def _of_person(person: Person, known: _Known) -> Iterator[Change]:
    wants = known.people.addresses[person.at]
    for address in wants.add:
        waits = known.waits.get((person.box_id, address), "")
        yield _alias(Kind.ALIAS_ADD, person, address, joined(Because.ALIASES_DIFFER, waits))
    for address in wants.remove:
        yield _alias(Kind.ALIAS_REMOVE, person, address, Because.ALIASES_DIFFER)
    for address in wants.left:
        yield _alias(Kind.ALIAS_REMOVE, person, address, Because.ALIAS_LEFT)


def _alias(kind: Kind, person: Person, address: str, because: str) -> Change:
    told = ("", address) if kind is Kind.ALIAS_ADD else (address, "")
    change = change_of(kind, person, (FieldChange("aliases", *told),), str(because))
    return replace(change, object=address)


def _claims(
    decided: Decided, logins: Mapping[int, Change], aliases: Mapping[int, Parts]
) -> dict[str, Change]:
    """Who wants which address, folded: as a login, that of a new account, or an alias."""
    found = {fold(change.fields[0].after): change for change in logins.values()}
    for parts in (*decided.changes.values(), *aliases.values()):
        for each in parts:
            if each.kind is Kind.CREATE and each.login:
                found.setdefault(fold(each.login), each)
            if each.kind is Kind.ALIAS_ADD:
                found.setdefault(each.object, each)
    return found


def _given_up(
    claims: Mapping[str, Change], decided: Decided, known: _Known, aliases: Mapping[int, Parts]
) -> dict[int, Parts]:
    """The aliases that go to whoever wants them: of people who do not want them themselves."""
    holders = {
        box_id: [one for one in states if one in claims and claims[one].box_id != box_id]
        for box_id, states in known.states.items()
    }
    wanted = {box_id for box_id, addresses in holders.items() if addresses}
    if not wanted:
        return {}
    frame = known.people.frame
    here = frame["row"] & ~decided.verdicts["verdict"].isin(_LEFT_ALONE).to_numpy()
    at = np.flatnonzero(here.to_numpy(bool) & frame["box_id"].isin(wanted).to_numpy(bool))
    found = {}
    for person in persons_at(known.people, at):
        mine = {each.object for each in aliases.get(person.at, ())} | _said(known.people, person.at)
        parts = [
            _alias(
                Kind.ALIAS_REMOVE, person, one, reason(Because.ADDRESS_MOVES, alias=one, to=claims[one].key)
            )
            for one in holders[person.box_id]
            if one not in mine
        ]
        if parts:
            found[person.at] = tuple(parts)
    return found


def _of_two(
    claims: Mapping[str, Change], aliases: Mapping[int, Parts], known: _Known
) -> dict[str, tuple[str, str]]:
    """The operations, by id, that want an address which the roster gives to somebody else too; the address, and to whom.

    An alias waits where somebody else is to have it as login, and somebody new where the alias is there already and stays said.
    """
    found: dict[str, tuple[str, str]] = {}
    for parts in aliases.values():
        for each in parts:
            first = claims.get(each.object)
            if each.kind is Kind.ALIAS_ADD and first is not None and first.subject != each.subject:
                found[each.id] = (each.object, first.key)
    frame = known.people.frame
    at = np.flatnonzero((frame["row"] & frame["box_id"].isin(list(known.states))).to_numpy(bool))
    for person in persons_at(known.people, at) if claims else ():
        for address in known.states[person.box_id].keys() & claims.keys() & _said(known.people, person.at):
            first = claims[address]
            if first.kind is Kind.CREATE:
                found[first.id] = (address, person.login)
    return found


def _held(change: Change, of_two: Mapping[str, tuple[str, str]]) -> Change:
    if change.id not in of_two:
        return change
    alias, other = of_two[change.id]
    why = reason(Because.ADDRESS_OF_TWO, alias=alias, to=other)
    return replace(change, hold=joined(change.hold, why))


def _said(people: Situations, at: int) -> set[str]:
    """The aliases that a row says."""
    if "aliases" not in people.rows or at >= len(people.rows):
        return set()
    return set(str(people.rows["aliases"].iat[at]).split(";"))


def _own(movers: Positions, people: Situations) -> dict[str, set[str]]:
    ids = people.frame["box_id"].iloc[movers].tolist()
    return {box_id: _said(people, at) for box_id, at in zip(ids, movers.tolist(), strict=True)}


def _there(states: Mapping[str, Mapping[str, str]]) -> set[tuple[str, str]]:
    """The aliases that earlier runs know to be there and confirmed."""
    return {
        (box_id, address)
        for box_id, each in states.items()
        for address, state in each.items()
        if state not in _UNSURE
    }


def _behind(change: Change, free: Mapping[str, str]) -> Change:
    """What wants an address that somebody else has to let go first waits for that."""
    wanted = change.login if change.kind is Kind.CREATE else change.object
    need = free.get(fold(wanted)) if change.kind in (Kind.CREATE, Kind.ALIAS_ADD) else None
    if need is None or need in change.needs:
        return change
    return replace(change, needs=(*change.needs, need))


def _waits(memory: Memory, job: Job, as_of: datetime) -> dict[tuple[str, str], str]:
    """Why an alias is looked for before it is added: it waits to be confirmed, or a run may have added it."""
    unsure = memory.aliases[memory.aliases["state"].isin(_UNSURE)]
    columns = (unsure[name].tolist() for name in ("box_id", "address", "state", "since"))
    return {
        (box_id, address): waits_since(since, since, job.match.wait, as_of, _WAITS)
        if state == AliasState.WAITS
        else Because.ALIAS_DOUBT.value
        for box_id, address, state, since in zip(*columns, strict=True)
    }
