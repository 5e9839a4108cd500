"""What a fresh listing of Box says about the outcomes: who is not as we left them, who came, who went, who is double.

``now`` has one row for every user Box lists: text columns ``box_id, login, name, kind, external_id``, the attributes by
their names, ``tracking_codes`` (canonical text: a JSON object, name → value), ``untold`` (the attributes that Box did not
tell, with commas between), and ``in_scope`` (bool). "" is *empty*.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from provision.frames import compared as same_person
from provision.frames import equals, folded
from provision.journal.value import Note, Noted, Outcome, noted
from provision.model import STATUSES, Status, Verdict
from provision.operations.cells import LIST, brought, compared
from provision.operations.registry import ENDINGS
from provision.operations.value import Change, FieldChange
from provision.plan.columns import positions, taken
from provision.report.columns import among
from provision.report.value import ListingFinding, ListingFindingCode
from provision.wording import counted, plural, shortened

#: statuses of accounts that somebody can use
_USABLE = tuple(status for status in STATUSES if status != "inactive")

APPEARED = "appeared while the run was under way"


def not_shown(
    changes: Sequence[Change], outcomes: Mapping[str, Outcome], now: pd.DataFrame
) -> dict[str, tuple[Note, ...]]:
    """Why the listing does not prove an operation that is called done, by change id, proven ones left out."""
    done = [change for change in changes if not change.of_nobody and _status(change, outcomes) is Status.DONE]
    ids = pd.Index([outcomes[change.id].box_id or change.box_id for change in done], dtype="str")
    deleted = np.array([change.kind in ENDINGS for change in done], dtype=bool)
    listed = among(ids, now["box_id"]).to_numpy()
    doubts = {done[at].id: noted(Noted.STILL_LISTED) for at in np.flatnonzero(deleted & listed)}
    doubts |= {done[at].id: noted(Noted.NOT_LISTED) for at in np.flatnonzero(~deleted & ~listed)}
    there = [int(at) for at in np.flatnonzero(~deleted & listed)]
    doubts |= _other_values([done[at] for at in there], ids[there].to_series(), now)
    return doubts


def _status(change: Change, outcomes: Mapping[str, Outcome]) -> Status | None:
    outcome = outcomes.get(change.id)
    return outcome.status if outcome else None


def _other_values(
    changes: Sequence[Change], ids: pd.Series[str], now: pd.DataFrame
) -> dict[str, tuple[Note, ...]]:
    """Which fields of which accounts, all of them listed, have another value there than the change left them with."""
    asked = _asked(changes)
    if not asked:
        return {}
    account_at = positions(ids, now["box_id"])
    untold = taken(now["untold"], account_at)
    wrong: dict[int, list[str]] = {}
    for name in sorted(asked.keys() & set(now.columns)):  # the listing cannot show the others
        places = np.array([at for at, _ in asked[name]], np.intp)
        told = [name not in fields.split(",") for fields in untold.iloc[places].tolist()]
        shown = taken(now[name], account_at[places])
        other = np.array(told, bool) & _unlike(name, shown, [each for _, each in asked[name]])
        for at in places[other].tolist():
            wrong.setdefault(at, []).append(name)
    return {
        changes[at].id: noted(Noted.LISTED_OTHERWISE, fields=", ".join(fields))
        for at, fields in wrong.items()
    }


def _unlike(name: str, shown: pd.Series[str], changes: Sequence[FieldChange]) -> npt.NDArray[np.bool_]:
    """Which accounts show another value of a field than a change was to bring; of a list only what it set counts."""
    if name == LIST:
        return np.array(
            [not brought(*pair) for pair in zip(changes, shown.tolist(), strict=True)], dtype=bool
        )
    wanted = pd.Series([change.after for change in changes], dtype="str")
    unlike: npt.NDArray[np.bool_] = compared(name, shown).to_numpy() != compared(name, wanted).to_numpy()
    return unlike


def _asked(changes: Sequence[Change]) -> Mapping[str, list[tuple[int, FieldChange]]]:
    """Every field of every change, by its name: position of the change, and what it was to bring."""
    asked: dict[str, list[tuple[int, FieldChange]]] = defaultdict(list)
    for at, change in enumerate(changes):
        for each in change.fields:
            asked[each.field].append((at, each))
    return asked


def with_new_accounts(table: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The table with every account in scope that the plan could not know of.

    An account that has the key of a create whose answer never came takes its place in that row; every other gets a
    row of its own, unowned.
    """
    table = _with_logins(_claimed(table, now), now)
    fresh = (now["in_scope"].astype(bool) & ~among(now["box_id"], table["box_id"])).to_numpy()
    if not fresh.any():
        return table
    rows = now.loc[fresh, ["external_id", "login", "name", "kind", "box_id"]].assign(
        line=0, verdict=Verdict.UNOWNED.value, reason=APPEARED, http_status=0, attempts=0
    )
    joined = pd.concat([table, rows.reindex(columns=table.columns)], ignore_index=True)
    return joined.fillna("").astype(table.dtypes.to_dict())


