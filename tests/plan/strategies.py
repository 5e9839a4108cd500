"""Random rosters, enterprises and memories from few keys, so that they collide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from provision.job.settings import Job
from provision.ledger.value import Memory
from provision.model import CLEAR

from .builders import Cells, make_job, memory, row, user

LOGINS = ("a@acme.example", "B@acme.example", "groß@acme.example", "d@other.example", "e@acme.example")
IDS = ("E1", "E2", "e2", "E3")
KINDS = ("managed", "app")
STAGES = ({"after": "0d", "do": "deactivate"}, {"after": "0d", "do": "delete"})
LONG_AGO = "2026-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class World:
    """Everything a plan is made from; ``users`` not yet surveyed, rows not yet a roster."""

    rows: tuple[Cells, ...]
    bad: tuple[Cells, ...]
    users: tuple[Cells, ...]
    known: Memory
    job: Job
    left: tuple[Cells, ...] = ()


def _choice(*options: str) -> st.SearchStrategy[str]:
    return st.sampled_from(options)


def _rows(partial: bool) -> st.SearchStrategy[Cells]:
    actions = ("upsert", "ignore", "deactivate", "delete") if partial else ("upsert", "upsert", "ignore")
    cells = st.fixed_dictionaries(
        {
            "login": _choice(*LOGINS, ""),
            "external_id": _choice(*IDS, ""),
            "kind": _choice(*KINDS),
            "name": _choice("Ada Example", "Bea Example", ""),
            "action": _choice(*actions),
            "phone": _choice("", "1", CLEAR),
            "status": _choice("", "", "active", "inactive"),
            "tracking_codes.cost": _choice("", "1", CLEAR),
            "start_date": _choice("", "2020-01-01", "2027-01-01"),
            "end_date": _choice("", "", "2026-01-01", "2027-01-01"),
        }
    )
    return cells.map(_as_its_kind).filter(_has_its_key)


def _as_its_kind(cells: Cells) -> Cells:
    return cells | {"tracking_codes.cost": ""} if cells["kind"] == "app" else cells


def _has_its_key(cells: Cells) -> bool:
    return bool(cells["login"] or (cells["kind"] == "app" and cells["external_id"]))


def _bad_rows() -> st.SearchStrategy[Cells]:
    return st.builds(
        lambda login, external_id, kind: row(login, external_id=external_id, kind=kind),
        _choice(*LOGINS, ""), _choice(*IDS, ""), _choice(*KINDS, ""),
    )  # fmt: skip


def _users() -> st.SearchStrategy[list[Cells]]:
    cells = st.fixed_dictionaries(
        {
            "login": _choice(*LOGINS, "gross@acme.example", "E@acme.example", "AppUser_1@boxdevedition.com"),
            "external_id": _choice(*IDS, ""),
            "kind": _choice(*KINDS, *KINDS, ""),
            "role": _choice("user", "user", "user", "coadmin", ""),
            "status": _choice("active", "inactive", "cannot_delete_edit"),
            "phone": _choice("", "1"),
            "tracking_codes": _choice("", '{"cost":"1"}', '{"cost":"2","site":"B"}'),
        }
    )
    return st.lists(cells, max_size=6).map(
        lambda found: [user(**{**each, "box_id": str(100 + at)}) for at, each in enumerate(found)]
    )


def _distinct(name: str, fold: Callable[[str], str] = str) -> Callable[[Cells], Any]:
    return lambda cells: fold(cells[name]) or id(cells)


@st.composite
def worlds(draw: st.DrawFn, *, bad: bool = True) -> World:
    """A roster as its room promises it (no key twice), any enterprise, and a memory that may be wrong about it."""
    authority = draw(st.sampled_from(["full", "partial"]))
    keys = (_distinct("login", str.casefold), _distinct("external_id"))
    rows = draw(st.lists(_rows(authority == "partial"), max_size=5, unique_by=keys))
    users = draw(_users())
    known = [
        each | {"external_id": draw(_choice(*IDS, "")), "left_at": draw(_choice("", LONG_AGO))}
        for each in users
        if draw(st.booleans())
    ]
    missed = {
        each["box_id"]: (draw(st.integers(1, 3)), LONG_AGO, LONG_AGO) for each in known if draw(st.booleans())
    }
    job = make_job(
        authority,
        "column",
        scope={"domains": draw(st.sampled_from([[], ["acme.example"]]))},
        lifecycle={"leavers": draw(st.sampled_from([STAGES, STAGES[:1], ()]))},
    )
    bad_rows = draw(st.lists(_bad_rows(), max_size=3)) if bad else []
    left = draw(st.lists(_bad_rows(), max_size=2))
    return World(
        tuple(rows), tuple(bad_rows), tuple(users), memory(*known, absences=missed), job, tuple(left)
    )
