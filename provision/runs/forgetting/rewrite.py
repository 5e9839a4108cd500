"""A copy of a run folder written anew without one person, with its plan's digest, its journal and its seal as they belong to it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from provision.errors import PlanError
from provision.files import whole
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.journal.rewrite import rewrite_journal
from provision.plan.planfile import PLAN_NAME, read_recorded, rewritten
from provision.plan.value import Plan
from provision.records import read_record, write_record
from provision.report.kept import FACTS_FILE, OPERATIONS_FILE, TABLE_FILE, keep, reopen
from provision.report.tables.identities import write_identities
from provision.report.value import RunFacts
from provision.report.write import write_reports
from provision.runs.folder import (
    ADOPTION_NAME,
    APPROVALS_NAME,
    INBOX_NAME,
    LOG_NAME,
    NEW_LEDGER_NAME,
    SUMMARY_NAME,
    RunFolder,
)
from provision.runs.forgetting.eraser import Eraser
from provision.runs.seal.notes import sealed_notes
from provision.runs.seal.seal import proven_among, seal, sealed_rows
from provision.runs.selection import identity

#: the files of a report by its format, and the page of a plan
_REPORTS = {
    "html": ("report.html", "preview.html"),
    "csv": ("reconciliation.csv",),
    "xlsx": ("reconciliation.xlsx",),
    "json": ("reconciliation.json",),
}
#: what is made of the private copy, or holds people without any of our forms
_DERIVED = ("identities.csv", "operations.csv", *(name for names in _REPORTS.values() for name in names))
_KEPT = (TABLE_FILE, OPERATIONS_FILE, FACTS_FILE)
_TEXTS = ("restore-request.txt", "traceback.txt")
_SNAPSHOTS = "snapshots"
_REMEDY = "put the file back from a backup, or delete the folder once it is old: provision runs JOB --prune"


def rewrite(run: RunFolder, job: Job, eraser: Eraser, *, proven: bool) -> list[str]:
    """Write the files of this folder anew; what could not be kept, by name. ``proven``: the key proved it, so that it is sealed anew.

    Raises PlanError or DamagedFile for a folder that cannot be read, RunFolderError for one that cannot be written.
    """
    eraser = eraser.with_more(_hashes(run, eraser))
    plan, before = _plan(run.path, eraser)
    _journal(run, job, plan, eraser, proven=proven)
    _approvals(run, job, (before, plan.digest if plan else ""), eraser)
    gone = [*_reports(run.path, eraser, plan), *_snapshots(run.path, eraser), *_others(run.path, eraser)]
    for name in (ADOPTION_NAME, NEW_LEDGER_NAME, SUMMARY_NAME):
        _record(run.path / name, eraser)
    _log(run.path / LOG_NAME, eraser)
    for name in _TEXTS:
        _text(run.path / name, eraser)
    if proven:
        seal(run, job)
    return gone


def _hashes(run: RunFolder, eraser: Eraser) -> list[tuple[str, str]]:
    """What stands in the log of this run in the place of the person's addresses."""
    return [
        (f"hash={run.hashed(form)}", eraser.pseudonym(one))
        for one in eraser.ids
        for form in (one, *(form for form in eraser.known if form.startswith("login=")))
    ]


def _plan(folder: Path, eraser: Eraser) -> tuple[Plan | None, str]:
    """The plan without the person, None where there is none; and the digest that it had."""
    if not (folder / PLAN_NAME).exists():
        return None, ""
    before = read_recorded(folder).digest
    return rewritten(folder, eraser.tree, eraser.table), before


def _journal(run: RunFolder, job: Job, plan: Plan | None, eraser: Eraser, *, proven: bool) -> None:
    path = run.path / JOURNAL_NAME
    if not path.exists() or plan is None:
        return
    whose = identity(plan)

    def about(notes: Mapping[str, str]) -> Mapping[str, str]:
        return {**(sealed_notes(notes, whose, run.about.run_id, job) if proven else notes), **whose}

    rewrite_journal(path, eraser.text, about)


