"""The jobs of a fleet, one row each: patterns and tables written out, names given, and nobody in it twice."""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from provision.fleet.identity import Identity, Reader, identity_of, reader
from provision.fleet.references import names_only
from provision.fleet.settings import JobRow, is_variable
from provision.job.document import NO_TEXT
from provision.job.places import absolute
from provision.job.problems import Problem, is_secret, shown
from provision.wording import counted

#: what a name of a row cannot hold is a dash there
_SAFE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
#: bytes and rows of a table; more is no fleet
_LARGEST, _MOST = 16 << 20, 100_000
_DELIMITERS = ",;\t"
_TABLE = "the table needs the column job, and one column a variable"
_LITERAL = "a secret was pasted into the fleet"
_NAMED = "name where it is, as ${NAME}, file:PATH, keyring:SERVICE/USER or command:PROGRAM, and replace the secret, since it was exposed"


@dataclass(frozen=True, slots=True)
class Row:
    """One job of one enterprise. ``variables`` as they are written: what names a secret is looked up by a worker.

    ``shared``: other rows name the same job file, so that its runs have a folder of their own. ``line`` of the fleet file.
    """

    job_path: Path
    variables: tuple[tuple[str, str], ...]
    name: str
    identity: Identity
    priority: int = 0
    shared: bool = False
    line: int = 0
    where: str = ""

    @property
    def place(self) -> str:
        """Where it stands, for people."""
        return f"{self.where or self.job_path.name}{f' for {self.name}' if self.name else ''}"


@dataclass(slots=True)
class _Draft:
    """What is gathered: rows, and what is wrong with them, each with the line of the fleet file."""

    folder: Path
    fleet: Path
    read: Reader
    rows: list[Row]
    problems: list[Problem]

    def wrong(self, line: int, sentence: str, cause: str = "", remedy: str = "") -> None:
        """Note a problem."""
        usual = Problem(line, sentence)
        self.problems.append(Problem(line, sentence, cause or usual.cause, remedy or usual.remedy))


def written_out(jobs: Sequence[tuple[int, JobRow]], fleet: Path) -> tuple[tuple[Row, ...], list[Problem]]:
    """The rows of a fleet file, each with its line, in its order; and everything that is wrong with them."""
    draft = _Draft(fleet.parent, fleet, reader(), [], [])
    for line, row in jobs:
        given = {name: text for name, text in row.with_.items() if text is not None}
        for path, variables, where in _expanded(row, given, line, draft):
            identity = identity_of(path, variables, draft.read)
            found = Row(
                path, tuple(variables.items()), row.name, identity, row.priority, line=line, where=where
            )
            draft.rows.append(found)
            _expect_no_secret(found, draft)
    if not draft.rows and not draft.problems:
        draft.wrong(1, "jobs: there is no job in the fleet")
    rows = _named(draft.rows)
    _expect_each_once(rows, draft)
    return rows, draft.problems


_Expanded = Iterator[tuple[Path, dict[str, str], str]]


def _expanded(row: JobRow, given: dict[str, str], line: int, draft: _Draft) -> _Expanded:
    """The job files that one line of ``jobs`` means, with their variables, and where that is said."""
    place = Path(absolute(row.job, draft.folder))
    if place.suffix.lower() == ".csv":
        yield from _of_table(place, given, line, draft)
    elif any(sign in row.job for sign in "*?["):
        found = [path for path in _matching(place) if path.resolve() != draft.fleet.resolve()]
        if not found:
            draft.wrong(
                line,
                f"jobs: no job file is called {shown(row.job)}",
                "a mistyped pattern, or a folder that is not there on this machine",
            )
        yield from ((path, given, "") for path in found)
    elif not place.is_file():
        draft.wrong(
            line,
            f"jobs: there is no job file {place}",
            "a mistyped name; a relative path begins at the fleet file",
        )
    else:
        yield place, given, ""


def _matching(pattern: Path) -> list[Path]:
    """The files of a pattern, by name; ``**`` is any depth."""
    anchor = Path(pattern.anchor or ".")
    return sorted(path for path in anchor.glob(str(pattern.relative_to(anchor))) if path.is_file())


# --- tables --------------------------------------------------------------------------------------------


