"""From a job file to a sealed plan: the way that preview, apply and verify share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

import pandas as pd

from provision.box.connect import Connection
from provision.directory.listing import Purpose, list_users
from provision.directory.scope import Directory, WayOfReading, survey
from provision.errors import IncompleteDirectory, ProvisionError
from provision.findings import NONE_FOUND, Finding, Findings
from provision.job.settings import Authority, Job
from provision.ledger.value import Memory
from provision.plan.build import make_plan
from provision.plan.columns import among
from provision.plan.few import Few
from provision.plan.guards.allow_names import check_allowed
from provision.plan.guards.approvals import expect_enough
from provision.plan.occasion import Occasion
from provision.plan.planfile import write_plan
from provision.plan.value import Plan
from provision.report.findings import of_columns, of_error, sentence_of
from provision.report.value import ApiFacts
from provision.roster.row_errors import format_row_errors, row_findings
from provision.roster.value import Roster
from provision.runs.folder import RunFolder
from provision.runs.history import Recalled, recalled
from provision.runs.late_writes import late_doubles, without_keys
from provision.runs.memory.job_ledger import known_ledger_of, other_key
from provision.runs.observer import Observer, Phase, Remark, go_on
from provision.runs.places.own_places import open_to_others
from provision.runs.planning.roster_intake import as_kept, refuse_nobody, take_in
from provision.runs.planning.supposed import expect_ahead, on_that_day, told_as_such
from provision.runs.reading.by_key import Tried, read_by_key, read_few
from provision.runs.reading.connection import clock_findings, sign_in, waited_for
from provision.runs.reading.few import expect_names, few_of
from provision.runs.reading.groups import read_groups
from provision.runs.reading.known_aliases import named_by, seen_again
from provision.runs.reading.leaver_looks import look_at_leavers
from provision.runs.reading.receivers_room import with_room
from provision.runs.reading.rights import with_rights
from provision.runs.reading.starter_folders import Trees, expect_folders
from provision.runs.reading.unlisted import unlisted, with_unlisted
from provision.runs.reading.unseen_codes import with_unseen_codes
from provision.runs.seal.key import made_key
from provision.runs.seal.seal import seal
from provision.runs.selection import RunOptions

#: with fewer accounts all of them may really have gone
_A_FEW = 5


@dataclass(frozen=True, slots=True)
class NoticedInRoster:
    """What reading the roster, and the run folders, brought up, for the report."""

    ignored: tuple[str, ...] = ()
    row_errors: tuple[str, ...] = ()
    findings: Findings = NONE_FOUND


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, what it was made from, and the means to apply it. ``directory`` is what the plan saw.

    ``sent``: creates that unfinished runs may have sent, by id of the operation: by how many requests.
    """

    job: Job
    plan: Plan
    noticed: NoticedInRoster
    directory: Directory
    connection: Connection
    memory: Memory
    sent: Mapping[str, int] = field(default_factory=dict)

    def with_findings(self, more: Iterable[Finding]) -> Planned:
        """The same, with more that was noticed."""
        found = self.noticed.findings.beside(more)
        return replace(self, noticed=replace(self.noticed, findings=found))


def _noticed_in(roster: Roster) -> NoticedInRoster:
    """What reading this roster brought up."""
    columns = of_columns(roster.ignored, roster.path)
    found = row_findings(roster).beside(columns)
    return NoticedInRoster(roster.ignored, tuple(format_row_errors(roster)), found)


def _unheard(_found: Findings) -> None:
    """For who does not come back to it."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A roster that was read and a Box we are signed in to; nothing is compared yet."""

    job: Job
    roster: Roster
    noticed: NoticedInRoster
    connection: Connection
    options: RunOptions


