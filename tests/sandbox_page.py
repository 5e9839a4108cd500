"""The tables of docs/sandbox.md, written from the code: `python tests/sandbox_page.py`."""

from __future__ import annotations

import ast
import inspect
import re
from itertools import pairwise
from pathlib import Path

from provision.sandbox import choices
from provision.sandbox.http.routes import ROUTES

PAGE = Path(__file__).parents[1] / "docs/sandbox.md"


def endpoints() -> str:
    """A line a path of Box."""
    verbs: dict[str, list[str]] = {}
    for route in ROUTES:
        verbs.setdefault(route.path.replace("*", "{id}"), []).append(route.method)
    rows = [
        f"| `{path}` | {', '.join(named)} |"
        for path, named in sorted(verbs.items())
        if path.startswith(("/2.0", "/oauth2"))
    ]
    return "\n".join(["| path | verbs |", "| --- | --- |", *rows])


def switches() -> str:
    """A line a choice, with its default and what stands below it."""
    body = next(
        one for one in ast.parse(inspect.getsource(choices)).body if isinstance(one, ast.ClassDef)
    ).body
    rows = [
        f"| `{ast.unparse(one.target)}` | `{ast.unparse(one.value)}` | {ast.literal_eval(said.value)} |"
        for one, said in pairwise(body)
        if isinstance(one, ast.AnnAssign) and one.value is not None and isinstance(said, ast.Expr)
    ]
    return "\n".join(["| choice | default | what it is |", "| --- | --- | --- |", *rows])


def written(page: str) -> str:
    """The page with its tables as they ought to be."""
    for name, table in (("endpoints", endpoints()), ("choices", switches())):
        begin, end = f"<!-- {name} -->\n", "<!-- end -->"
        page = re.sub(
            rf"({begin}).*?({end})",
            lambda found, table=table: f"{found[1]}{table}\n{found[2]}",
            page,
            flags=re.DOTALL,
        )
    return page


if __name__ == "__main__":
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
