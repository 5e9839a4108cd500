"""Every mutant can still be made, and the tests that have to notice it are there. ``make mutants`` runs them."""

from __future__ import annotations

import ast
from collections import Counter

import pytest

from .mutants import ROOT, Mutant, mutants

EVERY = pytest.mark.parametrize("mutant", mutants(), ids=lambda each: each.why)


@EVERY
def test_the_line_is_there_once_and_the_broken_one_is_another_that_can_be_read(mutant: Mutant) -> None:
    broken = mutant.applied(ROOT)

    assert broken != mutant.text(ROOT)
    ast.parse(broken)


@EVERY
def test_the_tests_that_must_notice_are_there(mutant: Mutant) -> None:
    assert mutant.tests
    for test in mutant.tests:
        file, _, name = test.partition("::")
        found = ast.parse((ROOT / file).read_text(encoding="utf-8")).body

        assert name in {each.name for each in found if isinstance(each, ast.FunctionDef)}


def test_no_mutant_is_told_twice() -> None:
    assert Counter((each.file, each.new) for each in mutants()).most_common(1)[0][1] == 1
    assert Counter(each.why for each in mutants()).most_common(1)[0][1] == 1


def test_a_line_that_is_no_longer_there_is_told() -> None:
    with pytest.raises(ValueError, match="has this line 0 times, not once"):
        Mutant("provision/model.py", "no such line\n", "", ("tests/x.py::test_x",), "").applied(ROOT)
