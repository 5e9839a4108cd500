"""What each job has to find in the seed enterprise: counted from what the samples were made to say, not by planning."""

import json
from collections.abc import Iterable, Iterator

from generator import clients, employees, joiners
from generator.people import Case, verdicts

CHANGES = ("create", "update", "activate", "deactivate", "delete")


def tables() -> dict[str, dict[str, int]]:
    """Job → verdict → reconciliation lines, each job by itself on a fresh seed; `_again` is a second run right after."""
    nightly, portal = employees.cases(), clients.cases()
    return {
        "nightly": verdicts(nightly),
        "nightly_again": _settled(nightly),
        "preview": verdicts(nightly),
        "portal": verdicts(portal),
        "portal_again": _settled(portal),
        "onboarding": verdicts((*joiners.cases(), *_unnamed())),
    }


def content() -> bytes:
    """The tables as JSON."""
    return (json.dumps(tables(), indent=2) + "\n").encode()


def _settled(cases: Iterable[Case]) -> dict[str, int]:
    counts = verdicts(cases)
    done = sum(counts.pop(kind, 0) for kind in CHANGES)
    return counts | {"unchanged": counts.get("unchanged", 0) + done}


def _unnamed() -> Iterator[Case]:
    """The rest of the job's scope, of which a partial roster says nothing."""
    named = {case.account.login for case in joiners.cases() if case.account}
    for case in employees.cases():
        if case.account and case.account.login.endswith("@acme.example") and case.account.login not in named:
            yield Case("protected" if case.verdict == "protected" else "unowned", case.account)
