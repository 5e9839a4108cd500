"""A job file as text with line numbers: YAML read without any guess at what a scalar means.

Every scalar stays the text that was written (``007``, ``no`` and ``2024-01-31`` too); what a value has to be is decided by the
job's own description in :mod:`provision.job.settings`. Plain ``null``, ``~`` and nothing at all mean *not given*.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import yaml

from provision.errors import JobError
from provision.job.problems import JOB_FILE, FileForm, KeyPath, Problem, dotted, job_error, shown
from provision.job.syntax import YamlRefusal, meaning

#: a mapping, a list, a scalar's text, or None for "not given"
Tree: TypeAlias = "dict[str, Tree] | list[Tree] | str | None"

_MOST_BYTES = 256 * 1024
_MOST_VALUES = 10_000
_DEEPEST = 30
_NOT_GIVEN = frozenset({"", "~", "null", "Null", "NULL"})
#: NUL cannot be in a path, half a surrogate pair cannot be written down
NO_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Document:
    """What a job file says. ``lines`` gives the line of each key path, ``problems`` what is wrong with its form."""

    tree: dict[str, Tree]
    lines: dict[KeyPath, int] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    def line(self, path: KeyPath) -> int:
        """The line of ``path``, or of the nearest thing around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def at(self, path: KeyPath) -> Tree:
        """What the file says at ``path``; None if nothing."""
        found: Tree = self.tree
        for part in path:
            if isinstance(found, dict) and isinstance(part, str):
                found = found.get(part)
            elif isinstance(found, list) and isinstance(part, int) and part < len(found):
                found = found[part]
            else:
                return None
        return found

    def scalars(self) -> Iterator[tuple[KeyPath, str]]:
        """Every text in the file with its path, in the order of the file."""
        yield from _scalars(self.tree, ())


def _scalars(tree: Tree, path: KeyPath) -> Iterator[tuple[KeyPath, str]]:
    if isinstance(tree, str):
        yield path, tree
    elif isinstance(tree, dict):
        for key, value in tree.items():
            yield from _scalars(value, (*path, key))
    elif isinstance(tree, list):
        for position, value in enumerate(tree):
            yield from _scalars(value, (*path, position))


def read_document(path: Path, form: FileForm = JOB_FILE) -> Document:
    """The file at ``path``, by default a job file. Raises ``JobError`` if it cannot be read as one mapping."""
    text = _text(path, form)
    node = _compose(text, path, form)
    if node is None:
        raise JobError(
            f"The {form.name} {path} is empty.",
            cause="a save that was interrupted, or every line is a comment",
            remedy=form.begin,
        )
    if not isinstance(node, yaml.MappingNode):
        raise JobError(
            f"The {form.name} {path} is not a mapping (line {node.start_mark.line + 1}): it does not consist of `key: value` lines.",
            cause=f"a roster or another file was given instead of the {form.name}",
            remedy=_name_it(form),
        )
    document, values = _build(node)
    if values > _MOST_VALUES:
        too_many = Problem(1, f"more than {_MOST_VALUES:,} values, with aliases (*name) written out")
        raise job_error(path, [too_many], form)
    return document


def _name_it(form: FileForm) -> str:
    return f"name the {form.name}, as {form.example}"


def plain_tree(text: str) -> Tree:
    """What a YAML text of another kind says, read under the same rules. Raises yaml.YAMLError, or ValueError in words."""
    node = yaml.compose(text, Loader=_Loader)
    draft = _Draft({}, [])
    tree = None if node is None else _value(node, (), draft)
    if draft.values > _MOST_VALUES:
        raise ValueError(f"more than {_MOST_VALUES:,} values, with aliases (*name) written out")
    for problem in draft.problems:
        raise ValueError(f"line {problem.line}: {problem.sentence}")
    return tree


