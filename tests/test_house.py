"""The rules of the house that a machine can measure."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import statistics
import subprocess
import tokenize
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from functools import cache
from pathlib import Path
from typing import TypeAlias

import click
import pytest

from provision import errors
from provision.cli.main import program

ROOT = Path(__file__).parent.parent
SOURCES = sorted((ROOT / "provision").rglob("*.py"))
Function: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
Defined: TypeAlias = Function | ast.ClassDef

LONGEST_BODY, USUAL_BODY, LONGEST_MODULE, MOST_PARAMETERS = 40, 20, 350, 5


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes_of(path: Path) -> tuple[ast.AST, ...]:
    """All that stands in a file, parsed and walked through once."""
    return tuple(ast.walk(tree_of(path)))


@cache
def functions() -> tuple[tuple[str, Function], ...]:
    """Every function and method of the program with its place."""
    return tuple(_functions())


def _functions() -> Iterator[tuple[str, Function]]:
    for path in SOURCES:
        for node in nodes_of(path):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name_of(path)}:{node.lineno} {node.name}", node


def body_length(function: Function) -> int:
    """Lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Line and text of every comment, of a file that silences a checker somewhere."""
    if not _SILENCING.search(path.read_text(encoding="utf-8")):
        return
    for token in tokenize.generate_tokens(io.StringIO(path.read_text(encoding="utf-8")).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_there_is_a_program_to_measure():
    assert len(SOURCES) > 80
    assert len(functions()) > 500


def test_no_function_is_longer_than_it_may_be():
    assert [place for place, one in functions() if body_length(one) > LONGEST_BODY] == []


def test_nearly_every_function_is_short():
    lengths = [body_length(one) for _, one in functions()]

    assert statistics.quantiles(lengths, n=10)[-1] <= USUAL_BODY
    assert statistics.median(lengths) <= 8


def test_no_module_is_longer_than_it_may_be():
    lengths = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}

    assert {name: length for name, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_no_function_takes_more_than_five_parameters():
    def count(function: Function) -> int:
        given = function.args
        names = [one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)]
        return len(names) - (names[:1] in (["self"], ["cls"]))

    assert [place for place, one in functions() if count(one) > MOST_PARAMETERS] == []


def public(scope: ast.Module | ast.ClassDef, prefix: str) -> Iterator[tuple[str, Defined]]:
    """Public functions and classes of a module, and public members of its public classes."""
    for node in scope.body:
        if not isinstance(
            node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
        ) or node.name.startswith("_"):
            continue
        yield f"{prefix}.{node.name}", node
        if isinstance(node, ast.ClassDef):
            yield from public(node, f"{prefix}.{node.name}")


def overrides(node: Defined) -> bool:
    return any(
        isinstance(one, ast.Name) and one.id in ("overload", "override") for one in node.decorator_list
    )


def test_every_public_name_says_what_it_promises():
    silent = [name_of(path) for path in SOURCES if not ast.get_docstring(tree_of(path))]
    for path in SOURCES:
        for place, node in public(tree_of(path), name_of(path)):
            if not overrides(node) and not ast.get_docstring(node):
                silent.append(place)

    assert silent == []


#: who may write to a terminal; the sandbox, which imports none of us, is handed its stream
_WAYS_OUT = (
    "provision/cli/streams.py",
    "provision/cli/page.py",
    "provision/sandbox/",
    "provision/sheets/child.py",
    "provision/sheets/measure.py",
)
#: looked at, or handed on, and not written to
_LOOKED_AT = {"isatty", "fileno"}


def test_nothing_is_printed_past_the_terminal():
    """All words pass the filter of cli/streams.py and cli/page.py: no print, echo, rich console or write to a standard stream elsewhere."""

    def prints(node: ast.AST) -> bool:
        if not isinstance(node, ast.Call):
            return False
        called = ast.unparse(node.func)
        printed = called in ("print", "Console", "rich.print") or called.split(".")[-1] in ("echo", "secho")
        stream = re.search(r"(?:std(?:out|err)|__std\w+__)(?:\.buffer)?\.(\w+)$", called)
        return printed or (stream is not None and stream[1] not in _LOOKED_AT)

    paths = [path for path in SOURCES if not name_of(path).startswith(_WAYS_OUT)]

    assert [name_of(path) for path in paths if any(map(prints, nodes_of(path)))] == []


PYTHON = sorted(
    path for folder in ("provision", "tests", "sample_data") for path in (ROOT / folder).rglob("*.py")
)
_SILENCING = re.compile(r"#[ \t]*(?:noqa|type:)")
_IGNORE = re.compile(
    r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:\s*,\s*[A-Z]+\d+)*)?|type:\s*ignore(?:\[[\w, -]+\])?)(.*)"
)


def test_every_ignore_has_its_reason_in_words():
    bare = []
    for path in PYTHON:
        for line, comment in comments(path):
            found = _IGNORE.search(comment)
            if found and not re.search(r"[A-Za-z]{2,}", found[1]):
                bare.append(f"{name_of(path)}:{line} {comment}")

    assert bare == []


# --- errors --------------------------------------------------------------------------------------------


def drawn() -> dict[str, tuple[str, int | None]]:
    """The tree of the docstring: class → (parent, exit code or HTTP status if there is one)."""
    tree, stack = {}, []
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"    ((?:[│ ]   )*)(?:[├└]── )?([A-Z]\w+)(?:\s+(\d+))?", line)
        if not found:
            continue
        branch = "── " in line
        depth = len(found[1]) // 4 + branch
        del stack[depth:]
        tree[found[2]] = (stack[-1] if stack else "Exception", int(found[3]) if found[3] else None)
        stack.append(found[2])
    return tree


def raised() -> dict[str, type[BaseException]]:
    return {
        name: one
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, BaseException) and one.__module__ == errors.__name__
    }


def test_every_error_is_drawn_where_it_stands():
    assert {name: parent for name, (parent, _) in drawn().items()} == {
        name: one.__mro__[1].__name__ for name, one in raised().items()
    }


def test_every_exit_code_that_is_drawn_is_the_one_that_counts():
    codes = {
        name: (one.exit_code, drawn()[name][1] or drawn()[drawn()[name][0]][1])
        for name, one in raised().items()
        if issubclass(one, errors.ProvisionError) and one is not errors.ProvisionError
    }

    assert codes
    assert {name: pair for name, pair in codes.items() if pair[0] != pair[1]} == {}


def test_every_error_has_one_root_or_is_a_fault_of_one_call():
    roots = (errors.ProvisionError, errors.BoxFault)

    assert [name for name, one in raised().items() if not issubclass(one, roots)] == []


def test_exceptions_elsewhere_are_ours_or_stay_in_their_room():
    """The sandbox and what reads workbooks share no code with the rest and have errors of their own."""
    allowed = {*raised(), "Exception", "ValueError", "Failure"}
    strange = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        if not {"sandbox", "sheets"} & set(path.parts)
        for node in nodes_of(path)
        if isinstance(node, ast.ClassDef)
        and not node.name.startswith("_")
        and any(
            isinstance(base, ast.Name) and base.id in ("Exception", "BaseException") for base in node.bases
        )
        and node.name not in allowed
    ]

    assert strange == []


# --- words ---------------------------------------------------------------------------------------------


def committed() -> list[Path]:
    """The files of the repository, or of an unpacked source distribution."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        names = [name for name in listed.stdout.split("\0") if name]
    else:
        caches = ("__pycache__", ".venv", ".demo", ".git", ".hypothesis")
        found = (path.relative_to(ROOT) for path in ROOT.rglob("*"))
        names = [
            str(path)
            for path in found
            if not any(part in caches or part.endswith("_cache") for part in path.parts)
        ]
    return [ROOT / name for name in names if (ROOT / name).is_file()]


