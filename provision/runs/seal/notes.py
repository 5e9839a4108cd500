"""The notes of a journal: what was allowed and chosen is sealed in it when it is begun, before anybody closes it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from provision.job.settings import Job
from provision.runs.seal.key import known_key, made_key
from provision.runs.selection import CHOSEN, IDENTITY

#: the note that proves the others
_SEAL = "notes_seal"


def sealed_notes(notes: Mapping[str, str], whose: Mapping[str, str], run_id: str, job: Job) -> dict[str, str]:
    """These notes with the one that proves them, for the journal of this run; ``whose`` is its identity."""
    return {**notes, _SEAL: made_key(job).seal_of(_text_of({**notes, **whose}, run_id))}


def are_own(notes: Mapping[str, str], run_id: str, job: Job) -> bool:
    """Whether what the journal of this run says was allowed and chosen is what this program wrote there."""
    key = known_key(job)
    return key is not None and key.proves(notes.get(_SEAL), _text_of(notes, run_id))


def _text_of(notes: Mapping[str, str], run_id: str) -> str:
    """What is sealed, as one text that nothing else makes."""
    told = [(name, notes.get(name)) for name in (*CHOSEN, *IDENTITY)]
    return json.dumps(["provision journal notes", run_id, told], ensure_ascii=True)
