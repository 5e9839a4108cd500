"""What was noticed on the way, for people and for programs: a stable code, how grave it is, where, a sentence, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

#: findings that are told one by one; the others are counted
MOST = 1_000


class Level(StrEnum):
    """How grave a finding is: something is wrong and was left out, somebody should look, or it is good to know."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class Code(StrEnum):
    """What was found. Programs hold on to these words; docs/programs.md lists them with what MEANINGS says."""

    ROW_REJECTED = "row_rejected"
    NOT_RESTORED = "not_restored"
    ROW_SUPERSEDED = "row_superseded"
    LOGIN_HANDED_ON = "login_handed_on"
    ROWS_DIFFER = "rows_differ"
    ROSTER_SHRINK = "roster_shrink"
    ROSTER_TRUNCATED = "roster_truncated"
    ROSTER_HEADERS = "roster_headers"
    ROSTER_BLANK_KEYS = "roster_blank_keys"
    ROSTER_REKEYED = "roster_rekeyed"
    ROSTER_CHARACTERS = "roster_characters"
    ROSTER_DUPLICATES = "roster_duplicates"
    ROSTER_ENCODING = "roster_encoding"
    ROSTER_AGE = "roster_age"
    ROSTER_KEY_PATTERN = "roster_key_pattern"
    ROSTER_DOMAINS = "roster_domains"
    ROSTER_COLUMNS = "roster_columns"
    ROSTER_SAME_FILE = "roster_same_file"
    ROSTER_STALE = "roster_stale"
    ROSTER_FIRST = "roster_first"
    ROSTER_HEALTH = "roster_health"
    NOTE = "note"
    COLUMNS_IGNORED = "columns_ignored"
    COLUMNS_LATER = "columns_later"
    GROUPS_NOT_USED = "groups_not_used"
    RULE_UNDECIDED = "rule_undecided"
    GROUP_RENAMED = "group_renamed"
    CLAIMED_BY_JOB = "claimed_by_job"
    DRIFT = "drift"
    SOURCE_MISSING = "source_missing"
    ROSTER_UNUSABLE = "roster_unusable"
    JOB_UNUSABLE = "job_unusable"
    LEDGER_LOST = "ledger_lost"
    LEDGER_DAMAGED = "ledger_damaged"
    FINGERPRINTS_OTHER_KEY = "fingerprints_other_key"
    FIRST_RUN = "first_run"
    STATE_FLEETING = "state_fleeting"
    UNFINISHED_RUN = "unfinished_run"
    OPEN_TO_OTHERS = "open_to_others"
    FOLDER_NOT_PROVEN = "folder_not_proven"
    APPROVAL_NOT_COUNTED = "approval_not_counted"
    VARIABLES_UNSET = "variables_unset"
    LISTED_DOUBLE = "listed_double"
    LISTED_NOT_SEEN = "listed_not_seen"
    LISTED_OTHERWISE = "listed_otherwise"
    LISTED_LOCKED = "listed_locked"
    LISTED_APPEARED = "listed_appeared"
    LISTED_VANISHED = "listed_vanished"
    LISTED_CAME_AND_WENT = "listed_came_and_went"
    LISTED_SINGLY = "listed_singly"
    HEADER_REPEATED = "header_repeated"
    FOOTER_LINE = "footer_line"
    GROUP_TITLE = "group_title"
    INVISIBLE_REMOVED = "invisible_removed"
    WORD_FOR_NOTHING = "word_for_nothing"
    LIKE_NOTHING = "like_nothing"
    NOTHING_IN_PART = "nothing_in_part"
    TEXT_FORMULA = "text_formula"
    QUOTED_NAMES = "quoted_names"
    SPACED_QUOTES = "spaced_quotes"
    TRAILING_DELIMITER = "trailing_delimiter"
    MERGED_CELLS = "merged_cells"
    HIDDEN_ROWS = "hidden_rows"
    HIDDEN_COLUMNS = "hidden_columns"
    STALE_END_DATE = "stale_end_date"
    SAME_NAME = "same_name"
    ABSENCE_NOT_COUNTED = "absence_not_counted"
    HALF_NAME = "half_name"
    CAME_AND_WENT = "came_and_went"
    UNSEEN_USERS = "unseen_users"
    OUT_OF_SCOPE = "out_of_scope"
    TRACKING_CODE_UNSEEN = "tracking_code_unseen"
    CLOCK_OFF = "clock_off"
    USER_NOT_SIGNED_IN = "user_not_signed_in"
    USERS_SIGNED_IN = "users_signed_in"
    ROLE_ADMIN = "role_admin"
    ACCOUNT_INACTIVE = "account_inactive"
    ACCOUNT_PENDING = "account_pending"
    LEAVER_STAYS = "leaver_stays"
    ABSENT_SO_FAR = "absent_so_far"
    RECEIVER_FULL = "receiver_full"
    PERSON_NEEDS = "person_needs"
    ROWS_EXCLUDED = "rows_excluded"
    WORD_NOT_MET = "word_not_met"
    ONLY_PEOPLE = "only_people"
    LOGINS_CHANGE = "logins_change"
    INVITE_ACCEPTED = "invite_accepted"
    INVITE_LEFT = "invite_left"
    PEOPLE_BY_NAME = "people_by_name"
    SUPPOSED_DAY = "supposed_day"
    SINCE_LAST = "since_last"
    NOTIFY_FAILED = "notify_failed"
    METRICS_FAILED = "metrics_failed"
    COPY_FAILED = "copy_failed"
    HOOK_FAILED = "hook_failed"


