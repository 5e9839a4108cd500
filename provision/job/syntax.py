"""What is wrong with a file that is no YAML, in plain words. No text of the file is repeated: it may be a secret."""

from __future__ import annotations

import re

import yaml
from yaml.reader import ReaderError

from provision.job.problems import Problem

_INDENTATION = "a line indented too far or too little, or text that needs quotes"

#: what the parser says, what it means, and whether the place where the trouble began tells more than where it showed
_MEANINGS: tuple[tuple[str, str, bool], ...] = (
    (r"unexpected end of stream", "a quotation mark opened here is not closed", True),
    (r"expected ',' or", "a [ or { opened in line {begin} is not closed, or a comma is missing", False),
    (
        r"mapping values are not allowed",
        "a colon where none can stand; text with a colon must be quoted",
        False,
    ),
    (r"could not find expected ':'", "a key without a colon; write key: value", True),
    (r"found '[\]}]'|node content|document start", "a bracket or sign where none can stand", False),
    (r"expected <block end>", "the indentation does not fit the lines above", False),
    (
        r"expected alphabetic or numeric|undefined alias",
        "text that begins with * or & must be quoted",
        False,
    ),
    (r"cannot start any token", "text that begins with @, ` or % must be quoted", False),
    (r"unknown escape|expected escape", "a backslash that means nothing in \"…\"; write it in '…'", False),
    (r"found another document", "a second document (---); a job file holds one job", False),
    (r"second occurrence", "the same &anchor is given twice", False),
    (r"tags are not read", "a tag (!…) is not read in a job file; write the plain value", False),
    (r"nested too deeply", "nested too deeply for a job file", False),
)


class YamlRefusal(yaml.composer.ComposerError):
    """Something that YAML allows and a job file does not."""


def meaning(error: Exception, text: str) -> Problem:
    """The one problem that kept ``text`` from being read, told from the parser's ``error``."""
    if isinstance(error, ReaderError):
        line = text.count("\n", 0, error.position) + 1
        return Problem(line, f"a character that YAML does not allow (U+{_code(error):04X})", _INDENTATION)
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return Problem(1, "cannot be read as YAML", _INDENTATION)
    line = error.problem_mark.line
    if _tab_at(error, text, line):
        return Problem(
            line + 1,
            "a tab; YAML forbids tabs for indentation, use blanks",
            "an editor that indents with tabs",
        )
    if advice := _quotes_needed(text, line):
        return Problem(line + 1, advice, "text that YAML reads as a sign of its own")
    return _usual(error, line)


def _code(error: ReaderError) -> int:
    return error.character if isinstance(error.character, int) else ord(error.character)


def _tab_at(error: yaml.MarkedYAMLError, text: str, line: int) -> bool:
    blanks = re.match(r"[ \t]*", _line(text, line))
    return "'\\t'" in (error.problem or "") or (blanks is not None and "\t" in blanks[0])


def _line(text: str, number: int) -> str:
    lines = text.splitlines()
    return lines[number] if number < len(lines) else ""


def _quotes_needed(text: str, line: int) -> str:
    """The two slips that job files invite: a variable between brackets, and a template, both without quotes."""
    here = _line(text, line)
    if re.match(r"\s*\{\w", here):
        return 'a template over headers must be quoted, as "{First} {Last}": name'
    before, variable, _ = here.partition("${")
    if variable and re.search(r"[\[{]", before) and before.rstrip()[-1] not in "\"'":
        return 'between [ ] or { } a variable must be quoted, as "${BOX_TOKEN}"'
    return ""


def _usual(error: yaml.MarkedYAMLError, line: int) -> Problem:
    begin = error.context_mark.line if error.context_mark else line
    said = f"{error.context or ''} {error.problem or ''}"
    for pattern, sentence, at_begin in _MEANINGS:
        if re.search(pattern, said):
            told = sentence.replace("{begin}", str(begin + 1))
            return Problem((begin if at_begin else line) + 1, told, _INDENTATION)
    return Problem(line + 1, "cannot be read as YAML", _INDENTATION)
