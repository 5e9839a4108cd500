"""What a run teaches other jobs of the same enterprise: whom its roster names beyond the accounts it has matched, and their groups and addresses."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

import pandas as pd

from provision.because import Because, among_them, led_by
from provision.frames import equals, folded
from provision.journal.value import Outcome
from provision.ledger.others import A_ROW, WANT_COLUMNS
from provision.ledger.value import Memory
from provision.ledger.wanted import pack_wants, unpack_wants
from provision.lessons.leavers import with_made
from provision.model import CLEAR, Kind, Status, Verdict
from provision.plan.claims import name_marks
from provision.plan.columns import Mask, among, nothing
from provision.plan.groups.memberships import NEW_GROUP
from provision.plan.value import Plan

#: verdicts on a row that names somebody as current, and of which nothing is done
_NAMES = [one.value for one in (Verdict.REJECTED, Verdict.HELD, Verdict.PROTECTED, Verdict.STARTS_LATER)]
#: why a row that stays without consequence names nobody as current: it says that they left, or another one counts
_LEFT = (Because.PROTECTED_LEAVES, Because.ACKNOWLEDGED, Because.SUPERSEDED)


def wants_after(plan: Plan, outcomes: Mapping[str, Outcome], memory: Memory) -> bytes | None:
    """What the roster wants, packed; None if that is what was known.

    What it wanted of accounts before stays where no good row of theirs says anything now.
    """
    table = with_made(plan, outcomes)
    rows = table[table["line"] > 0]
    by_row = _named_only(rows)
    matched = ~by_row & rows["verdict"].isin([Verdict.UNCHANGED, *Kind]).to_numpy(bool)
    matched &= ~equals(rows["box_id"], "")
    now = pd.concat([_matched(rows[matched], plan, outcomes), _only_named(rows[by_row], memory)])
    before = unpack_wants(memory.wants)
    now = _with_earlier(now.reset_index(drop=True), before, table, rows["box_id"][matched])
    packed = pack_wants(now)
    return None if packed == memory.wants else packed


def _named_only(rows: pd.DataFrame) -> Mask:
    """Rows that name somebody as current and were not matched with an account that the job has by them."""
    verdict, because = rows["verdict"], rows["because"]
    found = verdict.isin(_NAMES) & ~among_them(because, _LEFT)
    found |= led_by(because, [Because.IGNORED])
    # a create that was not carried out
    found |= equals(verdict, Verdict.CREATE.value) & equals(rows["box_id"], "")
    return found.to_numpy(bool)


def _matched(rows: pd.DataFrame, plan: Plan, outcomes: Mapping[str, Outcome]) -> pd.DataFrame:
    """WANT_COLUMNS of the accounts of these rows, as far as they name groups or addresses."""
    aliases = rows["aliases"].mask(rows["aliases"] == CLEAR, "")
    says = ~equals(rows["groups"], "") | ~equals(aliases, "")
    told = rows[says].reset_index(drop=True)
    groups = told["groups"]
    for change in plan.changes if len(told) else ():
        outcome = outcomes.get(change.id)
        if change.kind is Kind.GROUP_CREATE and outcome is not None and outcome.status is Status.DONE:
            token = f"{NEW_GROUP}{quote(change.name, safe='')}"
            groups = groups.str.replace(token, outcome.box_id, regex=False)
    wants = {"box_id": told["box_id"], "groups": groups, "aliases": aliases[says].reset_index(drop=True)}
    return _frame(wants, len(told))


def _only_named(rows: pd.DataFrame, memory: Memory) -> pd.DataFrame:
    """WANT_COLUMNS of rows of which nothing is done: by their keys, and by name where they have none."""
    rows = rows.reset_index(drop=True)
    logins = folded(rows["login"])
    lost = (logins == "") & (rows["external_id"] == "") & (rows["box_id"] == "")
    names = name_marks(rows["name"], memory.key).where(lost, "")
    keys = {name: rows[name] for name in ("box_id", "kind", "external_id")}
    found = _frame({**keys, "login": logins, "name": names.astype("str")}, len(rows)).assign(named=A_ROW)
    return found[(~lost | (found["name"] != "")).to_numpy(bool)].astype("str")


def _frame(columns: Mapping[str, pd.Series[str]], size: int) -> pd.DataFrame:
    told = {name: columns.get(name, nothing(size)).array for name in WANT_COLUMNS}
    return pd.DataFrame(told, columns=list(WANT_COLUMNS)).astype("str")


def _with_earlier(
    now: pd.DataFrame, before: pd.DataFrame, table: pd.DataFrame, matched: pd.Series[str]
) -> pd.DataFrame:
    """With the groups and addresses that were wanted before of accounts that are there and of which no good row tells."""
    wanted = before[(before["groups"] != "") | (before["aliases"] != "")].drop_duplicates("box_id")
    stays = among(wanted["box_id"], table["box_id"]) & ~among(wanted["box_id"], matched)
    if not stays.any():
        return now
    kept = wanted[stays].assign(kind="", external_id="", login="", name="", named="")
    return pd.concat([now, kept], ignore_index=True).astype("str")
