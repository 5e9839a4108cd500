"""The guard on seats: how many managed users the enterprise may have. Pure.

Box itself lets an enterprise go beyond what it pays for, and bills later (Box community, "19 of 3 seats used"). An inactive account
holds its seat as well, so activations take none; and what the same plan deletes or rolls out counts as free only once it is gone.
Whoever is invited takes a seat as soon as they say yes, so one is kept for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from provision.model import Kind, UserKind
from provision.operations.value import Change
from provision.plan.guards.limits import SEATS, judged
from provision.plan.value import GuardVerdict
from provision.wording import counted

#: what brings somebody new into the enterprise
_JOINS = (Kind.CREATE, Kind.INVITE)


def judge_seats(
    seats: int | None,
    managed: int | None,
    changes: Sequence[Change],
    settled: Collection[str],
    allowed: Mapping[str, int],
) -> tuple[GuardVerdict, ...]:
    """The verdict on managed users who are created or invited beyond ``seats``; none without such a limit or without anybody new.

    ``managed``: the managed users of the enterprise when the plan was made, None where they were not counted: nobody fits then.
    Room goes to what was done (``settled``, ids) and to whom people have approved, then to the others in the order of their rows.
    """
    joining = [one for one in changes if one.kind in _JOINS and one.user_kind is UserKind.MANAGED]
    new = [one for one in joining if not one.invite]
    if seats is None or not new:
        return ()
    invited = len(joining) - len(new)
    now = seats if managed is None else managed + invited
    first = [one for one in new if one.approved or one.id in settled]
    others = sorted(one.line for one in new if not (one.approved or one.id in settled))
    waiting = others[max(seats - now - len(first), 0) :]
    actual = now + len(new)
    verdict = judged(SEATS, seats, actual, _sentence(seats, managed, invited, new, len(waiting)), allowed)
    from_line = waiting[0] if waiting else max(one.line for one in new) + 1  # nobody is left to wait
    return (replace(verdict, kinds=_JOINS, from_line=from_line, user_kind=UserKind.MANAGED),)


def _sentence(seats: int, managed: int | None, invited: int, new: Sequence[Change], waiting: int) -> str:
    made = sum(one.kind is Kind.CREATE for one in new)
    told = ((made, "create"), (len(new) - made, "invitation"))
    planned = " and ".join(counted(number, word) for number, word in told if number)
    if managed is None:
        return f"seats: managed users were not counted, of whom there may be {seats:,}; {planned} planned"
    kept = f", {invited:,} more kept for who is invited" if invited else ""
    sentence = f"seats: {managed:,} of {seats:,} taken, inactive accounts too{kept}; {planned} planned"
    return f"{sentence}, {waiting:,} beyond" if waiting else sentence
