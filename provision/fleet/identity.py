"""What can be told of a job file before anybody signs in: how its job is called, and whether two jobs are about one enterprise."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from provision.errors import JobError
from provision.job.document import Document, Tree, read_document
from provision.job.literals import secret_variables
from provision.job.load import name_after
from provision.job.places import BOX
from provision.job.variables import filled_where_known

#: a job file as it is written, None for one that cannot be read
Reader = Callable[[Path], Document | None]


@dataclass(frozen=True, slots=True)
class Identity:
    """A job of one row. ``enterprise`` is equal where the enterprise is surely the same; ``label`` its id, "" where that is not said.

    Two that differ may still be the same one: then the lease of the enterprise lets only one of them work.
    """

    job: str
    enterprise: str
    label: str = ""
    secrets: frozenset[str] = frozenset()


def identity_of(path: Path, variables: Mapping[str, str], read: Reader) -> Identity:
    """What the job file says of itself with these variables; one that cannot be read is told of by whoever runs it."""
    document = read(path)
    if document is None:
        return Identity(name_after(path), _digest(str(path)))

    def said(tree: Tree, default: str = "") -> str:
        return filled_where_known(tree, variables) if isinstance(tree, str) else default

    box = document.at(("box",))
    auth = document.at(("box", "auth"))
    address = said(box.get("base_url") if isinstance(box, dict) else None, BOX)
    told = {key: said(value) for key, value in auth.items()} if isinstance(auth, dict) else {}
    place = told.get("enterprise_id") or _config(told, path) or told.get("token") or str(path)
    known = told.get("enterprise_id", "")
    label = known if known.isascii() and known.isalnum() else ""
    name = said(document.at(("name",))) or name_after(path)
    return Identity(name, _digest(f"{address} {place}"), label, secret_variables(document))


def _config(told: Mapping[str, str], path: Path) -> str:
    """The file of a sign-in with a JSON Web Token, wherever the job file lies that names it."""
    named = told.get("config_file", "")
    return str(path.parent / named) if named and "$" not in named else named


def reader() -> Reader:
    """Reads each job file once: ten thousand rows may name one."""
    return cache(_read)


def _read(path: Path) -> Document | None:
    try:
        return read_document(path)
    except JobError:
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
