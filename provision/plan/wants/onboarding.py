"""What new people get beside their account, as operations: folders into which they are let, and what they find in their root. Pure.

It begins with the account. What was not brought to its end then is known to the ledger, and planned again until it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from provision.because import Because
from provision.frames import compared
from provision.job.onboarding import FolderAccess, OnboardingSettings, StarterContent, is_path
from provision.job.settings import Job
from provision.ledger.value import EntryState, Memory
from provision.model import CLEAR, Kind, UserKind, escaped
from provision.operations.content.folders import COLLABORATIONS, ROOT, levels, place_of, written_access
from provision.operations.content.starter_common import CONTENT, written_copy
from provision.operations.value import Change, FieldChange
from provision.plan.halves import of_new_account
from provision.plan.leavers.leavers import Person
from provision.plan.persons import persons_at
from provision.plan.rules import RULES, Decision, decide
from provision.plan.situations import Situations
from provision.plan.updates import change_of
from provision.plan.wants.decided import Decided
from provision.plan.wants.onboarding_entries import Says, because_of, path_for
from provision.plan.wants.waits import waits_since

#: what the rules say of people who go on having an account
_STAYS = np.array([rule.decision in (Decision.KEEP, Decision.CHANGE) for rule in RULES])

#: while it waits, and for too long
_WAITS = (Because.ONBOARDING_WAITS, Because.ONBOARDING_OVERDUE)
#: of what was not brought to its end, by kind and entry: that it was not, or since when it waits, as a reason
_Open = Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class _Terms:
    """What decides: the job's section, by key of a person what earlier runs have left open, and what rows say."""

    settings: OnboardingSettings
    open: Mapping[str, _Open]
    people: Situations


def with_onboarding(
    decided: Decided, people: Situations, memory: Memory, job: Job, as_of: datetime
) -> Decided:
    """With what is done for people who get an account by this plan, and for those of whom earlier runs have left something open."""
    if job.onboarding is None:
        return decided
    terms = _Terms(job.onboarding, _left_open(memory, job.onboarding, as_of), people)
    made = {at: parts[0] for at, parts in decided.changes.items() if parts[0].kind is Kind.CREATE}
    late = _waiting(people, terms.open)
    at = np.array(sorted({*made, *late}), np.intp)
    more = {}
    for person in persons_at(people, at):
        parts = tuple(_of_person(person, made.get(person.at), late.get(person.at, {}), terms))
        if parts:
            more[person.at] = parts
    return decided.beside(more)


def goes_on(memory: Memory, job: Job) -> bool:
    """Whether somebody who may be in step otherwise is to get something still."""
    return job.onboarding is not None and bool((memory.onboarding["person"] != "").any())


def _left_open(
    memory: Memory, settings: OnboardingSettings, as_of: datetime
) -> dict[str, dict[tuple[str, str], str]]:
    """By key of a person what is open, and why it waits."""
    found: dict[str, dict[tuple[str, str], str]] = defaultdict(dict)
    columns = (memory.onboarding[name].tolist() for name in ("person", "kind", "entry", "state", "since"))
    for person, kind, entry, state, since in zip(*columns, strict=True):
        waits = state == EntryState.WAITS
        found[person][kind, entry] = (
            waits_since(since, since, settings.wait, as_of, _WAITS)
            if waits
            else Because.ONBOARDING_LEFT.value
        )
    return found


def _waiting(people: Situations, left_open: Mapping[str, _Open]) -> dict[int, _Open]:
    """What is open of those who have an account, a row, and stay."""
    if not left_open:
        return {}
    frame = people.frame
    here = (frame["row"] & frame["account"] & ~frame["ignored"] & ~frame["leaving"]).to_numpy(bool)
    ids, keys = frame["box_id"], compared(frame)
    named = (ids.isin(list(left_open)) | keys.isin(list(left_open))).to_numpy(bool)
    at = np.flatnonzero(here & named)
    at = at[_STAYS[decide(frame.iloc[at])]] if len(at) else at
    return {
        place: {**left_open.get(keys.iloc[place], {}), **left_open.get(ids.iloc[place], {})}
        for place in at.tolist()
    }


