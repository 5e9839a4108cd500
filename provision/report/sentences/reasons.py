"""Words for reasons: what people read of a code and its facts. Only here, and never read back.

A sentence of several reasons is put together from theirs, with "; " between unless a reason says otherwise; one whose words
have ``{next}`` in them takes in the words of the one behind it, as "leaver: absent from 2 complete rosters".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from provision.because import Because, Reason, parsed
from provision.frames import one_piece, worded
from provision.operations.value import Change
from provision.plan.value import Question
from provision.report.sentences.address_reasons import OF_ADDRESSES
from provision.report.sentences.folder_reasons import OF_FOLDERS
from provision.report.sentences.reason_facts import ANSWER, CONSOLE, spelled_out

_NAMED = "{key} ({named_by})"
_SENT = "its content was sent to {to} on {day}"
_REUSED = (
    "{account} is the login of {whose}, and the row says {external_id}: {asked} If they are two people, archive the old "
    f"account: give it another login {CONSOLE} and remove the alias that is left; then the next run creates a new one. If "
    f"they are one, {ANSWER}"
)
_DISPUTED = "{external_id} is known for the account {other}, and {account} is the login of another one"

#: what a reason says; {names} stand for its facts
WORDS: Mapping[Because, str] = {
    Because.NOWHERE: "neither in the roster nor in Box",
    Because.ROW_ERROR: "{sentence}",
    Because.OUT_OF_SCOPE: "outside the job's scope",
    Because.PROTECTED: "protected",
    Because.IGNORED: "the row says ignore",
    Because.EXCLUDED: "left out by {key}{in_column}",
    Because.SUPERSEDED: "another row of the roster is of the same person; that one counts",
    Because.IN_DOUBT: "a person has to decide",
    Because.LEFT_WITHOUT_ACCOUNT: "has left and has no account",
    Because.STARTS_LATER: "upcoming: the start date {on}is ahead",
    Because.NOT_IN_BOX: "in the roster, not in Box",
    Because.ROW_LEAVES: "the row says this person leaves",
    Because.DIFFERS: "differs from the roster{in_fields}",
    Because.IN_STEP_STARTS_LATER: "in step with the roster; the start date is ahead",
    Because.IN_STEP: "in step with the roster",
    Because.CLAIMED: "claimed by {by_job}",
    Because.GROUP_CLAIMED: "stays in group {group} as it is: claimed by job {job}, whose roster names the group for this person",
    Because.ALIAS_CLAIMED: "{alias} stays: claimed by job {job}, whose roster names the address for this person",
    Because.LOCKED_THERE: "{fields} waits: the roster of job {job} says that the person has left; correct the wrong one, or: "
    "provision adopt JOB --login LOGIN",
    Because.OTHER_ROSTER: (
        "{fields} waits: claimed by job {job}, which has had the account for longer and whose roster says otherwise; make both rosters "
        "say the same{or_left_out}"
    ),
    Because.UNOWNED: "not in the roster, and not this job's account",
    Because.NOT_NAMED: "not named by this partial roster",
    Because.NOT_IN_ROSTER: "not in the roster",
    Because.MYSELF: "the account behind this sign-in",
    Because.SERVICE_ACCOUNT: "a service account",
    Because.ADMIN: "the enterprise's admin",
    Because.COADMIN: "a co-admin",
    Because.KIND_UNKNOWN: "Box did not say what kind of user this is",
    Because.ROLE_UNKNOWN: "Box did not say this user's role, or says one that this program does not know",
    Because.SCOPE_PROTECT: "scope.protect",
    Because.RECEIVES: "destination of a transfer in this plan",
    Because.RECEIVED: "destination of a transfer since {day} that is not proven finished",
    Because.MANAGES: "manager of active people (scope.protect_managers)",
    Because.SAYS_INACTIVE: "the roster says inactive",
    Because.BACK: "in the roster again, but inactive in Box",
    Because.DRIFTED: "changed in Box since (drift): {fields}",
    Because.DRIFT_REPORTED: "changed in Box since (drift), reported only: {fields}",
    Because.ACCENTS_LOST: "the name would lose its accents",
    Because.NAME_HELD: "name held: {next}",
    Because.LOGIN_WAITS: f"login: {{before}} → {{after}} waits: the job does not change logins (match.login_changes), or not to this domain; change it {CONSOLE}",
    Because.LOGIN_CHANGES: "login: {before} → {after}",
    Because.LOGIN_REFUSED: (
        "Box does not make {login} the login, though it is a confirmed alias: usually because the person has never confirmed the account; "
        "the next runs try again"
    ),
    Because.CYCLE_UNCONFIRMED: (
        "people change places, and Box wants {alias} confirmed, an address on the way that nobody reads: verify its domain "
        f"{CONSOLE}, or change these logins there; none of them has moved"
    ),
    Because.ALIAS_OF: (
        f"{{login}} is an address (alias) of the account {{account}} ({{box_id}}) already: a change of login, and nobody new; change it "
        f"{CONSOLE}, or correct the row"
    ),
    Because.PROTECTED_LEAVES: (
        "the row says this person leaves, and the account is protected ({next}): lock it by hand, or take the protection out; "
        "that somebody knows of it is said with: provision approve RUN --person {key} --by NAME"
    ),
    Because.ACKNOWLEDGED: "the row says this person leaves, and {by} knows of it; protected: {next}",
    Because.UNTOLD: "{fields} waits: Box does not show it to this sign-in, and what was not read is not written over{right}",
    Because.CODES_UNSEEN: (
        "{fields} waits: Box shows no tracking code of anybody, though this job has set some, and what was not read is not "
        "written over; {right}, or, if they are really gone, set one of anybody by hand"
    ),
    Because.ADMIN_ASKED: (
        "the row says the role admin, which no program can give: make this person the enterprise's admin in the Admin Console, "
        "or correct the row; if the column says something else, map it to ignore"
    ),
    Because.SHOWN_OTHERWISE: (
        "{fields}: Box said yes to it and shows another value, so it is not sent again; compare the two, and correct the "
        "roster, or approve it to have it sent once more"
    ),
    Because.CONTENT_STAYS: "content was transferred to {to} on {day} and stays there",
    Because.DRIFT: "drift: {who} changed in Box since the last accepted roster ({fields}); {what}",
    Because.END_DATE: "end date {day} reached",
    Because.ABSENT: "absent from {missed} complete {rosters}, first on {day}",
    Because.ABSENT_SO_FAR: "absent from {missed} of {needed} complete rosters",
    Because.DEACTIVATED_BEFORE: "deactivated by this job on {at}",
    Because.LEAVER: "leaver: {next}",
    Because.NOT_YET: "not yet a leaver: {next}",
    Because.HAS_LEFT: "has left ({next})",
    Because.NOTHING_MORE: "nothing more is to be done",
    Because.DUE: "{stage} is due on {day}",
    Because.ROW_SAYS: "{row} says {action}",
    Because.INACTIVE_ALREADY: "the account is inactive already",
    Because.SESSIONS_TOO: "all sessions are ended too",
    Because.DESTROYED: "what the account still owns is destroyed with it, as the job says",
    Because.SEEN_GONE: "its content went to {to} on {day} and was twice seen gone",
    Because.CONTENT_MOVING: "its content is still on its way",
    Because.CONTENT_SENT: _SENT,
    Because.UNCONFIRMED: ", and Box did not say that it began",
    Because.LOOKED_AT_AGAIN: "nothing is left, which is looked at once more from {at} on",
    Because.NEVER_BEGAN: "the transfer of {day} to {to} never began",
    Because.ARCHIVE_BLOCKED: "Box moves the content still, and lets nobody put its folder into {place} so far; the next runs try again",
    Because.ARCHIVE_WAITS: "its folder has to be put into the archive ({place}) since {since}",
    Because.ARCHIVE_OVERDUE: "its folder has to be put into the archive ({place}) since {since}, longer than Box should take: look at "
    "the folder in the receiver's root",
    Because.ARCHIVE_FIRST: "its folder has to be put into the archive first; from {day} on the account goes all the same",
    Because.STILL_MOVING: "content is still moving, as far as Box shows",
    Because.NOT_PROVEN: (
        f"after {{days}} days it is not proven to have moved: look at the account {CONSOLE} and transfer what is left there"
    ),
    Because.MAY_BE_MEANT: "a row of the roster may mean this account; nothing is done about it",
    Because.SOURCE_MISSING: ", and not counted: {names} could not be used, which may name this person",
    Because.UNREADABLE_ROWS: ", but {which} without a readable key may mean this person",
    Because.NO_ROLL_OUT: (
        "an app user cannot be rolled out: Box has no account outside of the enterprise for it; delete it instead"
    ),
    Because.MADE_TWICE: (
        "run {run} sent its create twice, and the second one was written after the run had ended; account {kept} stays"
    ),
    Because.GOES_TO: f"the content goes to {_NAMED}",
    Because.NO_RECEIVER: "the content cannot be transferred: {next}",
    Because.SERVICE_ACCOUNT_UNKNOWN: "nobody can say which account is the service account here",
    Because.OWN_ACCOUNT: "it would go to the leaver's own account",
    Because.NO_MANAGER: "no roster has named a manager",
    Because.RECEIVER_UNKNOWN: f"{_NAMED} has no account in this enterprise",
    Because.RECEIVER_AMBIGUOUS: f"{_NAMED} may be any of {{accounts}} accounts",
    Because.RECEIVER_IS_LEAVER: f"{_NAMED} is the leaver's own account",
    Because.RECEIVER_UNSURE: f"the row that names {_NAMED} is in doubt or has an error",
    Because.RECEIVER_INACTIVE: f"the account of {_NAMED} is inactive",
    Because.RECEIVER_LEAVES: f"{_NAMED} leaves as well",
    Because.NAME_ONE: "fill the roster's manager or transfer_to for this person, or change the stage's to in the job",
    Because.TWICE_IN_BOX: "Box has two accounts with this external id; one of them has to go first",
    Because.TWO_LOGINS: (
        "Box has two accounts whose logins differ in letters only that count as the same; one has to go first"
    ),
    Because.APART_IN_BOX: "Box has the external id on one account and the login on another; correct the row",
    Because.OTHER_KIND: (
        "the account of this key is of the other kind, and Box makes none of the other; correct the row's kind"
    ),
    Because.OTHER_ID: (
        "the login exists in Box, but not with this external id; leave the login out, or correct the external id"
    ),
    Because.RENUMBERED: (
        "the account known for this external id does not carry it in Box; put it back there, or correct the row"
    ),
    Because.KNOWN_TWICE: (
        f"earlier runs know two accounts for this external id; delete the one that is of no use {CONSOLE}"
    ),
    Because.DISPUTED: f"{_DISPUTED}{{settled}}",
    Because.SWAPPED: (
        "logins swapped with {rows}: {external_id} is known for the account {other}; correct the roster, or change both "
        f"logins {CONSOLE}"
    ),
    Because.REUSED: _REUSED.replace("{whose}", "the account known as {known_as}"),
    Because.REHIRED: _REUSED.replace("{whose}", "the account of {known_as}, who has left").replace(
        "{asked}", "hired again under a new number, {asked}"
    ),
    Because.SHARED: (
        "rows of the roster lead to the same account ({account}): {rows}; correct the one that is wrong, or, if an address "
        f"went from one person to another, change the login of the account {CONSOLE} first"
    ),
    Because.BAD_ROW: (
        "login: {account} → {login} waits: a row with an error may mean the same account; correct it first"
    ),
    Because.NO_NAME: "to be created, but the row has no name",
    Because.NO_ID: "to be created as an app user, but the row has no external id",
    Because.NO_LOGIN: "to be created, but the row has no login",
    Because.RIGHTS: (
        f"the row asks for co-admin rights; a person grants those {CONSOLE}, or lists this person in scope.coadmins and approves it"
    ),
    Because.COADMIN_GRANTED: (
        "gives co-admin rights: Box makes this person a co-admin with none of the permissions ticked, and no program can see or tick "
        f"them; who approves this ticks them {CONSOLE} (Users & Groups, the person, Edit User Access Permissions)"
    ),
    Because.COADMIN_CONSOLE: (
        "Box lets this sign-in change no co-admin: the admin, or a co-admin with that right, does it "
        f"{CONSOLE} (Users & Groups, the person, Edit User Access Permissions); the next run sees it"
    ),
    Because.LIKE_SOMEBODY_GONE: (
        "looks like {whose}, which no row names: a change of address? If they are one person, change the "
        f"login of that account to {{login}} {CONSOLE}; if they are two, approve this"
    ),
    Because.LIKE_SOMEBODY_NEW: "looks like the person of {row} ({who}), {what}: a change of address?",
    Because.LOST_ZEROS: (
        "has the number of {account}, which no row names, without its leading zeros: format the column as text and "
        "export again; if they are two people, approve this"
    ),
    Because.LOGIN_OUTSIDE: (
        "the next runs try again; whoever has an account of their own is invited with onboarding.invite_existing: true, and an alias has "
        "to be taken from whoever has it"
    ),
    Because.LOGIN_ELSEWHERE: (
        "the login belongs to an account of another enterprise, and Box lets nobody be invited from there: the person has to leave "
        "that enterprise, or the roster needs another address; the next runs try again"
    ),
    Because.LOGIN_NOBODYS: (
        "Box knows no account with this login, and gives it to nobody: it is an alias of somebody, who has to remove it; the next runs try "
        "again"
    ),
    Because.OUTSIDE_WAITS: "known since {since}; from {until} on it is reported again",
    Because.OUTSIDE_OVERDUE: "known since {since}, and reported again after onboarding.wait",
    Because.INVITE_WANTED: "the login is that of an account outside of the enterprise: its owner is invited",
    Because.INVITE_PENDING: (
        "invited: the person has to accept, by the mail that Box has sent, or in Box; the next runs look again"
    ),
    Because.INVITE_REFUSED: (
        "the person was invited and said no: talk to them, or give them another address in the roster; to invite them once more, "
        "approve this"
    ),
    Because.INVITE_DENIED: (
        "Box does not let this person be invited: usually because the account belongs to another enterprise; the next runs try again"
    ),
    Because.INVITE_NO_SCOPE: (
        "Box lets this app invite nobody: it lacks the scope Manage enterprise properties; grant it in the Developer Console, and have "
        "an admin authorise the app again"
    ),
    Because.UNTOUCHED: "not touched by the undone run",
    Because.UNDO_CREATE: "the undone run made this account",
    Because.UNDO_UPDATE: "the undone run changed this account",
    Because.UNDO_ACTIVATE: "the undone run activated this account",
    Because.GROUP_WANTED: "the roster or a rule names it, and Box has no group of this name",
    Because.GROUP_NAMED: "the roster names the group {group}",
    Because.GROUP_BY_RULE: "a rule of the job (groups.rules) adds the group {group}",
    Because.GROUP_ROLE: "another role in the group {group}",
    Because.GROUP_NOT_NAMED: "the roster no longer names the group {group}",
    Because.GROUP_NO_RULE: "no rule of the job adds the group {group} any more",
    Because.GROUP_MISSING: "{names}: no group of this name in Box, and the job makes none; make it, correct the name, or set groups.create",
    Because.GROUP_FOREIGN: (
        "{names}: looked after by {provenance}, and not touched; let that system add this person, or take the name out"
    ),
    Because.GROUP_UNREAD: (
        "{names}: has more members than Box lists (11,000), so that nobody can tell who is in it; add this person by hand, or "
        "take the name out"
    ),
    Because.UNDO_MEMBERSHIP: "the undone run changed this membership",
    Because.GROUP_STAYS: "the undone run made this group, and it stays: it may be shared by now; delete it by hand if nobody needs it",
    Because.INVITE_STAYS: (
        "the undone run invited this person, and Box has no way for a program to take that back: withdraw it "
        f"{CONSOLE}, if they have not accepted yet"
    ),
    Because.MEMBERSHIP_MOVED: "the membership of {group} is not as the undone run left it, and stays as it is",
    **OF_FOLDERS,
    **OF_ADDRESSES,
    Because.UNDO_DEACTIVATE: "the undone run deactivated this account",
    Because.UNDO_LOGIN_CHANGE: "the undone run changed this login",
    Because.UNDO_ALIAS_ADD: "the undone run added this alias",
    Because.UNDO_ALIAS_REMOVE: "the undone run removed this alias",
    Because.NOT_SURE: ", which it could not be sure of; Box shows that it did",
    Because.LEFT_AS_IT_IS: "left as it is{stays}",
    Because.AS_BEFORE: "is as it was before the undone run already",
    Because.SEVERAL_MADE: "the undone run's create is in doubt, and several accounts carry its key: {box_ids}",
    Because.THERE_AGAIN: "the undone run deleted this account, and it is there again",
    Because.DELETED: "deleted by the undone run (Box id {box_id}); only Box support can bring it back",
    Because.SESSIONS_ENDED: "the undone run ended the sessions of this account; its person signs in again",
    Because.ARCHIVE_STAYS: "the folder of the content stays in the archive ({place})",
    Because.CONTENT_GIVEN: (
        "the undone run gave the content of this account to {to}, where it stays in a folder of its own; the owner of that "
        "can hand it back"
    ),
    Because.LEFT_ENTERPRISE: (
        "the undone run let the account leave the enterprise (Box id {box_id}); only an invitation that its person accepts "
        "leads back"
    ),
    Because.NO_LONGER_THERE: "the account (Box id {box_ids}) no longer exists",
    Because.OTHER_ID_NOW: "the account has another external id now, or is of another kind",
    Because.OTHER_LOGIN_NOW: "the account has another login now",
    Because.PROTECTED_NOW: "protected now: {next}",
    Because.OUT_OF_SCOPE_NOW: "out of the job's scope now",
    Because.APPROVED_SO_FAR: "{have} of {required} approvals, by {by}, wants {more}",
    Because.HELD_BY: "{by} holds this since {day}, until {until} or until somebody approves it",
    Because.GUARD: "{what} (guard {name}, which allows {limit})",
    Because.AS_WRITTEN: "{sentence}",
}

#: reasons with more before them than "; " when others stand before them
_BEFORE = {
    Because.UNCONFIRMED: "",
    Because.SOURCE_MISSING: "",
    Because.UNREADABLE_ROWS: "",
    Because.NOT_SURE: "",
    Because.LEAVER: ": ",
    Because.ROW_SAYS: ": ",
}


def words(because: str, table: Mapping[Because, str] = WORDS) -> str:
    """The reasons of a text as people read them, "" for none. Raises ValueError for a text that holds none."""
    return _sentence(parsed(because), table)


def reason_words(column: pd.Series[str]) -> pd.Series[str]:
    """The same for a whole column, in which few texts are different ones."""
    texts = one_piece(column).dictionary_encode()
    told = worded(texts.indices, [words(text) for text in texts.dictionary.to_pylist()])
    return told.set_axis(column.index)


def _sentence(reasons: tuple[Reason, ...], table: Mapping[Because, str]) -> str:
    told, rest = "", iter(reasons)
    for each in rest:
        before = _BEFORE.get(each.code, "; ") if told else ""
        told += before + _phrase(each, rest, table)
    return told


def _phrase(each: Reason, rest: Iterator[Reason], table: Mapping[Because, str]) -> str:
    template = table[each.code]
    facts = {**dict(each.facts), **spelled_out(each)}
    if "{next}" in template:
        following = next(rest, None)
        facts["next"] = _phrase(following, rest, table) if following else ""
    return template.format(**facts)


def same_person(asked: Question) -> str:
    """What the answer to a question means."""
    return f"the account {asked.login} ({asked.box_id}) is that of {asked.external_id} from now on"


def proved(change: Change) -> str:
    """What proves a leaver, as a reason, where the operation's own reason does not say it already; else ""."""
    evidence, said = parsed(change.evidence), parsed(change.because)
    places = range(len(said) - len(evidence) + 1)
    return "" if any(said[at : at + len(evidence)] == evidence for at in places) else change.evidence
