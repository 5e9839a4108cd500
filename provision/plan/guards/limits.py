"""Guards: limits on kinds of operation, which wait for a person beyond them, and on rosters, which are refused.

They fail closed, and the way past one is an approval by name or an exact number for that one.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from provision.job.fingerprint import same_job
from provision.job.limits import Guard, Guards, MassChange, Shrink
from provision.ledger.value import Memory
from provision.model import Kind
from provision.operations.registry import GRAVE, REMOVALS, counted_by
from provision.operations.value import Change
from provision.plan.value import GuardVerdict, Ruling
from provision.wording import counted

#: guards on what most jobs never do, and need not read of
_SELDOM = (
    "transfers", "groups", "memberships_added", "memberships_removed", "login_changes", "aliases_removed",
    "invites",
    "collaborations",
)  # fmt: skip
GUARDED: dict[str, tuple[Kind, ...]] = {
    name: counted_by(name) for name in ("removals", "creates", "updates", *_SELDOM)
}

#: the rolling windows of a guard: key of the job file, ending of the guard's name, length, and in words
WINDOWS = (
    ("per_day", "24h", timedelta(hours=24), "24 hours"),
    ("per_week", "7d", timedelta(days=7), "7 days"),
    ("per_month", "30d", timedelta(days=30), "30 days"),
)

#: a guard that no job can switch off: a job that was changed removes nobody before somebody has looked
CHANGED_JOB = "changed_job"
MASS_CHANGE = "mass_change"
#: the guard on managed users of the whole enterprise, see :mod:`provision.plan.guards.seats`
SEATS = "seats"
#: the guard on ``apply.monthly_calls``, see :mod:`provision.plan.guards.forecast`
MONTHLY_CALLS = "monthly_calls"

#: the guard on a roster about nobody whom the job may touch, see :mod:`provision.plan.guards.roster.scope`
OUT_OF_SCOPE = "out_of_scope"

#: the guard on the age of a roster, in whole hours, see :mod:`provision.plan.guards.roster.age`
MAX_AGE = "max_age"

#: the guard on managers whom nobody can tell, see :mod:`provision.plan.guards.managers`
MANAGERS = "managers"
#: the guard on people of a source that could not be used, ``source[NAME]``
SOURCE = "source"

#: the guard on programs of ``hooks.before_apply`` that fail
HOOK = "hook"
#: a right that operations need and the sign-in may lack, judged by what Box answers just before
RIGHT_CONTENT, RIGHT_INVITES = "right_content", "right_invites"

#: guards on the roster itself, see :mod:`provision.plan.guards.roster.health` but for the two above
OF_ROSTER = ("shrink", "truncated", "rekeyed", "headers", "blank_keys", "stale", OUT_OF_SCOPE, MAX_AGE)

#: how a roster that is refused by mistake becomes what the next ones are compared with
ACCEPT = "to accept this roster for good: provision check JOB --accept"

#: a guard on one part of the people: ``removals[acme.example]``
PART = re.compile(r"\[.*\]$", re.DOTALL)

#: how what a guard holds is released; RUN is put in by the command
APPROVE = "provision approve RUN --kind KIND --by NAME"

#: of so few removals (or missing rows) a share above zero says little, so it never refuses them
_ALWAYS = 2
#: with fewer accounts than this a share of creates and updates says little: the count alone is judged, and a guard
#: without a count judges as if there were so many accounts
_SMALL = 20

#: of the job's accounts this share may be removed within 30 days without a word in the job file, and so many in any case
_BLEED, _A_FEW = 0.25, 10

#: guards on what takes something away: a few always pass a share, and the lower of count and share counts
_GRAVE = ("removals", "transfers", "memberships_removed")

_WORDS = {
    "removals": "the plan removes {actual:,} of {population:,} accounts{share}",
    "creates": "the plan creates {accounts} beside {population:,}{share}",
    "updates": "the plan changes {actual:,} of {population:,} accounts{share}",
    "transfers": "the plan moves what {actual:,} of {population:,} accounts own{share}",
    "groups": "the plan makes {groups}",
    "memberships_added": "the plan adds or changes {memberships} beside {population:,} accounts",
    "memberships_removed": "the plan ends {memberships} of groups of {population:,} accounts{share}",
    "login_changes": "the plan changes the logins of {actual:,} of {population:,} accounts{share}",
    "invites": "the plan invites {actual:,} people with an account of their own",
    "aliases_removed": "the plan takes {actual:,} aliases from {population:,} accounts",
    "collaborations": "the plan lets people into folders, or out of them, {actual:,} times",
    "shrink": "the roster has {rows} fewer than the {population:,} of the last accepted one{share}",
}


def judge(
    guards: Guards, counts: Mapping[Kind, int], population: int, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """The verdict of each guard on the operations of a plan. ``population`` is the number of accounts the job owns."""
    verdicts = []
    for name, kinds in GUARDED.items():
        guard: Guard | None = getattr(guards, name)
        if guard is None or (guard.count is None and guard.percent is None):
            continue
        actual = sum(counts.get(kind, 0) for kind in kinds)
        if name in _SELDOM and not actual:
            continue
        limit = _limit(guard, population) if name in _GRAVE else _limit_of_growth(guard, population)
        sentence = _sentence(name, actual, population, _says(guard))
        verdict = GuardVerdict(name, limit, actual, Ruling.OK, sentence, population, kinds)
        verdicts.append(_verdict(verdict, allowed))
    return tuple(verdicts)


def judge_share(
    name: str, percent: float, actual: int, part: tuple[str, int], allowed: Mapping[str, int]
) -> GuardVerdict:
    """The verdict of a guard's share on one part of the people: its name, and how many accounts the job owns there."""
    segment, population = part
    limit = share_of(population, percent) if name in _GRAVE else _share_of_growth(population, percent)
    sentence = f"among {segment}, {_sentence(name, actual, population, f'{percent:g}%')}"
    verdict = GuardVerdict(
        f"{name}[{segment}]", limit, actual, Ruling.OK, sentence, population, GUARDED[name], segment=segment
    )
    return _verdict(verdict, allowed)


