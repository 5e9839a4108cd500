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

#: with fewer accounts a share says little: it is not judged for creates and updates, and two removals always pass it
_SMALL = 20
_ALWAYS = 2


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
        limit = _limit(name, guard, population)
        sentence = f"{name}: {actual:,} of {population:,} accounts{_share(actual, population)}; this job allows {_says(guard)}"
        verdicts.append(_verdict(GuardVerdict(name, limit, actual, "ok", sentence, population), allowed))
    return tuple(verdicts)


def judge_shrink(
    shrink: Shrink | None, before: int, rows: int, allowed: Mapping[str, int]
) -> tuple[GuardVerdict, ...]:
    """The verdict on a complete roster that has fewer rows than the last accepted one; ``before`` 0 is no such roster."""
    if shrink is None or not before:
        return ()
    missing = max(before - rows, 0)
    limit = max(int(before * shrink.percent / 100), _ALWAYS)
    sentence = (
        f"shrink: {missing:,} rows fewer than the {before:,} of the last accepted roster{_share(missing, before)}; "
        f"this job allows {shrink.percent:g}%"
    )
    return (_verdict(GuardVerdict("shrink", limit, missing, "ok", sentence, before), allowed),)


def check_allowed(allowed: Mapping[str, int]) -> None:
    """Raise UsageError for an ``--allow`` that names no guard."""
    known = (*GUARDED, "shrink")
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
    return Refused(
        what,
        cause="a truncated roster, the wrong sheet of a workbook, or a mapping that changed",
        remedy=f"look at the preview; if all of it is meant, run again with {allow}",
    )


def _verdict(verdict: GuardVerdict, allowed: Mapping[str, int]) -> GuardVerdict:
    if verdict.actual <= verdict.limit:
        return replace(verdict, verdict="ok")
    return replace(
        verdict, verdict="allowed" if verdict.actual <= allowed.get(verdict.name, -1) else "refused"
    )


def _limit(name: str, guard: Guard, population: int) -> int:
    limits = [guard.count] if guard.count is not None else []
    if guard.percent is not None and name == "removals":
        limits.append(max(int(population * guard.percent / 100), _ALWAYS))
    elif guard.percent is not None and population >= _SMALL:
        limits.append(int(population * guard.percent / 100))
    # a guard with nothing to measure by cannot refuse; for removals that never happens
    return min(limits, default=2**31)


def _share(actual: int, population: int) -> str:
    return f" ({100 * actual / population:.1f}%)" if population else ""


def _says(guard: Guard) -> str:
    parts = [f"{guard.count:,}"] if guard.count is not None else []
    parts += [f"{guard.percent:g}%"] if guard.percent is not None else []
    return " and ".join(parts)