def _of_table(path: Path, given: Mapping[str, str], line: int, draft: _Draft) -> _Expanded:
    table = _cells(path, line, draft)
    if not table:
        return
    header = [name.strip() for name in table[0][1]]
    if (wrong := _wrong_header(header)) is not None:
        draft.wrong(line, f"{path.name}: {wrong}", "another table, or one without its header", _TABLE)
        return
    for at, cells in table[1:]:
        where = f"{path.name} line {at}"
        if len(cells) > len(header):
            draft.wrong(line, f"{where} has {len(cells)} cells below {len(header)} headers")
            continue
        told = {name: cell.strip() for name, cell in zip(header, cells, strict=False) if cell.strip()}
        job = Path(absolute(told.pop("job", "") or "job", path.parent))
        if not job.is_file():
            draft.wrong(
                line,
                f"{where}: there is no job file {job}",
                "a mistyped name; a relative path begins at the table",
            )
            continue
        yield job, {**given, **told}, where


def _wrong_header(header: list[str]) -> str | None:
    if "job" not in header:
        return "the header has no column job"
    twice = [name for name, count in Counter(header).items() if count > 1]
    if twice:
        return f"the column {shown(twice[0]) or '(without a name)'} is there twice"
    odd = [name for name in header if not is_variable(name)]
    return f'"{shown(odd[0])}" is no name of a variable' if odd else None


def _cells(path: Path, line: int, draft: _Draft) -> list[tuple[int, list[str]]]:
    """The rows of a table with their lines, those without any text left out."""
    try:
        content = path.read_bytes()[: _LARGEST + 1]
        text = content.decode("utf-8-sig")
        if len(content) > _LARGEST or NO_TEXT.search(text):
            draft.wrong(line, f"{path.name} is no table of jobs: too large, or no text")
            return []
        delimiter = max(_DELIMITERS, key=text.partition("\n")[0].count)
        reading = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [(reading.line_num, cells) for cells in reading if any(cell.strip() for cell in cells)]
    except OSError as error:
        draft.wrong(line, f"jobs: the table {path} cannot be read: {error.strerror}")
        return []
    except (UnicodeDecodeError, csv.Error) as error:
        why = "it is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else str(error)
        draft.wrong(
            line,
            f"{path.name} cannot be read as a table: {why}",
            "saved in another encoding, or a quotation mark too few",
        )
        return []
    if len(rows) < 2 or len(rows) > _MOST:
        draft.wrong(
            line, f"{path.name} has {counted(max(len(rows) - 1, 0), 'row')}; a fleet has 1 to {_MOST:,}"
        )
        return []
    return rows


# --- what may not be -----------------------------------------------------------------------------------


def _expect_no_secret(row: Row, draft: _Draft) -> None:
    for name, text in row.variables:
        secret = name in row.identity.secrets or is_secret((name,))
        if secret and not names_only(text):
            draft.wrong(row.line, f"{row.place}: {name} is a literal secret", _LITERAL, _NAMED)


def _expect_each_once(rows: Sequence[Row], draft: _Draft) -> None:
    jobs: dict[tuple[str, str], Row] = {}
    names: dict[str, Row] = {}
    for row in rows:
        first = jobs.setdefault((row.identity.enterprise, row.identity.job.casefold()), row)
        if first is not row:
            draft.wrong(
                row.line,
                f"{row.place}: the job {row.identity.job} is there twice for one enterprise; the first time in line {first.line}",
                "a job file that two patterns name, or a row that was copied",
                "take one of them out, or give the jobs names of their own",
            )
        elif names.setdefault(row.name.casefold(), row) is not row:
            draft.wrong(
                row.line,
                f"{row.place}: two rows are called {row.name}",
                remedy="give one of them another name",
            )


# --- names ---------------------------------------------------------------------------------------------


def _named(rows: Sequence[Row]) -> tuple[Row, ...]:
    """Each with its name: that of the job where it is the only one; else with the id of its enterprise, or a digest of its variables.

    A name stays the same when rows are added before it, or moved.
    """
    files = Counter(row.job_path for row in rows)
    jobs = Counter(_safe(row.identity.job).casefold() for row in rows if not row.name)
    named = []
    for row in rows:
        name = row.name or _safe(row.identity.job)
        if not row.name and jobs[name.casefold()] > 1:
            name = f"{name}-{row.identity.label or _digest(row)}"
        named.append(replace(row, name=name, shared=files[row.job_path] > 1))
    return tuple(named)


def _safe(name: str) -> str:
    return "".join(sign if sign in _SAFE else "-" for sign in name).lstrip("-.")[:60] or "job"


def _digest(row: Row) -> str:
    told = "\0".join((str(row.job_path), *(f"{name}={text}" for name, text in sorted(row.variables))))
    return hashlib.sha256(told.encode()).hexdigest()[:6]