def _approvals(run: RunFolder, job: Job, digests: tuple[str, str], eraser: Eraser) -> None:
    """Who approved what, of the plan as it is called now; what the key proved, it proves again."""
    path, run_id = run.path / APPROVALS_NAME, run.about.run_id
    if not path.exists():
        return
    rows = read_record(path, list[dict[str, Any]], _REMEDY)
    proven = proven_among(rows, run_id, job)
    told: list[dict[str, Any]] = []
    for row in rows:
        changed = eraser.tree({name: cell for name, cell in row.items() if name != "seal"})
        changed |= {"plan": digests[1]} if row.get("plan") == digests[0] else {}
        told += sealed_rows([changed], run_id, job) if row in proven else [changed]
    write_record(path, told)


def _reports(folder: Path, eraser: Eraser, plan: Plan | None) -> list[str]:
    """The reports, made again from the private copy; those that cannot be are gone."""
    there = [name for name in _DERIVED if (folder / name).exists()]
    formats = [form for form, names in _REPORTS.items() if any(name in there for name in names)]
    if _can_be_reopened(folder):
        _copy_kept(folder, eraser, plan)
        told, facts = reopen(folder)
        for name in there:
            (folder / name).unlink()
        write_reports(told, facts, folder, formats)
        if "identities.csv" in there:
            whole(folder / "identities.csv", lambda part: write_identities(told, part))
    else:
        for name in (*there, *(name for name in _KEPT if (folder / name).exists())):
            (folder / name).unlink()
    return [name for name in there if not (folder / name).exists()]


def _can_be_reopened(folder: Path) -> bool:
    """Whether the private copy is whole; of a release that kept no operations it is without them."""
    with contextlib.suppress(PlanError):
        reopen(folder)
        return True
    return False


def _copy_kept(folder: Path, eraser: Eraser, plan: Plan | None) -> None:
    told, facts = reopen(folder)
    table = eraser.table(told.table)
    changes = {at: _converted(change, type(change), eraser.tree) for at, change in told.changes.items()}
    facts = _converted(facts, RunFacts, eraser.tree)
    keep(
        replace(
            told,
            table=table,
            attention=table.loc[told.attention.index],
            refused=tuple(_converted(one, type(one), eraser.tree) for one in told.refused),
            findings=tuple(_converted(one, type(one), eraser.tree) for one in told.findings),
            changes=changes,
            operations=eraser.table(told.operations),
        ),
        replace(facts, digest=plan.digest) if plan else facts,
        folder,
    )


def _converted(value: Any, form: type[Any], change: Callable[[Any], Any]) -> Any:
    return msgspec.convert(change(msgspec.to_builtins(value)), type=form)


def _snapshots(folder: Path, eraser: Eraser) -> list[str]:
    gone = []
    for path in sorted((folder / _SNAPSHOTS).glob("*.json")):
        if path.stem in eraser.ids:
            path.unlink()
            gone.append(f"{_SNAPSHOTS}/{eraser.pseudonym(path.stem)}.json")
        else:
            _record(path, eraser)
    return gone


def _others(folder: Path, eraser: Eraser) -> list[str]:
    """What others left beside the run, and the roster as it was sent: nobody can write these anew but who wrote them."""
    gone = []
    for path in [*folder.glob("*-annotated.*"), *(folder / INBOX_NAME).glob("*.json")]:
        if path.suffix != ".json" or eraser.shows(path.read_text(encoding="utf-8", errors="replace")):
            path.unlink()
            gone.append(path.relative_to(folder).as_posix())
    return gone


def _record(path: Path, eraser: Eraser) -> None:
    if path.exists():
        told = read_record(path, dict[str, Any], _REMEDY)
        text = json.dumps(
            eraser.tree(told), ensure_ascii=False, indent=None if path.name == SUMMARY_NAME else 1
        )
        whole(path, lambda part: part.write_text(f"{text}\n", encoding="utf-8"))


def _log(path: Path, eraser: Eraser) -> None:
    if not path.exists():
        return
    told = []
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            told.append(json.dumps(eraser.tree(json.loads(line))))
        except ValueError:
            told.append(eraser.text(line))
    whole(path, lambda part: part.write_text("".join(f"{line}\n" for line in told), encoding="utf-8"))


def _text(path: Path, eraser: Eraser) -> None:
    if path.exists():
        text = path.read_text(encoding="utf-8", errors="replace")
        whole(path, lambda part: part.write_text(eraser.text(text), encoding="utf-8"))