def prepare(
    job: Job,
    options: RunOptions,
    observer: Observer,
    run: RunFolder | None = None,
    notice: Callable[[Findings], None] = _unheard,
) -> Prepared:
    """Read the roster first, since that costs Box nothing, then sign in.

    ``run`` is where waits are logged. ``notice`` hears what was found in the roster, should the rest fail.
    """
    check_allowed(options.allow, job.roster.source_names)
    expect_enough(options.allow, job.approvals.required)
    expect_names(options.people)
    expect_ahead(options.as_of, job, observer.now())
    expect_folders(job)
    roster = take_in(job, options.roster, observer.now(), options.allow)
    noticed = _noticed_in(roster)
    notice(noticed.findings.beside(roster.findings))
    refuse_nobody(roster, job)
    go_on(observer)
    return Prepared(job, roster, noticed, sign_in(job, observer, run), options)


def plan_from(
    prepared: Prepared,
    run: RunFolder | None,
    observer: Observer,
    *,
    teach: bool = False,
    loss: ProvisionError | None = None,
) -> Planned:
    """Read the enterprise and make the plan; written into the run folder if there is one.

    ``teach``: what unfinished runs left is written into the ledger, for a caller who holds the enterprise's lock. ``loss``
    is what is wrong with the ledger, for a caller who goes on without it.
    """
    if run is not None:
        made_key(prepared.job)  # what is written is sealed and keyed with it
    roster = prepared.roster
    prepared = replace(prepared, roster=replace(roster, profile=as_kept(roster.profile, prepared.job)))
    prepared, few, tried = _few(prepared, observer)
    job, connection = prepared.job, prepared.connection
    directory = tried.directory or read_directory(job, connection, observer, counted=tried.counted)
    past = recalled(job, connection, directory, observer, teach=teach)
    if prepared.options.aliases:
        named = named_by(prepared.roster, directory)
        past = replace(past, memory=seen_again(past.memory, named, connection))
    for each in (*past.found, *other_key(past.memory)):
        observer.note(Remark(sentence_of(each)))
    directory, memory, plan = _compared(prepared, few, past, observer)
    if run is not None:
        plan = write_plan(plan, run.path)
        seal(run, job)
        run.log("planned", observer.now(), digest=plan.digest, planned=plan.counts, nothing_sent=True)
    go_on(observer)
    found = (
        *past.found,
        *(of_error(loss) if loss else ()),
        *other_key(memory),
        *clock_findings(connection),
        *open_to_others(job),
    )
    noticed = replace(prepared.noticed, findings=prepared.noticed.findings.beside(found))
    return Planned(job, plan, noticed, directory, connection, memory, past.sent)


def _compared(
    prepared: Prepared, few: Few | None, past: Recalled, observer: Observer
) -> tuple[Directory, Memory, Plan]:
    """The plan, with the directory and the memory that it was made with: what hangs on single accounts and on groups is read here."""
    job, connection, roster = prepared.job, prepared.connection, prepared.roster
    directory, memory = past.directory, past.memory
    if directory.read is WayOfReading.LISTING:
        directory = with_unlisted(unlisted(roster, directory, memory), directory, job, connection)
    expect_ours(directory, memory)
    directory = with_unseen_codes(directory, roster.mapped, memory, job.name)
    seen = look_at_leavers(job, directory, memory, connection)
    doubles = late_doubles(job, directory, connection)
    directory = without_keys(directory, doubles)
    groups = read_groups((roster, few), directory, (job, memory), connection, observer)
    enterprise_id, options = connection.me.enterprise_id, prepared.options
    occasion = Occasion(observer.now(), enterprise_id, options.allow, seen, doubles, few, groups)
    occasion = replace(occasion, trees=Trees(job))
    occasion, memory = on_that_day(occasion, memory, options.as_of, job)
    plan = told_as_such(make_plan(roster, directory, memory, job, occasion), options.as_of)
    plan = with_rights(with_room(plan, connection), job, connection, options.allow)
    return directory, memory, plan


