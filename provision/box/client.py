"""The few calls this program makes, through the SDK, in canonical text on both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from box_sdk_gen.internal.utils import create_null
from box_sdk_gen.managers.users import UpdateUserByIdNotificationEmail
from box_sdk_gen.schemas.tracking_code import TrackingCode, TrackingCodeTypeField
from box_sdk_gen.schemas.user_full import UserFull

from provision.box import accounts, answers
from provision.box.accounts import Account, ListingPage, Whoami
from provision.box.addresses import AddressCalls
from provision.box.answers import AnyUser, PlainPage, RawPage
from provision.box.calls import decoded, written
from provision.box.content import ContentCalls
from provision.box.door import Door
from provision.box.enterprise import EnterpriseCalls
from provision.box.groups import GroupCalls
from provision.box.invites import InviteCalls
from provision.box.leaving import LeaverCalls
from provision.box.sharing import SharingCalls
from provision.box.wire import Traffic
from provision.errors import BoxFault, Garbled, NotFound
from provision.model import ATTRIBUTE, Shape, UserKind, fold
from provision.paging import PAGE_SIZE
from provision.tracking_codes import codes_of

#: a filtered listing is not paged by marker: with a filter the marker never ends (known from Box's own CLI)
_FILTERED_LIMIT = 1000
#: what the answer to a write is asked for
_ANSWERED = ("id", "name", "login")


class Box(LeaverCalls, AddressCalls, GroupCalls, InviteCalls, SharingCalls, ContentCalls, EnterpriseCalls):
    """Box, as far as users go. Every method makes one request and may raise any BoxFault."""

    #: whether an answer showed the tracking codes that were set by it; None as long as none were
    codes_shown: bool | None = None

    @property
    def traffic(self) -> Traffic:
        """What went over the wire so far."""
        return self._wire.traffic

    @property
    def door(self) -> Door:
        """What the answers so far told of the connection to Box."""
        return self._wire.door

    @property
    def per_minute(self) -> float:
        """Calls that may leave a minute now; fewer than the job says for a while after a 429."""
        return self._wire.per_minute

    @property
    def breadth(self) -> int:
        """How many operations are worth being begun at once now, from 1 to the workers."""
        return self._wire.breadth

    def retried(self, fault: BoxFault) -> None:
        """Tell that a call is tried again, for the counts."""
        self._wire.retried(fault)

    def me(self) -> Whoami:
        """The account behind the token (GET /users/me). Raises Garbled if the answer is not about a user."""
        body = self._read("/2.0/users/me", {"fields": "id,type,name,login,role,enterprise"})
        cells = decoded(accounts.account, body).cells
        told = (cells[name] for name in ("name", "login", "role"))
        return Whoami(cells["box_id"], cells["enterprise_id"].strip("?"), *told)

    def page(self, marker: str, limit: int = PAGE_SIZE) -> ListingPage:
        """One page of all managed and app users by marker, without a filter. Raises Garbled if it is not a page."""
        params = {"user_type": "managed", "usemarker": "true", "limit": str(limit)}
        params |= {"fields": ",".join(accounts.FIELDS)} | ({"marker": marker} if marker else {})
        return accounts.page(self._listing(params))

    def page_at(self, offset: int, limit: int = PAGE_SIZE) -> ListingPage:
        """One page of all managed and app users by offset, which also tells how many there are. Raises Garbled if it is not a page."""
        params = {"user_type": "managed", "limit": str(limit), "offset": str(offset)}
        return accounts.page(self._listing(params | {"fields": ",".join(accounts.FIELDS)}))

    def total(self) -> int | None:
        """How many users Box says there are at most (offset paging, one row); None if it does not say."""
        params = {"user_type": "managed", "limit": "1", "offset": "0", "fields": "id"}
        return self._listing(params).total_count

    def get(self, box_id: str) -> Account | None:
        """One account by id, or None if there is none."""
        try:
            body = self._read(f"/2.0/users/{box_id}", {"fields": ",".join(accounts.FIELDS)})
        except NotFound:
            return None
        return decoded(accounts.account, body)

    def space_used(self, box_id: str) -> int | None:
        """Bytes that an account owns; None if there is no such account or Box does not say."""
        try:
            body = self._read(f"/2.0/users/{box_id}", {"fields": "id,space_used"})
        except NotFound:
            return None
        return decoded(answers.space_used, body)

    def find_app(self, external_id: str) -> list[Account]:
        """The app users that carry exactly this external id; more than one is possible."""
        found = self._found({"external_app_user_id": external_id, "user_type": "managed"})
        return [user for user in found if user.cells["external_id"] == external_id]

    def find_login(self, login: str) -> Account | None:
        """The user with exactly this login, ours or external; the filter is a prefix search over names too."""
        found = self._found({"filter_term": login, "user_type": "all"})
        return next((user for user in found if fold(user.login) == fold(login)), None)

    def create(self, kind: UserKind, fields: Mapping[str, str]) -> str:
        """Create an account and return its id. ``fields`` are canonical cells by roster field, keys included."""
        body = {name: _sent(name, value) for name, value in fields.items() if name != "external_id"}
        if kind is UserKind.APP:
            body |= {
                "is_platform_access_only": True,
                "external_app_user_id": fields.get("external_id") or None,
            }
        return self._set(lambda asked: self._client.users.create_user(**body, fields=asked), body)

    def update(self, box_id: str, fields: Mapping[str, str]) -> str:
        """Set attributes of an account; "" empties one. Returns the id."""
        body = {name: _sent(name, value) for name, value in fields.items()}
        return self._set(
            lambda asked: self._client.users.update_user_by_id(box_id, **body, fields=asked), body
        )

    def delete(self, box_id: str, *, force: bool = False) -> str:
        """Delete an account. Returns the id. Without ``force`` Box refuses it while anything is owned.

        ``force`` destroys what the account owns (Box API reference, DELETE /users/{user_id}).
        """
        self._client.users.delete_user_by_id(box_id, notify=False, force=True if force else None)
        return box_id

    def _set(self, call: Callable[[list[str]], UserFull], body: Mapping[str, object]) -> str:
        """Set attributes, and notice whether codes that were given are shown; the id."""
        codes = body.get("tracking_codes")
        answers: list[UserFull] = []

        def answered() -> UserFull:
            answers.append(call([*_ANSWERED, "tracking_codes"] if codes else [*_ANSWERED]))
            return answers[0]

        box_id = written(answered)
        shown = answers[0].tracking_codes
        if codes and not self.codes_shown and shown is not None:  # an answer without the field says nothing
            self.codes_shown = bool(shown)
        return box_id

    def _found(self, params: dict[str, str]) -> list[Account]:
        params |= {"limit": str(_FILTERED_LIMIT), "fields": ",".join(accounts.FIELDS)}
        return accounts.accounts_on(accounts.page(self._listing(params)))

    def _listing(self, params: dict[str, str]) -> PlainPage | RawPage[AnyUser]:
        raw = decoded(answers.raw_page, self._read("/2.0/users", params))
        if raw.entries is None:
            raise Garbled
        return raw


def _sent(name: str, value: str) -> Any:
    """A canonical cell as the SDK wants it."""
    if name == "tracking_codes":
        return [
            TrackingCode(type=TrackingCodeTypeField.TRACKING_CODE, name=code, value=text)
            for code, text in codes_of(value).items()
        ]
    match ATTRIBUTE[name].shape if name in ATTRIBUTE else Shape.TEXT:
        case Shape.BOOLEAN:
            return value == "true"
        case Shape.BYTES:
            return int(value)
        case Shape.EMAIL:
            return UpdateUserByIdNotificationEmail(email=value) if value else create_null()
        case _:
            return value