def _of_person(person: Person, made: Change | None, left: _Open, terms: _Terms) -> Iterator[Change]:
    planned = _all_of_person(person, made, left, terms)
    theirs = [change if made is None else of_new_account(change, made) for change in planned]
    let_in = {change.object: change.id for change in theirs if change.kind is Kind.COLLABORATION_ADD}
    for change in theirs:
        # whoever is let into a folder for good is so before a copy of it, which lets in for a moment
        first = let_in.get(change.object, "") if change.kind is Kind.STARTER_CONTENT else ""
        yield replace(change, needs=(*change.needs, first)) if first else change


def _all_of_person(person: Person, made: Change | None, left: _Open, terms: _Terms) -> Iterator[Change]:
    for access in terms.settings.collaborations:
        if access.group:
            continue
        key = (Kind.COLLABORATION_ADD.value, access.folder)
        if made is not None or key in left:
            yield _let_in(person, access, left.get(key, ""), _says(terms.people, person))
    for content in terms.settings.content:
        key = (Kind.STARTER_CONTENT.value, content.entry)
        if made is not None or key in left:
            yield _given(person, content, left.get(key, ""))


def _given(person: Person, content: StarterContent, waits: str) -> Change:
    """The operation that gives somebody a copy of a folder, or a folder of this machine, which is read once somebody gets it."""
    folder = content.copy_folder or ""
    fields = (FieldChange(CONTENT, "", written_copy(folder)),) if folder else ()
    because = because_of(content.entry, waits, Because.STARTER_CONTENT)
    change = change_of(Kind.STARTER_CONTENT, person, fields, because)
    return replace(change, object=content.entry, folder=folder)


def _says(people: Situations, person: Person) -> Says:
    def says(field: str) -> str:
        cell = str(people.rows[field].iat[person.at]) if field in people.rows else ""
        return "" if cell == CLEAR else cell

    return says


def _let_in(person: Person, access: FolderAccess, waits: str, says: Says) -> Change:
    """The operation that lets somebody into a folder; held where the row makes no path of it."""
    folder, hold = path_for(access.folder, says) if is_path(access.folder) else (access.folder, "")
    fields = (FieldChange(COLLABORATIONS, "", written_access(folder, access.role.value)),)
    change = change_of(Kind.COLLABORATION_ADD, person, fields, because_of(access.folder, waits))
    needs = (f"{Kind.FOLDER_CREATE}:{escaped(folder)}",) if access.create and not hold else ()
    by_id = "" if is_path(folder) else folder
    asks = "folder" if hold else ""
    return replace(change, object=folder, folder=by_id, needs=needs, hold=hold, asks=asks)


def proof_of_folders(changes: Iterable[Change]) -> int:
    """How many requests it takes to see afterwards who works with the folders: one each, if no more than a thousand people do."""
    return len({place_of(change) for change in changes if change.kind is Kind.COLLABORATION_ADD})


def with_folders(changes: Iterable[Change]) -> list[Change]:
    """The operations, and those that make the folders which they need; one for a single person is made once that one has an account."""
    planned = list(changes)
    wanted: dict[str, list[Change]] = defaultdict(list)
    for change in planned:
        if change.kind is Kind.COLLABORATION_ADD and any(map(_makes, change.needs)):
            names = levels(place_of(change))
            for depth in range(1, len(names) + 1):
                wanted["/" + "/".join(names[:depth])].append(change)
    return [*planned, *(creation(path, theirs) for path, theirs in wanted.items())]


def _makes(need: str) -> bool:
    return need.startswith(f"{Kind.FOLDER_CREATE}:")


def creation(path: str, theirs: Iterable[Change] = ()) -> Change:
    """The operation that makes a folder; ``theirs`` are the operations that it is for."""
    above, _, _ = path.rpartition("/")
    needs: tuple[str, ...] = (f"{Kind.FOLDER_CREATE}:{escaped(above)}",) if above else ()
    alone = list(theirs)
    if len(alone) == 1:
        needs += tuple(need for need in alone[0].needs if not _makes(need))
    return Change(
        kind=Kind.FOLDER_CREATE,
        user_kind=UserKind.MANAGED,
        line=0,
        box_id="",
        external_id="",
        login="",
        name=path,
        fields=(FieldChange("folder", "", path),),
        because=Because.FOLDER_WANTED.value,
        subject=escaped(path),
        folder="" if above else ROOT,
        needs=needs,
    )
