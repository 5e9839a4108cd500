"""Before a saved plan is carried out: whether everything it does agrees with its people and is warranted. Pure.

Each operation is what the job's lifecycle, the row's own word or the run that is undone asks for, about somebody whom the plan's
table of people names so; only owned accounts lose anything. A plan that this program made always passes.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from provision.because import Because, Reason, leading, parsed
from provision.errors import PlanError
from provision.job.lifecycle import Stage
from provision.job.settings import Job, LoginChanges
from provision.ledger.progress import ArchiveWish
from provision.ledger.value import Memory
from provision.model import Kind, Status, UserKind, fold
from provision.operations.registry import GRAVE, LEAVING, REMOVALS
from provision.operations.value import Change
from provision.plan.coadmins import grants, may_be_coadmins
from provision.plan.columns import among
from provision.plan.diff.diff import changes_text
from provision.plan.groups.warrant import KINDS, OF_MEMBERSHIPS, GroupWarrants
from provision.plan.undo.collaborations import BACK
from provision.plan.undo.past import Past
from provision.plan.value import UNDO, Plan
from provision.plan.wants.archive import archive_wishes
from provision.plan.wants.onboarding_warrant import ONBOARDING, why_not

#: what only an account that the job owns is subject to, unless a row of the roster says so
_TAKES = frozenset((*GRAVE, *REMOVALS, *LEAVING))
#: what may be the second half of what
_HALVES = {
    Kind.UPDATE: Kind.CREATE,
    Kind.END_SESSIONS: Kind.DEACTIVATE,
    Kind.ARCHIVE_MOVE: Kind.TRANSFER,
    Kind.LOGIN_CHANGE: Kind.LOGIN_CHANGE,
    Kind.ALIAS_ADD: Kind.LOGIN_CHANGE,
    Kind.ALIAS_REMOVE: Kind.LOGIN_CHANGE,
}
#: what concerns addresses: taking one of these back takes steps of the others
_OF_ADDRESSES = frozenset((Kind.LOGIN_CHANGE, Kind.ALIAS_ADD, Kind.ALIAS_REMOVE))
#: what takes an operation back
_BACK = frozenset((Kind.DEACTIVATE, Kind.ACTIVATE, Kind.UPDATE, *OF_MEMBERSHIPS, *_OF_ADDRESSES, *BACK))
#: the ends of what has done something, or may have
_MAY_HAVE_DONE = (Status.DONE, Status.IN_DOUBT, Status.FAILED, Status.WAITING)


@dataclass(frozen=True, slots=True)
class Warrants:
    """What operations are judged by: the job and the ledger as they are now, and what earlier runs recorded, by their id.

    ``past`` gives None for a run that cannot be believed. ``settled``: ids of the operations that were done before, whose accounts the
    ledger may have forgotten since; they are not sent again.
    """

    job: Job
    memory: Memory
    past: Callable[[str], Past | None]
    settled: Collection[str] = ()


#: one line of the table of people
_Line = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class _Known:
    """A plan with what its operations are judged by: looked up once, not for each of them.

    ``lines``: those of the people they are about, by place. ``undone``: what the undone run did, by Box id and by key of who was
    created; None where it is not on record. ``archive``: the folders that have to be put into the archive, by Box id of the leaver.
    """

    plan: Plan
    warrants: Warrants
    lines: Mapping[str | int, _Line]
    owned: frozenset[str]
    by_id: Mapping[str, Change]
    undone: Mapping[str, Sequence[Change]] | None
    groups: GroupWarrants
    archive: Mapping[str, ArchiveWish]

    @classmethod
    def of(cls, plan: Plan, warrants: Warrants) -> _Known:
        past = warrants.past(plan.roster.undoes) if plan.roster.undoes else None
        return cls(
            plan,
            warrants,
            _lines(plan),
            frozenset(warrants.memory.accounts["box_id"]),
            {change.id: change for change in plan.changes},
            None if past is None else _did(past),
            GroupWarrants.of(plan, warrants.job, warrants.memory),
            archive_wishes(warrants.memory, warrants.job),
        )


def expect_warranted(plan: Plan, warrants: Warrants) -> None:
    """Raise PlanError for a plan with operations that nobody asked for, or that do not agree with its people."""
    known = _Known.of(plan, warrants)
    refused = [
        (change, why)
        for change in plan.changes
        if change.id not in warrants.settled
        and (why := _strange(change, known) or _unwarranted(change, known))
    ]
    if refused:
        change, why = refused[0]
        raise PlanError(
            f"The plan has {len(refused):,} of {len(plan.changes):,} operations that nothing warrants, first {change.kind.value} "
            f"of {change.key}: {why}. Nothing was sent.",
            cause="the plan was put together by somebody, or who is owned has changed since",
            remedy="make a new plan from the roster: provision plan JOB",
        )
    _expect_every_line(plan, known.lines)


def _lines(plan: Plan) -> dict[str | int, _Line]:
    """The lines of the people whom operations are about, by Box id, without one by line of the roster."""
    table = plan.table
    ids = pd.Series([change.box_id for change in plan.changes if change.box_id], dtype="str")
    rows = [change.line for change in plan.changes if not change.box_id and not change.of_nobody]
    some = table[among(table["box_id"], ids) | table["line"].isin(rows) & (table["box_id"] == "")]
    records = [{str(name): cell for name, cell in line.items()} for line in some.to_dict("records")]
    return {str(line["box_id"]) or int(line["line"]): line for line in records}


def _place(change: Change) -> str | int:
    return change.box_id or change.line


def _strange(change: Change, known: _Known) -> str:
    """In what an operation does not agree with the line of its person, "" for nothing."""
    if change.of_nobody:
        return ""
    line = known.lines.get(_place(change))
    if line is None:
        return "its table of people does not name them"
    said = (change.line, change.user_kind.value, fold(change.login))
    if said != (line["line"], line["kind"], fold(str(line["login"]))):
        return "its table of people has another line for them"
    if known.plan.roster.undoes or change.completes:
        return ""
    return "" if change.segment == line["segment"] else "its table of people has them in another part"


def _expect_every_line(plan: Plan, lines: Mapping[str | int, _Line]) -> None:
    """Whether verdicts and changed fields of the lines are those of the operations, and no line has one without."""
    parts: dict[str | int, list[Change]] = defaultdict(list)
    for change in plan.changes:
        if not change.of_nobody:
            parts[_place(change)].append(change)
    kinds = {kind.value for kind in Kind}
    told = plan.table["verdict"].isin(kinds)
    firsts = Counter(each[0].kind.value for each in parts.values())
    agree = firsts == Counter(plan.table["verdict"][told].tolist())
    if not plan.roster.undoes:  # of an account with several operations an undo tells the last
        agree &= all(lines[at]["changes"] == _text(each) for at, each in parts.items())
    if not agree:
        raise PlanError(
            "The operations of the plan are not those that its table of people tells. Nothing was sent.",
            cause="the plan was put together by somebody",
            remedy="make a new plan from the roster: provision plan JOB",
        )


def _text(parts: Iterable[Change]) -> str:
    return changes_text(tuple(each for part in parts for each in part.fields))


def _unwarranted(change: Change, known: _Known) -> str:
    """Why nothing warrants this operation, "" for one that is."""
    if known.plan.roster.undoes or known.plan.roster.authority == UNDO:
        return _of_undo(change, known.undone)
    if change.completes:
        return _of_half(change, known.by_id.get(change.completes))
    if change.kind in (*KINDS, *ONBOARDING):
        return _of_section(change, known)
    if leading(change.because) is Because.MADE_TWICE:
        return _of_double(change, known)
    if change.kind not in _TAKES:
        return _of_row(change, known.warrants.job)
    return _of_leaver(change, known)


def _of_leaver(change: Change, known: _Known) -> str:
    """Of what only somebody is subject to who is the job's, or whose row says so."""
    if not change.line and change.box_id not in known.owned:
        return "the job does not own the account"
    if change.line and _row_asks(change, parsed(str(known.lines[_place(change)]["because"]))):
        return ""
    if change.kind is Kind.ARCHIVE_MOVE:
        return _of_archive(change, known.archive)
    return _of_stage(change, known.warrants.job.lifecycle.of(change.segment).leavers)


