"""``provision help``."""

from __future__ import annotations

from collections.abc import Mapping

from provision.cli.flags import Flags
from provision.cli.terminal import Terminal
from provision.errors import ExitCode
from provision.findings import MEANINGS
from provision.job.reference import describe_keys
from provision.model import Kind
from provision.report.kind_words import KIND_WORDS
from provision.report.sentences.help_words import EXIT_CODES, FIELDS, GUARD_PARTS, GUARDS


def list_topic(topic: str, flags: Flags) -> int:
    """``provision help TOPIC``: a line each, the name and what it means; with ``--json`` one object of them."""
    terminal, listed = Terminal(flags), _listed(topic)
    if flags.json:
        terminal.answer(listed)
        return int(ExitCode.DONE)
    for name, words in listed.items():
        terminal.tell(f"{name}: {words}")
    return int(ExitCode.DONE)


def _listed(topic: str) -> Mapping[str, str]:
    if topic == "guards":
        return GUARDS | GUARD_PARTS
    if topic == "fields":
        return FIELDS
    if topic == "kinds":
        return {str(kind): KIND_WORDS[kind].infinitive for kind in Kind}
    if topic == "findings":
        return {str(code): words for code, words in MEANINGS.items()}
    if topic == "codes":
        return {str(code): words for code, words in EXIT_CODES.items()}
    return {key: _key(kind, default, words) for key, kind, default, words in describe_keys()}


def _key(kind: str, default: str, words: str) -> str:
    return f"{words} ({kind}{f'; {default}' if default else ''})"
