"""The decision table as a reader sees it: generated, so that it is what the planner does."""

from __future__ import annotations

import textwrap
from typing import Any

from provision.plan.rules import CONDITIONS, RULES
from provision.report.sentences.reasons import words

_HEADS = {
    "row": "row", "account": "account", "excluded": "row left out", "claimed": "other job claims it", "rejected": "row rejected", "in_scope": "in scope", "protected": "protected",
    "doubtful": "doubtful", "ignored": "row says ignore", "leaving": "row says leave", "upcoming": "starts later",
    "differs": "differs", "owned": "owned", "full": "full roster",
}  # fmt: skip
_INDENT: dict[str, Any] = {"width": 78, "initial_indent": " " * 6, "subsequent_indent": " " * 9}
_SIGNS = {True: "yes", False: "no", None: ""}


def rules_table() -> str:
    """The table as Markdown, one line a rule; the first that fits decides, an empty cell does not matter."""
    heads = ["#", *(_HEADS[name] for name in CONDITIONS), "what is done", "reason"]
    lines = [_line(heads), _line(["---"] * len(heads))]
    for number, rule in enumerate(RULES, 1):
        lines.append(
            _line(
                [str(number), *(_SIGNS[each] for each in rule.conditions), rule.decision, words(rule.because)]
            )
        )
    return "\n".join(lines)


def rules_in_words() -> str:
    """The table for a terminal of 80 columns: each rule with the conditions that matter."""
    told = ["The first rule that fits a person decides:", ""]
    for number, rule in enumerate(RULES, 1):
        pairs = zip(CONDITIONS, rule.conditions, strict=True)
        when = ", ".join(f"{_HEADS[name]}: {_SIGNS[value]}" for name, value in pairs if value is not None)
        told += [
            f"{number:>2}. {rule.decision}: {words(rule.because)}",
            textwrap.fill(f"if {when}", **_INDENT),
        ]
    return "\n".join(told)


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
