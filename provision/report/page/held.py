"""Who may release what waits, since when it does, and by which command: for the lines of what needs a person."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass

from provision.model import Kind
from provision.report.kind_words import KIND_WORDS
from provision.report.value import HoldLine, RunFacts


@dataclass(frozen=True, slots=True)
class ReleaseCommand:
    """How something that waits is released. ``since`` is ISO; ``command`` is "" where no word can."""

    since: str
    owner: str
    command: str


def releases(facts: RunFacts) -> dict[str, ReleaseCommand]:
    """By the key of a person: what is told of the first thing that waits of theirs and can be released, else of the first."""
    found: dict[str, ReleaseCommand] = {}
    for hold in facts.holds.told:
        if hold.key not in found or (hold.approve and not found[hold.key].command):
            found[hold.key] = ReleaseCommand(hold.since, hold.owner, hold.approve)
    return found


def by_kind(facts: RunFacts, run: str) -> Iterator[tuple[str, str]]:
    """For each kind of which something can be released: its heading, and the command that releases all of it."""
    can_be: list[HoldLine] = [hold for hold in facts.holds.told if hold.approve and hold.kind in set(Kind)]
    for kind in Kind:
        if any(hold.kind == kind for hold in can_be):
            command = f"provision approve {shlex.quote(run)} --kind {kind} --by NAME"
            yield KIND_WORDS[kind].heading, command
