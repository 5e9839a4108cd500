"""The calls on an account's further addresses, its aliases: list, add, remove."""

from __future__ import annotations

from provision.box import holdings
from provision.box.calls import Calls, decoded, written
from provision.box.holdings import Alias


class AddressCalls(Calls):
    """Every method makes one request and may raise any BoxFault."""

    def aliases(self, box_id: str) -> tuple[Alias, ...]:
        """All further addresses of an account; there are no pages (Box API reference, GET /users/{user_id}/email_aliases).

        Raises Garbled for an answer with fewer than it counts.
        """
        return decoded(holdings.aliases, self._read(f"/2.0/users/{box_id}/email_aliases", {}))

    def add_alias(self, box_id: str, email: str) -> Alias:
        """Give an account a further address (Box API reference, POST /users/{user_id}/email_aliases).

        It counts once it is confirmed: at once on a domain that is verified for the enterprise, else by a click in a mail
        that Box sends to it. What Box answers for an address that the account or somebody else has is undocumented, so that a
        doubtful one is looked for with :meth:`aliases`. Rejected: a domain that is not the enterprise's.
        """
        told: list[bool] = []

        def add() -> object:
            made = self._client.email_aliases.create_user_email_alias(box_id, email)
            told.append(getattr(made, "is_confirmed", None) is True)
            return made

        alias_id = written(add)
        return Alias(alias_id, email, told[-1])

    def remove_alias(self, box_id: str, alias_id: str) -> None:
        """Take an address from an account (Box API reference, DELETE /users/{user_id}/email_aliases/{email_alias_id}).

        NotFound for one that is not there any more.
        """
        self._client.email_aliases.delete_user_email_alias_by_id(box_id, alias_id)