def _with_logins(table: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """The table with the addresses that Box made for accounts of this run which were given none."""
    made = equals(table["verdict"], Verdict.CREATE.value) & equals(table["login"], "")
    made &= ~equals(table["box_id"], "")
    if not made.any():
        return table
    known = now[among(now["box_id"], table.loc[made, "box_id"])].set_index("box_id")["login"]
    logins = table["login"].mask(made, table["box_id"].map(known).fillna("").astype("str"))
    return table.assign(login=logins.astype(table["login"].dtype))


def _claimed(table: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    coming = equals(table["verdict"], Verdict.CREATE.value) | equals(table["verdict"], Verdict.INVITE.value)
    unmade = coming & equals(table["box_id"], "")
    if not unmade.any():
        return table
    waiting = table[unmade]
    free = now[now["in_scope"].astype(bool) & ~among(now["box_id"], table["box_id"])]
    known = pd.Series(free["box_id"].to_numpy(), index=same_person(free))
    known = known[~known.index.duplicated()]
    found = known.reindex(same_person(waiting)).set_axis(waiting.index).dropna().drop_duplicates()
    if found.empty:
        return table
    table = table.copy()
    table.loc[found.index, "box_id"] = found
    table.loc[found.index, "reason"] += "; Box lists an account with this key now"
    return table


def findings(
    table: pd.DataFrame,
    doubts: Mapping[str, tuple[Note, ...]],
    now: pd.DataFrame,
    before: pd.DataFrame | None,
) -> tuple[ListingFinding, ...]:
    """What the listing shows beyond the plan. ``table`` has its new accounts, ``before`` is the plan's table.

    Without one only some people were looked at, and nothing is said of who came and went.
    """
    sent = equals(table["outcome"], Status.DONE.value) | equals(table["outcome"], Status.IN_DOUBT.value)
    sent &= equals(table["verdict"], Verdict.CREATE.value) & ~equals(table["box_id"], "")
    made = table["box_id"][sent]
    found = [*_doubles(made, now, "external_id"), *_doubles(made, now, "login")] if len(made) else []
    otherwise = sum(notes[0].code is Noted.LISTED_OTHERWISE for notes in doubts.values())
    if unseen := len(doubts) - otherwise:
        sentence = f"{counted(unseen, 'operation')} called done cannot be seen in a fresh listing"
        found.append(ListingFinding(ListingFindingCode.NOT_SEEN, sentence))
    if otherwise:
        sentence = f"Box said yes to {counted(otherwise, 'operation')} and shows other values afterwards"
        found.append(ListingFinding(ListingFindingCode.OTHERWISE, sentence))
    found += _locked(now[among(now["box_id"], made)]) if len(made) else ()
    if before is None:
        return tuple(found)
    found += _moved(ListingFindingCode.APPEARED, "came up", _appeared(table, before))
    found += _moved(ListingFindingCode.VANISHED, "disappeared", _vanished(table, now))
    return tuple(found)


def _locked(made: pd.DataFrame) -> Iterator[ListingFinding]:
    """Accounts of this run that nobody can use yet."""
    ids = made["box_id"][~made["status"].isin(("", *_USABLE))]
    if len(ids):
        some = ", ".join(ids.head(10)) + (", …" if len(ids) > 10 else "")
        sentence = f"{counted(len(ids), 'account')} that this run made {plural(len(ids), 'is', 'are')} not active yet in Box: {some}"
        yield ListingFinding(ListingFindingCode.LOCKED, sentence, tuple(ids))


def _doubles(made: pd.Series, now: pd.DataFrame, column: str) -> Iterator[ListingFinding]:
    """Keys that an account of this run shares with another account."""
    keys = folded(now[column]) if column == "login" else now[column]
    twice = keys.duplicated(keep=False).to_numpy() & ~equals(keys, "")
    if not twice.any():
        return
    for key, group in now[twice].groupby(keys[twice], sort=True):
        ids = tuple(group["box_id"])
        if among(group["box_id"], made).any():
            who = f"{len(ids)} accounts carry the {column} {key}: {shortened(ids)}"
            yield ListingFinding(ListingFindingCode.DOUBLE, f"{who}; this run made at least one", ids)


def _appeared(table: pd.DataFrame, before: pd.DataFrame) -> pd.Series:
    return table["box_id"].iloc[len(before) :]


def _vanished(table: pd.DataFrame, now: pd.DataFrame) -> pd.Series:
    """Accounts that had to be there: those deleted, or already reported as not listed, are not meant."""
    explained = table["outcome"].isin((Status.DONE.value, Status.IN_DOUBT.value))
    there = among(table["box_id"], now["box_id"]) | explained
    return table["box_id"][~equals(table["box_id"], "") & ~there.to_numpy()]


def _moved(code: ListingFindingCode, verb: str, box_ids: pd.Series) -> Iterator[ListingFinding]:
    if len(box_ids):
        some = ", ".join(box_ids.head(10)) + (", …" if len(box_ids) > 10 else "")
        sentence = f"{counted(len(box_ids), 'account')} {verb} while the run was under way: {some}"
        yield ListingFinding(code, sentence, tuple(box_ids))
