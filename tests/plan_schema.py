"""docs/plan.schema.json, made from the form that plans are read by: ``python tests/plan_schema.py`` writes it."""

from __future__ import annotations

import json
from pathlib import Path

from provision.plan.planfile import schema

PAGE = Path(__file__).resolve().parent.parent / "docs" / "plan.schema.json"


def text() -> str:
    """The file as it should be."""
    return json.dumps(schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


if __name__ == "__main__":
    PAGE.write_text(text(), encoding="utf-8")
