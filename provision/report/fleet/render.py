"""The page of a night, self-contained as those of runs: made of the same style and script, and nothing in it is loaded."""

from __future__ import annotations

from pathlib import Path

from provision.report.fleet.value import FleetSummary
from provision.report.fleet.words import page_of
from provision.report.page.render import environment, page_parts


def write_fleet_page(summary: FleetSummary, seconds: float, path: Path) -> None:
    """Write it; all text is escaped. Raises OSError if the file cannot be written."""
    template = environment().get_template("fleet.html.j2")
    path.write_text(template.render(page=page_of(summary, seconds), **page_parts()), encoding="utf-8")
