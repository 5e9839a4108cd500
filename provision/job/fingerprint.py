"""What tells whether two jobs decide alike."""

from __future__ import annotations

import hashlib
import json

from provision.job.limits import DEFAULTS
from provision.job.settings import Job

#: what decides a plan: not where things lie, not who signs in, not how fast, not what is written afterwards
_DECIDES = {
    "version",
    "name",
    "scope",
    "roster",
    "match",
    "aliases",
    "attributes",
    "lifecycle",
    "groups",
    "onboarding",
    "guards",
    "approvals",
}


def fingerprint(job: Job) -> str:
    """The version of the limits that hold where a job says nothing, and the SHA-256 over what ``job`` says to decide a plan.

    A version of this program with other limits finds the same job in it: see :func:`same_job`. Left out are secrets and sign-in, addresses, the paths of roster, starter content, state and runs, how large its file may be, speed, reports and notices, who is to
    look at holds, and what is not said.
    """
    deciding = job.model_dump(mode="json", include=_DECIDES, exclude_defaults=True)
    for file in (deciding["roster"], *deciding["roster"].get("sources", ())):
        file.pop("path", None)
    for content in deciding.get("onboarding", {}).get("content", ()):
        content.pop("from_", None)
    deciding["roster"].pop("limits", None)
    deciding.get("guards", {}).pop("owner", None)
    canonical = json.dumps(deciding, sort_keys=True, separators=(",", ":"))
    return f"{DEFAULTS}:{hashlib.sha256(canonical.encode()).hexdigest()}"


def same_job(one: str, other: str) -> bool:
    """Whether two fingerprints are of jobs that say the same, under whichever limits; the oldest ones name no version."""
    return one.rpartition(":")[2] == other.rpartition(":")[2]
