"""The guide of the sandbox: its tables are those of the code, its recipes run."""

from __future__ import annotations

import re

import pytest

from tests.sandbox_page import PAGE, written

GUIDE = PAGE.read_text(encoding="utf-8")


def test_tables_are_those_of_the_code():
    assert written(GUIDE) == GUIDE, "do: python tests/sandbox_page.py"


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL), ids=["sdk", "pytest"])
def test_recipe_runs(block):
    exec(compile(block, "docs/sandbox.md", "exec"), {})  # noqa: S102  our own words
