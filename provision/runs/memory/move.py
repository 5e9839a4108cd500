"""The ledger moved from one database into another: from a file, say, to a server that many machines share."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field

from provision.errors import Refused
from provision.ledger.address import parsed, shown
from provision.ledger.move import move
from provision.report.summary import Summary
from provision.runs.ending import Course, conclude
from provision.runs.memory.lock import alive_since
from provision.runs.observer import Confirmation
from provision.runs.seal.key import key_file
from provision.runs.start import Begun


@dataclass(frozen=True, slots=True)
class MovedSummary(Summary):
    """What came of it: from where, to where, how many rows of each table, and where the key of its fingerprints lies."""

    source: str = ""
    target: str = ""
    rows: dict[str, int] = field(default_factory=dict)
    key_file: str | None = None

    def to_json(self) -> str:
        """One JSON object on one line."""
        told = {"from": self.source, "to": self.target, "rows": self.rows, "key_file": self.key_file}
        return json.dumps(told | {"exit_code": self.exit_code, "error": self.error}, ensure_ascii=False)


def move_ledger(source: str, target: str, begun: Begun) -> MovedSummary:
    """Move a ledger; ``${NAME}`` in an address is taken from the environment. Raises InputError, and Locked while a run is under way."""
    here, there = os.path.expandvars(source), os.path.expandvars(target)
    for address in (here, there):
        parsed(address)
    question = f"The ledger {shown(here)} goes to {shown(there)}; every job that uses it has to name the new address then. Continue?"
    if not begun.observer.confirm(Confirmation(question)):
        raise Refused("Nothing was moved: you answered no.", remedy="jobs go on with the ledger where it is")
    moved = move(here, there, alive_since(begun.observer.now()))
    file = key_file(here)
    end = conclude(Course.LOOK, frozenset())
    return MovedSummary(
        status=end.status,
        exit_code=int(end.exit_code),
        source=shown(here),
        target=shown(there),
        rows=moved,
        key_file=str(file) if file is not None and file.exists() and key_file(there) is None else None,
    )
