"""What plans of version 3 said in sentences, as reasons. Frozen: it is about files of the past, and nothing else reads words.

What decides something later is known for certain: who was ignored, in step, needed by others, or named by a row. A sentence
that is not known here is kept as it was written, to be read by people.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

import msgspec
import pandas as pd

from provision.because import Because, as_written, joined, reason
from provision.model import Verdict

#: the version of plan.json that this is about
VERSION = 3

#: sentences, or parts of them, without facts
_FIXED = {
    "neither in the roster nor in Box": Because.NOWHERE,
    "the row has an error; nothing is done about this person": Because.ROW_ERROR,
    "outside the job's scope": Because.OUT_OF_SCOPE,
    "protected": Because.PROTECTED,
    "the row says ignore": Because.IGNORED,
    "a person has to decide": Because.IN_DOUBT,
    "has left and has no account": Because.LEFT_WITHOUT_ACCOUNT,
    "upcoming: the start date is ahead": Because.STARTS_LATER,
    "in the roster, not in Box": Because.NOT_IN_BOX,
    "the row says this person leaves": Because.ROW_LEAVES,
    "differs from the roster": Because.DIFFERS,
    "in step with the roster; the start date is ahead": Because.IN_STEP_STARTS_LATER,
    "in step with the roster": Because.IN_STEP,
    "not in the roster, and not this job's account": Because.UNOWNED,
    "not named by this partial roster": Because.NOT_NAMED,
    "not in the roster": Because.NOT_IN_ROSTER,
    "the account behind this sign-in": Because.MYSELF,
    "a service account": Because.SERVICE_ACCOUNT,
    "the enterprise's admin": Because.ADMIN,
    "a co-admin": Because.COADMIN,
    "Box did not say what kind of user this is": Because.KIND_UNKNOWN,
    "Box did not say this user's role": Because.ROLE_UNKNOWN,
    "scope.protect": Because.SCOPE_PROTECT,
    "destination of a transfer in this plan": Because.RECEIVES,
    "manager of active people (scope.protect_managers)": Because.MANAGES,
    "the roster says inactive": Because.SAYS_INACTIVE,
    "in the roster again, but inactive in Box": Because.BACK,
    "the name would lose its accents": Because.ACCENTS_LOST,
    "all sessions are ended too": Because.SESSIONS_TOO,
    "nothing more is to be done": Because.NOTHING_MORE,
    "the account is inactive already": Because.INACTIVE_ALREADY,
    "its content is still on its way": Because.CONTENT_MOVING,
    "content is still moving, as far as Box shows": Because.STILL_MOVING,
    "what the account still owns is destroyed with it, as the job says": Because.DESTROYED,
    "no roster has named a manager": Because.NO_MANAGER,
    "fill the roster's manager or transfer_to for this person, or change the stage's to in the job": Because.NAME_ONE,
    "to be created, but the row has no name": Because.NO_NAME,
    "to be created as an app user, but the row has no external id": Because.NO_ID,
    "not touched by the undone run": Because.UNTOUCHED,
    "the undone run made this account": Because.UNDO_CREATE,
    "the undone run changed this account": Because.UNDO_UPDATE,
    "the undone run activated this account": Because.UNDO_ACTIVATE,
    "the undone run deactivated this account": Because.UNDO_DEACTIVATE,
    "is as it was before the undone run already": Because.AS_BEFORE,
}
#: parts that lead to the next one
_LEADING = {
    "leaver: ": Because.LEAVER,
    "not yet a leaver: ": Because.NOT_YET,
    "has left (": Because.HAS_LEFT,
    "name held: ": Because.NAME_HELD,
    "the content cannot be transferred: ": Because.NO_RECEIVER,
}
_DAY = r"(?P<day>\d{4}-\d\d-\d\d)"
#: parts with facts
_TOLD = {
    r"changed in Box since \(drift\), reported only: (?P<fields>[^;]+)": Because.DRIFT_REPORTED,
    r"changed in Box since \(drift\): (?P<fields>[^;]+)": Because.DRIFTED,
    r"differs from the roster in (?P<fields>[^;]+)": Because.DIFFERS,
    rf"destination of a transfer since {_DAY} that is not proven finished": Because.RECEIVED,
    rf"end date {_DAY} reached": Because.END_DATE,
    rf"absent from (?P<missed>\d+) complete (?:roster|rosters in a row), first on {_DAY}": Because.ABSENT,
    r"absent from (?P<missed>\d+) of (?P<needed>\d+) complete rosters": Because.ABSENT_SO_FAR,
    r"row (?P<line>\d+) says (?P<action>deactivate|delete)": Because.ROW_SAYS,
    rf"its content went to (?P<to>[^;]+) on {_DAY} and was twice seen gone": Because.SEEN_GONE,
    rf"content was transferred to (?P<to>[^;]+) on {_DAY} and stays there": Because.CONTENT_STAYS,
    r"login: (?P<before>\S+) → (?P<after>\S+) waits: this version does not change logins; "
    r"change it in the Admin Console": Because.LOGIN_WAITS,
}
_END = r"(?=$|; |: |\))"
_BETWEEN = re.compile(r"\)?(?:; |: )?")


@cache
def _parts() -> tuple[tuple[re.Pattern[str], Because], ...]:
    """What a sentence is put together of; compiled when the first one is read, since most processes read none."""
    return (
        *((re.compile(re.escape(words) + _END), code) for words, code in _FIXED.items()),
        *((re.compile(re.escape(words)), code) for words, code in _LEADING.items()),
        *((re.compile(words + _END), code) for words, code in _TOLD.items()),
        (re.compile(rf"(?P<stage>[a-z ]+) is due on {_DAY}{_END}"), Because.DUE),
    )


def code_of(sentence: str) -> str:
    """A sentence of a plan of version 3 as reasons; "" for none. What is not known of it is kept as it was written."""
    found, rest = [], sentence
    while rest:
        part = next(
            ((match, code) for pattern, code in _parts() if (match := pattern.match(rest)) is not None), None
        )
        if part is None:
            found.append(as_written(rest))
            break
        match, code = part
        found.append(reason(code, **_facts(match)))
        rest = rest[match.end() :]
        rest = rest if code in _LEADING.values() else _BETWEEN.sub("", rest, count=1)
    return joined(*found)


def _facts(match: re.Match[str]) -> dict[str, str]:
    facts = match.groupdict()
    return {**facts, "stage": facts["stage"].replace(" ", "_")} if "stage" in facts else facts


def people_of(table: pd.DataFrame) -> pd.DataFrame:
    """The verdict table of a plan of version 3 with ``because`` in the place of ``reason``; any other stays as it is."""
    if "because" in table:
        return table
    known = {sentence: code_of(sentence) for sentence in table["reason"].unique().tolist()}
    pairs = zip(table["reason"].tolist(), (table["verdict"] == Verdict.REJECTED).tolist(), strict=True)
    codes = [reason(Because.ROW_ERROR, sentence=told) if bad else known[told] for told, bad in pairs]
    renewed = table.assign(because=pd.Series(codes, table.index, dtype="str"))
    return renewed[["because" if name == "reason" else str(name) for name in table.columns]]


def sealed_with(document: Mapping[str, Any]) -> bytes:
    """What the seal of a plan of version 3 was made of."""
    bare = dict(document, digest="", verdicts=_in_order(document["verdicts"]))
    if profile := document.get("profile"):
        bare["profile"] = {
            name: _in_order(value) if isinstance(value, dict) else value for name, value in profile.items()
        }
    return msgspec.json.encode(bare)


def _in_order(counts: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(counts.items()))


#: what stood before the undone run's name in the place of a roster's path
_UNDO_OF = "undo of run "


def renewed(document: Mapping[str, Any]) -> dict[str, Any]:
    """A plan.json of version 3 in the form of version 4."""
    return {
        **document,
        "version": VERSION + 1,
        "roster": _roster(document["roster"]),
        "changes": [change_of(change) for change in document["changes"]],
        "drift": [as_written(sentence) for sentence in document["drift"]],
        "questions": [_question(asked) for asked in document["questions"]],
    }


def _roster(roster: Mapping[str, Any]) -> dict[str, Any]:
    """What a plan is made from; that of an undo named the run in its path."""
    _, undo, run_id = roster["path"].partition(_UNDO_OF)
    return {**roster, "undoes": run_id if undo and not roster["sha256"] else ""}


def change_of(change: Mapping[str, Any]) -> dict[str, Any]:
    """One operation of version 3 in the form of version 4; one of version 4 stays as it is."""
    if "because" in change:
        return dict(change)
    told = {name: value for name, value in change.items() if name != "reason"}
    codes = {name: code_of(change[name]) for name in ("evidence", "hold")}
    name = change["box_id"] or change["external_id"] or change["login"]  # as its journal names it
    return {**told, **codes, "because": code_of(change["reason"]), "subject": name}


def _question(asked: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in asked.items() if name not in ("sentence", "same")}
    return {**told, "because": code_of(asked["sentence"])}


def drift_of(notes: Iterable[str]) -> tuple[str, ...]:
    """Of the notes of a report of version 3 those on what was changed in Box."""
    return tuple(note for note in notes if note.startswith("drift: "))
