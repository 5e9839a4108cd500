"""The roster beside the last accepted ones, over several nights: what looks damaged is refused before it can hurt anybody.

The accidents are those of other programs: files cut off, emptied, made anew with other keys, stripped of a column.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

import pytest

from provision.ledger.store import open_ledger

from .conftest import SEED, accounts, person, run_folders

HEADER = "external_id,login,name,phone\n"
ALL = range(1, 31)
TRAILER = "TRAILER|{}\n"


def line(number: int, key: str = "{:08d}", mail: str = "p{}@acme.example") -> str:
    return f"{key.format(number)},{mail.format(number)},Person {number},555-{number}\n"


def roster(people: Iterable[int] = ALL, header: str = HEADER, end: str = "", **form: str) -> str:
    return header + "".join(line(number, **form) for number in people) + end


GOOD = roster()


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many nights after the first, with these flags."""

    def run(number: float, people: str | bytes, *flags: str, **sections):
        clock(24 * number)
        return provision("run", make_job(people, **sections), "--json", *flags)

    return run


@pytest.fixture
def server(settled, night):
    """An enterprise whose people the job has come to own in a first good night."""
    people = [{"name": f"Person {n}", "login": f"p{n}@acme.example", "phone": f"555-{n}"} for n in ALL]

    def first():
        said = night(0, GOOD)
        assert (said.code, said.json["planned"], said.json["roster"]["valid"]) == (0, {}, len(ALL))

    return settled("health", {**SEED, "users": [*SEED["users"], *people]}, first)


def guard(said) -> dict[str, tuple[int, int, str]]:
    return {
        each["name"]: (each["limit"], each["actual"], each["verdict"])
        for each in said.json["guards"]
        if each["name"] != "removals" and each["verdict"] != "ok"
    }


DAMAGED = {
    "half the rows are missing": (roster(range(1, 16)), "shrink", 15),
    "other keys for the same people": (roster(key="A-{}"), "rekeyed", 30),
    "leading zeros lost": (roster(key="{}"), "rekeyed", 30),
    "a whole other company": (roster(range(501, 531)), "rekeyed", 30),
    "a key column without keys": (re.sub(r"^\d+", "", GOOD, flags=re.MULTILINE), "blank_keys", 30),
    "a header renamed": (roster(header="external_id,E-Mail,name,phone\n"), "headers", 1),
    "a column left out": (re.sub(r",[^,\n]*$", "", GOOD, flags=re.MULTILINE), "headers", 1),
    "fewer rows than the last line says": (roster(end=TRAILER.format(40)), "truncated", 10),
    "the end broken off within the last cell": (roster(range(1, 30)).rstrip("95\n"), "truncated", 1),
}


#: one of each guard: the first that it refuses
BY_GUARD = {
    name: next(what for what in DAMAGED if DAMAGED[what][1] == name) for _, name, _ in DAMAGED.values()
}


def test_damaged_roster_is_refused_night_after_night_until_its_exact_number_is_allowed(
    server, night, provision, make_job
):
    """Whatever is damaged, a number too small by one lets nothing pass, and the error says the one that would."""
    before = accounts(server)

    for later, what in enumerate(BY_GUARD.values(), 1):
        damaged, name, number = DAMAGED[what]
        less = night(later, damaged, "--allow", f"{name}={number - 1}")
        assert (less.code, less.json["status"]) == (3, "refused"), what
        assert guard(less)[name][1:] == (number, "refused"), what
        assert f"--allow {name}={number}" in less.json["error"], what
        assert "provision check JOB --accept" in less.json["error"], what
        also = ("--allow", "shrink=15", "--allow", "creates=30", "--allow", f"{name}={number}")
        enough = provision("plan", make_job(damaged), "--json", *also)
        assert enough.json["status"] != "refused", what
        assert guard(enough)[name] == (guard(less)[name][0], number, "allowed"), what
    assert accounts(server) == before


def test_check_refuses_the_same_without_box(server, provision, make_job, no_sockets):
    """And every other damage by the same guards."""
    no_sockets()

    for what, (damaged, name, number) in DAMAGED.items():
        said = provision("check", make_job(damaged), "--json")
        assert (said.code, said.json["status"]) == (3, "refused"), what
        assert guard(said)[name][1:] == (number, "refused"), what
        assert f"--allow {name}={number}" in said.json["error"], what


