"""The ledger of a job, opened with the key that its fingerprints are made with."""

from __future__ import annotations

import contextlib
from functools import partial

from provision.errors import InputError
from provision.findings import Code, Finding, Level
from provision.job.settings import Job
from provision.keyed import FingerprintKey, Keys
from provision.ledger.store import Ledger, known_ledger, open_ledger
from provision.ledger.value import Memory
from provision.runs.seal.key import known_key, made_key


def ledger_of(job: Job) -> Ledger:
    """The ledger of a job, made if there is none. Raises InputError if it, or its key, cannot be used."""
    return open_ledger(job.state.url, keys_of(job))


def known_ledger_of(job: Job) -> Ledger:
    """The same for who only reads: none is made, and one that is not there knows nothing. Who may not read the key is told all but what takes it."""
    return known_ledger(job.state.url, Keys(partial(_readable, job), partial(_made, job)))


def keys_of(job: Job) -> Keys:
    """Where the key of a job comes from. One is only made for what is kept: a key that is lost with its ledger tells of the loss."""
    return Keys(partial(_known, job), partial(_made, job))


def _known(job: Job) -> FingerprintKey | None:
    key = known_key(job)
    return key.of_fingerprints if key is not None else None


def _readable(job: Job) -> FingerprintKey | None:
    with contextlib.suppress(InputError):
        return _known(job)
    return None


def _made(job: Job) -> FingerprintKey:
    return made_key(job).of_fingerprints


def other_key(memory: Memory) -> tuple[Finding, ...]:
    """What is said of a ledger whose fingerprints were made with another key."""
    if not memory.other_key:
        return ()
    sentence = (
        "the ledger's fingerprints were made with another key, so it is not known what the roster said last: whatever differs in "
        "Box counts as changed by the roster, until a run has been carried out"
    )
    remedy = "put the key back as it was, if you have it; else look at the updates before you apply them, they may take back what was changed in Box"
    return (Finding(Code.FINGERPRINTS_OTHER_KEY, Level.WARNING, sentence, remedy),)