def judge_windows(
    guards: Guards, counts: Mapping[Kind, int], memory: Memory, as_of: datetime, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """The verdicts over rolling windows: what earlier runs of the job did, and what this plan adds."""
    verdicts = []
    for name, kinds in GUARDED.items():
        guard: Guard | None = getattr(guards, name)
        planned = sum(counts.get(kind, 0) for kind in kinds)
        for key, ending, length, words in WINDOWS:
            limit = getattr(guard, key) if guard is not None else None
            if limit is None:
                continue
            done = sum(
                one.done for one in memory.spent if one.kind in kinds and _since(one.as_of, as_of) < length
            )
            sentence = (
                f"{name}: {done:,} in the last {words} and {planned:,} planned; this job allows {limit:,}"
            )
            actual = done + planned if planned else 0
            verdict = GuardVerdict(f"{name}_{ending}", limit, actual, Ruling.OK, sentence, kinds=kinds)
            verdicts.append(_verdict(verdict, allowed))
    return tuple(verdicts)


def judge_bleed(
    guards: Guards,
    counts: Mapping[Kind, int],
    population: int,
    memory: Memory,
    occasion: tuple[datetime, Mapping[str, int]],
) -> tuple[GuardVerdict, ...]:
    """A few removals a night are many in a month: more than a quarter of the accounts in 30 days is looked at.

    Only where the job says nothing itself (``guards.removals.per_month``), and only told where it says no.
    """
    as_of, allowed = occasion
    planned = sum(counts.get(kind, 0) for kind in REMOVALS)
    if guards.removals.per_month is not None or not planned:
        return ()
    _, ending, length, words = WINDOWS[-1]
    past = sum(one.done for one in memory.spent if one.kind in REMOVALS and _since(one.as_of, as_of) < length)
    limit = max(int(population * _BLEED), _A_FEW)
    sentence = (
        f"removals: {past:,} in the last {words} and {planned:,} planned of {population:,} accounts; without "
        f"guards.removals.per_month no more than a quarter is removed unseen"
    )
    verdict = _verdict(
        GuardVerdict(f"removals_{ending}", limit, past + planned, Ruling.OK, sentence, population, REMOVALS),
        allowed,
    )
    return () if verdict.verdict is Ruling.OK or not past else (verdict,)


def judge_changed_job(
    fingerprint: str, counts: Mapping[Kind, int], memory: Memory, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """A job that is not the one that was applied last wants a second look before it removes anybody or moves content."""
    if not memory.job_fingerprint or same_job(memory.job_fingerprint, fingerprint):
        return ()
    number, ended = sum(counts.get(kind, 0) for kind in GRAVE), counts.get(Kind.MEMBERSHIP_REMOVE, 0)
    more = f" and ends {counted(ended, 'membership')} of groups" if ended else ""
    sentence = (
        f"scope, mapping, lifecycle, groups or guards of the job changed since it was last applied, and the plan removes "
        f"{counted(number - ended, 'account')} or what they own{more}"
    )
    return (_verdict(GuardVerdict(CHANGED_JOB, 0, number, Ruling.OK, sentence, kinds=GRAVE), allowed),)


def judge_mass_change(
    mass_change: MassChange | None, changes: Iterable[Change], matched: int, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """One attribute that changes for a large share of the ``matched`` people is likely a column that slipped.

    A verdict for each attribute that changes for too many, else for the one that changes most.
    """
    if mass_change is None or mass_change.percent == 100:
        return ()
    updates = [change for change in changes if change.kind is Kind.UPDATE]
    fields = Counter(each.field for change in updates for each in change.fields)
    limit = int(max(matched, _SMALL) * mass_change.percent / 100)
    over = [found for found in fields.most_common() if found[1] > limit] or fields.most_common(1)
    verdicts = []
    for field, most in over or [("", 0)]:
        words = f"{field or 'no attribute'} changes for {most:,} of {matched:,} people"
        sentence = f"{words}; this job allows {mass_change.percent:g}%"
        verdict = GuardVerdict(
            MASS_CHANGE, limit, most, Ruling.OK, sentence, kinds=(Kind.UPDATE,), field=field
        )
        verdicts.append(_verdict(verdict, allowed))
    return tuple(verdicts)


def _since(then: str, now: datetime) -> timedelta:
    return now - datetime.fromisoformat(then)


def judge_shrink(
    shrink: Shrink, before: int, rows: int, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """The verdict on a complete roster that has fewer rows than the last accepted one; ``before`` 0 is no such roster."""
    if not before:
        return ()
    missing = max(before - rows, 0)
    limit = share_of(before, shrink.percent)
    sentence = _sentence("shrink", missing, before, f"{shrink.percent:g}%")
    return (_verdict(GuardVerdict("shrink", limit, missing, Ruling.OK, sentence, before), allowed),)


def judged(name: str, limit: int, actual: int, sentence: str, allowed: Mapping[str, int]) -> GuardVerdict:
    """The verdict of a guard on the roster, which is ``ok`` up to its limit."""
    return _verdict(GuardVerdict(name, limit, actual, Ruling.OK, sentence), allowed)


def rejudge(verdicts: tuple[GuardVerdict, ...], allowed: Mapping[str, int]) -> tuple[GuardVerdict, ...]:
    """The verdicts of a saved plan with what ``--allow`` says now; what was allowed when it was made is part of it."""
    return tuple(
        verdict if verdict.verdict is Ruling.ALLOWED else _verdict(verdict, allowed) for verdict in verdicts
    )


def _verdict(verdict: GuardVerdict, allowed: Mapping[str, int]) -> GuardVerdict:
    if verdict.actual <= verdict.limit:
        return replace(verdict, verdict=Ruling.OK)
    return replace(
        verdict, verdict=Ruling.ALLOWED if verdict.actual <= allowed.get(verdict.name, -1) else Ruling.REFUSED
    )


def _limit(guard: Guard, population: int) -> int:
    """The lower of count and share."""
    limits = [guard.count] if guard.count is not None else []
    if guard.percent is not None:
        limits.append(share_of(population, guard.percent))
    return min(limits)


def _limit_of_growth(guard: Guard, population: int) -> int:
    if population < _SMALL and guard.count is not None:
        return guard.count
    limits = [guard.count] if guard.count is not None else []
    if guard.percent is not None:
        limits.append(_share_of_growth(population, guard.percent))
    return min(limits)


def _share_of_growth(population: int, percent: float) -> int:
    return int(max(population, _SMALL) * percent / 100)


def share_of(population: int, percent: float) -> int:
    """A share of a population that is taken away, or of rows that are missing; a few always pass, but for a share of nothing."""
    return max(int(population * percent / 100), _ALWAYS) if percent else 0


def _sentence(name: str, actual: int, population: int, allows: str) -> str:
    share = f" ({100 * actual / population:.1f}%)" if population else ""
    facts = {"actual": actual, "population": population, "share": share}
    facts |= {name + "s": counted(actual, name) for name in ("account", "row", "group", "membership")}
    return f"{_WORDS[name].format(**facts)}; this job allows {allows}"


def _says(guard: Guard) -> str:
    parts = [f"{guard.count:,}"] if guard.count is not None else []
    parts += [f"{guard.percent:g}%"] if guard.percent is not None else []
    return " and ".join(parts)
