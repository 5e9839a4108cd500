"""The words of a guard's no: what it said, what usually lies behind it, and the exact way past it."""

from __future__ import annotations

from collections.abc import Iterable

from provision.errors import Refused
from provision.plan.guards.limits import (
    ACCEPT,
    APPROVE,
    CHANGED_JOB,
    HOOK,
    MANAGERS,
    MASS_CHANGE,
    MAX_AGE,
    MONTHLY_CALLS,
    OF_ROSTER,
    OUT_OF_SCOPE,
    PART,
    RIGHT_CONTENT,
    RIGHT_INVITES,
    SEATS,
    SOURCE,
)
from provision.plan.value import GuardVerdict, Ruling

#: what usually lies behind a guard's no
_CAUSES = {
    "truncated": "the export was cut off, or is still being written",
    "shrink": "the export was cut off or filtered, roster.where has other words than the file, or it is the wrong sheet of a workbook",
    "headers": "a column was renamed or left out in the export, or exchanged with another one",
    "blank_keys": "the key column was emptied or moved in the export",
    "groups": "a column of groups that slipped, or names that are spelt otherwise in Box",
    "memberships_added": "groups that are named for the first time, or a column of groups that slipped",
    "memberships_removed": "a column of groups that was cut short, or a field of groups.rules that was renamed or emptied",
    "collaborations": "more new people than usual, or a folder too many in onboarding.collaborations",
    "rekeyed": "the key column was formatted as a number, or another column was exported in its place",
    OUT_OF_SCOPE: "another column holds the addresses that people sign in with, or scope.domains names another domain",
    "invites": "a column of private addresses mapped to login, or people of another company",
    "login_changes": "another column was mapped to login, ids slipped in the export, or the company has a new domain",
    "aliases_removed": "the column of aliases was emptied or cut in the export",
    MAX_AGE: "the export did not arrive, and the last one was read again",
    "stale": "an old file was copied or restored with a new time stamp, or an export ran against old data",
    MANAGERS: "the column has user names, nicknames or people of another file",
    CHANGED_JOB: "the job file was edited since the last run",
    SEATS: "more people joined than seats were bought, or inactive accounts that still hold theirs",
    MASS_CHANGE: "a column that slipped in the export, or a change that is meant for everybody",
    SOURCE: "an export that did not arrive, was cut off, or is an old one",
    HOOK: "a program of the house says no, or does not find what it needs",
    RIGHT_INVITES: "a right of the app that was not ticked, or was ticked and not authorised again since",
    RIGHT_CONTENT: "a right of the app that was not ticked, or was ticked and not authorised again since",
    MONTHLY_CALLS: "more runs or larger ones than the monthly allowance of calls was meant for",
}
_WRONG_ROSTER = "a truncated roster, the wrong sheet of a workbook, or a mapping that changed"


def refusal(verdicts: tuple[GuardVerdict, ...], approvals: int = 1) -> Refused:
    """The error for the guards that refused, all of the plan or some kinds; ``approvals``: of how many people it takes."""
    said = [verdict for verdict in verdicts if verdict.verdict is Ruling.REFUSED]
    split = all(verdict.kinds for verdict in said)
    what = "\n".join(f"{'Held' if split else 'Refused'}: {verdict.sentence}." for verdict in said)
    allow = " ".join(f"--allow {name}={most}" for name, most in _most(said).items())
    causes = dict.fromkeys(_CAUSES.get(PART.sub("", verdict.name), _WRONG_ROSTER) for verdict in said)
    remedy = _remedy(said, "" if split and approvals > 1 else allow, split=split)
    return Refused(what, cause="; or ".join(causes), remedy=remedy)


#: what to do where only this guard refuses, before its number is allowed
_REMEDIES = {
    OUT_OF_SCOPE: "map the right column to login in roster.columns, or correct scope.domains; if it is meant",
    MAX_AGE: "see why no newer export has come; if this one is meant",
    HOOK: "see what the program said (log.jsonl in the run folder has it) and correct that; if it need not agree",
    RIGHT_INVITES: "give the app the right, as provision doctor JOB says; to try it all the same",
    RIGHT_CONTENT: "give the app the right, as provision doctor JOB says; to try it all the same",
}


def _remedy(said: list[GuardVerdict], allow: str, *, split: bool) -> str:
    names = {verdict.name for verdict in said}
    if len(names) == 1 and (own := _REMEDIES.get(*names)):
        return f"{own}, run again with {allow}" if allow else f"{own}, {APPROVE}"
    if split:
        again = f"; or run again with {allow}" if allow else ", by as many people as approvals.required says"
        return f"look at the preview; release what is meant by name: {APPROVE}{again}"
    if names.intersection(OF_ROSTER):
        return f"export the roster again; if it is really meant, run again with {allow}; {ACCEPT}"
    return f"look at the preview; if all of it is meant, run again with {allow}"


def _most(verdicts: Iterable[GuardVerdict]) -> dict[str, int]:
    """The number each guard would have to be allowed."""
    most: dict[str, int] = {}
    for verdict in verdicts:
        most[verdict.name] = max(verdict.actual, most.get(verdict.name, 0))
    return most
