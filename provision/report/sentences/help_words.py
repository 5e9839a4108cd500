"""What guards, roster fields, kinds of operation and exit codes mean, in a line each; loads nothing, since shells ask for it."""

from __future__ import annotations

#: each guard, by the name that --allow takes
GUARDS = {
    "removals": "accounts that are deactivated, deleted or rolled out",
    "creates": "accounts that are created",
    "updates": "accounts that are changed or activated",
    "transfers": "accounts whose content moves to somebody else",
    "groups": "groups that are made",
    "memberships_added": "memberships of groups that are added or changed",
    "memberships_removed": "memberships of groups that end",
    "login_changes": "logins that are changed",
    "aliases_removed": "aliases that are removed",
    "invites": "people who are invited anew",
    "collaborations": "new people and groups who are let into a folder, folder by folder",
    "seats": "managed users that the enterprise would have, inactive ones too (guards.seats)",
    "mass_change": "accounts for which one attribute changes",
    "changed_job": "removals and transfers right after the job was changed; nothing switches it off",
    "monthly_calls": "calls to Box in a month (apply.monthly_calls)",
    "managers": "managers whom nobody can tell, while scope.protect_managers is on",
    "right_content": "operations on content that wait since the sign-in may not read any",
    "hook": "programs before a run that fail (hooks.before_apply)",
    "shrink": "rows fewer than in the last accepted roster",
    "truncated": "a file that ends in the middle",
    "rekeyed": "the same people under new keys, in percent",
    "headers": "headers that were there last time and are missing",
    "blank_keys": "rows without a key",
    "stale": "a roster older than the last accepted one",
    "out_of_scope": "a roster about nobody whom the job may touch",
    "max_age": "the age of the roster, in hours",
    "source": "people of one source that could not be used; name it: source[NAME]",
}
#: what may be added to the name of a guard on operations
GUARD_PARTS = {
    "NAME_24h, NAME_7d, NAME_30d": "the same over 24 hours, 7 or 30 days, all runs together (per_day, per_week, per_month)",
    "NAME[PART]": "the same for one part of the people (guards.by), as removals[acme.example]",
}
#: each field that a column of a roster may be
FIELDS = {
    "external_id": "the key of a person, as a personnel number; it never changes",
    "login": "the e-mail address somebody signs in with",
    "name": "the name, 50 characters at most",
    "kind": "managed (with a login of their own) or app (client of a portal), where one roster has both",
    "action": "what the row asks for: upsert, deactivate, delete or ignore",
    "role": "user or coadmin",
    "status": "active, inactive, cannot_delete_edit or cannot_delete_edit_upload",
    "language": "a language, as en or de-DE",
    "timezone": "a time zone, as Europe/Berlin",
    "job_title": "the job title",
    "phone": "the telephone number",
    "address": "the postal address",
    "space_amount": "storage: bytes, 10 GB or unlimited",
    "tracking_codes.NAME": "the tracking code NAME",
    "groups": "names of groups, with ; between",
    "start_date": "the first day; the account is not made before it",
    "end_date": "the last day with access",
    "manager": "who leads the person, by login, external id or name",
    "transfer_to": "who receives the content when the person leaves",
    "aliases": "further addresses, with ; between",
    "is_sync_enabled": "true or false: may use Box Sync",
    "can_see_managed_users": "true or false: sees other users of the enterprise",
    "is_external_collab_restricted": "true or false: may not work with people outside",
    "is_exempt_from_device_limits": "true or false: limits on devices do not count",
    "is_exempt_from_login_verification": "true or false: signs in without a second step",
    "notification_email": "where notifications go instead of to the login",
}
EXIT_CODES = {
    0: "done, nothing left over: Box matches the roster",
    1: "the input is wrong",
    2: "there are changes (plan, verify), or two plans differ (diff)",
    3: "a guard refused, or something is held for a person",
    4: "finished, but some operations failed or are in doubt",
    5: "interrupted",
    6: "another run works on this enterprise",
    7: "Box refused the sign-in, is unreachable, or its listing is incomplete",
    70: "our own fault",
}
