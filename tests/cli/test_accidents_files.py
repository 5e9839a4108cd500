"""Accidents of other programs with the file they were given, night after night, and that they cannot happen here.

Each test is one accident; its first line is the rule it taught. Others are in the files beside this one.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from itertools import product
from pathlib import Path

import pytest
import xlsxwriter

from provision.sandbox.http.server import Server
from provision.sandbox.trouble.script import rule

from .conftest import accounts, person
from .staff import ALL, AT_ONCE, GOOD, HEADER, LOOSE, SEED, left, line, refused, roster, told, village

TRAILER = "TRAILER|{}\n"


@pytest.fixture
def server(settled, nights) -> Server:
    """An enterprise whose forty people the job has come to own in a first good night."""
    return village(settled, nights)


CUT_OFF = {
    "half the rows": (
        roster(range(1, 21)), "the roster has 20 rows fewer than the 40 of the last accepted one"
    ),
    "within a row": (roster(range(1, 39)) + line(39)[:-12], "seems cut off"),
    "within the last cell": (
        roster(range(1, 39)) + line(39)[:-3], "the file breaks off without a line end"
    ),
    "within a quotation": (roster(range(1, 30)) + '00000030,"p30@acme', "is not closed"),
    "header only": (HEADER[:-3], "not one row"),
    "within the header": (GOOD[:10], "not one row"),
}  # fmt: skip


def test_01_truncated_csv_removes_nobody(server, nights):
    """A roster is authoritative only if it ends properly and keeps the rows of the last accepted one."""
    before = accounts(server)

    for night, (what, (damaged, why)) in enumerate(CUT_OFF.items(), 1):
        said = nights(night, damaged)
        assert said.code in (1, 3), what
        assert why in told(said), what
    assert accounts(server) == before
    assert nights(len(CUT_OFF) + 1, GOOD).json["planned"] == {}


def test_01_truncated_csv_with_a_trailer_is_missed_wherever_it_was_cut(box, nights):
    """A roster that carried the number of its rows has to carry it again."""
    server = box(seed=SEED)
    whole = GOOD + TRAILER.format(40)
    assert nights(0, whole).code == 0

    for night, cut in enumerate((0.2, 0.5, 0.9, 0.97), 1):
        said = nights(night, whole[: int(len(whole) * cut)], guards=LOOSE)
        assert (said.code, bool(said.json["error"])) == (3, True), cut
    assert left(server) == set()


def test_02_cropped_table_removes_nobody_by_absence_alone(server, nights, provision):
    """Never act on absence alone: it takes consecutive complete rosters, and who is back in between starts afresh."""
    cropped = roster(range(11, 41))
    found = []
    for night, people in enumerate([cropped, GOOD, cropped, GOOD], 1):
        said = nights(night, people, "--allow", "shrink=10", guards=LOOSE)
        found.append((said.code, said.json["planned"], left(server)))

    assert found == [(0, {}, set())] * 4
    explained = provision("explain", "nightly.yaml", "p1@acme.example")
    assert "absent from 1 of 2 complete rosters" in told(explained)


def test_03_contractors_who_moved_to_another_class_are_not_removed(box, nights, provision):
    """A part of the staff that disappears as one is stopped, even if the file as a whole is accepted by name."""
    contractors = [{"name": f"C {n}", "login": f"c{n}@acme.example"} for n in range(1, 13)]
    server = box(seed={**SEED, "users": [*SEED["users"], *contractors]})
    rows = "".join(f"C{n},c{n}@acme.example,C {n},\n" for n in range(1, 13))
    assert nights(0, GOOD + rows).code == 0

    found = [nights(1, GOOD)]
    assert provision("check", "nightly.yaml", "--accept").code == 0
    found += [nights(night, GOOD) for night in (2, 3, 4)]

    assert [(said.code, refused(said)) for said in found] == [
        (3, {"shrink"}), (0, set()), (3, {"removals"}), (3, {"removals"}),
    ]  # fmt: skip
    assert "12 of 52 accounts" in told(found[-1])
    assert {person(server, f"c{n}@acme.example")["status"] for n in range(1, 13)} == {"active"}


EMPTY = {"header only": HEADER, "no byte": "", "blank rows": HEADER + ",,,\n" * 40}
MODES = list(product(["full", "partial"], [(), ("--yes", "--allow", "shrink=40", "--allow", "removals=40")]))


@pytest.mark.parametrize("what", EMPTY)
def test_04_empty_source_is_an_error_in_every_mode(server, nights, provision, what):
    """Empty is an error in every mode, and nothing on the command line makes it none."""
    before = accounts(server)

    for night, (authority, flags) in enumerate(MODES, 1):
        said = nights(night, EMPTY[what], *flags, roster={"authority": authority}, guards=LOOSE)
        assert (said.code, said.json["status"]) == (1, "failed"), (authority, flags)
        assert re.search("is empty|not one row", told(said))
        assert provision("check", "nightly.yaml", "--accept").code == 1
    assert accounts(server) == before


WRONG_ANSWERS = {
    "a page of HTML": "<html><body>Please sign in</body></html>\n",
    "an error in JSON": '{"error": "rate limited", "rows": []}\n',
    "an error in words": "HTTP 500 Internal Server Error\n",
}


def test_05_error_instead_of_a_roster_is_not_read_as_nobody_there(server, nights):
    """Only a verified complete read counts: a source that answered with an error says nothing about anybody."""
    before = accounts(server)
    for night, (what, page) in enumerate(WRONG_ANSWERS.items(), 1):
        said = nights(night, page, lifecycle={"evidence": AT_ONCE}, guards=LOOSE)
        assert said.code in (1, 3), what
        assert "do: " in told(said), what

    assert accounts(server) == before


@pytest.mark.usefixtures("hurried")
@pytest.mark.parametrize("trouble", ["short_page", "not_json", "entries_null"])
def test_05_failed_page_of_the_enterprise_is_not_read_as_accounts_not_there(settled, nights, trouble):
    """Any failed page invalidates what the listing says: nobody is made twice and no absence is counted."""
    server = village(settled, nights)
    before = accounts(server)
    server.faults.add(rule(trouble, path="^/2.0/users$", method="GET"))

    for night in (1, 2, 3):
        said = nights(night, roster(range(2, 41)))
        assert said.code == 7
        assert "do: " in told(said)
    assert accounts(server) == before


BAD_ROWS = {
    "required login blank": (r"00000007,p7@acme.example", "00000007,"),
    "login is no address": (r"p7@acme.example", "p7-acme.example"),
    "name far too long": (r"Person 7\b", "P" * 51),
    "key and login blank": (r"00000007,p7@acme.example", ","),
    "key was rounded": (r"00000007", "7.0E+10"),
    "a formula failed": (r"p7@acme.example", "#REF!"),
    "one cell too many": (r"Person 7,", "Person, 7,"),
}


def test_07_bad_row_protects_its_person(server, make_job, provision):
    """A bad row protects its person: it makes nobody a leaver, and it is named."""
    for what, (pattern, instead) in BAD_ROWS.items():
        said = provision(
            "plan", make_job(re.sub(pattern, instead, GOOD), lifecycle={"evidence": AT_ONCE}), "--json"
        )
        assert (said.json["roster"]["rejected"], said.json["planned"]) == (1, {}), what
        assert said.code in (1, 3), what
        assert ", row 8" in told(said), what


WRONG_KEYS = {
    "cells that changed places": "p7@acme.example,00000007,",
    "zeros eaten, login broken": "7,p7-acme,",
    "zeros eaten, login blank": "7,,",
}


def test_07_bad_row_with_two_wrong_keys_protects_its_person(server, make_job, provision):
    """Keys that are wrong, and not empty, lead to nobody; the name, or the login in the wrong cell, still does."""
    for what, instead in WRONG_KEYS.items():
        bad = GOOD.replace("00000007,p7@acme.example,", instead)
        said = provision("plan", make_job(bad, lifecycle={"evidence": AT_ONCE}), "--json")
        assert (said.code, said.json["planned"]) == (3, {}), what


def test_07_unreadable_key_holds_who_really_left(server, nights):
    """Who is absent beside a row without a readable key may be the one it means."""
    bad = roster(n for n in ALL if n != 9).replace("00000007,p7@acme.example", ",")

    said = [nights(night, bad) for night in (1, 2, 3)]

    assert [each.json["planned"] for each in said] == [{}] * 3
    assert left(server) == set()


DAMAGED_HEADERS = {
    "renamed": (GOOD.replace("login", "Login-Adresse"), "login"),
    "lost": (GOOD.removeprefix(HEADER), "seems to have no header"),
    "a column gone": (re.sub(r",[^,\n]*$", "", GOOD, flags=re.MULTILINE), "phone"),
    "in another language": (GOOD.replace("login,name,phone", "Kennung,Bezeichnung,Ruf"), "login"),
}


def test_08_damaged_header_leaves_nobody_unmatched(server, nights):
    """Expected headers are those of the last accepted roster; a change is accepted by name or refused."""
    before = accounts(server)

    for night, (what, (damaged, named)) in enumerate(DAMAGED_HEADERS.items(), 1):
        said = nights(night, damaged)
        assert said.code == 3, what
        assert named in told(said), what
    assert accounts(server) == before


def test_08_other_encoding_leaves_nobody_unmatched(server, make_job, provision):
    """Another encoding is read for what it is, or refused; nobody becomes a leaver by it."""
    named = GOOD.replace("Person 3,", "Zoë Müller,")

    for encoding in ("utf-16", "utf-8-sig", "cp1252", "utf-16-be"):
        said = provision("plan", make_job(named.encode(encoding), lifecycle={"evidence": AT_ONCE}), "--json")
        assert said.code in (1, 2, 3), encoding
        assert "deactivate" not in said.json["planned"], encoding


REKEYED = {"leading zeros lost": "{}", "a prefix": "ACME-{}", "another number": "9{:07d}"}


def test_09_key_column_in_another_format_is_stopped(server, make_job, provision):
    """Keys that are new while the people are the same stop the night: everybody would be new and gone at once."""
    for what, key in REKEYED.items():
        said = provision("plan", make_job(roster(key=key), guards=LOOSE), "--json")
        assert (said.code, refused(said)) == (3, {"rekeyed"}), what
        assert "the people are the same but their keys are new" in told(said), what


OF_APPS = {
    "full": ({}, "external_id,login,name\n", "{0:08d},p{0}@acme.example,Person {0}\n"),
    "partial": (
        {"authority": "partial"},
        "external_id,login,name\n",
        "{0:08d},p{0}@acme.example,Person {0}\n",
    ),
    "app users": ({"kind": "app", "authority": "partial"}, "external_id,name\n", "{0:08d},Person {0}\n"),
}


def _small(people: Iterable[int], header: str, row: str) -> str:
    return header + "".join(row.format(each) for each in people)


def test_09_few_people_whose_keys_and_names_changed_places_are_stopped(box, nights, provision):
    """However few rows there are and whatever guards are off: nobody is made under a name as a key. Other people may come."""
    for at, (what, (form, header, row)) in enumerate(OF_APPS.items()):
        server, job = box(seed=SEED), {"roster": form, "guards": LOOSE, "name": f"job{at}"}
        assert nights(0, _small((1, 2, 3, 4), header, row), **job).code == 0, what
        before = accounts(server)
        swapped = "name,login,external_id\n" if "login" in header else "name,external_id\n"

        # a person left, one got another login, and one is new: neither the rows nor the logins are the same
        bad = _small((2, 3, 4, 5), swapped, row).replace("p2@", "p2.lee@")
        said = nights(1, bad, **job)
        assert (said.code, refused(said)) == (3, {"headers"}), what
        assert "external_id and name look exchanged" in told(said), what
        assert accounts(server) == before, what
        assert provision("check", f"job{at}.yaml").code == 3, what
        assert nights(2, bad, "--allow", "headers=2", **job).json["status"] != "refused", what


def test_09_few_other_people_may_come(box, nights):
    """Joiners of a small partial roster, and app users whose external id is their name, are no exchanged columns."""
    server = box(seed=SEED)
    job = {"roster": {"kind": "app", "authority": "partial"}, "guards": LOOSE}
    for night, who in enumerate((["scanner"], ["printer", "scanner"], ["door"], ["gate", "printer"])):
        rows = "".join(f"{each},{each}\n" for each in who)
        assert nights(night, f"external_id,name\n{rows}", **job).code == 0, who
    assert {"scanner", "printer", "door", "gate"} <= {each.name for each in server.enterprise.accounts}


def test_20_mojibake_is_not_written_into_names(server, nights):
    """Characters that were lost or read wrongly hold the name back, night after night, and the row is named."""
    for night, name in enumerate(("M\u00c3\u00bcller", "M\ufffdller", "JosÃ© Ã\u0096z"), 1):
        said = nights(night, GOOD.replace("Person 3,", f"{name},"))
        assert said.code in (1, 3), name
        assert said.json["planned"] == {}, name
    assert person(server, "p3@acme.example")["name"] == "Person 3"
    assert nights(4, GOOD.replace("Person 3,", "Müller,")).json["planned"] == {"update": 1}


def test_21_leading_zeros_eaten_by_a_spreadsheet_make_nobody_new_or_gone(server, nights):
    """All cells are text, and the form of the keys is compared with what it was: the hint names the zeros."""
    for night in (1, 2):
        said = nights(night, roster(key="{}"), guards=LOOSE)
        assert said.code == 3
        assert "leading zeros may be lost" in (said.folder / "plan.json").read_text()
    assert left(server) == set()


def test_21_rounded_ids_are_an_error_with_a_hint(server, nights):
    """An id that a spreadsheet has rounded protects its person and tells how to export it."""
    rounded = GOOD.replace("00000007", "1.2E+10")

    said = [nights(night, rounded) for night in (1, 2)]
    assert [one.code for one in said] == [1, 1]
    assert "format the column as text" in told(said[-1])
    assert left(server) == set()


def test_21_numeric_cells_of_a_key_column_are_stopped_with_a_hint(box, nights, provision):
    """Keys that a workbook stores as numbers have lost their zeros: nobody is matched or missed by them."""
    server = box(seed=SEED)
    for name, among in (("texts.xlsx", []), ("all.xlsx", ALL), ("one.xlsx", [7])):
        _write_workbook(Path(name), among)
    assert nights(0, Path("texts.xlsx").resolve()).code == 0

    hints = {"all.xlsx": "their keys are new", "one.xlsx": "format the column as text"}
    for night, (name, why) in enumerate(hints.items(), 1):
        assert nights(night, Path(name).resolve(), guards=LOOSE).code in (1, 3), name
        assert why in told(provision("check", "nightly.yaml")), name
    assert left(server) == set()


def _write_workbook(path: Path, numbers: Collection[int]) -> None:
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet()
        for at, text in enumerate(GOOD.splitlines()):
            sheet.write_row(at, 0, text.split(","))
            if at in numbers:
                sheet.write_number(at, 0, at)
