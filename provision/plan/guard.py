"""Guards: limits that refuse a plan. They fail closed, and the way past one is an exact number for that one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from provision.errors import Refused, UsageError
from provision.job.settings import Guard, Guards, Shrink
from provision.model import REMOVALS, Kind
from provision.plan.value import GuardVerdict

GUARDED: dict[str, tuple[Kind, ...]] = {
    "removals": REMOVALS,
    "creates": (Kind.CREATE,),
    "updates": (Kind.UPDATE, Kind.ACTIVATE),
}

#: guards on the roster itself, see :mod:`provision.plan.health`
OF_ROSTER = ("shrink", "truncated", "rekeyed", "headers", "blank_keys")

#: how a roster that is refused by mistake becomes what the next ones are compared with
ACCEPT = "to accept this roster for good: provision check JOB --accept"

#: of so few removals (or missing rows) a share above zero says little, so it never refuses them
_ALWAYS = 2
#: with fewer accounts than this a share of creates and updates says little: the count alone is judged, and a guard
#: without a count judges as if there were so many accounts
_SMALL = 20

_WORDS = {
    "removals": "the plan removes {actual:,} of {population:,} accounts{share}",
    "creates": "the plan creates {actual:,} account{s} beside {population:,}{share}",
    "updates": "the plan changes {actual:,} of {population:,} accounts{share}",
    "shrink": "the roster has {actual:,} row{s} fewer than the {population:,} of the last accepted one{share}",
}


def judge(
    guards: Guards, counts: Mapping[Kind, int], population: int, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """The verdict of each guard on the operations of a plan. ``population`` is the number of accounts the job owns."""
    verdicts = []
    for name, kinds in GUARDED.items():
        guard: Guard | None = getattr(guards, name)
        if guard is None:
            continue
        actual = sum(counts.get(kind, 0) for kind in kinds)
        limit = _limit(guard, population) if name == "removals" else _limit_of_growth(guard, population)
        sentence = _sentence(name, actual, population, _says(guard))
        verdicts.append(_verdict(GuardVerdict(name, limit, actual, "ok", sentence, population), allowed))
    return tuple(verdicts)


def judge_shrink(
    shrink: Shrink, before: int, rows: int, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """The verdict on a complete roster that has fewer rows than the last accepted one; ``before`` 0 is no such roster."""
    if not before:
        return ()
    missing = max(before - rows, 0)
    limit = _share_of(before, shrink.percent)
    sentence = _sentence("shrink", missing, before, f"{shrink.percent:g}%")
    return (_verdict(GuardVerdict("shrink", limit, missing, "ok", sentence, before), allowed),)


def judged(name: str, limit: int, actual: int, sentence: str, allowed: Mapping[str, int]) -> GuardVerdict:
    """The verdict of a guard on the roster, which is ``ok`` up to its limit."""
    return _verdict(GuardVerdict(name, limit, actual, "ok", sentence), allowed)


def check_allowed(allowed: Mapping[str, int]) -> None:
    """Raise UsageError for an ``--allow`` that names no guard."""
    known = (*GUARDED, *OF_ROSTER)
    for name in allowed:
        if name not in known:
            raise UsageError(
                f"--allow {name}={allowed[name]}: there is no guard {name!r}.",
                remedy=f"name one of {', '.join(known)}",
            )


def rejudge(verdicts: tuple[GuardVerdict, ...], allowed: Mapping[str, int]) -> tuple[GuardVerdict, ...]:
    """The verdicts of a saved plan with what ``--allow`` says now."""
    return tuple(_verdict(verdict, allowed) for verdict in verdicts)


def refusal(verdicts: tuple[GuardVerdict, ...]) -> Refused:
    """The error for the guards that refused."""
    said = [verdict for verdict in verdicts if verdict.verdict == "refused"]
    what = "\n".join(f"Refused: {verdict.sentence}." for verdict in said)
    allow = " ".join(f"--allow {verdict.name}={verdict.actual}" for verdict in said)
    for_good = f"; {ACCEPT}" if any(verdict.name in OF_ROSTER for verdict in said) else ""
    return Refused(
        what,
        cause="a truncated roster, the wrong sheet of a workbook, or a mapping that changed",
        remedy=f"look at the preview; if all of it is meant, run again with {allow}{for_good}",
    )


def _verdict(verdict: GuardVerdict, allowed: Mapping[str, int]) -> GuardVerdict:
    if verdict.actual <= verdict.limit:
        return replace(verdict, verdict="ok")
    return replace(
        verdict, verdict="allowed" if verdict.actual <= allowed.get(verdict.name, -1) else "refused"
    )


def _limit(guard: Guard, population: int) -> int:
    """The lower of count and share."""
    limits = [guard.count] if guard.count is not None else []
    if guard.percent is not None:
        limits.append(_share_of(population, guard.percent))
    return min(limits)


def _limit_of_growth(guard: Guard, population: int) -> int:
    if population < _SMALL and guard.count is not None:
        return guard.count
    limits = [guard.count] if guard.count is not None else []
    if guard.percent is not None:
        limits.append(int(max(population, _SMALL) * guard.percent / 100))
    return min(limits)


def _share_of(population: int, percent: float) -> int:
    return max(int(population * percent / 100), _ALWAYS) if percent else 0


def _sentence(name: str, actual: int, population: int, allows: str) -> str:
    share = f" ({100 * actual / population:.1f}%)" if population else ""
    numbers = {"actual": actual, "population": population, "share": share, "s": "" if actual == 1 else "s"}
    return f"{_WORDS[name].format(**numbers)}; this job allows {allows}"


def _says(guard: Guard) -> str:
    parts = [f"{guard.count:,}"] if guard.count is not None else []
    parts += [f"{guard.percent:g}%"] if guard.percent is not None else []
    return " and ".join(parts)
