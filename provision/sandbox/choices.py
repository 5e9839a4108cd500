"""What Box does that nobody documents, or that its documents tell in two ways: one switch each.

A seed file or a fault script sets them under the key `choices`. The defaults are this sandbox's picks, not
facts about Box. Where public sources disagree, both are named.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from .options import SandboxError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Choices:
    """Every switch, with its default; each one is marked *undocumented* or *disputed*."""

    # --- listing -----------------------------------------------------------------------------------
    default_limit: int = 100
    """Undocumented: page size of GET /users without `limit`."""
    default_user_type: Literal["all", "managed"] = "managed"
    """Undocumented: what GET /users lists without `user_type`."""
    listing_order: Literal["name", "id"] = "name"
    """Undocumented: sort order of GET /users."""
    max_offset: int = 10_000
    """Disputed: the API reference refuses offsets above 10000, the paging guide has 9999 as the last one."""
    offset_refusal_code: str = "bad_request"
    """Undocumented: `code` of the 400 for an offset above the maximum."""
    last_marker: Literal["null", "empty"] = "null"
    """Disputed: `next_marker` of the last page is null (guide) or "" (recorded answers)."""
    external_id_with_marker_is_null: bool = False
    """Disputed: `external_app_user_id` with `usemarker` answered `entries: null` in a report to the .NET SDK."""
    fields_base: Literal["base", "mini"] = "base"
    """Disputed: `fields` adds to type and id (guide), or to type, id, name and login (API reference)."""
    listing_delay: float = 0.0
    """Undocumented: seconds until a new user shows up in GET /users and its filters."""

    # --- users ---------------------------------------------------------------------------------------
    login_of_app_user: Literal["replaced", "honoured"] = "replaced"
    """Undocumented: a `login` sent along with `is_platform_access_only: true`."""
    extra_app_user_attributes: Literal["ignored", "refused"] = "ignored"
    """Undocumented: attributes an app user cannot have (role, tracking codes, …) when sent for one."""
    external_id_on_managed: Literal["accepted", "refused"] = "accepted"
    """Disputed: `external_app_user_id` on managed users (the SSO guide has it, the reference says app users)."""
    over_long_text: Literal["refused", "cut"] = "refused"
    """Undocumented: a name, job title, phone or address beyond its documented length."""
    unknown_tracking_code: Literal["refused", "accepted"] = "refused"
    """Undocumented: a tracking code the enterprise has not configured (only if the seed configures any)."""
    unlimited_space: Literal["accepted", "refused"] = "accepted"
    """Undocumented: who may set `space_amount` to -1."""
    new_managed_status: Literal["active", "inactive"] = "active"
    """Undocumented: what `status` a managed user shows who has not confirmed the address yet."""
    unconfirmed_users_refuse_as_user: bool = False
    """Documented for the time right after creation, of unknown length: 403 user_email_confirmation_required."""
    hidden_attributes: tuple[str, ...] = ()
    """Undocumented but for tracking codes (help centre, 360043690994): what this token may not see of users."""
    hidden_as: Literal["absent", "null", "empty"] = "absent"
    """Undocumented: how an attribute that the token may not see looks; `empty` is as one that nobody set (`[]`, or an empty text)."""
    unset_notification_email: Literal["null", "empty_list"] = "null"
    """Disputed: `notification_email` that is not set is null (reference) or [] (a recorded answer)."""
    login_change: Literal["confirmed_alias", "any"] = "confirmed_alias"
    """Undocumented in the reference, reported by connectors: a new login has to be a confirmed alias before."""
    login_change_refusal_code: str = "bad_request"
    """Undocumented: `code` of the 400 for a login change that is refused."""
    alias_refusal_code: str = "bad_request"
    """Undocumented: `code` of the 400 for an alias on a domain that is not registered, and for one too many."""
    most_aliases: int = 10
    """Undocumented: how many aliases an account can have."""
    external_id_conflict_code: str = "conflict"
    """Undocumented: `code` of the 409 for an `external_app_user_id` that is taken (its message is known)."""
    external_id_taken: Literal["refused", "accepted"] = "refused"
    """Undocumented for creations sent at the same moment or after a 503: whether an `external_app_user_id` is unique."""
    rolled_out_status: Literal[200, 403, 404] = 200
    """Undocumented: the answer to GET for a user who has left; 200 shows `enterprise: null`, a change gets a 404 then."""

    # --- deletion ------------------------------------------------------------------------------------
    owned_content_status: int = 403
    """Undocumented: status of DELETE without `force` for someone who still owns content."""
    owned_content_code: str = "forbidden"
    """Undocumented: its `code`."""
    retention_refuses_unforced: bool = False
    """Undocumented: whether retention policies are named to a content owner's deletion without `force` as well."""
    protected_account_status: int = 403
    """Undocumented: status of deleting, demoting or rolling out the admin, the service account or oneself."""
    protected_account_code: str = "access_denied_insufficient_permissions"
    """Undocumented: its `code`."""
    coadmin_edits_coadmin: bool = True
    """Left to permissions (Box help centre, 360043694174): whether a co-admin, or the service account, may change another co-admin."""
    coadmin_deletes_coadmin: bool = False
    """Undocumented: whether a co-admin (or the service account) may delete or roll out another co-admin."""
    login_freed_after: float = 0.0
    """Undocumented: seconds until the login of a deleted user can be used again."""

    # --- content -------------------------------------------------------------------------------------
    storage_full_status: Literal[403, 409] = 403
    """Disputed: status of what does not fit any more (guide: 403, reference: 409)."""

    chunked_from: int = 20_000_000
    """Documented as 20 MB, the refusal is not: bytes below which a file cannot be uploaded in parts."""
    upload_part_size: int = 8_388_608
    """Left to Box: bytes of each part of an upload but the last."""
    commits_answered_later: int = 0
    """Documented, how often is not: so many commits of each upload in parts are answered 202 with Retry-After before one makes the file."""
    collaboration_twice_status: Literal[400, 409] = 400
    """Disputed: status of a second collaboration of the same grantee (guide on errors: 400, on provisioning: 409)."""
    invite_of_other_enterprise_status: Literal[400, 403, 404] = 403
    """Undocumented: status of an invitation for somebody who belongs to another enterprise."""
    invites_accepted_after: float = -1.0
    """Left to people: seconds until an invitation is accepted; negative means never."""

    # --- transfer and sessions -----------------------------------------------------------------------
    transfer_seconds: float = 0.0
    """Documented to go on after the 200 if it takes over ten minutes, for an unknown time: seconds until it ends."""
    transfer_looks: int = 0
    """The same counted in looks: so many reads of the source (its folders, GET or DELETE of the user) come too early."""
    transfer_folder_name: Literal["login_and_name", "name"] = "login_and_name"
    """Disputed: "<login> - <name>'s Files and Folders" (guide, Box CLI) or "<name>'s Files and Folders" (reference)."""
    repeated_transfer: Literal["new_folder", "same_folder"] = "new_folder"
    """Undocumented: where a second transfer to the same account goes."""
    transfer_to_unknown_status: Literal[400, 404] = 404
    """Undocumented: the answer to a transfer to nobody of the enterprise."""
    transfer_to_self_status: Literal[400, 403] = 400
    """Undocumented: the answer to a transfer to the source itself."""
    inactive_refused_as: Literal["nobody", "source", "destination"] = "nobody"
    """Undocumented: whether an inactive account can be the source or the destination of a transfer."""
    locked_user_status: int = 403
    """Undocumented: status of "User is locked": transfer, deletion, roll-out of somebody whose transfer is under way."""
    locked_user_code: str = "forbidden"
    """Undocumented: its `code`."""
    privileged_transfer_code: str = "access_denied_insufficient_permissions"
    """Undocumented: `code` of the 403 for a transfer from or to a higher privileged account."""
    folder_locked_meanwhile: bool = True
    """Undocumented: whether the new folder cannot be moved (409) before the transfer has ended; deleted it cannot be."""
    sessions_by_one_key: Literal["accepted", "refused"] = "accepted"
    """Disputed: the reference wants ids and logins to end sessions, Box CLI offers and sends either alone."""
    unknown_session_user: Literal[202, 404] = 404
    """Undocumented: the answer to ending the sessions of somebody who is not of the enterprise."""

    # --- groups ------------------------------------------------------------------------------------
    membership_conflict_code: str = "conflict"
    """Undocumented: `code` of the 409 for a membership that exists (Box's own guide looks at the status only)."""
    group_conflict_code: Literal["conflict", "invalid_parameter"] = "conflict"
    """Disputed: `code` of the 409 for a name that a group has (live answers; the reference has invalid_parameter)."""
    app_users_in_groups: Literal["accepted", "refused"] = "accepted"
    """Undocumented: whether an app user can be a member of a group."""
    all_users_group_refusal: Literal[400, 403] = 403
    """Undocumented: the answer to a change of the group of all users or of who is in it."""

    # --- events --------------------------------------------------------------------------------------
    admin_logs_delay: float = 0.0
    """Documented to come later than in the streaming stream, by an unknown time: seconds until admin_logs has an event."""
    streaming_repeats: bool = False
    """Documented as possible: admin_logs_streaming in disorder, and an event twice."""

    # --- accounts and envelope -----------------------------------------------------------------------
    revoke_answer: Literal["empty", "object"] = "empty"
    """Disputed: the body of POST /oauth2/revoke is empty (reference), the older Python SDK wants JSON."""
    service_account_role: Literal["user", "coadmin"] = "user"
    """Undocumented: `role` of the service account."""
    service_account_platform_only: bool = True
    """Undocumented: `is_platform_access_only` of the service account."""
    as_user_is_charged_to: Literal["acting", "token"] = "acting"
    """Undocumented: whose rate limit a call with the As-User header uses up."""
    refused_calls_count: bool = False
    """Undocumented: whether a call answered 429 uses up the rate limit as well."""
    rate_limit_message: str = "Request rate limit exceeded, please try again later"
    """Disputed: older documents say "Request rate limit exceeded, try again later."."""
    permission_dash: Literal["-", "–"] = "-"
    """Disputed: the dash in "Access denied - insufficient permission" (live answers; documents have –)."""

    @classmethod
    def of(cls, given: Mapping[str, object]) -> Choices:
        """The defaults with what a file sets; an unknown name or a value of another type is a SandboxError."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(given) - known):
            raise SandboxError(
                f"unknown choice {unknown[0]!r} in the seed file or fault script",
                "a misspelt name",
                f"use one of: {', '.join(sorted(known))}",
            )
        return _checked(cls, given)


def _checked(cls: type[Choices], given: Mapping[str, object]) -> Choices:
    import msgspec

    try:
        return msgspec.convert(dict(given), cls)
    except msgspec.ValidationError as error:
        raise SandboxError(
            f"a choice has a value it cannot have: {error}",
            "a word of another choice, or a number in quotation marks",
            "see the values with: python -m pydoc provision.sandbox.choices",
        ) from error
