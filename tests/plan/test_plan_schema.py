"""The schema of plan.json tells what stands in a plan."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from provision.plan.planfile import write_plan
from tests import plan_schema
from tests.report.builders import person, plan_of


def test_schema_in_the_docs_is_the_one_that_is_generated():
    assert plan_schema.PAGE.read_text(encoding="utf-8") == plan_schema.text()


def fits(value: Any, form: dict[str, Any], named: dict[str, Any]) -> bool:
    """As much of JSON Schema as the schema of a plan uses."""
    if "$ref" in form:
        return fits(value, named[form["$ref"].rpartition("/")[2]], named)
    if "anyOf" in form and not any(fits(value, each, named) for each in form["anyOf"]):
        return False
    if "enum" in form:
        return value in form["enum"]
    kinds = {
        "object": dict,
        "array": list,
        "string": str,
        "boolean": bool,
        "integer": int,
        "number": (int, float),
        "null": type(None),
    }
    if "type" not in form:
        return not isinstance(value, dict) or set(form.get("required", ())) <= set(value)
    if not isinstance(value, kinds[form["type"]]) or (form["type"] == "integer" and isinstance(value, bool)):
        return False
    if isinstance(value, list):
        return all(
            fits(each, form.get("items") or {"anyOf": form.get("prefixItems", [])}, named) for each in value
        )
    if isinstance(value, dict):
        known, others = form.get("properties", {}), form.get("additionalProperties")
        return set(form.get("required", ())) <= set(value) and all(
            fits(each, known[name], named)
            if name in known
            else not isinstance(others, dict) or fits(each, others, named)
            for name, each in value.items()
        )
    return True


def test_a_plan_fits_the_schema_and_one_that_lacks_something_does_not(tmp_path: Path):
    schema = json.loads(plan_schema.text())
    write_plan(plan_of(*(person(kind, 1) for kind in ("create", "update", "deactivate"))), tmp_path)
    plan = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))

    assert fits(plan, schema, schema["$defs"])
    assert set(plan) <= set(schema["$defs"]["Plan"]["properties"])
    plan["changes"][0]["kind"] = "remove"
    assert not fits(plan, schema, schema["$defs"])
    del plan["changes"][0]["kind"]
    assert not fits(plan, schema, schema["$defs"])
    plan["changes"][0]["like"] = 0  # its pattern says the kind
    assert fits(plan, schema, schema["$defs"])
    del plan["changes"]
    assert not fits(plan, schema, schema["$defs"])
