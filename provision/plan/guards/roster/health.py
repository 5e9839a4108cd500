"""Roster health: the roster beside the last accepted ones, before anything is compared with Box. Pure.

Each check is one line that says what HR should look at. What looks like a damaged file is refused as a guard refuses, so
that a number allows it once, and ``provision check JOB --accept`` for good; all else is only told.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np

from provision.deciders import NOBODY
from provision.job.limits import ResentFiles, Shrink
from provision.job.settings import Authority, Job
from provision.ledger.value import Memory
from provision.plan.guards.limits import judge_shrink, judged
from provision.plan.guards.roster.remarks import remarks
from provision.plan.guards.roster.signs import (
    KEYS_KEPT,
    DamageSign,
    common,
    dates_exchanged,
    keys_and_names_exchanged,
)
from provision.plan.value import GuardVerdict, HealthLine, Opinion, Ruling
from provision.roster.profile.profile import (
    KEYS,
    Profile,
    Sketch,
    from_json,
    overlap,
    people_in,
    same_file,
    shared_part,
)
from provision.wording import counted

#: share (0–1) of people that two rosters have in common, from which on it is the keys that were made anew
_PEOPLE_KEPT = 0.8
#: so many keys have to be known for a roster of other people to be told from a small one with turnover
_ENOUGH = 10
#: share (0–1) of rows in which a key may be empty though it was filled, and so many rows at least
_BLANK, _FEW = 0.05, 2
#: accounts from which on a first roster that names less than half of them is worth a look
_MANY = 20

_AGAIN = "this is a file that was carried out before, unchanged: it is no new proof that anybody is absent"
_RESENT = (
    "this file has {same} of one that was carried out before and was written again since: it is no new proof that "
    "anybody is absent; if exports may stay the same for nights, say so: lifecycle.evidence.resent_files: count"
)
_SAME_TEXT = "the very text (in another encoding, or with other line ends)"
_OLD = "this is what a roster before the last accepted one held: an old file was put back"
_TAKEN_BACK = "{taken} of the {differing} rows that differ from the last accepted roster say what an earlier one said: an old file was put back"
#: so many rows at least have to say what they said earlier, and this share (0–1) of all that differ
_FEW_BACK, _THROUGHOUT = 3, 0.8


@dataclass(frozen=True, slots=True)
class Health:
    """What came of the checks: a line for each, and a guard's verdict for those that can refuse."""

    lines: tuple[HealthLine, ...]
    guards: tuple[GuardVerdict, ...]

    @property
    def refused(self) -> bool:
        """Whether a guard says no."""
        return any(guard.verdict is Ruling.REFUSED for guard in self.guards)

    def beside(self, other: Health) -> Health:
        """What came of these checks and of others."""
        return Health((*self.lines, *other.lines), (*self.guards, *other.guards))


@dataclass(frozen=True, slots=True)
class HealthContext:
    """What the job says about its rosters, which numbers were allowed, and the time. ``stale``: whether old ones are refused."""

    authority: Authority
    shrink: Shrink
    as_of: datetime
    allowed: Mapping[str, int]
    resent_files: ResentFiles = ResentFiles.IGNORE
    stale: bool = True

    @classmethod
    def of(cls, job: Job, as_of: datetime, allowed: Mapping[str, int]) -> HealthContext:
        """What this job says."""
        return cls(
            job.roster.authority,
            job.guards.shrink,
            as_of,
            allowed,
            job.lifecycle.evidence.resent_files,
            stale=job.guards.stale is None,
        )


def examine(now: Profile | None, memory: Memory, rows: int, terms: HealthContext) -> Health:
    """Compare a roster of so many ``rows`` with the last accepted ones.

    Without a profile (rows that came from no file) only their number is compared.
    """
    full = terms.authority is Authority.FULL
    known = known_rosters(memory, full=full)
    before, people = known[0].people if known else memory.accepted_rows, now.people if now else rows
    if known and now:
        before, people = people_in(known[0], now)
    guards = judge_shrink(terms.shrink, before, people, terms.allowed) if full else ()
    lines = list(lines_of(guards))
    if now is None:
        return Health(tuple(lines), guards)
    signs = list(_signs(now, known, memory, terms))
    tripped = [sign for sign in signs if sign.actual > sign.limit and (full or _stops_any(sign))]
    guards += tuple(
        judged(each.name, each.limit, each.actual, each.sentence, terms.allowed) for each in tripped
    )
    lines += [HealthLine(sign.name, _word(sign, full=full), sign.sentence) for sign in signs]
    lines += remarks(now, known[0] if known else None, terms.as_of)
    if full and fed_again(now, memory, terms.resent_files) and "stale" not in {each.name for each in tripped}:
        lines.append(HealthLine("same_file", Opinion.LOOK, _resent(now, memory)))
    return Health(tuple(lines), guards)