@cache
def texts() -> dict[str, str]:
    """What the files of the repository say, but those that are no text."""
    found = {}
    for path in committed():
        with contextlib.suppress(UnicodeDecodeError):
            found[name_of(path)] = path.read_text(encoding="utf-8")
    return found


#: written so that they do not find themselves
_MACHINE_PATH = re.compile(
    r"(?<![\w.}/])/(?:work|home|root|Users)/(?!of-a-test)[a-zA-Z0-9_.-]+|(?<![\w./])/[t]mp/\w"
)
_REGISTRY = re.compile(
    r"\b(?:py[p]i\.org|python[h]osted\.org|npm[j]s\.org|conda\.[a]naconda|artifact[o]ry|[n]exus)\b"
)


@pytest.mark.parametrize("pattern", [_MACHINE_PATH, _REGISTRY], ids=["path", "registry"])
def test_no_file_names_a_machine_or_a_registry(pattern):
    found = [
        f"{name}:{text.count(chr(10), 0, hit.start()) + 1} {hit[0]}"
        for name, text in texts().items()
        for hit in pattern.finditer(text)
    ]

    assert found == []


@pytest.mark.parametrize("text", ["see ~home~ada", "at ~work~main", "in ~tmp~x"])
def test_machine_paths_would_be_found(text):
    assert _MACHINE_PATH.search(text.replace("~", "/"))


