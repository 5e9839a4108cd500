"""What many operations have alike is told once in plan.json, and each is the same again when it is read."""

from __future__ import annotations

import contextlib
import json
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from typing import Any

import msgspec
import pytest

from provision.errors import DamagedFile, PlanError
from provision.model import Kind, UserKind
from provision.operations.value import Change, FieldChange
from provision.plan import planfile
from provision.plan.alike import MANY, encoded
from provision.plan.planfile import PLAN_NAME, read_plan, write_plan
from provision.plan.value import Plan

from .builders import directory, plan, roster
from .test_planfile import small

STORED = Path(__file__).with_name("stored") / "version4.zip"


def creates(count: int) -> Iterator[Change]:
    """New people, one in seven of another office; who stands at a multiple of ten is an app user."""
    for number in range(count):
        app = number % 10 == 0
        login = "" if app else f"p{number}@acme.example"
        said = {"login": login} if login else {"external_id": f"E{number}"}
        said |= {"name": f"Person {number}", "job_title": "Clerk" if number % 7 else "Director"}
        said |= {"phone": f"+49 30 {number}"}
        given = tuple(FieldChange(name, "", text) for name, text in said.items())
        kind = UserKind.APP if app else UserKind.MANAGED
        yield Change(
            Kind.CREATE, kind, number + 2, "", f"E{number}", login, said["name"], given, "not_in_box"
        )


def odd(count: int) -> Iterator[Change]:
    """Everything in which operations may differ, drawn by chance and the same each time."""
    random = Random(16)  # noqa: S311  no secret
    names = ["login", "name", "status", "phone", "tracking_codes"]
    for number in range(count):
        kind = random.choice((Kind.CREATE, Kind.UPDATE, Kind.DEACTIVATE))
        own = {"login": f"p{number}@acme.example", "name": random.choice(("Ada", "Zoë Ömer", ""))}
        told = random.choice((names, names[:2], names[1:4], names[1::-1], []))
        sides = [
            (random.choice(("", "x", f"x{number}")), random.choice(("", "y", own["name"]))) for _ in told
        ]
        change = Change(
            kind, random.choice(tuple(UserKind)), random.choice((0, number)), random.choice(("", str(number))), random.choice(("", "E1")),
            **own, fields=tuple(FieldChange(name, *side) for name, side in zip(told, sides, strict=True)),
            because=random.choice(("a", "b", "c:day=1")), destroys=random.choice((True, False)),
            needs=random.choice(((), ("create:1",), ("create:1", "create:2"))), subject=random.choice(("", "other")),
            approved=random.choice(("", "", "Ines")), missing=random.choice(((), ("hr",))),
        )  # fmt: skip
        yield change


def planned(*changes: Change) -> Plan:
    return replace(plan(roster(), directory()), changes=changes)


@pytest.mark.parametrize("made", [creates, odd])
@pytest.mark.parametrize("count", [1, MANY - 1, MANY, 400])
def test_each_operation_is_read_as_it_was(
    made: Callable[[int], Iterator[Change]], count: int, tmp_path: Path
) -> None:
    written = write_plan(planned(*made(count)), tmp_path)

    assert read_plan(tmp_path) == written


def over(under: Any, told: Any) -> Any:
    """One JSON value laid over another, object over object, as jq's ``*`` and OPA's ``object.union`` do it."""
    if not (isinstance(under, dict) and isinstance(told, dict)):
        return told
    return under | {key: over(under.get(key), value) for key, value in told.items()}


def test_a_program_that_lays_one_over_the_other_has_each_operation_whole(tmp_path: Path) -> None:
    changes = (*creates(200), *odd(300))
    write_plan(planned(*changes), tmp_path)
    document = json.loads((tmp_path / PLAN_NAME).read_text(encoding="utf-8"))

    assert {each.get("like") for each in document["changes"]} > {None, 0, 1}
    for change, told in zip(changes, document["changes"], strict=True):
        whole = over(document["alike"][told["like"]] if "like" in told else {}, told)
        for each in fields(Change):
            if each.name not in ("fields", "subject"):
                value = getattr(change, each.name)
                assert whole[each.name] == (list(value) if isinstance(value, tuple) else value)
        assert whole["subject"] in ("", change.subject)
        assert list(whole["before"].items()) == [(one.field, one.before) for one in change.fields]
        after = {one.field: whole["after"].get(one.field, whole.get(one.field)) for one in change.fields}
        assert after == {one.field: one.after for one in change.fields}