def fed_again(now: Profile | None, memory: Memory, resent_files: ResentFiles) -> bool:
    """Whether a run has carried out this very file before: the same bytes or text, so that it says nothing new of who is absent.

    Where files that are sent again count, only one that was not written since is the same.
    """
    if now is None:
        return False
    past = _carried_out(now, memory)
    if resent_files is ResentFiles.IGNORE:
        return bool(past)
    return now.modified_ns > 0 and any(each.modified_ns == now.modified_ns for each in past)


def _carried_out(now: Profile, memory: Memory) -> list[Profile]:
    """The rosters that runs have carried out and that were this very file."""
    known = (from_json(each.profile) for each in memory.baselines if each.by == NOBODY)
    return [each for each in known if each is not None and same_file(each, now)]


def _resent(now: Profile, memory: Memory) -> str:
    """What is said of a file that a run has carried out before."""
    if fed_again(now, memory, ResentFiles.COUNT):
        return _AGAIN
    bytes_too = any(each.sha256 == now.sha256 for each in _carried_out(now, memory))
    return _RESENT.format(same="the very bytes" if bytes_too else _SAME_TEXT)


def beside_directory(named: int, accounts: int) -> tuple[HealthLine, ...]:
    """The first roster of a job has nothing to be compared with but Box: how many of so many accounts in scope it names."""
    if accounts < _MANY or 2 * named >= accounts:
        return ()
    sentence = (
        f"the first roster of this job names {named:,} of the {accounts:,} accounts in scope; "
        "look whether it is the right file and the keys are those of Box"
    )
    return (HealthLine("first", Opinion.LOOK, sentence),)


def known_rosters(memory: Memory, *, full: bool) -> list[Profile]:
    """Profiles of the rosters accepted last, newest first; those of partial rosters say nothing about full ones."""
    wanted = (each for each in memory.baselines if each.complete or not full)
    return [profile for profile in (from_json(each.profile) for each in wanted) if profile is not None]


def lines_of(guards: tuple[GuardVerdict, ...]) -> tuple[HealthLine, ...]:
    """What guards on a roster say, a line each."""
    return tuple(
        HealthLine(each.name, Opinion.OK if each.verdict is Ruling.OK else Opinion.REFUSED, each.sentence)
        for each in guards
    )


def _word(sign: DamageSign, *, full: bool) -> Opinion:
    if sign.actual <= sign.limit:
        return Opinion.LOOK if sign.look else Opinion.OK
    return Opinion.REFUSED if full or _stops_any(sign) else Opinion.LOOK


def _stops_any(sign: DamageSign) -> bool:
    return sign.any_roster or sign.name == "truncated"


def _signs(now: Profile, known: list[Profile], memory: Memory, terms: HealthContext) -> Iterator[DamageSign]:
    yield _truncated(now, known)
    if not known:
        return
    yield _headers(now, known[0])
    yield from dates_exchanged(now, known[0])
    yield from keys_and_names_exchanged(now, known)
    yield from _blank_keys(now, known[0])
    if terms.authority is not Authority.FULL:
        return
    yield from _rekeyed(now, known[0])
    if terms.stale:
        yield _stale(now, known, memory)


def _truncated(now: Profile, known: list[Profile]) -> DamageSign:
    """The file's own word on its length, and its end."""
    if now.declared is not None and now.declared != now.rows:
        sentence = f"the last line says {now.declared:,} rows, the file has {now.rows:,}: it is not whole"
        return DamageSign("truncated", abs(now.declared - now.rows), 0, sentence)
    if now.declared is None and any(each.declared is not None for each in known[:1]):
        return DamageSign(
            "truncated", 1, 0, "the line with the number of rows is missing that the last roster ended with"
        )
    if not known or now.ends or not known[0].ends:
        return DamageSign("truncated", 0, 0, "the file ends as a whole one does")
    sentence = "the file breaks off without a line end, which the last accepted one had"
    if now.rows < known[0].rows:
        fewer = known[0].rows - now.rows
        return DamageSign("truncated", 1, 0, f"{sentence}, and it has {counted(fewer, 'row')} fewer")
    return DamageSign("truncated", 0, 0, f"{sentence}; look at its last line", look=True)


def _headers(now: Profile, before: Profile) -> DamageSign:
    mapped = {header for headers in before.columns.values() for header in headers}
    lost = sorted(mapped - set(now.headers))
    if not lost:
        return DamageSign("headers", 0, 0, "every column that was read last time is there")
    named = ", ".join(f'"{header}"' for header in lost[:5])
    more = f" and {len(lost) - 5:,} more" if len(lost) > 5 else ""
    return DamageSign(
        "headers",
        len(lost),
        0,
        f"{counted(len(lost), 'column is', 'columns are')} lost or renamed that the last roster had: {named}{more}{_new_headers(now, before)}",
    )


