"""What tells whether two jobs decide alike."""

from __future__ import annotations

import hashlib
import json

from provision.job.settings import Job

#: what decides a plan: not where things lie, not who signs in, not how fast, not what is written afterwards
_DECIDES = {
    "version",
    "name",
    "scope",
    "roster",
    "match",
    "attributes",
    "lifecycle",
    "groups",
    "onboarding",
    "guards",
}


def fingerprint(job: Job) -> str:
    """SHA-256, in hexadecimal, over everything in ``job`` that decides a plan.

    Left out are secrets and sign-in, addresses, the paths of roster, state and runs, speed, reports and notices, who is to
    look at holds, and what is not said.
    """
    deciding = job.model_dump(mode="json", include=_DECIDES, exclude_defaults=True)
    deciding["roster"].pop("path")
    deciding.get("guards", {}).pop("owner", None)
    canonical = json.dumps(deciding, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
