"""The proof of a run: the enterprise read afresh, and by id whoever that listing does not show as it should.

A listing may lag behind, and others work in the enterprise meanwhile; so nobody is called missing before Box was asked for
the very account. What cannot be proven stays as Box answered it, and is told as not verified. Where a run has changed a few
accounts of very many, only these are read again, unless a create may have come about in a way that only a listing shows.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from functools import partial

import pandas as pd

from provision.apply.halt import away, throttled
from provision.batches import Held, joined
from provision.box.connect import unreachable
from provision.directory.lookup import seen_again
from provision.directory.scope import Directory, WayOfReading
from provision.errors import Away, BoxFault, BoxRefused, IncompleteDirectory, NotVerified, Throttled
from provision.journal.value import Noted, Outcome
from provision.model import Kind, Status
from provision.operations.registry import ENDINGS
from provision.operations.value import Change
from provision.plan.columns import among
from provision.plan.guards.forecast import read_singly
from provision.report.reconciling.reconcile import unconfirmed
from provision.report.value import NOTHING_BESIDE, Beside, ListingFinding, ListingFindingCode
from provision.runs.applying.folder_proof import folders_now
from provision.runs.applying.group_proof import groups_now
from provision.runs.observer import Observer
from provision.runs.planning.prepare import Planned, read_directory
from provision.runs.reading.by_key import read_again
from provision.wording import counted, plural

#: the most accounts that are read singly after a run; where a listing lags by more, nothing is called proven
_MOST_REREAD = 500


@dataclass(frozen=True, slots=True)
class Proof:
    """The enterprise after a run, columns as in a Directory, None where it was not read; and what is known of it besides."""

    now: pd.DataFrame | None = field(repr=False)
    beside: Beside = NOTHING_BESIDE


class Way(Enum):
    """How a run is proven: by what was read before, since nothing was sent; by a listing; or by that or single accounts."""

    NOTHING_NEW = auto()
    LISTING = auto()
    CHEAPEST = auto()


def proof_of(planned: Planned, outcomes: Mapping[str, Outcome], observer: Observer, way: Way) -> Proof:
    """Read the enterprise afresh.

    Raises NotVerified where that shows nothing for sure, Interrupted where Box stays away.
    """
    planned, listed = _of_few(planned), way is Way.NOTHING_NEW
    touched = _accounts(planned, outcomes) if way is Way.CHEAPEST else ()
    singly = touched if touched and _show_all(planned, outcomes, len(touched)) else ()
    planned = _of_these(planned, singly) if singly else planned
    try:
        now = planned.directory if listed else _read(planned, outcomes, observer)
        _expect_somebody(now, outcomes)
        confirmed = _confirmed(planned, outcomes, now)
        groups = None if listed else groups_now(planned, outcomes)
        folders = {} if listed else folders_now(planned, outcomes)
    except Throttled as fault:
        raise throttled(fault) from None
    except Away as fault:
        raise away(fault) from None
    except BoxFault as fault:
        raise _not_verified(unreachable(fault, planned.job.box.base_url), planned, outcomes) from None
    except BoxRefused as error:
        raise _not_verified(error, planned, outcomes) from None
    whole = now.read is WayOfReading.LISTING
    told = _stirred(planned, outcomes, confirmed) if whole and not listed else _told(singly)
    return Proof(confirmed, Beside(told, whole, groups, None if listed else folders))


def _of_few(planned: Planned) -> Planned:
    """The same, where a plan is of a few people knowing of nobody else: only they are looked at again."""
    if not planned.plan.roster.people:
        return planned
    return _of_these(planned, set(planned.plan.table["box_id"]))


def _of_these(planned: Planned, box_ids: Collection[str]) -> Planned:
    """The same as if only these accounts had been looked at."""
    directory = planned.directory
    theirs = Held(directory.where(lambda users: users["box_id"].isin(box_ids)))
    return replace(planned, directory=replace(directory, listed=theirs, read=WayOfReading.LOOKUP))


def _show_all(planned: Planned, outcomes: Mapping[str, Outcome], touched: int) -> bool:
    """Whether so many single accounts show all that a run may have done, and are much cheaper than the listing its plan is based on.

    A create that was sent twice, or of which nobody knows what became, may have made somebody whom only a listing shows.
    """
    directory = planned.directory
    if directory.read is WayOfReading.LOOKUP or not directory.certainty.proven:
        return False
    if any(
        _may_be_two(change, outcomes[change.id]) for change in planned.plan.changes if change.id in outcomes
    ):
        return False
    return read_singly(touched, directory.tally.users)


def _may_be_two(change: Change, outcome: Outcome) -> bool:
    """Whether an operation may have made an account besides the one that is known, as far as its outcome tells."""
    sent_once = outcome.attempts <= 1 and not outcome.says(Noted.FOUND)
    return outcome.status is Status.IN_DOUBT or (change.kind is Kind.CREATE and not sent_once)


def _told(box_ids: Collection[str]) -> tuple[ListingFinding, ...]:
    """How a run was proven that was not proven by a listing."""
    if not box_ids:
        return ()
    one = len(box_ids) == 1
    told = f"{counted(len(box_ids), 'account')} of this run {'was' if one else 'were'} read again singly; --prove listing reads everybody"
    return (ListingFinding(ListingFindingCode.SINGLY, told),)


def _read(planned: Planned, outcomes: Mapping[str, Outcome], observer: Observer) -> Directory:
    """Everybody once more, or where people were looked up those with whom something was done."""
    job, connection = planned.job, planned.connection
    if planned.directory.read is WayOfReading.LISTING:
        return read_directory(job, connection, observer, afterwards=True)
    return read_again(planned.directory, _accounts(planned, outcomes), job, connection, observer)


def _accounts(planned: Planned, outcomes: Mapping[str, Outcome]) -> tuple[str, ...]:
    """With whom something was done, or tried."""
    touched = [one for one in planned.plan.changes if one.id in outcomes and not one.of_nobody]
    return tuple(dict.fromkeys(one for change in touched if (one := _account(change, outcomes))))


def _not_verified(why: BoxRefused, planned: Planned, outcomes: Mapping[str, Outcome]) -> NotVerified:
    done = sum(outcome.status is Status.DONE for outcome in outcomes.values())
    total = len(planned.plan.changes)
    what = ("All " if total > 1 else "") if done == total else f"{done:,} of "
    return NotVerified(
        f"{what}{counted(total, 'operation')} {plural(done, 'was', 'were')} carried out, but not verified: {why.what}",
        cause=why.cause,
        remedy=f"once Box answers properly: provision verify {planned.job.path}",
    )


def _expect_somebody(now: Directory, outcomes: Mapping[str, Outcome]) -> None:
    """An enterprise in which something was done is not empty."""
    done = any(outcome.status is Status.DONE for outcome in outcomes.values())
    if done and not now.tally.users and now.read is WayOfReading.LISTING:
        raise IncompleteDirectory(
            "The enterprise shows nobody at all.", cause="Box or a proxy in between is having trouble"
        )


def _confirmed(planned: Planned, outcomes: Mapping[str, Outcome], now: Directory) -> pd.DataFrame:
    """The fresh listing, corrected by reading singly what it does not show. Raises IncompleteDirectory if that is too much."""
    users, whole = now.frame, now.read is WayOfReading.LISTING
    doubted = [_account(change, outcomes) for change in unconfirmed(planned.plan, outcomes, users)]
    missing = _missing(planned, outcomes, users) if whole else []
    asked = list(dict.fromkeys([*doubted, *missing]))
    if not asked:
        return users
    box, retry = planned.connection.box, planned.connection.retry
    found = retry.each([partial(retry.read, partial(box.get, box_id)) for box_id in asked[:_MOST_REREAD]])
    # Box may still tell of an account that has left the enterprise
    shown = [account for account in found if account is not None and account.cells["enterprise_id"]]
    there = {account.box_id for account in shown}
    if len(asked) > _MOST_REREAD and there - set(users["box_id"]):
        raise IncompleteDirectory(
            f"The listing does not show {counted(len(asked), 'account')} as they should be, though Box shows them by id.",
            cause="a listing that lags behind, or trouble at Box",
        )
    return seen_again(users, asked[:_MOST_REREAD], shown, planned.job, planned.connection.me).frame


def _account(change: Change, outcomes: Mapping[str, Outcome]) -> str:
    return outcomes[change.id].box_id or change.box_id


def _missing(planned: Planned, outcomes: Mapping[str, Outcome], users: pd.DataFrame) -> list[str]:
    """Who was there when the plan was made, was not ended by this run, and is not listed now."""
    before = planned.plan.table["box_id"]
    gone = before[(before != "") & ~among(before, users["box_id"])]
    return gone[~gone.isin(_done(planned, outcomes, ENDINGS))].tolist()


def _done(planned: Planned, outcomes: Mapping[str, Outcome], kinds: Sequence[Kind]) -> list[str]:
    """The accounts of the operations of these kinds that may have been carried out."""
    may_be = (Status.DONE, Status.IN_DOUBT)
    changes = [change for change in planned.plan.changes if change.kind in kinds and change.id in outcomes]
    return [_account(change, outcomes) for change in changes if outcomes[change.id].status in may_be]


def _stirred(
    planned: Planned, outcomes: Mapping[str, Outcome], now: pd.DataFrame
) -> tuple[ListingFinding, ...]:
    """How many accounts others made and deleted since the plan's listing, whatever their scope."""
    earlier, later = joined(planned.directory.listed.each(["box_id"]))["box_id"], now["box_id"]
    ours = pd.Series(
        [*_done(planned, outcomes, (Kind.CREATE,)), *_done(planned, outcomes, ENDINGS)], dtype="str"
    )
    came = int((~among(later, earlier) & ~among(later, ours)).sum())
    went = int((~among(earlier, later) & ~among(earlier, ours)).sum())
    if not came and not went:
        return ()
    told = f"others made {counted(came, 'account')} and deleted {went:,} while the run was under way"
    return (ListingFinding(ListingFindingCode.CAME_AND_WENT, told),)
