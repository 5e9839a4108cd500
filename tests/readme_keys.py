"""The README's tables of job keys and of findings, generated from the model: ``python tests/readme_keys.py`` writes them."""

from __future__ import annotations

import re
from pathlib import Path

from provision.findings import MEANINGS
from provision.job.reference import describe_keys

README = Path(__file__).resolve().parent.parent / "README.md"
_KEYS = re.compile(r"(<!-- keys:begin[^\n]*-->\n).*?(<!-- keys:end -->)", re.DOTALL)
_FINDINGS = re.compile(r"(<!-- findings:begin[^\n]*-->\n).*?(<!-- findings:end -->)", re.DOTALL)


def table() -> str:
    """The table in Markdown."""
    rows = [f"| `{key}` | {kind} | {default} | {words} |" for key, kind, default, words in describe_keys()]
    return "\n".join(["| key | value | default | meaning |", "| --- | --- | --- | --- |", *rows]) + "\n"


def findings() -> str:
    """The table of findings in Markdown."""
    rows = [f"| `{code}` | {words} |" for code, words in MEANINGS.items()]
    return "\n".join(["| code | what was found |", "| --- | --- |", *rows]) + "\n"


def with_table(text: str) -> str:
    """The README with the tables as they should be."""
    text = _KEYS.sub(lambda block: block[1] + table() + block[2], text)
    return _FINDINGS.sub(lambda block: block[1] + findings() + block[2], text)


if __name__ == "__main__":
    README.write_text(with_table(README.read_text(encoding="utf-8")), encoding="utf-8")