def _text(path: Path, form: FileForm) -> str:
    content = _content(path, form)
    if len(content) > _MOST_BYTES:
        raise JobError(
            f"The {form.name} {path} is larger than {_MOST_BYTES // 1024} KB.",
            cause=f"a roster was given instead of the {form.name}",
            remedy=_name_it(form),
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise JobError(
            f"The {form.name} {path} is not UTF-8 text: line {line} has the byte 0x{content[error.start]:02x}.",
            cause=f"an editor that saved in another encoding, or a workbook given instead of the {form.name}",
            remedy=f"save the {form.name} as UTF-8",
        ) from error


def _content(path: Path, form: FileForm) -> bytes:
    if stat.S_ISFIFO(_mode(path)):  # opening it may wait for ever
        raise JobError(
            f"The {form.name} {shown(str(path))} is a pipe, not a file.",
            cause=f"the output of another program was given instead of the {form.name}",
            remedy=f"write the {form.name.removesuffix(' file')} to a file, and name that",
        )
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES + 1)
    except FileNotFoundError as error:
        raise JobError(
            f"There is no {form.name} {path}.",
            cause="a mistyped name, or a command started in another folder",
            remedy=f"look in the folder {path.parent}",
        ) from error
    except IsADirectoryError as error:
        raise JobError(
            f"The {form.name} {path} is a folder.",
            cause=f"the folder of the {form.name}s was named",
            remedy=f"name one {form.name} in it, as {form.example}",
        ) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that is no file name"
        raise JobError(
            f"The {form.name} {shown(str(path))} cannot be read: {reason}.",
            cause="it belongs to another user, or is on a disk that is not mounted",
            remedy="allow the user who runs this program to read it",
        ) from error


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except (OSError, ValueError):
        return 0


class _Loader(yaml.SafeLoader):
    """PyYAML's safe loader up to its nodes, without tags and without bottomless nesting."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """A node, as PyYAML composes it."""
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it out
        if getattr(event, "tag", None) is not None:
            raise YamlRefusal(None, None, "tags are not read", event.start_mark)
        if self._depth >= _DEEPEST:
            raise YamlRefusal(None, None, "nested too deeply", event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def _compose(text: str, path: Path, form: FileForm) -> yaml.Node | None:
    try:
        return yaml.compose(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        raise job_error(path, [meaning(error, text)], form) from error


@dataclass(slots=True)
class _Draft:
    """What is gathered on the way through the nodes."""

    lines: dict[KeyPath, int]
    problems: list[Problem]
    values: int = 0


def _build(root: yaml.MappingNode) -> tuple[Document, int]:
    draft = _Draft({(): root.start_mark.line + 1}, [])
    tree = _mapping(root, (), draft)
    return Document(tree, draft.lines, tuple(draft.problems)), draft.values


def _value(node: yaml.Node, path: KeyPath, draft: _Draft) -> Tree:
    draft.values += 1
    if draft.values > _MOST_VALUES or len(path) > _DEEPEST:
        draft.values = _MOST_VALUES + 1
        return None
    if isinstance(node, yaml.MappingNode):
        return _mapping(node, path, draft)
    if isinstance(node, yaml.SequenceNode):
        return _list(node, path, draft)
    return _scalar(node, path, draft)


def _mapping(node: yaml.MappingNode, path: KeyPath, draft: _Draft) -> dict[str, Tree]:
    tree: dict[str, Tree] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if problem := _key_problem(key_node, path, tree, draft):
            draft.problems.append(Problem(line, problem))
            continue
        here = (*path, key_node.value)
        draft.lines[here] = line
        tree[key_node.value] = _value(value_node, here, draft)
    return tree


def _key_problem(node: yaml.Node, path: KeyPath, before: dict[str, Tree], draft: _Draft) -> str:
    if not isinstance(node, yaml.ScalarNode):
        return "a key must be plain text; a template must be quoted"
    if NO_TEXT.search(node.value):
        return "a key contains a character that is not text"
    if node.value == "<<" and node.style is None:
        return "merge keys (<<) are not supported in a job file; write the keys out"
    if node.value in before:
        here = (*path, node.value)
        return f"key {_name(here)} is given twice; first in line {draft.lines[here]}"
    return ""


def _name(path: KeyPath) -> str:
    return f'"{dotted(path)}"'


def _list(node: yaml.SequenceNode, path: KeyPath, draft: _Draft) -> list[Tree]:
    tree: list[Tree] = []
    for position, child in enumerate(node.value):
        here = (*path, position)
        draft.lines[here] = child.start_mark.line + 1
        tree.append(_value(child, here, draft))
    return tree


def _scalar(node: yaml.Node, path: KeyPath, draft: _Draft) -> str | None:
    text = str(node.value)
    if isinstance(node, yaml.ScalarNode) and node.style is None and text in _NOT_GIVEN:
        return None
    if NO_TEXT.search(text):
        draft.problems.append(
            Problem(node.start_mark.line + 1, f"{dotted(path)}: contains a character that is not text")
        )
        return None
    return text
