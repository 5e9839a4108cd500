"""The facts of a reason that are words of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from provision.because import Because, Reason
from provision.model import TRACKING_PREFIX, row_written
from provision.report.sentences.guard_words import guard_words
from provision.wording import counted

_NAMED_BY = {
    "transfer_to": "as the roster's transfer_to says",
    "manager": "the manager",
    "job": "as the job says",
}
_ON_DRIFT = {
    "roster": "the roster's values are written back",
    "box": "left as Box has it",
    "report": "reported only, not written",
}
_NEW = {"create": "who would be created", "out_of_scope": "whose login is outside the job's scope"}
CONSOLE = "in the Admin Console"
ANSWER = "answer so: provision approve RUN --person {key} --by NAME"
#: who sees tracking codes (Box help centre, article 360043690994)
SEES_CODES = (
    "the account behind it needs the right to view settings and apps (Admin Console, the permissions of a co-admin) to see "
    "tracking codes"
)


def spelled_out(each: Reason) -> dict[str, str]:
    """Facts that are words of their own."""
    if spell := _SPELLED_OUT.get(each.code):
        return spell(each)
    return {"named_by": _NAMED_BY[named]} if (named := each.fact("named_by")) else {}


def _error(each: Reason) -> dict[str, str]:
    return {"sentence": each.fact("sentence") or "the row has an error; nothing is done about this person"}


def _fields(each: Reason) -> dict[str, str]:
    return {"in_fields": f" in {each.fact('fields')}" if each.fact("fields") else ""}


def _right(each: Reason) -> dict[str, str]:
    codes = TRACKING_PREFIX in each.fact("fields")
    return {"right": f"; {SEES_CODES}" if codes else ""}


def _way_out(each: Reason) -> dict[str, str]:
    """Whose roster has no column for logins is refused, so that one cannot be left out."""
    left_out = ", or let one of the two jobs leave the column out (roster.columns: ignore)"
    return {"or_left_out": "" if each.fact("fields") == "login" else left_out}


def _day_ahead(each: Reason) -> dict[str, str]:
    return {"on": f"({each.fact('day')}) " if each.fact("day") else ""}


def _in_a_row(each: Reason) -> dict[str, str]:
    return {"rosters": "roster" if each.fact("missed") == "1" else "rosters in a row"}


def _stage(each: Reason) -> dict[str, str]:
    return {"stage": each.fact("stage").replace("_", " ")}


def _asked(each: Reason) -> dict[str, str]:
    """What is asked of two external ids, of which one may be what a spreadsheet has left of the other."""
    bare = {each.fact(name).lstrip("0") for name in ("known_as", "external_id")}
    lost = (
        "the same id without its leading zeros (format the column as text, and export again), or "
        if len(bare) == 1
        else ""
    )
    hired = each.code is Because.REHIRED and not lost
    return {"asked": f"{lost}{'or ' if hired else ''}a reused address?"}


def _days(each: Reason) -> dict[str, str]:
    return {"days": f"{int(each.fact('days')):,}"}


def _rows(each: Reason) -> dict[str, str]:
    return {"which": counted(int(each.fact("rows")), "row")}


def _drift(each: Reason) -> dict[str, str]:
    who = counted(int(each.fact("people")), "person", "people")
    jobs = each.fact("jobs")
    others = f"; the roster of job {jobs} names some of them too, and may say something else" if jobs else ""
    return {"who": who, "what": f"{_ON_DRIFT[each.fact('on_drift')]}{others}"}


def _new_login(each: Reason) -> dict[str, str]:
    who, account = each.fact("who"), each.fact("account")
    whose = f"the account {who}" if who == account else f"{who}'s account {account}"
    return {"whose": whose, "login": each.fact("login") or "the new one"}


def _row(each: Reason) -> dict[str, str]:
    return {"row": row_written(int(each.fact("line") or 0))}


def _what_is_new(each: Reason) -> dict[str, str]:
    return {"what": _NEW[each.fact("what")], **_row(each)}


def _condition(each: Reason) -> dict[str, str]:
    column = each.fact("column")
    return {"key": each.fact("key") or "roster.where", "in_column": f' ("{column}")' if column else ""}


def _claimant(each: Reason) -> dict[str, str]:
    job = each.fact("job")
    row = ", whose roster names this person in a row of which nothing is done" if each.fact("row") else ""
    return {"by_job": (f"job {job}" if job else "another job") + row}


def _wanted(each: Reason) -> dict[str, str]:
    more = int(each.fact("required")) - int(each.fact("have"))
    return {"more": "one more" if more == 1 else f"{more} more"}


def _box_ids(each: Reason) -> dict[str, str]:
    return {"box_ids": each.fact("box_ids") or "unknown"}


def _settled(each: Reason) -> dict[str, str]:
    """How a dispute is settled: only where nobody else is known for the account, a word is enough."""
    if known_as := each.fact("known_as"):
        return {"settled": f", known as {known_as}; correct the roster, or the logins {CONSOLE}"}
    answer = ANSWER.format(key=each.fact("key"))
    ways = f"; if that other one is this person's now, {answer}; if not, correct the roster, or the logins {CONSOLE}"
    return {"settled": ways}


def _stays(each: Reason) -> dict[str, str]:
    moved, lasting, untold = (each.fact(name) for name in ("moved", "lasting", "untold"))
    parts = [f"{moved}, changed since by somebody else"] if moved else []
    parts += [f"{lasting}, which Box cannot empty"] if lasting else []
    parts += [f"{untold}, which Box does not show to this sign-in"] if untold else []
    return {"stays": f": {'; '.join(parts)}" if parts else ""}


_SPELLED_OUT: Mapping[Because, Callable[[Reason], dict[str, str]]] = {
    Because.OTHER_ROSTER: _way_out,
    Because.GUARD: guard_words,
    Because.APPROVED_SO_FAR: _wanted,
    Because.ROW_ERROR: _error,
    Because.REUSED: _asked,
    Because.REHIRED: _asked,
    Because.EXCLUDED: _condition,
    Because.CLAIMED: _claimant,
    Because.DIFFERS: _fields,
    Because.UNTOLD: _right,
    Because.CODES_UNSEEN: lambda _: {"right": SEES_CODES},
    Because.STARTS_LATER: _day_ahead,
    Because.ABSENT: _in_a_row,
    Because.DUE: _stage,
    Because.NOT_PROVEN: _days,
    Because.UNREADABLE_ROWS: _rows,
    Because.DRIFT: _drift,
    Because.DISPUTED: _settled,
    Because.LIKE_SOMEBODY_GONE: _new_login,
    Because.LIKE_SOMEBODY_NEW: _what_is_new,
    Because.ROW_SAYS: _row,
    Because.LEFT_AS_IT_IS: _stays,
    Because.NO_LONGER_THERE: _box_ids,
}
