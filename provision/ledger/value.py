"""What the planner is told of earlier runs, and what a run tells the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

import pandas as pd

from provision.deciders import NOBODY, Decider
from provision.keyed import FingerprintKey
from provision.ledger.others import OtherJob, no_claims, nobody
from provision.model import PersonKey

ACCOUNT_COLUMNS = ("box_id", "kind", "external_id", "login", "left_at")
#: columns of the accounts in a memory
KNOWN_COLUMNS = (*ACCOUNT_COLUMNS, "since")
#: columns of absences and their dtypes
ABSENCE_TYPES = {"box_id": "str", "missed_runs": "int64", "first_missed": "str", "last_missed": "str"}
ABSENCE_COLUMNS = tuple(ABSENCE_TYPES)
ANSWER_COLUMNS = ("external_id", "login", "box_id", "answer", "by", "at")

#: the answer to a doubt that says: the external id and the account are one person
SAME = "same"


def _no_answers() -> pd.DataFrame:
    return pd.DataFrame({name: pd.Series(dtype="str") for name in ANSWER_COLUMNS})


#: what is known of the way of a leaver, all text; see :mod:`provision.ledger.progress`
STAGE_COLUMNS = ("box_id", "stage", "at", "detail")
#: whom the roster last named beside an account, all text: a login or an external id, "" for nobody
MANAGER_COLUMNS = ("box_id", "manager", "transfer_to")


#: which sources of a roster named an account's person last, all text: their names with blanks between
NAMED_COLUMNS = ("box_id", "sources")


#: which groups names of the roster meant last, all text; ``made_at`` is when this job made the group, ISO, "" if it did not
GROUP_COLUMNS = ("name", "group_id", "made_at")
#: further addresses of accounts as far as the job has to do with them, all text: ``state`` is an AliasState, ``since`` ISO
ALIAS_COLUMNS = ("box_id", "address", "state", "since")


class AliasState(StrEnum):
    """What is known of a further address of an account; kept in ledgers.

    ``added``: this job has added it. ``waits``: likewise, and it has to be confirmed. ``found``: it was there already.
    ``kept``: it was the login before. ``left``: it is to be removed still. ``doubt``: this job may have added it.
    """

    ADDED = "added"
    WAITS = "waits"
    FOUND = "found"
    KEPT = "kept"
    LEFT = "left"
    DOUBT = "doubt"


#: logins of the roster that are taken outside of the enterprise, folded, all text: ``state`` is an InviteState, ``invite_id`` that of
#: the invitation that waits, "" for none; ``since`` and ``told``, when a run last ended because of it, are ISO
INVITE_COLUMNS = ("login", "state", "invite_id", "since", "told")


class InviteState(StrEnum):
    """What is known of a login that is taken outside of the enterprise; kept in ledgers.

    ``taken``: Box refuses a create, and nobody was invited. ``invited``: the person has to answer. ``refused``: they said no.
    ``denied``: Box does not let them be invited. ``alias``: no account has it as its login.
    """

    TAKEN = "taken"
    INVITED = "invited"
    REFUSED = "refused"
    DENIED = "denied"
    ALIAS = "alias"


#: what new people are to get still, all text: ``person`` is the Box id of the account, or while that is not known what
#: :attr:`PersonKey.compared` tells, "" for a group; ``entry`` is what the job's section names, ``state`` an EntryState, ``since`` ISO
ONBOARDING_COLUMNS = ("person", "kind", "entry", "state", "since")


class EntryState(StrEnum):
    """What is known of an entry of somebody new that was not brought to its end; kept in ledgers.

    ``open``: it is to be tried again. ``waits``: Box or the person has to act first. ``done``: a group was let in, which is done once.
    """

    OPEN = "open"
    WAITS = "waits"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class Baseline:
    """A roster that counted as good: its profile (JSON), when it was accepted (ISO, UTC), and by whom.

    ``by`` is NOBODY for one that a run carried out, else who accepted it. ``complete``: the job was one of
    full rosters then.
    """

    profile: str
    at: str
    by: Decider = NOBODY
    complete: bool = True


@dataclass(frozen=True, slots=True)
class IdentityAnswer:
    """What a person answered about who is who: this external id and this account are one person.

    ``login`` is that of the account when it was asked, ``by`` who answered, ``at`` when (ISO with offset).
    """

    external_id: str
    login: str
    box_id: str
    by: Decider
    at: str
    answer: str = SAME


@dataclass(frozen=True, slots=True)
class Spent:
    """How many operations of one kind a run did; ``as_of`` is the time of its plan, ISO with offset."""

    kind: str
    done: int
    as_of: str


@dataclass(frozen=True, slots=True)
class Called:
    """How many calls one process of a run made; ``at`` is when it told so at its end, ISO with offset."""

    made: int
    at: str


@dataclass(frozen=True, slots=True)
class Hold:
    """What waits for a person: an operation (``kind``), or a decision about somebody (``kind`` "").

    ``hold_id`` is the id of the operation, else ``:`` and the account or key. ``since`` and ``seen`` are the times of the first
    and the last run that held it, ISO with offset, ``nights`` how many did. ``run_id`` is the last of them. ``user_kind`` is ""
    where an earlier version took it down. ``aim``: what approves it, see :class:`Release`; "" for no operation, and of an earlier version.
    """

    hold_id: str
    kind: str
    box_id: str
    external_id: str
    login: str
    name: str
    because: str
    since: str
    seen: str
    nights: int
    run_id: str = ""
    user_kind: str = ""
    aim: str = ""

    @property
    def person(self) -> PersonKey:
        """Whom it is about."""
        return PersonKey(self.user_kind, self.external_id, self.login, self.box_id)

    @property
    def about(self) -> str:
        """What it is about beside the person: a group, an address, a folder; "" for the account itself, and for what is no person's."""
        mine = f"{self.kind}:{self.person.anchor}:"
        return self.hold_id.removeprefix(mine) if self.person.anchor and self.hold_id.startswith(mine) else ""

    @property
    def key(self) -> str:
        """How people name whom it is about, or what."""
        return self.person.written or self.name


