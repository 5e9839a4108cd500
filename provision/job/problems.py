"""What is wrong with a job file: one sentence a line, all of them in one error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from provision.errors import JobError
from provision.wording import counted

#: the way to a value: keys of mappings, and positions in lists from 0
KeyPath = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[\w-]+")
_SECRET = re.compile(r"secret|token|passphrase|password|privatekey")
#: more than a person reads; a file with so many is no job file
_MOST_TOLD = 100
_TYPING = "a mistyped key or value, or a line indented too far or too little"


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong, in the ``line`` as an editor counts. ``cause`` and ``remedy`` as in a ``ProvisionError``."""

    line: int
    sentence: str
    cause: str = _TYPING
    remedy: str = "correct what is named above"


@dataclass(frozen=True, slots=True)
class FileForm:
    """What kind of file has the problems: its ``name``, an ``example`` of one, how to ``begin`` one, and the ``check`` to run afterwards."""

    name: str
    example: str
    begin: str
    check: str


JOB_FILE = FileForm(
    "job file",
    "jobs/nightly.yaml",
    "let provision init --from ROSTER write one, and begin with that",
    "provision check",
)


def dotted(path: KeyPath) -> str:
    """The path as people write it: ``lifecycle.leavers[2].do``, list positions counted from 1.

    It ends at a key that names a secret; a slip such as ``token:abc``, which makes the secret a part of the key, is cut.
    """
    told = ""
    for end, part in enumerate(path, start=1):
        if isinstance(part, int):
            told += f"[{part + 1}]"
        elif is_secret(path[:end]):
            return f"{told}.{first_word(part)}".removeprefix(".")
        else:
            told += f".{part}" if _PLAIN_KEY.fullmatch(part) else f'."{shown(part)}"'
    return told.removeprefix(".")


def first_word(key: str) -> str:
    """The letters, digits, dashes and underscores at the beginning of ``key``."""
    match = _PLAIN_KEY.match(key)
    return match[0] if match else "…"


def shown(text: str) -> str:
    """``text`` fit for one line of a message: at most 60 characters, line ends and control characters as ``?``."""
    visible = "".join(character if character.isprintable() else "?" for character in text)
    return visible if len(visible) <= 60 else f"{visible[:57]}..."


def is_secret(path: KeyPath) -> bool:
    """Whether the value at ``path`` is one that no message may show. Headers of the roster are no secrets."""
    if path[:1] == ("roster",) and "columns" in path[:4]:
        return False
    return (
        path == ("state", "key")
        or is_notice(path)
        or any(_SECRET.search(_letters(part)) for part in path if isinstance(part, str))
    )


def is_notice(path: KeyPath) -> bool:
    """Whether the value at ``path`` is an address for notices, which lets in whoever has it."""
    return path[:1] == ("notify",) and path[-1] == "url"


def _letters(key: str) -> str:
    return "".join(character for character in key.casefold() if character.isalnum())


def either(words: Sequence[str]) -> str:
    """``a, b or c``."""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def job_error(path: Path, problems: Iterable[Problem], form: FileForm = JOB_FILE) -> JobError:
    """All ``problems`` of the file as one error, in the order of their lines, none twice."""
    ordered = sorted(set(problems), key=lambda problem: (problem.line, problem.sentence))
    count = counted(len(ordered), "problem")
    lines = [f"  line {problem.line}: {problem.sentence}" for problem in ordered[:_MOST_TOLD]]
    more = [f"  and {len(ordered) - _MOST_TOLD:,} more"] if len(ordered) > _MOST_TOLD else []
    remedies = dict.fromkeys(problem.remedy for problem in ordered)
    return JobError(
        "\n".join([f"The {form.name} {path} has {count}:", *lines, *more]),
        cause=" · ".join(dict.fromkeys(problem.cause for problem in ordered)),
        remedy=f"{', '.join(remedies)}, then run: {form.check} {path}",
    )
