"""The inverse of one operation: what takes it back, or why it stays. What somebody changed since is never overwritten."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from provision.because import Because, joined, reason
from provision.frames import compared
from provision.journal.value import Noted, Outcome
from provision.model import ATTRIBUTE, TRACKING_PREFIX, Kind, PersonKey, Status, UserKind, Verdict, fold
from provision.operations.cells import LIST, brought, emptied, shows
from provision.operations.people.login_change import planned_logins
from provision.operations.registry import operation_of
from provision.operations.value import Change, FieldChange
from provision.plan.columns import among
from provision.plan.groups.warrant import OF_MEMBERSHIPS
from provision.plan.undo.collaborations import BACK, in_its_folder, out_of_group, turned_round
from provision.plan.undo.inversion import ADDRESSES_BACK, Inversion, kind_of
from provision.plan.undo.memberships import in_its_group, membership_back
from provision.plan.value import Plan
from provision.tracking_codes import codes_of, codes_text

#: one row of the accounts frame
Cells = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Trace:
    """One operation of the past that happened, or that is in doubt (``sure`` False).

    ``box_ids`` are the accounts it may be about: one, or for a doubtful create all that came up with its key since. ``logins``
    are those that the run gave to the account, folded.
    """

    change: Change
    outcome: Outcome
    sure: bool
    box_ids: tuple[str, ...]
    logins: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Deleted:
    """An account that only Box support can bring back. ``at`` is when it was deleted, an ISO time stamp."""

    box_id: str
    user_kind: UserKind
    external_id: str
    login: str
    name: str
    at: str
    request_id: str
    sure: bool

    @property
    def key(self) -> str:
        """How people name whose account it was."""
        return PersonKey(self.user_kind.value, self.external_id, self.login, self.box_id).written


@dataclass(frozen=True, slots=True)
class Inverse:
    """What becomes of one operation of the past: the ``change`` that takes it back, or None; ``because`` says why.

    ``box_id`` is "" for an account that no longer exists. ``left``: something of the operation stays, as ``because`` says.
    """

    trace: Trace
    box_id: str
    verdict: Verdict
    because: str
    change: Change | None = None
    left: bool = False
    deleted: Deleted | None = None


def traces(plan: Plan, outcomes: Mapping[str, Outcome], accounts: pd.DataFrame) -> list[Trace]:
    """The operations of a plan that happened or are in doubt; those that failed or never began are nothing.

    ``accounts`` has one row a user as listed now: ``box_id, kind, external_id, login`` (text).
    """
    doubtful = [change for change in plan.changes if _maybe_made(change, outcomes.get(change.id))]
    came_up = _came_up(doubtful, accounts, plan.table["box_id"])
    logins = planned_logins(plan.changes)
    happened = {
        change.id
        for change in plan.changes
        if change.id in outcomes and _happened(change, outcomes[change.id])
    }
    found = []
    for change in plan.changes:
        if change.id not in happened or (change.completes and not _first_step(change, happened)):
            continue  # with a whole its second half is taken back, or stays, too
        outcome = outcomes[change.id]
        named = (outcome.box_id or change.box_id, *came_up.get(change.id, ()))
        box_ids = tuple(box_id for box_id in dict.fromkeys(named) if box_id)
        sure = outcome.status is not Status.IN_DOUBT
        given = frozenset(logins.get(change.box_id, ()))
        whole = in_its_folder(in_its_group(change, outcomes), outcome, outcomes)
        found.append(Trace(whole, outcome, sure, box_ids, given))
    return found


def _happened(change: Change, outcome: Outcome) -> bool:
    """Whether it did or may have. A create may fail after its account was made; a 409 names somebody else's account.

    An alias that waits to be confirmed is there, as an invitation is; one that was there already is no doing of the run.
    """
    made = change.kind is Kind.CREATE and outcome.box_id != "" and outcome.answer.http_status != 409
    if outcome.status is Status.WAITING:
        return (change.kind is Kind.ALIAS_ADD or outcome.made != "") and outcome.attempts > 0
    done = outcome.status in (Status.DONE, Status.IN_DOUBT) and not outcome.says(Noted.THERE_ALREADY)
    return done or (outcome.status is Status.FAILED and made)


def _first_step(change: Change, happened: Container[str]) -> bool:
    """Whether it was a step towards a login that was not reached: it is taken back by itself."""
    reached = change.completes in happened or change.completes in change.needs
    return not reached and change.kind in (Kind.ALIAS_ADD, Kind.LOGIN_CHANGE)


def _maybe_made(change: Change, outcome: Outcome | None) -> bool:
    """A create in doubt: not made, made unseen, or made twice."""
    return change.kind is Kind.CREATE and outcome is not None and outcome.status is Status.IN_DOUBT


def _came_up(
    creates: Iterable[Change], accounts: pd.DataFrame, known: pd.Series[str]
) -> dict[str, tuple[str, ...]]:
    """The accounts with the key of each doubtful create that were not there when the run was planned."""
    wanted = {change.person.compared: change.id for change in creates}
    if not wanted:
        return {}
    new = accounts[~among(accounts["box_id"], known)]
    found: dict[str, tuple[str, ...]] = {}
    for box_id, key in zip(new["box_id"].tolist(), compared(new).tolist(), strict=True):
        if change_id := wanted.get(key):
            found[change_id] = (*found.get(change_id, ()), box_id)
    return found


def inverse_of(trace: Trace, people: Mapping[str, Cells]) -> Inverse | None:
    """What becomes of one operation; None for a doubtful one that Box shows not to have happened.

    ``people`` are the accounts the traces are about as they are now, by id: the columns of a listing, ``in_scope`` and
    ``protected``.
    """
    if trace.change.kind is Kind.DELETE:
        return _deleted(trace, people)
    if trace.change.of_nobody and trace.change.kind in BACK:
        back = out_of_group(trace.change, sure=trace.sure)
        return Inverse(trace, "", Verdict(back.kind.value), back.because, back)
    if trace.change.of_nobody:
        stays = operation_of(trace.change).stays(trace.change)
        return Inverse(trace, "", Verdict.UNCHANGED, stays, left=True) if trace.sure else None
    if stays := operation_of(trace.change).stays(trace.change):
        return _lasting(trace, stays, people)
    if len(trace.box_ids) > 1:
        several = reason(Because.SEVERAL_MADE, box_ids=", ".join(sorted(trace.box_ids)))
        return Inverse(trace, "", Verdict.HELD, several, left=True)
    cells = people.get(trace.box_ids[0]) if trace.box_ids else None
    if cells is None:
        return _gone(trace)
    return _of_account(trace, cells)


def _deleted(trace: Trace, people: Mapping[str, Cells]) -> Inverse | None:
    change = trace.change
    if change.box_id in people:
        stand = _stand(people[change.box_id])
        return Inverse(trace, change.box_id, stand, Because.THERE_AGAIN.value) if trace.sure else None
    lost = Deleted(
        change.box_id, change.user_kind, change.external_id, change.login, change.name,
        trace.outcome.at, trace.outcome.answer.request_id, trace.sure,
    )  # fmt: skip
    gone = reason(Because.DELETED, box_id=change.box_id)
    return Inverse(trace, "", Verdict.UNCHANGED, gone, deleted=lost)


def _lasting(trace: Trace, why: str, people: Mapping[str, Cells]) -> Inverse | None:
    """What cannot be taken back by this program: content that went away, an account that left, sessions that ended."""
    change, kind = trace.change, operation_of(trace.change)
    cells = people.get(change.box_id)
    if not trace.sure and (cells is not None or kind.once):
        return None
    verdict = Verdict.UNCHANGED if cells is None else _stand(cells)
    left = kind.for_good or change.kind in (Kind.INVITE, Kind.STARTER_CONTENT)
    return Inverse(trace, "" if cells is None else change.box_id, verdict, why, left=left)


def _gone(trace: Trace) -> Inverse | None:
    """An account that was made and is gone needs no undoing; one that was changed and is gone cannot be changed back."""
    made = trace.change.kind is Kind.CREATE
    if made and not trace.sure:
        return None
    gone = reason(Because.NO_LONGER_THERE, box_ids=", ".join(trace.box_ids))
    return Inverse(trace, "", Verdict.UNCHANGED, gone, left=not made)


def _of_account(trace: Trace, cells: Cells) -> Inverse | None:
    """The inverse for an account that is there."""
    if trace.change.kind in OF_MEMBERSHIPS:
        return _of_membership(trace, cells)
    inversion, box_id = _inverted(trace, cells), str(cells["box_id"])
    if not trace.sure and not inversion.fields:
        return None
    verdict, obstacle = _obstacle(trace, cells)
    if not inversion.fields and not inversion.stays:
        return Inverse(trace, box_id, _stand(cells), Because.AS_BEFORE.value)
    if obstacle:
        return Inverse(trace, box_id, verdict, joined(obstacle, Because.LEFT_AS_IT_IS), left=True)
    if not inversion.fields:
        return Inverse(trace, box_id, Verdict.UNCHANGED, inversion.stays, left=True)
    change = _change(trace, cells, inversion)
    return Inverse(
        trace, box_id, Verdict(change.kind.value), change.because, change, left=bool(inversion.stays)
    )


def _of_membership(trace: Trace, cells: Cells) -> Inverse | None:
    """A membership is taken back if it is as the run left it; ``memberships`` of the cells has those there are, by group."""
    back, moved = membership_back(trace.change, cells["memberships"])
    box_id = str(cells["box_id"])
    if back is None and not moved:
        return Inverse(trace, box_id, _stand(cells), Because.AS_BEFORE.value) if trace.sure else None
    verdict, obstacle = _obstacle(trace, cells)
    if obstacle or back is None:
        why = joined(obstacle, Because.LEFT_AS_IT_IS) if obstacle else moved
        return Inverse(trace, box_id, verdict, why, left=True) if trace.sure else None
    change = _change(trace, cells, Inversion(back.fields, ""))
    change = replace(change, kind=back.kind, object=back.object, group=back.group, membership=back.membership)
    return Inverse(trace, box_id, Verdict(back.kind.value), change.because, change)


def _stand(cells: Cells) -> Verdict:
    """The verdict on an account that nothing is done about."""
    if cells["protected"]:
        return Verdict.PROTECTED
    return Verdict.UNCHANGED if cells["in_scope"] else Verdict.OUT_OF_SCOPE


def _obstacle(trace: Trace, cells: Cells) -> tuple[Verdict, str]:
    """Why this account may not be touched, "" if it may."""
    change = trace.change
    # an app user without an external id in Box is told by its login, as everybody else is
    by_id = change.user_kind is UserKind.APP and cells["external_id"] != ""
    if cells["kind"] != change.user_kind or (by_id and cells["external_id"] != change.external_id):
        return _stand(cells), Because.OTHER_ID_NOW.value
    if not by_id and fold(cells["login"]) not in (fold(change.login), *trace.logins):
        return _stand(cells), Because.OTHER_LOGIN_NOW.value
    if cells["protected"]:
        return Verdict.PROTECTED, joined(Because.PROTECTED_NOW, cells["protected"])
    if not cells["in_scope"]:
        return Verdict.OUT_OF_SCOPE, Because.OUT_OF_SCOPE_NOW.value
    return Verdict.UNCHANGED, ""


def _inverted(trace: Trace, cells: Cells) -> Inversion:
    if trace.change.kind is Kind.CREATE:
        return _locked_out(trace, cells)
    if trace.change.kind in BACK:
        return Inversion(turned_round(trace.change), "")
    if own := ADDRESSES_BACK.get(trace.change.kind):
        return own(trace.change, cells)
    fields: list[FieldChange] = []
    moved: list[str] = []
    lasting: list[str] = []
    untold: list[str] = []
    hidden = str(cells["untold"]).split(",")
    for each in trace.change.fields:
        if each.field in hidden or emptied(each.field, each.after, str(cells.get(each.field, ""))):
            untold.append(each.field)
        elif each.field == LIST:
            _codes_back(each, str(cells["tracking_codes"]), fields, moved)
        elif not _is(each.field, each.after, cells):
            if not _is(each.field, each.before, cells):
                moved.append(each.field)
        elif not _settable(each):
            lasting.append(each.field)
        else:
            fields.append(FieldChange(each.field, cells[each.field], each.before))
    left = {"moved": ", ".join(moved), "lasting": ", ".join(lasting), "untold": ", ".join(untold)}
    stays = reason(Because.LEFT_AS_IT_IS, **{name: them for name, them in left.items() if them})
    return Inversion(tuple(fields), stays if moved or lasting or untold else "")


def _locked_out(trace: Trace, cells: Cells) -> Inversion:
    """An account that was made is never deleted, only locked; a doubtful one only if it is just as it would have been."""
    shown = all(brought(each, str(cells.get(each.field, ""))) for each in trace.change.fields)
    if cells["status"] == "inactive" or not (trace.sure or shown):
        return Inversion((), "")
    return Inversion((FieldChange("status", cells["status"], "inactive"),), "")


def _is(field: str, wanted: str, cells: Cells) -> bool:
    """Whether an account shows this value of a field."""
    return shows(field, wanted, str(cells.get(field, "")))


def _settable(change: FieldChange) -> bool:
    return change.before != "" or (change.field in ATTRIBUTE and ATTRIBUTE[change.field].clearable)


def _codes_back(change: FieldChange, now: str, fields: list[FieldChange], moved: list[str]) -> None:
    """Code by code, since Box replaces the whole list: codes that the run did not change stay as they are."""
    before, after, current = codes_of(change.before), codes_of(change.after), codes_of(now)
    wanted = dict(current)
    for name in sorted(before | after):
        was, made, shown = (codes.get(name, "") for codes in (before, after, current))
        if was in (made, shown):
            continue
        if shown != made:
            moved.append(f"{TRACKING_PREFIX}{name}")
        else:
            wanted[name] = was
    if codes_text(wanted) != codes_text(current):
        fields.append(FieldChange("tracking_codes", now, codes_text(wanted)))


def _change(trace: Trace, cells: Cells, inversion: Inversion) -> Change:
    past = trace.change
    doubt = "" if trace.sure else Because.NOT_SURE
    proof = past.evidence if past.kind is Kind.DEACTIVATE else ""
    return Change(
        kind=BACK.get(past.kind) or kind_of(inversion.fields),
        user_kind=past.user_kind,
        line=0,
        box_id=str(cells["box_id"]),
        external_id=cells["external_id"] if past.user_kind is UserKind.APP else past.external_id,
        login=str(cells["login"]),
        name=str(cells["name"]),
        fields=inversion.fields,
        because=joined(operation_of(past).undone, proof, doubt, inversion.stays),
        evidence=past.evidence,
        status=str(cells["status"]),
        coadmin=str(cells.get("role", "")) == "coadmin",
        object=past.object if past.kind in (Kind.ALIAS_ADD, Kind.ALIAS_REMOVE, *BACK) else "",
        folder=past.folder,
    )
