"""How a plan is carried out this time: which kinds, what is left alone, and what an interrupted process left."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from provision.errors import UsageError
from provision.journal.value import Note, Outcome, why_held
from provision.model import Kind, Status
from provision.operations.value import Change
from provision.plan.value import Plan

#: what a journal keeps of an attempt
CHOSEN = ("only", "except", "allow")
#: and of its plan
IDENTITY = ("plan", "enterprise")


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What is chosen for one run: ``roster``, a file or an address, instead of the job's, ``allow`` the number a guard may reach, by its name.

    ``people``: only these, each by login, external id or Box id; nobody named means everybody. ``as_of``: the plan is for that
    day, and only to be looked at; None for now. ``aliases``: whether it is looked at what is known of further addresses.
    ``by_listing``: whether everybody is read again for the proof, also where single accounts would do.
    """

    roster: Path | str | None = None
    allow: Mapping[str, int] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    aliases: bool = False
    as_of: date | None = None
    by_listing: bool = False


@dataclass(frozen=True, slots=True)
class Selection:
    """Which kinds of operation are carried out: ``only`` these if any are named, never those in ``excepted``.

    ``digest`` is the one that the plan has to have, "" for any.
    """

    only: Collection[str] = ()
    excepted: Collection[str] = ()
    digest: str = ""

    def takes(self, change: Change) -> bool:
        """Whether this operation is to be carried out."""
        return (not self.only or change.kind in self.only) and change.kind not in self.excepted


def expect_kinds(names: Iterable[str]) -> None:
    """Raise UsageError for a kind of operation that there is not."""
    for name in names:
        if name not in tuple(Kind):
            raise UsageError(
                f"There is no kind of operation {name!r}.", remedy=f"choose from {', '.join(Kind)}"
            )


@dataclass(frozen=True, slots=True)
class Attempt:
    """One go at a plan.

    ``skipped`` names operations whose target moved, with the reason. ``earlier`` is what the journal of an interrupted
    process tells, by change id. ``allow`` is what the guards were allowed, by name. ``by_listing``: whether everybody is read
    again for the proof, also where single accounts would do.
    """

    selection: Selection = Selection()
    skipped: Mapping[str, tuple[Note, ...]] = field(default_factory=dict)
    earlier: Mapping[str, Outcome] = field(default_factory=dict)
    allow: Mapping[str, int] = field(default_factory=dict)
    by_listing: bool = False

    def left(self, changes: Iterable[Change]) -> list[Change]:
        """What an interrupted process has not brought to its end."""
        ended = {name for name, outcome in self.earlier.items() if outcome.settled}
        return [change for change in changes if change.id not in ended]

    def held(self, plan: Plan) -> dict[str, str]:
        """The operations of a plan that wait for a person, with the reason.

        What an interrupted process held stays held: when it is released it is planned afresh, never carried out blindly.
        """
        before = {name: why_held(one) for name, one in self.earlier.items() if one.status is Status.HELD}
        return {**before, **plan.holds}

    def waits(self, plan: Plan) -> bool:
        """Whether all that would be carried out waits for a person, so that nothing is begun."""
        held = self.held(plan)
        chosen = [change for change in self.left(plan.changes) if self.selection.takes(change)]
        return not self.earlier and bool(chosen) and all(change.whole in held for change in chosen)

    def notes(self) -> dict[str, str]:
        """What somebody who goes on with this has to know, for the journal."""
        told = {"only": self.selection.only, "except": self.selection.excepted, "allow": self.allow}
        return {
            name: json.dumps(dict(value) if isinstance(value, Mapping) else list(value))
            for name, value in told.items()
        }


def noted(notes: Mapping[str, str]) -> Attempt:
    """The attempt behind the notes of a journal; an empty one if there are none."""
    told = {name: json.loads(notes[name]) for name in CHOSEN if name in notes}
    selection = Selection(tuple(told.get("only", ())), tuple(told.get("except", ())))
    return Attempt(
        selection, allow={str(name): int(number) for name, number in told.get("allow", {}).items()}
    )


def identity(plan: Plan) -> dict[str, str]:
    """What the journal of a plan says of itself."""
    return dict(zip(IDENTITY, (plan.digest, plan.enterprise_id), strict=True))