def _new_headers(now: Profile, before: Profile) -> str:
    """The headers in whose place they may stand."""
    new = [f'"{header}"' for header in now.headers if header and header not in before.headers]
    return f"; new in this file: {', '.join(new[:5])}" if new else ""


def _blank_keys(now: Profile, before: Profile) -> Iterator[DamageSign]:
    """The key column that is emptier than it was, the worse one of two."""
    signs = [
        _blank(name, *filled)
        for name in KEYS
        if name in now.empty and name in before.empty and (filled := _filled(name, now, before)) is not None
    ]
    worst = max(signs, key=lambda sign: sign.actual - sign.limit, default=None)
    if worst is not None:
        yield worst


class _Filled(NamedTuple):
    """In how many of so many rows a key is empty; ``whose`` rows, "" for all."""

    empty: int
    rows: int
    whose: str = ""


def _filled(name: str, now: Profile, before: Profile) -> tuple[_Filled, _Filled] | None:
    """The two rosters to be compared: an app user has no login, so of logins only rows of managed users count.

    None where either has no such row. A profile that an older release wrote does not tell them apart; then all rows count.
    """
    both = (now, before)
    if name != "login" or min(each.managed for each in both) < 0:
        one, other = (_Filled(each.empty[name], each.rows) for each in both)
        return one, other
    if not all(each.managed for each in both):
        return None
    one, other = (
        _Filled(each.unnamed, each.managed, " of managed users" if each.managed < each.rows else "")
        for each in both
    )
    return one, other


def _blank(name: str, now: _Filled, before: _Filled) -> DamageSign:
    usual = before.empty / max(before.rows, 1)
    limit = int(usual * now.rows) + max(int(_BLANK * now.rows), _FEW)
    sentence = (
        f"{name} is empty in {now.empty:,} of {now.rows:,} rows{now.whose}; "
        f"last time in {before.empty:,} of {before.rows:,}"
    )
    # a column that had anything in it may never be wholly empty
    return DamageSign("blank_keys", now.empty, min(limit, now.rows - (usual < 1)), sentence)


def _rekeyed(now: Profile, before: Profile) -> Iterator[DamageSign]:
    if now.check != before.check or now.key != before.key:
        return
    share, kept = overlap(before.keys, now.keys), common(before.keys, now.keys)
    if share is None or kept is None:
        return
    missing, filled = round((1 - share) * before.rows), before.rows - before.empty.get(before.key, 0)
    words = f"{share:.0%} of the last roster's keys ({before.key}) are in this one"
    people = max(common(before.names, now.names) or 0.0, common(before.logins, now.logins) or 0.0)
    if kept < KEYS_KEPT and people > _PEOPLE_KEPT and filled >= _FEW:
        yield DamageSign(
            "rekeyed", missing, 0, f"the people are the same but their keys are new: only {words}"
        )
    elif kept < KEYS_KEPT and filled >= _ENOUGH:
        yield DamageSign("rekeyed", missing, 0, f"these are other people: only {words}")
    else:
        yield DamageSign("rekeyed", 0, 0, words)


def _stale(now: Profile, known: list[Profile], memory: Memory) -> DamageSign:
    """Whether this is what an earlier roster held, or takes back throughout what the last one said."""
    last, earlier = known[0], known[1:]
    if not same_file(now, last) and (
        {now.sha256, now.text or now.sha256} & memory.rosters or any(same_file(now, each) for each in earlier)
    ):
        return DamageSign("stale", 1, 0, _OLD)
    for before in earlier if now.total != last.total else ():
        if not _read_alike(now, last, before):
            continue
        if (now.rows, now.total) == (before.rows, before.total):
            return DamageSign("stale", 1, 0, _OLD)
        taken, differing = _taken_back(now.content, last.content, before.content)
        if taken >= _FEW_BACK:
            return DamageSign("stale", 1, 0, _TAKEN_BACK.format(taken=taken, differing=differing))
    return DamageSign("stale", 0, 0, "the roster is no earlier one")


def _read_alike(*profiles: Profile) -> bool:
    """Whether the rows of these rosters can be compared: the same columns for the same fields, by the same hash."""
    return len({(each.check, tuple(sorted(each.columns.items()))) for each in profiles}) == 1


def _taken_back(now: Sketch, last: Sketch, before: Sketch) -> tuple[int, int]:
    """How many rows say again what they said before the last roster, of those that differ from that one; 0 unless throughout.

    So that one change that was a mistake can be taken back, most of what the last roster had changed has to be gone.
    """
    is_now, was, earlier = shared_part(now, last, before)
    differing, new = np.setdiff1d(is_now, was), np.setdiff1d(was, earlier)
    taken = int(np.isin(differing, earlier).sum())
    stays = int(np.isin(new, is_now).sum())
    throughout = taken >= _THROUGHOUT * len(differing) and stays <= (1 - _THROUGHOUT) * len(new)
    return (taken, len(differing)) if throughout else (0, len(differing))
