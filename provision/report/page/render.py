"""The reconciliation as one self-contained page: preview and report are the same page.

The page loads nothing: its style and script are inside it, and its content security policy names them by their digest,
so that not even a value that slipped through as markup could run or fetch anything.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import re
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from provision.report import words
from provision.report.page import page as layout
from provision.report.value import Reconciliation, RunFacts
from provision.wording import duration, spelt_moment

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup


def write_html(reconciliation: Reconciliation, facts: RunFacts, path: Path) -> None:
    """Write the page piece by piece. All text is escaped; raises ``OSError`` if the file cannot be written.

    A page in its run folder names the whole path of it in the next command, as the terminal does; one elsewhere the run's id.
    """
    run = str(path.parent.resolve()) if path.parent.name == facts.run_id else ""
    template = environment().get_template("report.html.j2")
    stream = template.stream(page=layout.page_of(reconciliation, facts, run), **page_parts())
    stream.enable_buffering(200)
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(stream)


@functools.cache  # a run writes two pages, its preview and its report
def environment() -> Environment:
    """What the pages are set in: templates of this room and of the others that show pages, in which all text is escaped."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=ChoiceLoader(
            [PackageLoader(f"provision.report.{room}") for room in ("page", "review", "fleet")]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "moment": spelt_moment,
        "duration": duration,
        "field_label": layout.field_label,
        "number": "{:,}".format,
        "ticked": _ticked,
        "day": _day,
    }
    environment.globals |= {"shown_value": words.shown_value, "guard_share": layout.guard_share}
    return environment


def _day(stamp: str) -> str:
    return stamp[:10]


def _ticked(sentence: str) -> Markup:
    """A sentence of ours with its `commands` set as code."""
    from markupsafe import Markup, escape

    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(sentence))))  # noqa: S704 - escaped first


@functools.cache
def page_parts() -> dict[str, object]:
    """Style, script and policy of the pages that only show something."""
    return parts(style_text(), text_of("provision.report.page", "report.js"))


def parts(style: str, script: str, form_action: str = "'none'") -> dict[str, object]:
    """Style and script as they stand in a page, and the policy that allows these two and nothing else."""
    from markupsafe import Markup

    policy = (
        f"default-src 'none'; style-src {_digest(style)}; script-src {_digest(script)}; "
        f"base-uri 'none'; form-action {form_action}"
    )
    ours = {"style": Markup(style), "script": Markup(script)}  # noqa: S704 - files of this package
    return {**ours, "policy": policy}


def style_text() -> str:
    """The style that all pages have."""
    return text_of("provision.report.page", "report.css")


def text_of(room: str, name: str) -> str:
    """A style or a script of a room that shows a page."""
    return files(room).joinpath("templates", name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
