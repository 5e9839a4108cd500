"""How verdicts, outcomes and ends of a run are called when a person reads them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec
import pandas as pd

from provision.findings import Code
from provision.model import TRACKING_PREFIX, UNLIMITED, Kind, Status, Verdict
from provision.operations.value import Change, FieldChange
from provision.plan.value import UNDO, RosterFacts
from provision.report.value import Mode, Reconciliation, RunFacts, RunStatus
from provision.wording import counted, moment, size

#: the end of a run in a sentence
STATUS_SENTENCE = {
    RunStatus.PLANNED: "Changes are planned; nothing was changed yet",
    RunStatus.APPLIED: "Done: Box matches the roster",
    RunStatus.PARTIAL: "Finished, but not everything could be done",
    RunStatus.HELD: "Finished; some changes wait for a person",
    RunStatus.REFUSED: "Refused by a guard; nothing was changed",
    RunStatus.INTERRUPTED: "Interrupted; provision resume finishes it",
    RunStatus.FAILED: "Failed",
    RunStatus.NO_CHANGES: "Nothing to do: Box already matches the roster",
}

#: the end of a plan in a sentence, where it differs from that of a run
PLAN_SENTENCE = {
    RunStatus.PLANNED: "Changes are planned and wait to be applied",
    RunStatus.HELD: "Some changes wait for a person; what is safe can be applied",
    RunStatus.PARTIAL: "Nothing to apply, but some roster rows were rejected",
    RunStatus.REFUSED: "A guard refuses this plan; it cannot be applied as it is",
}

#: the end of an undo in a sentence, where it differs from that of a run or a plan
UNDO_SENTENCE = {
    RunStatus.APPLIED: "Done: the run was undone, as far as that is possible",
    RunStatus.NO_CHANGES: "Nothing to do: nothing of the run is left that could be undone",
}

#: the same where only a few people were looked at
FEW_SENTENCE = {
    RunStatus.APPLIED: "Done: Box matches the roster for the people who were named; nobody else was looked at",
    RunStatus.NO_CHANGES: "Nothing to do: Box matches the roster for the people who were named; nobody else was looked at",
}


#: what needs a person, the most urgent first: title and what it means
ATTENTION = {
    Status.IN_DOUBT.value: (
        "In doubt",
        "Box did not answer clearly, or does not show what it confirmed. The next run looks and decides.",
    ),
    Status.FAILED.value: (
        "Failed",
        "These did not come about. Everybody else went on; the next run tries them again, unless it says otherwise below.",
    ),
    Status.SKIPPED.value: (
        "Skipped",
        "These accounts were no longer as the plan saw them, so they were left alone. Plan again.",
    ),
    Status.HELD.value: ("Held", "These wait for a person's decision; what waits was not sent to Box."),
    Status.WAITING.value: (
        "Waiting for Box or the person",
        "Somebody has to act in Box first, mostly by confirming an address; the next runs look again.",
    ),
    Verdict.REJECTED.value: (
        "Rejected roster rows",
        "These rows cannot be used as they are. The people in them are protected until the roster is corrected.",
    ),
    "other": ("To look at", "The fresh listing showed something about these accounts that nobody planned."),
}


#: days after which a hold is named with its age, and after which it is overdue
_LONG, _OVERDUE = 3, 7

_NOTHING_BUT_HOLDS = "Nothing to apply; some changes wait for a person"
_WAITS = "Done, as far as Box and the people let it; the rest waits for them"
_STAYS = {
    RunStatus.APPLIED: "Done, but for people who are absent or have left and whose accounts stay as yet",
    RunStatus.NO_CHANGES: "Nothing to do yet; some people are absent or have left, and their accounts stay as yet",
}
_TOLD_BELOW = (Code.LEAVER_STAYS, Code.ABSENT_SO_FAR)
_LEFT_OUT = "Done what was asked for; the rest of the plan was left out"


def headline(reconciliation: Reconciliation, facts: RunFacts) -> str:
    """How a plan or a run ended, in a sentence."""
    own = UNDO_SENTENCE if is_undo(facts.roster) else FEW_SENTENCE if facts.roster.people else {}
    if not own and any(each.code in _TOLD_BELOW for each in facts.findings.told):
        own = _STAYS
    if reconciliation.mode is Mode.PREVIEW:
        if facts.status is RunStatus.HELD and not reconciliation.totals.planned:
            return _NOTHING_BUT_HOLDS
        return {**STATUS_SENTENCE, **PLAN_SENTENCE, **own}[facts.status]
    outcomes = reconciliation.totals.outcomes
    if facts.status is RunStatus.APPLIED and outcomes.get(Status.WAITING):
        return _WAITS
    left_out = outcomes.get(Status.NOT_ATTEMPTED)
    sentences = {**STATUS_SENTENCE, **own}
    return _LEFT_OUT if left_out and facts.status is RunStatus.APPLIED else sentences[facts.status]


def is_undo(roster: RosterFacts) -> bool:
    """Whether a plan takes an earlier run back and so has no roster; its ``path`` says which run."""
    return roster.authority == UNDO


def roster_told(roster: RosterFacts, written_at: str) -> str:
    """When the roster was written, which bytes it has, and how many rows, for below its path."""
    when = moment(datetime.fromisoformat(written_at)) if written_at else "at an unknown time"
    rows = counted(roster.rows, "row")
    return f"written {when} · SHA-256 {roster.sha256[:12]} · {rows}"


def waited(since: str, now: datetime) -> int:
    """For how many whole days something has waited that began at ``since``, ISO with offset."""
    return max((now - datetime.fromisoformat(since)).days, 0)


def loudness(days: int) -> str:
    """What is said before something that has waited so many days; the longer, the louder."""
    if days >= _OVERDUE:
        return f"OVERDUE, {days} days"
    return f"{days} days" if days >= _LONG else ""


def what_it_means(group: str, facts: RunFacts) -> str:
    """The sentence under a heading of ATTENTION; what waits for a person says how long it has."""
    sentence = ATTENTION[group][1]
    if group != Status.HELD or not facts.oldest:
        return sentence
    days = waited(facts.oldest, datetime.fromisoformat(facts.finished_at or facts.as_of))
    loud = loudness(days)
    return f"{sentence} The oldest waits since {facts.oldest[:10]}{f': {loud}' if loud else ''}."


def attention_group(attention: pd.DataFrame) -> pd.Series:
    """Under which heading of ATTENTION each line that needs a person belongs."""
    if attention.empty:
        return attention["outcome"]
    group = attention["outcome"].where(attention["outcome"].isin(ATTENTION), attention["verdict"])
    return group.where(group.isin(ATTENTION), "other")


def spelled_out(change: Change) -> tuple[FieldChange, ...]:
    """The fields of a change as a person reads them: each tracking code by itself, and nothing its heading says.

    The heading of a new account is its name and key, that of a deactivation says that the status changes.
    """
    said = {Kind.CREATE: ("name", "login", "external_id"), Kind.DEACTIVATE: ("status",)}.get(change.kind, ())
    told = (part for field in change.fields if field.field not in said for part in _parts(field))
    return tuple(told)


def _parts(field: FieldChange) -> Iterator[FieldChange]:
    if field.field != "tracking_codes":
        yield field
        return
    before, after = _codes(field.before), _codes(field.after)
    for name in sorted(before | after):
        if before.get(name, "") != after.get(name, ""):
            yield FieldChange(f"{TRACKING_PREFIX}{name}", before.get(name, ""), after.get(name, ""))


def _codes(text: str) -> dict[str, str]:
    return msgspec.json.decode(text, type=dict[str, str]) if text.startswith("{") else {}


def shown_value(field: str, value: str) -> str:
    """A value as people read it: sizes in GB, all else as it is."""
    if field != "space_amount" or not value.lstrip("-").isdigit():
        return value
    if value == UNLIMITED:
        return "unlimited"
    return size(int(value))
