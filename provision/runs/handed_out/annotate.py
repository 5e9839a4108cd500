"""The roster handed back: the very file that a run read, with what became of each row beside it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provision.errors import InputError, RosterError, UsageError
from provision.files import whole_where_named
from provision.job.limits import FileLimits
from provision.plan.value import RosterFacts
from provision.report.tables.annotated import remarks
from provision.report.tables.annotated_files import Annotated, write_book, write_text
from provision.report.value import Reconciliation, RunFacts
from provision.report.words import is_undo
from provision.roster.as_sent import GENEROUS, as_sent, is_file, opened
from provision.roster.files.locate import Form, Source
from provision.roster.reading import Reading
from provision.runs.folder import RunFolder
from provision.runs.observer import Observer, Remark

_WRITERS: dict[str, Callable[[Annotated, Path], None]] = {
    ".csv": write_text,
    ".tsv": write_text,
    ".txt": write_text,
    ".xlsx": write_book,
}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """One file that a run read: the place of its source among several and its name, "" for the only one, and what is known of it."""

    place: int
    name: str
    path: str
    sha256: str
    reading: Reading | None


def annotate(
    into: tuple[RunFolder, Path | None],
    told: tuple[Reconciliation, RunFacts],
    given: Sequence[Path],
    observer: Observer,
) -> tuple[Path, ...]:
    """Write the run's roster with the columns result, reason, what to do; one file for each source.

    ``into``: the run, and a file or a folder to write to, None for the run folder; ``given`` are files in the place of those that the run read. A file
    is known by its fingerprint, and no other one is ever annotated.

    Raises:
        InputError: the run read no roster, or its file is gone or was changed.
        UsageError: the file to write has an ending that nothing is written as, or cannot be written.
    """
    run, out = into
    reconciliation, facts = told
    wanted = list(_wanted(facts.roster, observer))
    expect_ending(out)
    sources = _found(wanted, given, run)
    written = []
    for each, (source, limits) in zip(wanted, sources, strict=True):
        said = remarks(reconciliation, facts, each.place)
        one = Annotated(as_sent(source, each.reading, limits), each.reading, said)
        path = _target(out or run.path, each, source, several=len(facts.roster.sources) > 1)
        _expect_another(path, source)
        written.append(_put(one, path))
        observer.note(Remark(str(path)))
    return tuple(written)


def expect_ending(out: Path | None) -> None:
    """Raise UsageError for a file of a kind that no roster is handed back as."""
    if out is not None and not out.is_dir() and out.suffix.casefold() not in _WRITERS:
        raise UsageError(
            f"{out.name} has an ending that no roster is handed back as.",
            remedy=f"choose one of {' '.join(_WRITERS)}, or a folder that is there.",
        )


def _wanted(roster: RosterFacts, observer: Observer) -> Iterator[_Wanted]:
    """The files that the run read and could use."""
    if is_undo(roster):
        raise InputError(
            f"This run takes back {roster.undoes or roster.path}; it read no roster.",
            remedy=f"provision report {roster.undoes or 'RUN'} --annotated",
        )
    if not roster.sources:
        yield _Wanted(0, "", roster.path, roster.sha256, roster.reading)
    for place, each in enumerate(roster.sources):
        if each.trouble:
            observer.note(
                Remark(f"Source {each.name} is left out, since the run could not use it: {each.why}")
            )
        else:
            yield _Wanted(place, each.name, each.path, each.sha256, each.reading)


def _found(
    wanted: Sequence[_Wanted], given: Sequence[Path], run: RunFolder
) -> list[tuple[Source, FileLimits]]:
    """The very files that the run read, and how much of each is read: of those given, or else where they lay."""
    copies = {source.sha256: source for source in (opened(path, GENEROUS) for path in given)}
    found = [
        (copies[each.sha256], GENEROUS)
        if each.sha256 in copies
        else (_where_it_lay(each, run.path), FileLimits())
        for each in wanted
    ]
    if others := copies.keys() - {each.sha256 for each in wanted}:
        names = ", ".join(copies[each].name for each in others)
        raise InputError(
            f"{names}: the run {run.about.run_id} did not read this file, or it was changed since.",
            cause="it is another export, or it was opened and saved again",
            remedy=f"name the file as it was then; its SHA-256 is {' or '.join(each.sha256 for each in wanted)}",
        )
    return found


def _where_it_lay(wanted: _Wanted, run: Path) -> Source:
    command = f"provision report {shlex.quote(str(run))} --annotated --roster PATH"
    instead = f"{command}, which names a copy of the file as it was then"
    if not is_file(wanted.path):
        raise InputError(
            f"The roster of this run came from {'standard input' if wanted.path == '-' else wanted.path}, of which no copy is kept.",
            cause="a run folder keeps the fingerprint of its roster, not the roster",
            remedy=instead,
        )
    try:
        source = opened(Path(wanted.path), FileLimits())
    except RosterError as error:
        raise InputError(
            f"The roster that this run read is not there any more. {error.what}",
            cause="it was moved away or replaced by a newer one; a run folder keeps its fingerprint, not the roster",
            remedy=instead,
        ) from None
    if source.sha256 != wanted.sha256:
        raise InputError(
            f"{wanted.path} is not the file that this run read: its SHA-256 is {source.sha256[:12]}…, "
            f"that of the run's roster {wanted.sha256[:12]}…; nothing was written.",
            cause="a newer roster lies there now, or it was opened and saved again",
            remedy=instead,
        )
    return source


def _target(out: Path, wanted: _Wanted, source: Source, *, several: bool) -> Path:
    """Where the file goes: one of several has the name of its source in its own."""
    if out.is_dir():
        ending = ".xlsx" if source.form is Form.WORKBOOK else _text_ending(source)
        return out / f"{wanted.name if several else Path(source.name).stem}-annotated{ending}"
    return out.with_name(f"{out.stem}-{wanted.name}{out.suffix}") if several else out


def _text_ending(source: Source) -> str:
    ending = Path(source.name).suffix.casefold()
    return ending if ending in _WRITERS and ending != ".xlsx" else ".csv"


def _expect_another(path: Path, source: Source) -> None:
    """Raise UsageError where the roster itself would be written over."""
    if path.exists() and source.path.exists() and path.samefile(source.path):
        raise UsageError(f"{path} is the roster itself.", remedy="name another file")


def _put(one: Annotated, path: Path) -> Path:
    ending = path.suffix.casefold()
    delimiter = one.sent.delimiter or ("\t" if ending == ".tsv" else ",")
    one = replace(one, sent=replace(one.sent, delimiter=delimiter))
    return whole_where_named(path, lambda part: _WRITERS[ending](one, part))