def test_lock_file_names_no_place_to_download_from():
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")

    assert "--hash=sha256:" in lock
    assert not re.search(r"https?://|--(?:extra-)?index-url|--find-links", lock)


def test_commands_the_program_recommends_exist():
    commands = set(getattr(program, "commands", {}))
    assert isinstance(program, click.Group)
    found = [
        f"{name_of(path)}: provision {word}"
        for path in SOURCES
        for node in nodes_of(path)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
        for word in re.findall(r"(?:`|: |with |by |run )provision ([a-z]+(?:-[a-z]+)*)\b", node.value)
        if word not in commands
    ]

    assert found == []


#: words for which the glossary has another one; as whole words of a name
_UNWANTED = {"sync", "stray", "item", "manager", "helper", "util", "utils", "entity"}
#: Box's own names and those of libraries
_GIVEN = {"is_sync_enabled", "manager"}


def test_names_keep_to_the_glossary():
    wrong = [
        f"{name_of(path)}: {node.name}"
        for path in SOURCES
        for node in nodes_of(path)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        and node.name not in _GIVEN
        and set(re.findall(r"[A-Z]?[a-z]+", node.name)) & (_UNWANTED | {word.title() for word in _UNWANTED})
    ]

    assert wrong == []


#: Box's own nouns, which its double has to call alike
_OF_BOX = {"Account", "Alias"}


def test_a_class_name_stands_for_one_thing():
    """Also beside the sandbox, whose classes one reads next to ours; private ones are read in their module."""
    places: dict[str, list[str]] = {}
    for path in SOURCES:
        for node in tree_of(path).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_") and node.name not in _OF_BOX:
                places.setdefault(node.name, []).append(name_of(path))

    assert {name: found for name, found in places.items() if len(found) > 1} == {}


#: words for people, those of errors among them; what is decided is told by codes
WORDED = {"reason", "reasons", "note", "notes", "sentence", "words", "headline", "remedy", "cause"}
#: variables that hold one of them; others hold several, of which it may be asked whether there is one for somebody
ALONE = {"reason", "note", "sentence", "headline", "remedy"}
#: functions that make words of codes
MADE = {"words", "words_of", "words_of_all", "headline", "sentence_of", "label", "foretold", "what_it_means"}
#: what looks into a text, or asks whether it is another one
LOOKS = {
    "startswith", "endswith", "contains", "match", "fullmatch", "search", "isin", "eq", "ne", "find", "index", "count", "partition",
    "rpartition", "removeprefix", "removesuffix",
}  # fmt: skip
#: what decides by a text that it is given
LOOKS_UP = {"match", "fullmatch", "search", "get", "pop"}
#: where words are made, and the modules that read those of a version of the past
MAKERS = ("provision/report/", "provision/plan/v3_words.py", "provision/journal/v1.py", "provision/sandbox/")


def worded(node: ast.AST | None, alone: AbstractSet[str] = frozenset(ALONE)) -> bool:
    """Whether an expression is a name, an attribute or a column of words, made by a maker of words, or of one of these."""
    match node:
        case ast.Attribute(attr=name) if name in WORDED:
            return True
        case ast.Name(id=name):
            return name in alone
        case ast.Subscript(slice=ast.Constant(value=str(name))):
            return name in WORDED
        case ast.Call(func=ast.Name(id="getattr"), args=[_, ast.Constant(value=str(name)), *_]):
            return name in WORDED
        case ast.Call(func=ast.Name(id=name)):
            return name in MADE
        case (
            ast.Subscript(value=value)
            | ast.Attribute(value=value)
            | ast.Call(func=value)
            | ast.NamedExpr(value=value)
        ):
            return worded(value, alone)
    return False


