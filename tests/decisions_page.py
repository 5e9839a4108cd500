"""Writes docs/decisions.md anew from the decision table: ``python tests/decisions_page.py``."""

from __future__ import annotations

import re
from pathlib import Path

from provision.report.sentences.rules_table import rules_table

PAGE = Path(__file__).parents[1] / "docs" / "decisions.md"


def with_table(text: str) -> str:
    """The page with the table as it is now."""
    return re.sub(r"(?m)^\| # .*(?:\n\|.*)*", lambda _: rules_table(), text)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