UNREADABLE = {
    "cut within the last line": (GOOD[: GOOD.rindex(",Person")], "seems cut off"),
    "a quotation mark that is not closed": (roster(range(1, 20)) + '"20,p20@acme', "is not closed"),
    "the header line gone": (GOOD.removeprefix(HEADER), "seems to have no header"),
    "the login column gone": (
        re.sub(r",p?\d*[^,]*(?=,[^,]*,[^,]*$)", "", GOOD, flags=re.MULTILINE),
        "no column",
    ),
}


def test_file_that_cannot_be_read_is_refused_where_a_good_one_was_accepted(
    server, night, provision, make_job
):
    before = accounts(server)

    for later, (what, (damaged, words)) in enumerate(UNREADABLE.items(), 1):
        said = night(later, damaged)
        assert (said.code, said.json["status"]) == (3, "refused"), what
        assert words in said.json["error"], what
        assert "The last accepted roster (30 rows, " in said.json["error"], what
        assert provision("check", make_job(damaged)).code == 3, what
    assert accounts(server) == before


def test_the_same_file_as_the_first_ever_is_wrong_input(box, provision, make_job):
    box()

    found = {what: provision("run", make_job(people)).code for what, (people, _) in UNREADABLE.items()}

    assert found == dict.fromkeys(UNREADABLE, 1)


def test_mapped_header_that_is_lost_is_refused(said_where, provision, make_job):
    columns = {"roster": {"columns": {"Staff No": "external_id", "Mail": "login", "Full Name": "name"}}}
    header = "Staff No,Mail,Full Name,phone\n"
    assert provision("check", make_job(roster(header=header), **columns), "--accept").code == 0

    lost = header.replace("Staff No", "Personnel No")
    said = provision("check", make_job(roster(header=lost), **columns), "--json")

    assert said.code == 3
    assert 'no column "Staff No", which the job maps' in said.json["error"]


NOBODY = {
    "no row": HEADER,
    "no byte": b"",
    "no good row": HEADER + "1,,Anna,\n2,,Bert,\n",
    "columns swapped": roster(header="login,external_id,name,phone\n"),
}


def test_roster_of_nobody_is_an_error_whatever_is_allowed(server, night):
    before = accounts(server)

    for flags in ((), ("--allow", "shrink=30", "--allow", "truncated=30", "--yes")):
        for later, (what, people) in enumerate(NOBODY.items(), 1):
            said = night(later, people, *flags)
            assert (said.code, said.json["status"]) == (1, "failed"), (what, flags)
    assert accounts(server) == before


def test_roster_of_nobody_cannot_be_accepted(server, provision, make_job):
    assert provision("check", make_job(NOBODY["no good row"]), "--accept").code == 1
    assert provision("check", make_job(roster([1]))).code == 3  # as before, it is compared with the thirty


def test_last_line_with_the_number_of_rows_is_missed_once_it_was_there(said_where, provision, make_job):
    whole = make_job(roster(end=TRAILER.format(30)))
    assert [provision("check", whole, "--accept").code for _ in range(2)] == [0, 0]

    said = provision("check", make_job(GOOD), "--json")

    assert said.code == 3
    assert "the line with the number of rows is missing" in said.json["error"]


# --- what is no damage -----------------------------------------------------------------------------------


QUIET = {
    "the same people": GOOD,
    "one has left": roster(range(2, 31)),
    "two have left": roster(range(3, 31)),
    "some have joined": roster(range(1, 37)),
    "other order": roster(reversed(ALL)),
    "columns in other order": "".join(
        f"{name},{key},{phone},{mail}\n"
        for key, mail, name, phone in (row.split(",") for row in GOOD.splitlines())
    ),
    "a column more": "".join(f"{row},x\n" for row in GOOD.splitlines()),
    "a line of totals": GOOD + "Total,,,30\n",
}


def test_ordinary_night_needs_no_flag(server, night, provision, make_job):
    for what, people in QUIET.items():
        told = provision("check", make_job(people), "--json")
        assert (told.code, guard(told)) == (0, {}), what
        assert "REFUSED" not in told.err, what
    for later, what in enumerate(("two have left", "some have joined"), 1):
        said = night(later, QUIET[what])
        assert (said.code, guard(said)) == (0, {}), what