def test_what_many_have_alike_is_told_once_and_few_are_told_whole(tmp_path: Path) -> None:
    write_plan(planned(*creates(100)), tmp_path)
    text = (tmp_path / PLAN_NAME).read_text(encoding="utf-8")
    document = json.loads(text)

    assert [pattern["after"] for pattern in document["alike"]] == [{"job_title": "Clerk"}]
    assert (text.count('"not_in_box"'), text.count('"Clerk"')) == (11, 9)  # the pattern and ten app users
    assert document["changes"][1] == {
        "like": 0, "line": 3, "external_id": "E1", "login": "p1@acme.example", "name": "Person 1",
        "after": {"phone": "+49 30 1"},
    }  # fmt: skip
    assert document["changes"][0]["approved"] == ""


DAMAGE: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "no such pattern": (lambda told: told["changes"][1].update(like=7), "$.changes[1].like"),
    "a negative one": (lambda told: told["changes"][1].update(like=-1), "$.changes[1].like"),
    "a pattern of a pattern": (lambda told: told["alike"][0].update(like=0), "$.alike[0]"),
    "after without before": (lambda told: told["changes"][1]["after"].update(fax="1"), "$.changes[1].after"),
    "before without after": (
        lambda told: told["changes"][1].update(before={"fax": "1"}),
        "$.changes[1].after",
    ),
    "a key is missing": (lambda told: told["changes"][0].pop("because"), "$.changes[0]"),
    "an unknown key": (lambda told: told["changes"][1].update(extra=1), ""),
    "too many fields": (
        lambda told: told["alike"][0].update(before={str(number): "" for number in range(101)}, after={}),
        "$.alike[0]",
    ),
}


@pytest.mark.parametrize(("damage", "place"), DAMAGE.values(), ids=DAMAGE)
def test_what_is_no_operation_is_told_with_its_place(
    damage: Callable[[dict[str, Any]], object], place: str, tmp_path: Path
) -> None:
    """Also where somebody reckons the digest anew: a folder that nobody has sealed is looked at, too."""
    write_plan(planned(*creates(100)), tmp_path)
    path = tmp_path / PLAN_NAME
    document = json.loads(path.read_text(encoding="utf-8"))
    damage(document)
    path.write_text(json.dumps(document), encoding="utf-8")
    with contextlib.suppress(msgspec.ValidationError):  # an unknown key is told before the digest
        told = msgspec.json.decode(path.read_bytes(), type=planfile._Sealed)
        document["digest"] = planfile._digest(told, encoded(told.alike, told.changes))
    path.write_text(json.dumps(document), encoding="utf-8")

    with pytest.raises(DamagedFile, match="it is not of the form that this program writes") as caught:
        read_plan(tmp_path)
    assert place in str(caught.value)


def test_a_plan_of_version_4_is_the_same_plan(tmp_path: Path) -> None:
    """``small`` as the release before version 5 wrote it."""
    with zipfile.ZipFile(STORED) as stored:
        stored.extractall(tmp_path)
    was = read_plan(tmp_path)
    now = write_plan(small(), tmp_path)

    assert replace(was, digest="") == replace(now, digest="")
    assert was.table.equals(now.table)
    assert was.digest != now.digest


def test_an_edited_plan_of_version_4_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(STORED) as stored:
        stored.extractall(tmp_path)
    path = tmp_path / PLAN_NAME
    path.write_text(path.read_text(encoding="utf-8").replace('"box_id":"13"', '"box_id":"17"'))

    with pytest.raises(PlanError, match="was changed after it was made"):
        read_plan(tmp_path)