def compares_words(node: ast.AST, alone: AbstractSet[str] = frozenset(ALONE)) -> bool:
    """Whether words are compared here; to ask whether there are any is no comparison."""

    def said(one: ast.AST | None) -> bool:
        return worded(one, alone)

    match node:
        case ast.Call(func=ast.Attribute(attr=name, value=value), args=given):
            return (name in LOOKS and said(value)) or (name in LOOKS_UP and any(map(said, given)))
        case ast.Subscript(slice=key):
            return said(key)
        case ast.Compare(left=left, comparators=others):
            sides = [left, *others]
            blank = any(isinstance(side, ast.Constant) and side.value in ("", None) for side in sides)
            return not blank and any(map(said, sides))
        case ast.Match(subject=subject, cases=cases):
            kinds = (one for case in cases for one in ast.walk(case.pattern))
            return said(subject) and any(isinstance(one, ast.MatchValue) for one in kinds)
        case ast.MatchClass(kwd_attrs=names, kwd_patterns=patterns):
            values = (
                name for name, one in zip(names, patterns, strict=True) if isinstance(one, ast.MatchValue)
            )
            return bool(WORDED & {*values})
    return False


def comparisons_of_words(tree: ast.Module) -> Iterator[ast.AST]:
    """Where words are compared; a variable of a function that was given some holds words, whatever it is called."""
    yield from filter(compares_words, ast.walk(tree))
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            inside = tuple(ast.walk(scope))
            if given := {name for node in inside for name in _named(node)}:
                yield from (node for node in inside if compares_words(node, ALONE | given))


def _named(node: ast.AST) -> Iterator[str]:
    """The variable that is given words here."""
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=name)], value=value)
            | ast.AnnAssign(target=ast.Name(id=name), value=value)
            | ast.NamedExpr(target=ast.Name(id=name), value=value)
        ) if worded(value):
            yield name


@pytest.mark.parametrize(
    ("line", "compared"),
    [
        ("change.reason.startswith(IGNORED)", True),
        ("table['reason'].str.contains(SESSIONS_LEFT, regex=False)", True),
        ("LEFT not in outcome.note", True),
        ("outcome.note != FOUND", True),
        ("step.words.casefold().endswith('x')", True),
        ("re.match('leaver', hold.sentence)", True),
        ("table.loc[mask, :]['note'].isin(words)", True),
        ("any('was read as' in note for note in told)", True),
        ("words(change.because) == IGNORED", True),
        ("words_of(outcome, change).startswith('left')", True),
        ("getattr(change, 'reason') == IGNORED", True),
        ("NEXT.get(outcome.note)", True),
        ("NEXT[change.reason]", True),
        ("error.remedy.startswith('wait')", True),
        ("def end(change):\n    why = change.reason\n    return why == IGNORED", True),
        ("def end(change):\n    if (why := words(change.because)) in known:\n        pass", True),
        ("match change:\n    case Change(reason='ignored'):\n        pass", True),
        ("match change.reason:\n    case 'ignored':\n        pass", True),
        ("match change:\n    case Change(because='ignored'):\n        pass", False),
        ("table['reason'] != ''", False),
        ("table[['reason', 'note']]", False),
        ("led_by(table['because'], [Because.IGNORED])", False),
        ("context.halt.reason is None", False),
        ("def end(change):\n    why = change.reason\n    return f'{why}.' if why else ''", False),
    ],
)
def test_a_comparison_of_words_is_seen(line: str, compared: bool) -> None:
    assert any(comparisons_of_words(ast.parse(line))) == compared


def test_words_are_made_in_one_room_and_nowhere_compared():
    """A decision is a code: polishing a sentence must change no decision of a later run."""
    found = {
        f"{name_of(path)}:{getattr(node, 'lineno', 0)}"
        for path in SOURCES
        if not name_of(path).startswith(MAKERS)
        for node in comparisons_of_words(tree_of(path))
    }

    assert found == set()