def _of_section(change: Change, known: _Known) -> str:
    """What a section of the job of its own has to ask for."""
    if change.kind in KINDS:
        return known.groups.against(change)
    return why_not(change, known.warrants.job, known.groups.needed)


def _of_row(change: Change, job: Job) -> str:
    """What a row may ask for, and the job has to allow."""
    if change.kind is Kind.LOGIN_CHANGE and job.match.login_changes is not LoginChanges.APPLY:
        return "the job does not change logins"
    if any(map(grants, change.fields)) and not _listed(change, job):
        return "the job gives nobody these rights"
    if change.kind is Kind.INVITE and not (job.onboarding and job.onboarding.invite_existing):
        return "the job invites nobody"
    return "" if change.line else "no row of the roster asks for it"


def _listed(change: Change, job: Job) -> bool:
    """Whether the job lists somebody among those who may be co-admins."""
    login, external_id = (pd.Series([told], dtype="str") for told in (change.login, change.external_id))
    return bool(may_be_coadmins(login, external_id, job.scope).all())


def _row_asks(change: Change, because: Iterable[Reason]) -> bool:
    """Whether the row's own action, or its status, asks for it."""
    if change.destroys:
        return False
    for each in because:
        if each.code is Because.ROW_SAYS and each.fact("action") == change.kind.value:
            return True
        if each.code is Because.SAYS_INACTIVE and change.kind is Kind.DEACTIVATE:
            return True
    return False


