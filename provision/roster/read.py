"""The one way through this room: each file of a roster is read by itself, then they are put together.

One that cannot be read does not keep the others from being read.
"""

from __future__ import annotations

from pathlib import Path

from provision.errors import RosterError
from provision.job.places import without_secrets
from provision.job.settings import RosterSettings
from provision.roster.files.remote import is_remote
from provision.roster.read_file import read_file
from provision.roster.reading import SourceTrouble
from provision.roster.sources.merge import merged
from provision.roster.sources.value import SourceFile
from provision.roster.value import Roster


def read_roster(settings: RosterSettings, path: Path | None = None, today: str = "") -> Roster:
    """The roster of a job, of one file or several; arguments as for :func:`provision.roster.read_file.read_file`.

    Raises RosterError where one of them cannot be read. Whether they are good enough to count is not looked at.
    """
    sources = read_sources(settings, path, today)
    for each in sources:
        if each.error is not None:
            raise each.error
    return merged(sources, settings.precedence, today)


def read_sources(
    settings: RosterSettings, path: Path | str | None = None, today: str = ""
) -> tuple[SourceFile, ...]:
    """All files of a roster in the order of the job; arguments as for :func:`provision.roster.read_file.read_file`.

    ``path`` may be an address (https, sftp, …) as well.

    Raises RosterError for a ``path`` where the job names several files.
    """
    if path is not None and settings.sources:
        raise RosterError(
            f"This job has several sources ({', '.join(settings.source_names)}); --roster {without_secrets(str(path))} can stand in the "
            "place of one roster file only.",
            cause="a command that was written when the job had one roster file",
            remedy="take --roster away, and correct roster.sources in the job if one of them lies elsewhere",
        )
    if isinstance(path, str) and is_remote(path):
        settings, path = settings.model_copy(update={"path": path}), None
    names, instead = settings.source_names or ("",), Path(path) if path is not None else None
    return tuple(
        _read(SourceFile(name, file), instead, today)
        for name, file in zip(names, settings.files, strict=True)
    )


def _read(source: SourceFile, path: Path | None, today: str) -> SourceFile:
    try:
        return SourceFile(source.name, source.settings, read_file(source.settings, path, today))
    except RosterError as error:
        return SourceFile(
            source.name, source.settings, error=error, trouble=SourceTrouble.UNREADABLE, why=error.what
        )