def test_small_roster_may_lose_two(said_where, provision, make_job):
    provision("check", make_job(roster(range(12))), "--accept")

    found = {left: provision("check", make_job(roster(range(left)))).code for left in (12, 11, 10, 9, 6)}

    assert found == {12: 0, 11: 0, 10: 0, 9: 3, 6: 3}


def test_shrinking_may_be_switched_off(said_where, provision, make_job):
    provision("check", make_job(GOOD), "--accept")
    half = roster(range(1, 16))

    assert provision("check", make_job(half)).code == 3
    assert provision("check", make_job(half, guards={"shrink": {"percent": 100}})).code == 0


def test_partial_roster_may_be_as_small_as_it_likes_and_no_full_one_is_compared_with_it(
    box, night, provision, make_job
):
    box()
    partial = {"roster": {"authority": "partial"}}
    night(0, GOOD, **partial)
    other = roster([31], key="A-{}", header="external_id,login,name,mobile\n")

    assert provision("check", make_job(other, **partial)).code == 0
    assert provision("check", make_job(roster([1, 2, 3]))).code == 0


# --- accepting by name -------------------------------------------------------------------------------------


def test_accepted_roster_is_what_the_next_ones_are_compared_with(
    server, night, provision, make_job, signed_in_as, tmp_path
):
    signed_in_as("hannah")
    small = roster(range(1, 16))

    accepted = provision("check", make_job(small), "--accept")

    assert accepted.code == 0
    assert "Accepted by hannah (user hannah on " in accepted.err
    assert night(1, small).code == 0
    assert guard(provision("plan", make_job(GOOD), "--json")) == {}
    ledger = open_ledger(f"sqlite:///{tmp_path}/state/provision.db")
    assert [each.by.name for each in ledger.baselines("nightly")] == ["", "hannah", ""]
    ledger.close()


def test_accepting_a_roster_does_not_allow_removals(server, clock, provision, make_job):
    ended = HEADER.replace("\n", ",end_date\n") + "".join(
        line(n).replace("\n", ",2020-01-31\n") for n in range(1, 16)
    )
    small = ended + "".join(line(n).replace("\n", ",\n") for n in range(16, 19))
    provision("check", make_job(small), "--accept")
    clock(24)

    said = provision("plan", make_job(small), "--json")

    assert said.code == 3
    assert [each["name"] for each in said.json["guards"] if each["verdict"] == "refused"] == ["removals"]


def test_saved_plan_that_was_refused_is_applied_with_the_number_only(server, provision, make_job, clock):
    clock(24)
    planned = provision("plan", make_job(roster(range(1, 16))), "--json")

    assert planned.code == 3
    assert provision("apply", planned.folder).code == 3
    assert provision("apply", planned.folder, "--allow", "shrink=15").code == 0


# --- the same file, old files ------------------------------------------------------------------------------


def test_same_file_once_more_is_no_second_absence(box, night, provision, make_job, clock):
    server = box()
    night(0, GOOD)
    clock(24)
    job = make_job(roster(range(2, 31)))

    planned = []
    for number, command in (
        (1, "run"),
        (2, "run"),
        (3, "plan"),
    ):  # what the second taught would show in the third
        clock(24 * number)
        planned.append(provision(command, job, "--json").json["planned"])
    assert planned == [{}, {}, {}]
    assert person(server, "p1@acme.example")["status"] == "active"

    os.utime(Path("nightly.csv"))
    clock(96)
    assert provision("plan", job, "--json").json["planned"] == {"deactivate": 1}


def test_file_of_an_earlier_night_is_no_second_absence(box, provision, make_job, clock):
    """Two files in one folder, of which now the one and now the other is taken."""
    people = [{"name": f"Person {n}", "login": f"p{n}@acme.example", "phone": f"555-{n}"} for n in ALL]
    server = box(seed={**SEED, "users": people})
    job = make_job(GOOD)
    Path("without.csv").write_text(roster(range(2, 31)))

    for number, name in enumerate(
        ["nightly.csv", "without.csv", "nightly.csv", "without.csv", "without.csv"]
    ):
        clock(24 * number)
        assert provision("run", job, "--roster", name, "--json").json["planned"] == {}
    assert person(server, "p1@acme.example")["status"] == "active"


def test_who_has_left_stays_a_leaver_when_the_file_comes_again(box, night, provision, make_job, clock):
    server = box()
    stages = {
        "lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}, {"after": "5d", "do": "delete"}]}
    }
    for number, people in enumerate([ALL, range(2, 31), range(2, 31)]):
        night(number, roster(people), **stages)
    assert person(server, "p1@acme.example")["status"] == "inactive"

    clock(24 * 10)
    assert provision("plan", "nightly.yaml", "--json").json["planned"] == {"delete": 1}


