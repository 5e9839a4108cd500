"""The notes of a journal: what was allowed and chosen is sealed in it when it is begun, before anybody closes it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.runs.folder import RunFolder
from provision.runs.seal.closing import not_believed, proven_seal
from provision.runs.seal.key import known_key, made_key
from provision.runs.selection import CHOSEN

#: the note that proves the others
_SEAL = "notes_seal"


def sealed_notes(
    notes: Mapping[str, str], run: RunFolder, job: Job, whose: Mapping[str, str]
) -> dict[str, str]:
    """These notes with the one that proves them, for the journal of this run; ``whose`` is its identity."""
    return {**notes, _SEAL: made_key(job).seal_of(_text_of(notes, run, whose))}


def expect_own_notes(run: RunFolder, job: Job, notes: Mapping[str, str], whose: Mapping[str, str]) -> None:
    """Raise PlanError for notes that somebody else may have put into a journal: a guard would be passed with numbers of theirs.

    Those of a journal that was closed are proven with it, and an earlier release sealed none.
    """
    seal, key = proven_seal(run.path, job), known_key(job)
    closed = seal is not None and (seal.journal is not None or not seal.closes)
    told = {name: text for name, text in notes.items() if name in CHOSEN}
    if closed or (key is not None and key.proves(notes.get(_SEAL), _text_of(told, run, whose))):
        return
    raise not_believed(
        run.path,
        job,
        f"what {JOURNAL_NAME} says was chosen and allowed is under no seal",
        "somebody edited it, or the release before began the run",
    )


def _text_of(notes: Mapping[str, str], run: RunFolder, whose: Mapping[str, str]) -> str:
    """What is sealed, as one text that nothing else makes."""
    about = [sorted(notes.items()), sorted(whose.items())]
    return json.dumps(["provision journal notes", run.about.run_id, *about], ensure_ascii=True)