def _of_stage(change: Change, stages: Iterable[Stage]) -> str:
    fitting = [stage for stage in stages if stage.do.value == change.kind.value]
    if not fitting:
        return f"the job has no stage that does {change.kind.value}"
    if change.destroys and not any(stage.content == "destroy" for stage in fitting):
        return "the job does not destroy what an account owns"
    return "" if change.kind is not Kind.TRANSFER or change.to else "nobody gets what it owns"


def _of_archive(change: Change, wishes: Mapping[str, ArchiveWish]) -> str:
    """The folder of a transfer that the job made, into the archive that it was to come into."""
    wish = wishes.get(change.box_id)
    if wish and (change.made, change.object, change.to) == (wish.folder, wish.place, wish.to):
        return ""
    return "no transfer of the job left its folder there"


def _of_half(change: Change, first: Change | None) -> str:
    if first is None or first.kind is not _HALVES.get(change.kind) or _place(first) != _place(change):
        return "it completes no operation of the plan"
    return ""


def _of_double(change: Change, known: _Known) -> str:
    """A second account of an app user is removed where the run that made both is on record."""
    told = parsed(change.because)[0]
    past = known.warrants.past(told.fact("run"))
    alone = change.kind is Kind.DELETE and change.user_kind is UserKind.APP and not change.destroys
    if past is None or not alone or change.box_id in known.owned:
        return "no run on record made the account"
    created = (one for one in past.plan.changes if one.kind is Kind.CREATE)
    made = (past.outcomes.get(one.id) for one in created if one.external_id == change.external_id)
    kept = told.fact("kept")
    before = bool((past.plan.table["box_id"] == change.box_id).any())
    if before or not any(one is not None and one.box_id == kept != change.box_id for one in made):
        return "no run on record made the account"
    return ""


def _did(past: Past) -> Mapping[str, Sequence[Change]]:
    """What a run did or may have done, by the Box ids it was about and, of a create, by the key of its person."""
    found = defaultdict(list)
    for change in past.plan.changes:
        end = past.outcomes.get(change.id)
        if end is None or end.status not in _MAY_HAVE_DONE:
            continue
        key = f"key={change.person.compared}" if change.kind is Kind.CREATE else ""
        for place in {change.box_id, end.box_id, key} - {"", "key="}:
            found[place].append(change)
    return found


def _of_undo(change: Change, undone: Mapping[str, Sequence[Change]] | None) -> str:
    """An undo sets back what the undone run did to this very account, and removes nobody for good."""
    if undone is None:
        return "the run that it undoes is not on record"
    about = change.group if change.of_nobody else change.box_id
    did = [*undone.get(about, ()), *undone.get(f"key={change.person.compared}", ())]
    for alike in (OF_MEMBERSHIPS, tuple(BACK)):
        if change.kind in alike:
            did = [one for one in did if one.kind in alike and one.object == change.object]
    if not about or not did or change.kind not in _BACK or change.destroys:
        return "the run that it undoes did nothing that this takes back"
    fields = {each.field for one in did for each in one.fields}
    fields |= {"status"} if any(one.kind is Kind.CREATE for one in did) else set()
    fields |= {"aliases", "login"} if any(one.kind in _OF_ADDRESSES for one in did) else set()
    if {each.field for each in change.fields} <= fields:
        return ""
    return "the run that it undoes left these fields alone"
