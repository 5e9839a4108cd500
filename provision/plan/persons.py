"""People of the people frame as values: only those about whom something may be done."""

from __future__ import annotations

from provision.batches import only
from provision.model import UserKind
from provision.plan.columns import Positions
from provision.plan.leavers.leavers import Person
from provision.plan.situations import Situations

#: the columns of the people frame that make a Person
_OF_PERSON = (
    "line", "box_id", "external_id", "login", "name", "kind", "status", "row_action", "row_end_date", "row_timezone",
    "said_gone", "spared", "segment", "role",
)  # fmt: skip

#: asked of an enumeration, one kind takes as long as a person
_KINDS = {kind.value: kind for kind in UserKind}


def persons_at(people: Situations, at: Positions) -> list[Person]:
    """Whoever stands at these positions, in their order."""
    if not len(at):
        return []
    part = only(people.frame, _OF_PERSON).iloc[at]
    columns = [
        at.tolist(), part["line"].tolist(), *(part[name].tolist() for name in ("box_id", "external_id", "login", "name")),
        [_KINDS[kind] for kind in part["kind"].tolist()],
        *(part[name].tolist() for name in ("status", "row_action", "row_end_date", "row_timezone")),
        *(part[name].tolist() for name in ("said_gone", "spared", "segment")),
        (part["role"] == "coadmin").tolist(),
    ]  # fmt: skip
    return [Person(*cells) for cells in zip(*columns, strict=True)]
