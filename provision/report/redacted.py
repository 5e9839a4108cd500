"""The report without people in it, to be sent along with a message: counts, guards, and each operation by its roster row and its codes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path

from provision.frames import records
from provision.report.short import counts
from provision.report.summary import Summary
from provision.report.value import Reconciliation, RunStatus
from provision.report.words import STATUS_SENTENCE, label

REDACTED_NAME = "report-redacted.html"

#: operations that it shows; the report itself has all
_SHOWN = 500
_COLUMNS = ("kind", "line", "outcome", "error_code", "http_status", "attempts", "request_id", "at")
_STYLE = "body{font:15px/1.4 system-ui,sans-serif;margin:2em}td,th{padding:.2em .8em;text-align:left;border-bottom:1px solid #ccc}"


def write_redacted(summary: Summary, reconciliation: Reconciliation, path: Path) -> None:
    """Write it; raises ``OSError`` if the file cannot be written."""
    path.write_text("\n".join(_page(summary, reconciliation)) + "\n", encoding="utf-8")


def _page(summary: Summary, reconciliation: Reconciliation) -> Iterator[str]:
    title = f"{summary.job}: {STATUS_SENTENCE[RunStatus(summary.status)]} (exit code {summary.exit_code})"
    yield f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
    yield f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>"
    yield f"<p>Run {escape(summary.run_id or '')} of enterprise {escape(summary.enterprise_id or '')}, {escape(summary.finished_at or '')}.</p>"
    yield "".join(f"<p>{escape(line)}</p>" for line in counts(summary))
    yield f"<p>{escape(reconciliation.statement)}</p>"
    yield from _table(
        "Guards",
        ("guard", "limit", "actual", "verdict"),
        ((each.name, each.limit, each.actual, each.verdict) for each in summary.guards),
    )
    operations = reconciliation.operations.head(_SHOWN)
    rows = ([each[name] or "" for name in _COLUMNS] for each in records(operations))
    yield from _table("Operations", ("kind", "roster row", *map(label, _COLUMNS[2:])), rows)
    left = len(reconciliation.operations) - len(operations)
    if left:
        yield f"<p>and {left:,} more</p>"
    yield "<p>People are left out; the report in the run folder has them.</p></body></html>"


def _table(title: str, heads: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    yield f"<h2>{escape(title)}</h2><table><thead><tr>"
    yield "".join(f"<th>{escape(head)}</th>" for head in heads)
    yield "</tr></thead><tbody>"
    for row in rows:
        yield f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row)}</tr>"
    yield "</tbody></table>"