#: what a word says that lets an operation wait
HOLDS = "hold"


@dataclass(frozen=True, slots=True)
class Release:
    """Somebody's word on one operation: ``aim`` is its fingerprint, in a ledger keyed, ``until`` ISO with offset.

    ``says`` is "" for one that lets it go on, HOLDS for one that lets it wait, whether a guard stops it or not.

    One about a person, of whom nothing is to be done but to know, has no ``aim``; of one that is half of an answer who is who
    it is the fingerprint of the answer.
    """

    hold_id: str
    aim: str
    by: Decider
    at: str
    until: str
    run_id: str
    says: str = ""

    @property
    def stops(self) -> bool:
        """Whether it lets the operation wait."""
        return self.says == HOLDS

    def counts(self, at: datetime) -> bool:
        """Whether it counts at this moment, or is over."""
        return datetime.fromisoformat(self.until) > at

    @property
    def about_person(self) -> bool:
        """Whether it is about a person and no operation, see :attr:`provision.model.PersonKey.hold_id`."""
        return self.hold_id.startswith(":")

    @property
    def said(self) -> str:
        """Who said so and on which day."""
        return f"{self.by.told} on {self.at[:10]}"


@dataclass(frozen=True, slots=True)
class Memory:
    """What one job knows of one enterprise from its earlier runs.

    ``accounts``: one row an owned account, KNOWN_COLUMNS, text; ``left_at`` is when this job deactivated the account
    because its person left, "" otherwise, ``since`` when the account became the job's, or its person came back. ``absences``: one row an owned account that was absent from the last complete
    rosters in a row, ABSENCE_COLUMNS; ``missed_runs`` int64, times ISO with offset; 0 for one that another job claims, whose absence does not count. ``accepted_rows``: rows of the last
    accepted complete roster, 0 for none. ``baselines``: the rosters accepted last, newest first. ``spent``: what the
    last runs did, newest first. ``job_fingerprint``: of the job as it was last applied, "" for never. ``called``: the
    calls of the last runs, newest first. ``holds``: what waited for a person after the last run. ``releases``: what of it
    somebody has approved since, newest first. ``said``: what the roster said last of each account, packed (see
    :mod:`provision.ledger.roster_values`), b"" if that is not known. ``key`` is what its fingerprints are made with, None for who makes
    none; ``other_key``: there are some that were made with another one. ``answers``: what people
    answered about who is who, ANSWER_COLUMNS, text; no external id and no account occurs twice. ``stages``: how
    far the leavers' ways have gone, one row an account and stage,
    STAGE_COLUMNS. ``managers``: one row an account beside which a roster named a manager or a receiver, MANAGER_COLUMNS.
    ``rosters``: SHA-256 of every complete roster that was accepted. ``claims``: the accounts of other jobs of the enterprise with
    full rosters, CLAIM_COLUMNS, those they name first; ``accepted_at`` is when the job's last roster was accepted, ISO with offset.
    ``named``: one row an account that a roster of several sources named, NAMED_COLUMNS. ``groups``: one row a name of a group
    that the roster or a rule has had, GROUP_COLUMNS. ``aliases``: one row a further address of an account with which the job has
    to do, ALIAS_COLUMNS. ``invites``: one row a login that is taken outside of the enterprise, INVITE_COLUMNS.
    ``onboarding``: one row a person and entry that somebody new is to get still, ONBOARDING_COLUMNS. ``wants``: what the roster wanted
    last, packed (see :mod:`provision.ledger.wants`); ``others``: the other jobs of the enterprise with full rosters, by name.
    """

    accounts: pd.DataFrame
    absences: pd.DataFrame
    accepted_rows: int = 0
    baselines: tuple[Baseline, ...] = ()
    spent: tuple[Spent, ...] = ()
    job_fingerprint: str = ""
    called: tuple[Called, ...] = ()
    holds: tuple[Hold, ...] = ()
    releases: tuple[Release, ...] = ()
    said: bytes = field(default=b"", repr=False)
    answers: pd.DataFrame = field(default_factory=_no_answers)
    stages: pd.DataFrame = field(default_factory=lambda: nobody(STAGE_COLUMNS))
    managers: pd.DataFrame = field(default_factory=lambda: nobody(MANAGER_COLUMNS))
    rosters: frozenset[str] = frozenset()
    claims: pd.DataFrame = field(default_factory=no_claims)
    key: FingerprintKey | None = None
    other_key: bool = False
    named: pd.DataFrame = field(default_factory=lambda: nobody(NAMED_COLUMNS))
    groups: pd.DataFrame = field(default_factory=lambda: nobody(GROUP_COLUMNS))
    aliases: pd.DataFrame = field(default_factory=lambda: nobody(ALIAS_COLUMNS))
    invites: pd.DataFrame = field(default_factory=lambda: nobody(INVITE_COLUMNS))
    onboarding: pd.DataFrame = field(default_factory=lambda: nobody(ONBOARDING_COLUMNS))
    wants: bytes = field(default=b"", repr=False)
    others: tuple[OtherJob, ...] = ()


