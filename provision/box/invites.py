"""Invitations of people with an account of their own into the enterprise (Box API reference, Invites): make one, look at one.

Box has no list of them and no way to take one back; the app needs the scope Manage enterprise properties.
"""

from __future__ import annotations

from provision.box import invite_answers
from provision.box.calls import Calls, decoded, written
from provision.box.invite_answers import Invitation
from provision.errors import NotFound


class InviteCalls(Calls):
    """Every method makes one request and may raise any BoxFault."""

    def invite(self, enterprise_id: str, login: str) -> Invitation:
        """Invite whoever has this login (Box API reference, POST /invites); Box mails the person, who has to accept.

        NotFound: no account has it as its login. What Box answers for somebody of another enterprise, or who is invited
        already, is undocumented.
        """
        from box_sdk_gen.managers.invites import CreateInviteActionableBy, CreateInviteEnterprise

        enterprise, whom = CreateInviteEnterprise(id=enterprise_id), CreateInviteActionableBy(login=login)
        told: list[str] = []

        def invite() -> object:
            made = self._client.invites.create_invite(enterprise, whom)
            told.append(str(getattr(made, "status", None) or ""))
            return made

        invite_id = written(invite)
        return Invitation(invite_id, told[-1])

    def invitation(self, invite_id: str) -> Invitation | None:
        """One invitation by id, None if there is none (Box API reference, GET /invites/{invite_id})."""
        try:
            body = self._read(f"/2.0/invites/{invite_id}", {})
        except NotFound:
            return None
        return decoded(invite_answers.invitation, body)
