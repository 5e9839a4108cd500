"""``${VAR}`` and ``${VAR:-default}`` in the values of a job file, from an environment that is passed in.

``$$`` is a dollar; a dollar before anything else but ``{`` is itself. As in a shell, ``:-`` gives the default for an empty variable
too. A default is text only: no variable in it. Keys are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from provision.job.document import NO_TEXT, Document, Tree
from provision.job.problems import KeyPath, Problem, dotted

_CAUSE = "set in your shell, but not where the schedule (cron, systemd) runs the program"

#: what stands for a missing variable where nobody signs in
_NOT_SET, _NOT_SET_URL = "not-set", "https://not-set.invalid"
_QUOTES = {('"', '"'), ("'", "'"), ("\u201c", "\u201d"), ("\u2018", "\u2019")}
_QUOTED = "a file of variables (docker --env-file, systemd) whose quotation marks stay in the value, unlike in a shell"

_FORM = "a variable is written ${NAME} or ${NAME:-default}; a dollar sign itself is $$"

#: a doubled dollar, a variable, or the beginning of one that is not well formed
_TOKEN = re.compile(r"\$\$|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-((?:[^}$]|\$(?!\{))*))?\}|\$\{")


@dataclass(frozen=True, slots=True)
class Filled:
    """A tree with every variable replaced. ``unknown`` are the paths whose value could not be made.

    ``unset`` are variables that are missing where that does not matter.
    """

    tree: dict[str, Tree]
    problems: tuple[Problem, ...] = ()
    unknown: frozenset[KeyPath] = frozenset()
    unset: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Filling:
    """What is needed and gathered on the way through a tree."""

    document: Document
    environ: Mapping[str, str]
    spared: Collection[str]
    unset: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    unknown: set[KeyPath] = field(default_factory=set)


def names(text: str) -> list[str]:
    """The variables named in ``text``."""
    return [match[1] for match in _TOKEN.finditer(text) if match[1]]


def needed_and_optional(document: Document) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The variables that a job file names: those without a default, and the others, each once in the order of the file."""
    found = [match for _, text in document.scalars() for match in _TOKEN.finditer(text) if match[1]]
    needed = dict.fromkeys(match[1] for match in found if match[2] is None)
    return tuple(needed), tuple(
        name for name in dict.fromkeys(match[1] for match in found) if name not in needed
    )


def is_only_variables(text: str) -> bool:
    """Whether nothing of ``text`` is literal: only variables, none with a default that says something."""
    matches = list(_TOKEN.finditer(text.strip()))
    rest = _TOKEN.sub("", text.strip())
    return bool(matches) and not rest and all(match[1] and not match[2] for match in matches)


def filled_where_known(text: str, known: Mapping[str, str]) -> str:
    """The text with the variables replaced that are known; the others stay as they are written."""
    return _TOKEN.sub(lambda match: known.get(match[1] or "", match[0]), text)


def fill_in(document: Document, environ: Mapping[str, str], spared: Collection[str] = ()) -> Filled:
    """The document's tree with its variables replaced; every variable that is missing is a problem of its own.

    In the sections ``spared`` a word stands in its place.
    """
    filling = _Filling(document, environ, spared)
    tree = {key: _filled(value, (key,), filling) for key, value in document.tree.items()}
    unset = tuple(dict.fromkeys(filling.unset))
    return Filled(tree, tuple(filling.problems), frozenset(filling.unknown), unset)


def _filled(tree: Tree, path: KeyPath, filling: _Filling) -> Tree:
    if isinstance(tree, dict):
        return {key: _filled(value, (*path, key), filling) for key, value in tree.items()}
    if isinstance(tree, list):
        return [_filled(value, (*path, position), filling) for position, value in enumerate(tree)]
    if tree is None or "$" not in tree:
        return tree
    return _TOKEN.sub(lambda match: _replacement(match, path, filling), tree)


def _replacement(match: re.Match[str], path: KeyPath, filling: _Filling) -> str:
    name: str | None = match[1]
    default: str | None = match[2]
    if name is None:
        return "$" if match[0] == "$$" else _refused(path, filling, Problem(0, _FORM))
    value = filling.environ.get(name)
    if default is not None and not value:
        return default.replace("$$", "$")
    if value is None and path[0] in filling.spared:
        filling.unset.append(name)
        return _NOT_SET_URL if str(path[-1]).endswith("_url") else _NOT_SET
    if value is None:
        problem = Problem(0, f"the environment variable {name} is not set", _CAUSE, f"set {name}")
        return _refused(path, filling, problem)
    if NO_TEXT.search(value):
        told = f"the environment variable {name} contains a character that is not text"
        return _refused(path, filling, Problem(0, told))
    if (value[:1], value[-1:]) in _QUOTES and len(value) > 1:
        told = f"the environment variable {name} begins and ends with a quotation mark"
        return _refused(path, filling, Problem(0, told, _QUOTED, f"write {name} without the quotation marks"))
    return value


def _refused(path: KeyPath, filling: _Filling, problem: Problem) -> str:
    """Nothing for a value that cannot be made; the ``problem`` is kept with its place."""
    line, sentence = filling.document.line(path), f"{dotted(path)}: {problem.sentence}"
    filling.problems.append(replace(problem, line=line, sentence=sentence))
    filling.unknown.add(path)
    return ""
