"""The README's table of job keys, generated from the model: ``python tests/readme_keys.py`` writes it."""

from __future__ import annotations

import re
from pathlib import Path

from provision.job.reference import describe_keys

README = Path(__file__).resolve().parent.parent / "README.md"
_BLOCK = re.compile(r"(<!-- keys:begin[^\n]*-->\n).*?(<!-- keys:end -->)", re.DOTALL)


def table() -> str:
    """The table in Markdown."""
    rows = [f"| `{key}` | {kind} | {default} | {words} |" for key, kind, default, words in describe_keys()]
    return "\n".join(["| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows]) + "\n"


def with_table(text: str) -> str:
    """The README with the table as it should be."""
    return _BLOCK.sub(lambda block: block[1] + table() + block[2], text)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
