"""What Box says of an invitation, decoded."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

#: what an invitation says that was answered; Box's reference names ``pending`` alone, so any other word counts as not answered
ACCEPTED, REJECTED = "accepted", "rejected"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation, and what became of it. ``box_id`` is the account of whoever is invited, "" if Box does not say."""

    invite_id: str
    status: str
    box_id: str = ""


class _Invited(msgspec.Struct, gc=False):
    id: str | int | None = None


class _Invite(msgspec.Struct, gc=False):
    id: str | int
    status: str | None = None
    actionable_by: _Invited | None = None


_INVITE = msgspec.json.Decoder(_Invite)


def invitation(body: bytes) -> Invitation:
    """Decode one. Raises ``msgspec.MsgspecError`` if it is none."""
    told = _INVITE.decode(body)
    whom = told.actionable_by.id if told.actionable_by else None
    return Invitation(str(told.id), told.status or "", "" if whom is None else str(whom))