def _few(prepared: Prepared, observer: Observer) -> tuple[Prepared, Few | None, Tried]:
    """Who is looked up instead of listing everybody; and of some people alone who they are, and what was noticed of them."""
    job, connection, roster = prepared.job, prepared.connection, prepared.roster
    remember = partial(recall, job, connection.me.enterprise_id)
    if not prepared.options.people:
        return prepared, None, read_by_key(roster, remember, job, connection, observer)
    memory = remember()
    few = few_of(prepared.options.people, roster, memory, job, connection)
    errors = tuple(error for error in roster.errors if error.line in few.lines)
    noticed = _noticed_in(replace(roster, errors=errors))
    roster, tried = read_few((roster, few), memory, job, connection, observer)
    return replace(prepared, roster=roster, noticed=noticed), few, tried


def expect_ours(directory: Directory, memory: Memory) -> None:
    """Raise IncompleteDirectory for a listing without a single one of our accounts: that is seen with other eyes.

    A few may really have gone, unless nobody at all is shown.
    """
    if directory.read is WayOfReading.LOOKUP:
        return  # the others were not asked for
    owned = memory.accounts["box_id"]
    enough = len(owned) >= _A_FEW or (len(owned) > 0 and not directory.tally.users)
    if enough and not any(_shows(users, owned) for users in directory.listed.each(["box_id"])):
        raise IncompleteDirectory(
            f"Of the {len(owned):,} accounts this job owns, the enterprise shows none. Nothing was changed.",
            cause="the credentials of another Box app (an app sees only app users it made), or one without Enterprise Access",
            remedy="sign in with the app this job has used so far; if the accounts are really gone, give the job a new state",
        )


def _shows(users: pd.DataFrame, owned: pd.Series[str]) -> bool:
    return bool(among(owned, users["box_id"]).any())


def recall(job: Job, enterprise_id: str) -> Memory:
    """What earlier runs of this job left."""
    with contextlib.closing(known_ledger_of(job)) as ledger:
        return ledger.memory(enterprise_id, job.name)


def read_directory(
    job: Job,
    connection: Connection,
    observer: Observer,
    *,
    afterwards: bool = False,
    counted: int | None = None,
) -> Directory:
    """The whole enterprise, sorted for this job; ``afterwards``, for the proof of a run. ``counted``: by Box, just now.

    Raises BoxRefused where the enterprise cannot be read, Away and Throttled where Box answered nobody afterwards.
    """
    with (
        contextlib.nullcontext() if afterwards else _beforehand(job),
        observer.progress(Phase.LISTING) as show,
    ):
        seen = show if afterwards else _until_stopped(show, observer)
        some = job.roster.authority is Authority.PARTIAL
        purpose = Purpose(job.roster.kinds, some=some, counted=counted)
        listing = list_users(connection.box, connection.retry, seen, purpose)
    return survey(listing.users, job.scope, job.roster.kinds, connection.me, listing.certainty)


@contextlib.contextmanager
def _beforehand(job: Job) -> Iterator[None]:
    try:
        with waited_for(job):
            yield
    except IncompleteDirectory as hole:
        sentence = f"{hole.what} Nothing was changed."
        raise IncompleteDirectory(sentence, cause=hole.cause, remedy=hole.remedy) from None


def _until_stopped(show: Callable[[int], None], observer: Observer) -> Callable[[int], None]:
    """Looks at the stop button with every page, as long as nothing is changed yet."""

    def seen(users: int) -> None:
        go_on(observer)
        show(users)

    return seen


def api_facts(connection: Connection, started_at: str, observer: Observer) -> ApiFacts:
    """What the command cost so far; ``started_at`` is an ISO time stamp."""
    traffic = connection.box.traffic
    seconds = (observer.now() - datetime.fromisoformat(started_at)).total_seconds()
    return ApiFacts(traffic.requests, traffic.retries, traffic.rate_limited, round(max(seconds, 0.0), 3))