def test_check_tells_every_check_in_a_line_and_that_a_file_is_older_than_the_last(
    server, provision, make_job
):
    job = make_job(GOOD)
    os.utime("nightly.csv", (1_600_000_000, 1_600_000_000))
    said = provision("check", job)

    assert said.code == 0
    words = " ".join(said.err.split())
    for sentence in (
        "ok the roster has 0 rows fewer than the 30 of the last accepted one",
        "ok every column that was read last time is there",
        "ok 100% of the last roster's keys (external_id) are in this one",
        "ok no character was lost or read wrongly",
    ):
        assert sentence in words
    make_job(roster(range(1, 32)))
    os.utime("nightly.csv", (1_600_000_000, 1_600_000_000))
    words = " ".join(provision("check", job).err.split())
    assert "look the file is older (2020-09-13 12:26 UTC) than the last accepted" in words


# --- how it is shown ---------------------------------------------------------------------------------------


def test_preview_of_a_refused_night_tells_what_is_wrong_with_the_file(
    server, provision, make_job, clock, narrow
):
    clock(24)
    said = provision("plan", make_job(roster(key="A-{}"), report={"formats": ["html"]}))

    words = " ".join(said.err.split())
    assert "Roster REFUSED: the people are the same but their keys are new: only 0% of" in words
    assert "look: 0% of the keys (external_id) have 8 digits, last time 100%" in words
    assert all(
        len(one) <= 80
        for one in said.err.split("Refused:")[0].splitlines()
        if not one.startswith(("  /", "roster /"))
    )
    page = (run_folders(Path("runs"))[-1] / "preview.html").read_text()
    assert "the people are the same but their keys are new" in page
    assert page.index('id="health"') < page.index('id="guards"')
    # of an ordinary night it says nothing
    clock(25)
    calm = provision("plan", make_job(roster(range(1, 32)), report={"formats": ["html"]}))
    assert "Roster\n" not in calm.err
    assert 'id="health"' not in (run_folders(Path("runs"))[-1] / "preview.html").read_text()


def test_first_roster_that_names_few_of_many_accounts_is_told(box, night, provision, make_job):
    users = [{"name": f"Old {n}", "login": f"old{n}@acme.example"} for n in range(25)]
    box(seed={"enterprise": {"id": "27335", "name": "Acme", "domains": ["acme.example"]},
              "admin": {"name": "Ada Abara", "login": "ada@acme.example"}, "users": users})  # fmt: skip

    said = provision("plan", make_job(roster()))

    assert said.code == 2
    assert "the first roster of this job names 0 of the 25 accounts in scope" in " ".join(said.err.split())


def test_check_leaves_no_ledger_behind(said_where, provision, make_job, tmp_path):
    assert provision("check", make_job(GOOD)).code == 0
    assert not (tmp_path / "state").exists()


def test_first_roster_of_nobody_is_reported_row_by_row_and_compared_with_by_none(box, night):
    box()

    said = night(0, NOBODY["no good row"])

    assert (said.code, said.json["roster"]["rejected"]) == (1, 2)
    assert night(1, GOOD).code == 0


def test_a_portal_that_grows_has_no_emptier_logins(box, night):
    """App users never have a login, so only rows of managed users are counted; those are, however many others there are."""

    def mixed(clients: int, unnamed: int = 0) -> str:
        people = "".join(
            f"{n},{'' if n <= unnamed else f'p{n}@acme.example'},Person {n},managed\n" for n in range(1, 21)
        )
        portal = "".join(f"client-{n},,Client {n},app\n" for n in range(1, clients + 1))
        return f"external_id,login,name,kind\n{people}{portal}"

    box()
    free = {"guards": {"creates": "off"}, "roster": {"kind": "column"}}

    first, grown = night(0, mixed(8), **free), night(1, mixed(30), **free)
    emptied = night(2, mixed(30, unnamed=5), **free)

    assert (first.code, grown.code, grown.json["planned"]) == (0, 0, {"create": 22})
    assert guard(emptied)["blank_keys"] == (2, 5, "refused")
    assert "login is empty in 5 of 20 rows of managed users; last time in 0 of 20" in emptied.json["error"]
