"""plan.json: the sealed plan on disk; people.parquet beside it, the verdict on everybody; said.parquet, what the roster says.

The seal is a SHA-256 over the canonical JSON, which holds the SHA-256 of the two others. An edited plan is refused: who
wants another plan edits the roster or the job and plans again.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Generic, TypeVar

import msgspec
import pandas as pd

from provision.batches import Batches, Held
from provision.directory.groups import NamedGroup
from provision.errors import DamagedFile, DamagedLedger, PlanError
from provision.files import sha256_of, whole
from provision.findings import Finding
from provision.ledger.progress import Look
from provision.ledger.roster_values import pack_into, unpack
from provision.operations.value import Change
from provision.parquet import read_parquet, write_parquet
from provision.plan import v3_words
from provision.plan.alike import ALWAYS_TOLD, Lines, Operation, changes_of, encoded, told
from provision.plan.value import (
    PLAN_VERSION,
    TABLE_COLUMNS,
    DirectoryFacts,
    Forecast,
    GuardVerdict,
    HealthLine,
    Plan,
    Question,
    RosterFacts,
)
from provision.records import LARGEST, content_of, damaged, decoded, sound
from provision.roster.profile.profile import Profile

PLAN_NAME = "plan.json"
PEOPLE_NAME = "people.parquet"
#: fingerprints only, see :mod:`provision.plan.roster_memory`; not there for a plan that carries no roster out
SAID_NAME = "said.parquet"
#: versions that are applied; another one is refused by name
APPLIED = (4, PLAN_VERSION)
#: how a plan without operations says so, at the first level; within a text the quotation marks are escaped
_NO_CHANGES = b'\n "changes": []'
_AGAIN = "make a new plan from the roster: provision plan JOB"


class _Version(msgspec.Struct):
    """What every version of plan.json has."""

    version: int


_Operation = TypeVar("_Operation")


class _Form(msgspec.Struct, Generic[_Operation], forbid_unknown_fields=True, kw_only=True):
    """What plan.json has, its operations as they are there; of version 4 that is all of it, with each operation whole."""

    version: int
    job: str
    enterprise_id: str
    as_of: str
    roster: RosterFacts
    directory: DirectoryFacts
    guards: tuple[GuardVerdict, ...]
    verdicts: dict[str, int]
    people_sha256: str
    job_fingerprint: str = ""
    changes: tuple[_Operation, ...]
    health: tuple[HealthLine, ...] = ()
    profile: Profile | None = None
    forecast: Forecast | None = None
    drift: tuple[str, ...] = ()
    said_sha256: str = ""
    said_key: str = ""
    questions: tuple[Question, ...] = ()
    looks: tuple[Look, ...] = ()
    findings: tuple[Finding, ...] = ()
    groups: tuple[NamedGroup, ...] = ()
    digest: str = ""


class _Sealed(_Form[Operation], forbid_unknown_fields=True, kw_only=True):
    """The form of plan.json: what many operations have alike is told once, see :mod:`provision.plan.alike`."""

    alike: tuple[Operation, ...] = ()


def write_plan(plan: Plan, folder: Path) -> Plan:
    """Write all files and return the plan with its digest. Raises RunFolderError."""
    people = whole(
        folder / PEOPLE_NAME, lambda path: write_parquet(plan.people.each(), path, compression="zstd")
    )
    sealed = _Form[Any](
        version=PLAN_VERSION,
        **{name: getattr(plan, name) for name in _shared()} | {"changes": ()},
        people_sha256=sha256_of(people),
        said_sha256=_write_said(plan.said, folder / SAID_NAME),
    )
    lines = told(plan.changes)
    sealed.digest = _digest(sealed, lines)
    whole(folder / PLAN_NAME, lambda path: _write_text(sealed, lines, path))
    return replace(plan, digest=sealed.digest)


def rewritten(
    folder: Path, told: Callable[[Any], Any], table: Callable[[pd.DataFrame], pd.DataFrame]
) -> Plan:
    """The plan of this folder with other words, written in its place with a digest of its own.

    ``told`` changes plain values as JSON has them, ``table`` the verdict on everybody. One of version 3 stays one. Raises
    PlanError as :func:`read_recorded`.
    """
    plan = read_recorded(folder)
    if not can_be_applied(folder):
        return _rewritten_as_it_is(folder, told, table)
    shared = {name: getattr(plan, name) for name in _shared()}
    # what the roster said is under a key already, and its profile describes columns
    kept = {"profile": shared.pop("profile")}
    types = {field.name: field.type for field in msgspec.structs.fields(_Form[Change])}
    changed = {
        name: msgspec.convert(told(msgspec.to_builtins(one)), type=types[name])
        for name, one in shared.items()
    }
    return write_plan(Plan(**changed, **kept, people=Held(table(plan.table)), said=plan.said), folder)


def _rewritten_as_it_is(
    folder: Path, told: Callable[[Any], Any], table: Callable[[pd.DataFrame], pd.DataFrame]
) -> Plan:
    """A plan of version 3 with other words in the form that it has: it is read as before, and never applied."""
    document = decoded(folder / PLAN_NAME, _opened(folder / PLAN_NAME)[0], dict[str, Any], _AGAIN)
    profile = document.get("profile")
    changed = {**told({**document, "profile": None}), "profile": profile}
    people = read_parquet(folder / PEOPLE_NAME, (folder / PEOPLE_NAME).stat().st_size)
    path = whole(folder / PEOPLE_NAME, lambda part: write_parquet([table(people)], part))
    changed |= {"people_sha256": sha256_of(path), "digest": ""}
    changed["digest"] = hashlib.sha256(v3_words.sealed_with(changed)).hexdigest()
    text = msgspec.json.format(msgspec.json.encode(changed), indent=1)
    whole(folder / PLAN_NAME, lambda part: part.write_bytes(text))
    return read_recorded(folder)


def read_plan(folder: Path, sealed: str = "") -> Plan:
    """Read a sealed plan. Raises PlanError if it is missing, of another version, edited or incomplete.

    ``sealed``: the SHA-256 that plan.json has to have, "" for any. What is read is what is compared: files may be exchanged in between.
    """
    return _read(folder, *_opened(folder / PLAN_NAME, sealed))


def read_recorded(folder: Path, sealed: str = "") -> Plan:
    """The plan of a run of the past, to be read and not to be applied: also one of version 3. As :func:`read_plan`."""
    path = folder / PLAN_NAME
    body, version = _opened(path, sealed)
    if version != v3_words.VERSION:
        return _read(folder, body, version)
    document = decoded(path, body, dict[str, Any], _AGAIN)
    digest = sound(path, lambda: hashlib.sha256(v3_words.sealed_with(document)).hexdigest(), _AGAIN)
    found = sound(path, lambda: msgspec.convert(v3_words.renewed(document), type=_Form[Change]), _AGAIN)
    _expect_sealed(found, digest, folder)
    return _whole(found, found.changes, folder)


def schema() -> dict[str, Any]:
    """The form of plan.json as a JSON Schema, for other programs that judge plans."""
    form = msgspec.json.schema(_Sealed)
    named = {**form.pop("$defs"), "Plan": {}}
    named["Plan"] = named.pop("_Sealed")
    named["Plan"].pop("additionalProperties", None)  # later releases may add keys, and codes of findings
    named["Code"] = {"type": "string", "title": "Code"}
    for each in named.values():
        each.pop("description", None)  # ours are for who reads the code, and change with it
    named["Operation"]["anyOf"] = [{"required": ["like"]}, {"required": list(ALWAYS_TOLD)}]
    text = msgspec.json.encode(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", **form, "$defs": named}
    )
    document: dict[str, Any] = msgspec.json.decode(text.replace(b"#/$defs/_Sealed", b"#/$defs/Plan"))
    return document


def can_be_applied(folder: Path) -> bool:
    """Whether the plan there is of the version that this program applies."""
    try:
        return _opened(folder / PLAN_NAME)[1] in APPLIED
    except PlanError:
        return False


def _read(folder: Path, body: bytes, version: int) -> Plan:
    path = folder / PLAN_NAME
    if version not in APPLIED:
        raise PlanError(
            f"{path} is a plan of version {version}; this program applies versions {' and '.join(map(str, APPLIED))}.",
            cause="it was made by another version of this program",
            remedy=_AGAIN,
        )
    if version != PLAN_VERSION:
        older = decoded(path, body, _Form[Change], _AGAIN)
        _expect_sealed(older, _digest(older, encoded((), older.changes)), folder)
        return _whole(older, older.changes, folder)
    found = decoded(path, body, _Sealed, _AGAIN)
    _expect_sealed(found, _digest(found, encoded(found.alike, found.changes)), folder)
    return _whole(found, sound(path, lambda: changes_of(found.alike, found.changes), _AGAIN), folder)


def _expect_sealed(sealed: _Form[Any], digest: str, folder: Path) -> None:
    if digest != sealed.digest:
        raise _edited(folder)


def _edited(folder: Path) -> PlanError:
    return PlanError(
        f"The plan in {folder} was changed after it was made (its digest does not fit).",
        cause="somebody edited plan.json, or it was copied incompletely",
        remedy=f"edit the roster or the job instead, and {_AGAIN}",
    )


def _whole(sealed: _Form[Any], changes: tuple[Change, ...], folder: Path) -> Plan:
    table = _people(folder / PEOPLE_NAME, sealed.people_sha256)
    said = _said(folder / SAID_NAME, sealed.said_sha256)
    shared = {name: getattr(sealed, name) for name in _shared()} | {"changes": changes}
    return Plan(**shared, people=Held(table), said=said, digest=sealed.digest)


def _shared() -> tuple[str, ...]:
    return tuple(name for name in Plan.__dataclass_fields__ if name not in ("people", "said", "digest"))


def _opened(path: Path, sealed: str = "") -> tuple[bytes, int]:
    """The content of a plan.json, and its version."""
    try:
        body = content_of(path, _AGAIN, LARGEST)
    except FileNotFoundError as error:
        raise PlanError(
            f"There is no plan to read in {path.parent} ({error.strerror}).",
            cause="a wrong run, or a run that stopped before it had a plan",
            remedy="nothing was sent: run the job again, or see the runs with: provision runs JOB",
        ) from None
    if sealed and hashlib.sha256(body).hexdigest() != sealed:
        raise _edited(path.parent)
    return body, decoded(path, body, _Version, _AGAIN).version


def _bare(sealed: _Form[Any], digest: str = "") -> _Form[Any]:
    """All but the operations."""
    kept = {name: getattr(sealed, name) for name in _Form.__struct_fields__}
    return _Form[Any](**kept | {"changes": (), "digest": digest})


def _digest(sealed: _Form[Any], lines: Lines) -> str:
    """The SHA-256 of the canonical JSON of it all, the digest left empty, ``alike`` before the operations if there is any."""
    # the first list of this name is that of the operations: nothing before it has a list by name
    above, none, below = msgspec.json.encode(_bare(sealed), order="deterministic").partition(b'"changes":[]')
    digest = hashlib.sha256(above)
    if lines.alike:
        digest.update(b'"alike":[' + b",".join(lines.alike) + b"],")
    digest.update(none[:-1] + b",".join(lines.changes))
    digest.update(none[-1:] + below)
    return digest.hexdigest()


def _write_text(sealed: _Form[Any], lines: Lines, path: Path) -> None:
    """The file: each operation, and what many have alike, on a line of its own, all else indented."""
    text = msgspec.json.format(msgspec.json.encode(_bare(sealed, sealed.digest)), indent=1)
    above, below = text.split(_NO_CHANGES)
    with path.open("wb") as file:
        file.write(above + b'\n "alike": ')
        _write_lines(lines.alike, file)
        file.write(b"," + _NO_CHANGES[:-2])
        _write_lines(lines.changes, file)
        file.write(below + b"\n")


def _write_lines(lines: list[bytes], file: BinaryIO) -> None:
    file.write(b"[")
    if lines:
        file.write(b"\n  " + b",\n  ".join(lines) + b"\n ")
    file.write(b"]")


def _write_said(said: Batches | None, path: Path) -> str:
    if said is None:
        return ""
    return sha256_of(whole(path, lambda part: pack_into(said.each(), part)))


def _said(path: Path, sha256: str) -> Held | None:
    if not sha256:
        return None
    content = _intact(path, sha256)
    try:
        return Held(unpack(content))
    except DamagedLedger:  # whose it is where nobody says otherwise
        raise damaged(path, "it is damaged", _AGAIN) from None


def _people(path: Path, sha256: str) -> pd.DataFrame:
    content = _intact(path, sha256)
    return sound(
        path, lambda: _typed(v3_words.people_of(read_parquet(io.BytesIO(content), len(content)))), _AGAIN
    )


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    text = [name for name in TABLE_COLUMNS if name not in ("line", "owned")]
    # a plan that was made before these were kept says nothing in them
    table = table.assign(**{name: "" for name in text if name not in table})
    return table.astype(dict.fromkeys(text, "str"))


def _intact(path: Path, sha256: str) -> bytes:
    """The bytes of a file that belongs to its plan; a look at it beforehand would be one at what may be exchanged since."""
    try:
        content = content_of(path, _AGAIN, LARGEST)
    except (FileNotFoundError, DamagedFile):
        content = b""
    if hashlib.sha256(content).hexdigest() != sha256:
        raise PlanError(
            f"{path} is missing or does not belong to its plan.",
            cause="the run folder was copied incompletely or edited",
            remedy=_AGAIN,
        )
    return content
