"""The guard on seats: how many managed users the enterprise may have. Pure.

Box itself lets an enterprise go beyond what it pays for, and bills later (Box community, "19 of 3 seats used"). An inactive account
holds its seat as well, so activations take none; and what the same plan deletes or rolls out counts as free only once it is gone.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from provision.model import Kind, UserKind
from provision.operations.value import Change
from provision.plan.guards.limits import SEATS, judged
from provision.plan.value import GuardVerdict
from provision.wording import counted


def judge_seats(
    seats: int | None,
    managed: int | None,
    changes: Sequence[Change],
    settled: Collection[str],
    allowed: Mapping[str, int],
) -> tuple[GuardVerdict, ...]:
    """The verdict on managed users who are created beyond ``seats``; none without such a limit or without such a create.

    ``managed``: the managed users of the enterprise when the plan was made, None where they were not counted: nobody fits then.
    Room goes to what was done (``settled``, ids) and to whom people have approved, then to the others in the order of their rows.
    """
    new = [one for one in changes if one.kind is Kind.CREATE and one.user_kind is UserKind.MANAGED]
    if seats is None or not new:
        return ()
    now = seats if managed is None else managed
    first = [one for one in new if one.approved or one.id in settled]
    others = sorted(one.line for one in new if not (one.approved or one.id in settled))
    waiting = others[max(seats - now - len(first), 0) :]
    actual = now + len(new)
    verdict = judged(SEATS, seats, actual, _sentence(seats, managed, len(new), len(waiting)), allowed)
    from_line = waiting[0] if waiting else max(one.line for one in new) + 1  # nobody is left to wait
    return (replace(verdict, kinds=(Kind.CREATE,), from_line=from_line, user_kind=UserKind.MANAGED),)


def _sentence(seats: int, managed: int | None, new: int, waiting: int) -> str:
    if managed is None:
        return f"seats: managed users were not counted, of whom there may be {seats:,}; {counted(new, 'create')} planned"
    sentence = (
        f"seats: {managed:,} of {seats:,} taken, inactive accounts too; {counted(new, 'create')} planned"
    )
    return f"{sentence}, {waiting:,} beyond" if waiting else sentence