#: each code in a few words, for the reference
MEANINGS = {
    Code.ROW_REJECTED: "a roster row cannot be used as it is; its person is protected until it is corrected",
    Code.NOT_RESTORED: "something that the undone run did cannot be brought back by this program",
    Code.ROW_SUPERSEDED: "another row of the roster is of the same person; that one counts",
    Code.LOGIN_HANDED_ON: "somebody who has left has the login of another row, which has it now; that of who left counts by its number",
    Code.ROWS_DIFFER: "rows of one person differ, and nothing says which of them counts",
    Code.ROSTER_SHRINK: "the roster has fewer rows than `guards.shrink` lets go",
    Code.ROSTER_TRUNCATED: "the file breaks off, or contradicts the number of rows in its last line",
    Code.ROSTER_HEADERS: "a column that was read is lost or renamed, or start and end dates, or keys and names, changed places",
    Code.ROSTER_BLANK_KEYS: "a column of keys is emptier than it was",
    Code.ROSTER_REKEYED: "the keys are new while the people are the same, or these are other people",
    Code.ROSTER_CHARACTERS: "cells have lost or wrongly read characters",
    Code.ROSTER_DUPLICATES: "more rows than last time share a key",
    Code.ROSTER_ENCODING: "the encoding is a guess, or another one than last time",
    Code.ROSTER_AGE: "the file is old, or older than the last accepted one",
    Code.ROSTER_KEY_PATTERN: "the keys have another form than last time",
    Code.ROSTER_DOMAINS: "the logins have other domains than last time",
    Code.ROSTER_COLUMNS: "a column is much fuller or emptier than last time",
    Code.ROSTER_SAME_FILE: "a file with these bytes was carried out before; it is no new proof that anybody is absent",
    Code.ROSTER_STALE: "this is what a roster before the last accepted one held, or takes back what the last one said",
    Code.ROSTER_FIRST: "the first roster of a job names few of the accounts in scope",
    Code.ROSTER_HEALTH: "another sign that the roster is not as it was",
    Code.NOTE: "how the file was understood, or what an undo leaves as it is",
    Code.COLUMNS_IGNORED: "columns of the file that no field takes",
    Code.COLUMNS_LATER: "fields that are mapped and not carried out by this version",
    Code.GROUPS_NOT_USED: "the roster names groups, and the job does not go by that",
    Code.RULE_UNDECIDED: "a rule of groups.rules asks for a field that the roster has not",
    Code.CLAIMED_BY_JOB: "what this roster would take away, a group or a further address, stays, since another job's roster names it",
    Code.GROUP_RENAMED: "a group has another name in Box than in the roster, and is known by its id",
    Code.DRIFT: "attributes that were changed in Box and not in the roster",
    Code.SOURCE_MISSING: "one of several sources of the roster is damaged, too old or cannot be read; the others go on",
    Code.ROSTER_UNUSABLE: "the roster cannot be read, or not one row of it can be used",
    Code.JOB_UNUSABLE: "the job file cannot be used as it is",
    Code.LEDGER_LOST: "the ledger knows nothing of the job, or less than its run folders tell",
    Code.LEDGER_DAMAGED: "the ledger's file is damaged",
    Code.FINGERPRINTS_OTHER_KEY: "the ledger's key was lost or changed, so it is not known what the roster said last",
    Code.FIRST_RUN: "the ledger knows of no run before, though nearly everybody has an account: it may have been lost",
    Code.STATE_FLEETING: "the ledger or the run folders lie where they will be lost",
    Code.UNFINISHED_RUN: "an earlier run was not finished, or cannot be learned from",
    Code.OPEN_TO_OTHERS: "others than their owner may write to `runs` or to the folder of the ledger",
    Code.FOLDER_NOT_PROVEN: "no key proves the run folder that is reported, so anybody may have written what it says",
    Code.APPROVAL_NOT_COUNTED: "an approval in `approvals.d` counts for nothing: it is not of whom it names, or not about this run",
    Code.VARIABLES_UNSET: "environment variables for the sign-in that are not set where `check` runs",
    Code.LISTED_DOUBLE: "the listing after the run shows two accounts for one person",
    Code.LISTED_NOT_SEEN: "the listing after the run does not show what Box confirmed",
    Code.LISTED_OTHERWISE: "the listing after the run shows other values than Box accepted",
    Code.LISTED_LOCKED: "accounts that the run made are shown inactive or pending",
    Code.LISTED_APPEARED: "accounts came up while the run was under way",
    Code.LISTED_VANISHED: "accounts went away while the run was under way",
    Code.LISTED_CAME_AND_WENT: "others made or deleted accounts since the plan was made",
    Code.LISTED_SINGLY: "the accounts of the run were read again singly, since everybody would have taken many more calls",
    Code.HEADER_REPEATED: "a row is the header of the roster once more; it is left out",
    Code.FOOTER_LINE: "a last line of the file sums it up or says something of it, and is no person; it is left out",
    Code.GROUP_TITLE: "rows hold one cell alone, as a title above people, and name nobody; they are left out",
    Code.INVISIBLE_REMOVED: "characters that nobody can see were taken out of cells of a column",
    Code.WORD_FOR_NOTHING: "a word as NULL or N/A counts as an empty cell",
    Code.LIKE_NOTHING: "cells hold a dash or a word as `n.a.`, which is taken as it stands and may be meant as nothing",
    Code.NOTHING_IN_PART: "parts of names or keys that are put together are words that may mean nothing, as `NULL`, and are taken as text",
    Code.TEXT_FORMULA: 'cells are written as ="…" or \'…, for a spreadsheet, and are read without that',
    Code.QUOTED_NAMES: "names stand within quotation marks, as of a database or a script, and are read without them",
    Code.SPACED_QUOTES: "a blank before each quotation mark is left out",
    Code.TRAILING_DELIMITER: "each row ends in a delimiter and the header does not",
    Code.MERGED_CELLS: "a column of the sheet has merged cells, of which only the first row has the value",
    Code.HIDDEN_ROWS: "rows of the sheet are hidden, and read like all others",
    Code.HIDDEN_COLUMNS: "a column that is read is hidden in the sheet",
    Code.STALE_END_DATE: "a row says active and has an end date of an earlier employment; nobody leaves by it",
    Code.SAME_NAME: "somebody to be created has the name of an account that no row names",
    Code.CAME_AND_WENT: "others made or deleted accounts while the enterprise was read",
    Code.UNSEEN_USERS: "Box counts more users than it shows to this app",
    Code.ABSENCE_NOT_COUNTED: "accounts are absent and do not count, because a row without a readable key may mean them",
    Code.HALF_NAME: "a part of a name is empty; the name in Box is kept, and a new account gets the parts that are there",
    Code.OUT_OF_SCOPE: "rows are outside scope.domains; nothing is done about their people",
    Code.TRACKING_CODE_UNSEEN: "the roster names a tracking code that no user in Box has, or spells one otherwise",
    Code.CLOCK_OFF: "this machine's clock is not Box's, so that the sign-in was made by Box's time",
    Code.USER_NOT_SIGNED_IN: "the app cannot act as this app user, whose account looks as it should",
    Code.USERS_SIGNED_IN: "as how many app users a verification signed in (`verify --as-users`)",
    Code.ROLE_ADMIN: "rows give the role admin, which no program can give; whoever is none in Box is held",
    Code.ACCOUNT_INACTIVE: "somebody is in the roster, which says no status, and the account is inactive in Box",
    Code.ACCOUNT_PENDING: "somebody's account is not confirmed yet, so that nobody can use it",
    Code.ABSENT_SO_FAR: "people are absent from the roster whom `lifecycle.evidence` does not count as leavers yet",
    Code.LEAVER_STAYS: "somebody's row says that they left, and the protected account stays as a person has acknowledged (`approve`)",
    Code.PERSON_NEEDS: "`--person` asks for somebody who waits for what is done about others, as in a chain of changes of login",
    Code.RECEIVER_FULL: "who gets the content of leavers has no room for it",
    Code.ROWS_EXCLUDED: "rows are left out by `roster.where` or `roster.where_not`; nothing is done about their people",
    Code.WORD_NOT_MET: "no row has a word of `roster.where` or `roster.where_not`, which may be misspelt",
    Code.PEOPLE_BY_NAME: "cells that name managers or receivers are no login and no external id of the roster: read by name, or unknown",
    Code.SUPPOSED_DAY: "this is what the job would do on another day (`plan --as-of`); it cannot be applied",
    Code.SINCE_LAST: "what is new in this plan beside the last one, or the last one that was carried out",
    Code.NOTIFY_FAILED: "an address of `notify` was not told how the run ended",
    Code.COPY_FAILED: "a preview or report is not, or not as a whole, at `report.copy_to`",
    Code.METRICS_FAILED: "`metrics.textfile` could not be written, or is that of another job",
    Code.HOOK_FAILED: "a program of `hooks.after_run` failed",
    Code.ONLY_PEOPLE: "only the people named with `--person` were looked at; nobody else was compared",
    Code.INVITE_ACCEPTED: "people who were invited have joined the enterprise",
    Code.INVITE_LEFT: "people are still invited whom the roster does not name any more; no program can take that back",
    Code.LOGINS_CHANGE: "people sign in with another address from then on, and what they notice of it",
}

_LEVELS = tuple(Level)


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. What does not apply is "", a ``row`` without a place is 0.

    ``sentence`` says what was found, ``do`` what to do about it. ``file``, ``sheet``, ``row`` (as an editor or a
    spreadsheet counts) and ``column`` (the header in the file) say where, ``key`` whom it is about, as people name them.
    """

    code: Code
    level: Level
    sentence: str
    do: str = ""
    file: str = ""
    sheet: str = ""
    row: int = 0
    column: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found: ``told`` are the gravest first, MOST at most; ``total`` counts all of it."""

    told: tuple[Finding, ...] = ()
    total: int = 0

    def beside(self, others: Iterable[Finding]) -> Findings:
        """These and others, each told once; of too many, single rows are only counted."""
        each = dict.fromkeys((*others, *self.told))
        first = sorted(each, key=lambda one: (one.row > 0, _LEVELS.index(one.level)))[:MOST]
        told = sorted(first, key=lambda one: _LEVELS.index(one.level))
        return Findings(tuple(told), self.total + len(each) - len(self.told))


#: nothing was found
NONE_FOUND = Findings()