def blank() -> Memory:
    """The memory of a job that never ran."""
    return Memory(
        nobody(KNOWN_COLUMNS),
        pd.DataFrame({name: pd.Series(dtype=dtype) for name, dtype in ABSENCE_TYPES.items()}),
    )


@dataclass(frozen=True, slots=True)
class Lessons:
    """What a finished run adds to the memory. Frames as in :class:`Memory`.

    ``accounts``: owned accounts that are new or changed; ``gone``: ids of accounts that were deleted. ``absences``: the
    whole new list of absent accounts, or None if the roster says nothing about absence (a partial one).
    ``roster_sha256`` and ``roster_rows`` describe the accepted roster; ``roster_sha256`` is "" if none was accepted (a
    run that was cut off, an undo). ``complete`` tells whether it was a full one. ``roster_profile`` is its profile
    (JSON), "" if there is none. ``done`` counts the operations that were carried out, by kind; ``job_fingerprint`` is of
    the job that wanted them. ``calls`` is how many calls the process that teaches made, 0 if that is not known. ``holds``
    is the whole new list of what waits, None if the run says nothing of it; ``spent`` names the holds whose releases have
    served or have no operation any more. ``said`` is what the roster said last of each account, as in :class:`Memory`, or
    None if it is as before. ``stages``: the whole new list of them, None for no news. ``managers``, ``named`` and ``groups``: rows that are new or changed.
    ``aliases``, ``invites`` and ``onboarding``: the whole new lists of them, None for no news. ``wants``: what the roster wants, as in
    :class:`Memory`, or None if it is as before.
    """

    accounts: pd.DataFrame
    gone: tuple[str, ...]
    absences: pd.DataFrame | None
    roster_sha256: str
    roster_rows: int
    complete: bool
    roster_profile: str = ""
    done: Mapping[str, int] = field(default_factory=dict)
    job_fingerprint: str = ""
    calls: int = 0
    holds: tuple[Hold, ...] | None = None
    spent: tuple[str, ...] = ()
    said: bytes | None = field(default=None, repr=False)
    stages: pd.DataFrame | None = None
    managers: pd.DataFrame | None = None
    named: pd.DataFrame | None = None
    groups: pd.DataFrame | None = None
    aliases: pd.DataFrame | None = None
    invites: pd.DataFrame | None = None
    onboarding: pd.DataFrame | None = None
    wants: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Taught:
    """Which run lessons come from. ``as_of`` is the time of its plan, ``at`` when it taught; both ISO with offset."""

    run_id: str
    as_of: str
    at: str


@dataclass(frozen=True, slots=True)
class Lease:
    """Who works on an enterprise. ``since`` and ``renewed_at`` (the last sign of life) are ISO, UTC, whole seconds."""

    enterprise_id: str
    job: str
    run_id: str
    host: str
    pid: int
    since: str
    renewed_at: str
