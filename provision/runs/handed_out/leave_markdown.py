"""A plan in Markdown, in a file of the person's own."""

from __future__ import annotations

from pathlib import Path

from provision.errors import InputError, RunFolderError
from provision.files import whole
from provision.report.markdown import markdown
from provision.runs.ending import RunResult


def leave_markdown(result: RunResult, path: Path) -> None:
    """Write the plan of a run there, for the owner's eyes. Raises InputError where that is impossible; the run is told all the same."""
    text = markdown(result.plan, result.summary)
    try:
        whole(path, lambda part: part.write_text(text, encoding="utf-8"))
    except RunFolderError as error:
        raise InputError(
            f"{error.what} The plan itself is made: {result.folder}.",
            cause=error.cause,
            remedy="name a file in a folder that is there and can be written to",
        ) from None
