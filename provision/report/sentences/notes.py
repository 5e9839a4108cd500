"""The words for what an outcome has noted: how an operation came to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provision.journal.value import Note, Noted, Outcome
from provision.model import Kind, Status, unescaped
from provision.operations.content.folders import place_of
from provision.operations.value import Change
from provision.report.kind_words import KIND_WORDS, label
from provision.report.sentences.reasons import words

_POLICY = "a retention policy, a legal hold or a transfer under way holds the account, or it owns more than Box counts"
_TWICE = "made twice, since the first request was carried out late"

#: each code in words, with its facts in braces; {object} and {answer} are the operation's object and Box's answer
WORDS: Mapping[Noted, str] = {
    Noted.BEGAN: "started, with no known end",
    Noted.FOUND: "found done after a lost answer",
    Noted.FOUND_AT_END: "found done at the end of the run",
    Noted.STOPPED: "the run was stopped before an answer came",
    Noted.NO_ANSWER: "no answer, so it is not known whether it happened",
    Noted.NOT_REACHED: "Box could not be reached",
    Noted.GONE_ALREADY: "was already gone",
    Noted.THERE_ALREADY: "the account already had it",
    Noted.ALIAS_GONE: "Box refused it: the address is no alias of the account any more; the next run adds it again",
    Noted.NO_ACCOUNT: "the account no longer exists",
    Noted.REFUSED: "Box refused it",
    Noted.REFUSED_FIELDS: "Box refused it because of {fields}",
    Noted.REFUSED_CODES: "Box refused it; it sets the tracking codes {names}, of which Box takes only those that are registered, "
    "spelt just so (Admin Console, Enterprise Settings, tracking codes)",
    Noted.REFUSED_AGAIN: "as in the run before; others of the kind went through, so it is about this account",
    Noted.SIGN_IN_LOST: "the sign-in was no longer accepted",
    Noted.WAITS: "{why}",
    Noted.NEED_NOT_DONE: "skipped, since what it needs was not done: {need} ({status})",
    Noted.NOT_LOOKED_AT: "not sent: the account could not be looked at just before",
    Noted.NOT_KEPT: "not sent: the state of the account could not be recorded ({why})",
    Noted.ACCEPTED: "Box took it; what the account still owns is looked at by the next runs",
    Noted.TRANSFER_DOUBT: "no answer told whether it began; it is not sent again, the next runs look at what the account "
    "still owns",
    Noted.TRANSFER_REFUSED: "Box refused it: one of the two accounts has higher rights than this sign-in, is locked by "
    "another transfer, or a policy forbids it",
    Noted.ARCHIVED: "its folder lies in {object}",
    Noted.NOT_ARCHIVED: "its folder could not be moved into {object} ({answer}) and stays in the receiver's root",
    Noted.CONTENT_HELD: "Box refused it: a retention policy or a legal hold keeps the content; it has to be transferred first",
    Noted.OWNS_CONTENT: "Box refused it: the account still owns content; give lifecycle.leavers a transfer before the delete",
    Noted.ACCOUNT_HELD: f"Box refused it: {_POLICY}",
    Noted.CONFLICT_UNSEEN: "a conflict that could not be looked into",
    Noted.MADE_EARLIER: "made by an earlier try of this run",
    Noted.PERHAPS_MADE: "perhaps made by an earlier try of this run, which Box does not show yet",
    Noted.CAME_UP: "an account with this key appeared after the plan was made ({box_id}); the next run compares it",
    Noted.FOREIGN_ID: "the external id belongs to an account this app cannot see",
    Noted.FOREIGN_LOGIN: "the login belongs to a personal account, an external user or another enterprise, or is another "
    "user's alias",
    Noted.OTHER_ENTERPRISE: "the login belongs to an account of another enterprise, which cannot be invited",
    Noted.JOINED: "the person is in the enterprise by now; the next run compares the account",
    Noted.GROUP_CAME_UP: "a group of this name ({group_id}) that is not this job's appeared after the plan was made; the next run "
    "looks at it",
    Noted.MEMBER_ALREADY: "was a member already",
    Noted.MEMBER_OTHERWISE: "is in the group already, as {role}; the next run compares it",
    Noted.MEMBERSHIP_GONE: "the membership, the account or the group is there no more; the next run looks",
    Noted.MEMBERS_OTHERWISE: "Box confirmed it, yet a fresh list of the group's members does not show it",
    Noted.GROUP_NOT_LISTED: "Box confirmed it, yet a fresh list of groups does not show the group",
    Noted.COLLABORATOR_OTHERWISE: "works with the folder already, as {role}; that stays as it is",
    Noted.FOLDER_MISSING: "no folder {object} is there for this sign-in; make it, correct the path, or set create: true",
    Noted.GROUP_UNKNOWN: "no group of this name is there; make it, or correct the name",
    Noted.FOLDER_GONE: "Box shows this sign-in no such folder, account or group; a folder has to be shared with the account behind the sign-in",
    Noted.NAME_IN_USE: "something that is not a folder already has this name",
    Noted.CONTENT_OTHERWISE: "something of this name lies in the person's root already and differs from what was to come there; nothing is overwritten: "
    "rename or remove it there, and the next run tries again",
    Noted.CONTENT_CHANGED: "the folder of the job's onboarding.content was changed after the plan was made; what is there now is planned by the next run",
    Noted.COLLABORATORS_OTHERWISE: "Box confirmed it, yet a fresh list of who works with the folder does not show it",
    Noted.TWICE_REMOVED: f"{_TWICE}; the second, empty account {{removed}} was removed",
    Noted.TWICE_LEFT: f"{_TWICE}: {{left}}; only one of them may stay",
    Noted.TWICE_UNKNOWN: "made, but whether it was made twice could not be looked into",
    Noted.REMOVES_SECOND: "removes account {box_id}, made twice for one key and empty",
    Noted.MOVED_LOGIN: "moved: the account has another login now",
    Noted.MOVED_ID: "moved: the account has another external id now",
    Noted.MOVED_ROLE: "moved: the account is {role} now",
    Noted.MOVED_STATUS: "moved: the account is {status} now",
    Noted.MOVED_FIELDS: "moved: {fields} changed in Box after the plan was made",
    Noted.UNTOLD: "not sent: Box does not show {fields} to this sign-in, and what was not read is not written over",
    Noted.MOVED_KEY: "moved: an account with this key exists now",
    Noted.MOVED_GONE: "moved: the account no longer exists",
    Noted.MOVED_PROTECTED: "moved: the account is protected now ({why})",
    Noted.MOVED_SCOPE: "moved: the account is outside this job's scope now",
    Noted.RECEIVER_GONE: "moved: the account that was to receive the content no longer exists",
    Noted.RECEIVER_INACTIVE: "moved: the account that was to receive the content is inactive now",
    Noted.SAID: "{sentence}",
    Noted.STILL_LISTED: "Box confirmed it, yet a fresh listing still shows the account",
    Noted.NOT_LISTED: "Box confirmed it, yet a fresh listing does not show the account",
    Noted.LISTED_OTHERWISE: "Box accepted the change but shows another {fields}: a person has to compare",
}

#: notes whose ``why`` is a reason, see :mod:`provision.because`
_REASONS = (Noted.WAITS, Noted.MOVED_PROTECTED)

#: kinds whose operations are named by what they make, and not by a person
_NAMED = (Kind.GROUP_CREATE, Kind.FOLDER_CREATE)

#: what a second half that was not done means for the person, where the first half was
UNFINISHED: Mapping[Kind, str] = {
    Kind.UPDATE: "the account was made, but not its {fields}; the next run sets that",
    Kind.END_SESSIONS: "deactivated, but its sessions could not be ended; the next run does that",
}
#: the same where nobody knows whether it was done
UNSURE: Mapping[Kind, str] = {
    Kind.UPDATE: "the account was made; whether its {fields} was set is not known, and the next run looks",
    Kind.END_SESSIONS: "deactivated; whether its sessions were ended is not known, and the next run ends them",
}


def words_of(outcome: Outcome, change: Change | None = None) -> str:
    """What an outcome has noted, in words; "" for nothing."""
    told = [
        note for note in outcome.notes if not (note.code is Noted.NEED_NOT_DONE and outcome.says(Noted.WAITS))
    ]
    return "; ".join(_words(note, outcome, change) for note in told)


def _words(note: Note, outcome: Outcome, change: Change | None) -> str:
    answer = f"HTTP {outcome.answer.http_status} {outcome.answer.code}".rstrip()
    told = {"object": place_of(change) if change else "", "answer": answer, **note.facts}
    if "why" in told and note.code in _REASONS:
        told["why"] = words(told["why"])
    if note.code is Noted.NEED_NOT_DONE:
        told |= {"need": _need(told["need"]), "status": label(told["status"])}
    return WORDS[note.code].format_map(told)


def _need(operation_id: str) -> str:
    """An operation that another one needs, by what it does: a person's is the one whom the sentence is about anyway."""
    kind, _, subject = operation_id.partition(":")
    what = KIND_WORDS[Kind(kind)].infinitive
    return f"{what} {unescaped(subject)}" if kind in _NAMED else what


def words_of_all(parts: Iterable[tuple[Change, Outcome]]) -> str:
    """What is to be said of a person's operations together, the first one first."""
    told = dict.fromkeys(_of_part(change, outcome) for change, outcome in parts)
    return "; ".join(filter(None, told))


def _of_part(change: Change, outcome: Outcome) -> str:
    """A second half is told of where it went another way than the first one."""
    if not change.completes or outcome.status is Status.DONE:
        return words_of(outcome, change)
    if outcome.says(Noted.NEED_NOT_DONE):
        return ""
    sentences = UNSURE if outcome.status is Status.IN_DOUBT else UNFINISHED
    if change.kind in sentences:
        return sentences[change.kind].format(fields=", ".join(each.field for each in change.fields))
    return words_of(outcome, change)
