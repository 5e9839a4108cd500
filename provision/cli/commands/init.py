"""``provision init``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from provision.cli.ending import command
from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.errors import UsageError
from provision.runs.init import InitChoices, init


def write_job(folder: Path, given: Mapping[str, Any], flags: Flags) -> int:
    """``provision init``; ``given`` are its own flags."""
    choices = InitChoices(
        folder=folder,
        roster=given["roster_file"] or "",
        name=given["name"] or "",
        kind=given["kind"] or "",
        authority=given["authority"] or "",
        auth=given["auth"],
        domains=tuple(given["domains"]),
        columns=_pairs(given["columns"], "--map", "HEADER=FIELD"),
        words=_words(given["words"]),
        read={key: given[key] for key in ("sheet", "header_row", "encoding", "delimiter") if given[key]},
    )
    terminal = Terminal(flags)
    return command(terminal, lambda _: init(choices, terminal))


def _pairs(texts: Sequence[str], flag: str, form: str) -> dict[str, str]:
    """What stands before and behind the last equals sign: a header may have one in it."""
    pairs = [text.rpartition("=") for text in texts]
    for text, (before, _, after) in zip(texts, pairs, strict=True):
        if not before.strip() or not after.strip():
            raise UsageError(f"{flag} {text} is not {form}.", remedy=f"write it as {flag} {form}")
        if sum(other == before for other, _, _ in pairs) > 1:
            raise UsageError(
                f"{flag} is given twice for {before}, with different values.", remedy="say it once"
            )
    return {before: after.strip() for before, _, after in pairs}


def _words(texts: Sequence[str]) -> dict[str, dict[str, str]]:
    """What words mean, by field: FIELD:WORD=MEANING."""
    form = "FIELD:WORD=MEANING, for example status:Retired=inactive"
    words: dict[str, dict[str, str]] = {}
    for before, meaning in _pairs(texts, "--word", form).items():
        field, _, word = before.partition(":")
        if not field.strip() or not word.strip():
            raise UsageError(f"--word {before}={meaning} is not {form}.", remedy=f"write it as --word {form}")
        words.setdefault(field.strip(), {})[word] = meaning
    return words
