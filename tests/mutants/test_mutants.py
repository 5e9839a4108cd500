"""Every mutant can still be made, and the tests that have to notice it are there. ``make mutants`` runs them."""

from __future__ import annotations

import ast
import builtins
import symtable
from collections import Counter
from collections.abc import Iterator

import pytest

from .mutants import ROOT, Mutant, mutants

#: what every module knows of itself
_OWN = {"__name__", "__file__", "__doc__"}


def global_names(table: symtable.SymbolTable) -> Iterator[str]:
    """The names that a module takes from itself or from Python."""
    yield from (one.get_name() for one in table.get_symbols() if one.is_global() and one.is_referenced())
    for inner in table.get_children():
        yield from global_names(inner)


def unknown(text: str) -> set[str]:
    """Names that a module uses and neither it nor Python has."""
    table = symtable.symtable(text, "a mutant", "exec")
    return (
        set(global_names(table))
        - {one.get_name() for one in table.get_symbols()}
        - set(vars(builtins))
        - _OWN
    )


EVERY = pytest.mark.parametrize("mutant", mutants(), ids=lambda each: each.why)


@EVERY
def test_the_line_is_there_once_and_the_broken_one_is_another_that_can_be_read(mutant: Mutant) -> None:
    broken = mutant.applied(ROOT)

    assert broken != mutant.text(ROOT)
    assert unknown(broken) == set()


@EVERY
def test_the_tests_that_must_notice_are_there(mutant: Mutant) -> None:
    assert mutant.tests
    for test in mutant.tests:
        file, _, name = test.partition("::")
        found = ast.parse((ROOT / file).read_text(encoding="utf-8")).body

        assert name in {each.name for each in found if isinstance(each, ast.FunctionDef)}


def test_a_name_that_is_not_there_is_seen() -> None:
    assert unknown("def f(x):\n    return len(x) + _Sign(__name__)\n") == {"_Sign"}


def test_no_mutant_is_told_twice() -> None:
    assert Counter((each.file, each.new) for each in mutants()).most_common(1)[0][1] == 1
    assert Counter(each.why for each in mutants()).most_common(1)[0][1] == 1


def test_a_line_that_is_no_longer_there_is_told() -> None:
    with pytest.raises(ValueError, match="has this line 0 times, not once"):
        Mutant("provision/model.py", "no such line\n", "", ("tests/x.py::test_x",), "").applied(ROOT)
