"""Writing the reports into a run folder: each file whole or not at all, and for the owner's eyes only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from provision.files import whole
from provision.report.page.histories import NO_HISTORIES, Histories
from provision.report.summary import Summary
from provision.report.value import Mode, Reconciliation, RunFacts


def write_reports(
    reconciliation: Reconciliation,
    facts: RunFacts,
    folder: Path,
    formats: Iterable[str],
    histories: Histories = NO_HISTORIES,
) -> dict[str, Path]:
    """Write the reconciliation in these formats (``html, csv, xlsx, json``); where each one lies.

    ``histories`` are those of people, for the page. The page of a preview is ``preview.html``, else ``report.html``. Beside the CSV
    lies ``operations.csv``. Files replace those of an earlier report at once.

    Raises:
        RunFolderError: the folder cannot be written; what stood there before still stands.
    """
    written = {}
    for form in dict.fromkeys(map(str, formats)):
        name, write = _writer(form, reconciliation, facts, histories)
        written[form] = whole(folder / name, write)
    if "csv" in written:
        from provision.report.tables.tables import write_operations

        whole(folder / "operations.csv", lambda path: write_operations(reconciliation, path))
    return written


def write_summary(summary: Summary, folder: Path) -> Path:
    """Write ``summary.json``; raises ``RunFolderError`` if that is impossible."""
    return whole(
        folder / "summary.json", lambda path: path.write_text(f"{summary.to_json()}\n", encoding="utf-8")
    )


def _writer(
    form: str, reconciliation: Reconciliation, facts: RunFacts, histories: Histories
) -> tuple[str, Callable[[Path], object]]:
    from provision.report.page.render import write_html
    from provision.report.tables.tables import write_csv, write_json
    from provision.report.tables.workbook import write_xlsx

    page = "preview.html" if reconciliation.mode is Mode.PREVIEW else "report.html"
    writers: dict[str, tuple[str, Callable[[Path], object]]] = {
        "html": (page, lambda path: write_html(reconciliation, facts, path, histories)),
        "csv": ("reconciliation.csv", lambda path: write_csv(reconciliation, path)),
        "xlsx": ("reconciliation.xlsx", lambda path: write_xlsx(reconciliation, facts, path)),
        "json": ("reconciliation.json", lambda path: write_json(reconciliation, facts, path)),
    }
    return writers[form]
