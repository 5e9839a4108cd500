"""A roster of several sources over nights: who is absent from one, and what a damaged one holds back."""

from __future__ import annotations

import csv
import os
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import yaml

from .conftest import Said, logins, person
from .test_people_in_rosters import SEED

HR, IT = "external_id,login,name,job_title,status\n", "login,name,job_title,status\n"
MIA, OTTO = "E1,mia@acme.example,Mia Marsh,{},{}\n", "E2,otto@acme.example,Otto Ort,,\n"
SARA, BELA, NINA = (
    f"{login}@acme.example,{name},{{}},{{}}\n"
    for login, name in (("sara", "Sara Süß"), ("bela", "Bela Berg"), ("nina", "Nina Neu"))
)


@pytest.fixture
def sources(
    provision: Callable[..., Said], make_job: Callable[..., Path], clock: Callable[[float], None], hands: Any
):
    """Runs a job of two sources, so many nights after the first; ``None`` is a source that cannot be read."""

    def run(
        number: float, hr: str | None, it: str | None, *flags: str, command: str = "run", **roster: Any
    ) -> Said:
        clock(24 * number)
        job = make_job()
        written = yaml.safe_load(job.read_text(encoding="utf-8"))
        named = []
        for name, header, rows in (("hr", HR, hr), ("it", IT, it)):
            path = job.with_name(f"{name}.csv")
            path.write_text(header + rows if rows is not None else "", encoding="utf-8")
            at = hands.now().timestamp() - 3600
            os.utime(path, (at, at))
            named.append({"name": name, "path": path.name})
        written["roster"] = {"sources": named, **roster}
        job.write_text(yaml.safe_dump(written, sort_keys=False), encoding="utf-8")
        return provision(command, job, "--json", *flags)

    return run


def status(server: Any, who: str) -> str:
    return str(person(server, f"{who}@acme.example")["status"])


def lines(said: Said) -> dict[str, dict[str, str]]:
    """The reconciliation by login."""
    with (said.folder / "reconciliation.csv").open(encoding="utf-8-sig", newline="") as file:
        return {each["login"]: each for each in csv.DictReader(file)}


def codes(said: Said) -> list[str]:
    return [each["code"] for each in said.json["findings"] if each["level"] == "error"]


def test_a_source_that_cannot_be_read_holds_back_whom_it_named_and_the_others_go_on(box, sources):
    server = box(seed=SEED)
    hr, it = MIA.format("Buyer", "") + OTTO, SARA.format("", "") + MIA[3:].format("Chief", "")
    first = sources(0, hr, it + BELA.format("", ""))

    assert (first.code, first.json["planned"]) == (0, {"update": 1})
    assert [lines(first)[f"{who}@acme.example"]["source"] for who in ("mia", "otto", "sara")] == [
        "hr, it",
        "hr",
        "it",
    ]
    assert {line["line"] for line in lines(first).values() if line["source"]} == {"2", "3", "4"}
    assert [each["name"] for each in first.json["roster"]["sources"]] == ["hr", "it"]

    # hr is away: somebody new comes, Sara's own row locks her, Mia's would be locked by one of two, nobody is absent
    gone = SARA.format("", "inactive") + MIA[3:].format("Chief", "inactive") + NINA.format("", "")
    second = sources(1, None, gone)
    assert (second.code, codes(second)) == (3, ["source_missing"])
    assert second.json["planned"] == {"create": 1, "deactivate": 2}
    assert "nina@acme.example" in logins(server)
    assert [status(server, who) for who in ("mia", "otto", "sara", "bela")] == [
        "active", "active", "inactive", "active",
    ]  # fmt: skip
    guard = next(each for each in second.json["guards"] if each["name"] == "source[hr]")
    assert (guard["limit"], guard["actual"], guard["verdict"]) == (0, 1, "refused")
    assert "hr.csv is empty" in second.json["error"]
    assert ".." not in second.json["error"]
    assert "not counted: hr could not be used" in lines(second)["otto@acme.example"]["reason"]
    assert lines(second)["otto@acme.example"]["source"] == "hr"

    # what it holds is released by number, and an absence counts from the next whole night on
    assert sources(2, None, gone, "--allow", "source[hr]=1", "--yes").code == 3
    assert status(server, "mia") == "inactive"
    back = sources(3, MIA.format("Buyer", ""), SARA.format("", "inactive") + NINA.format("", ""))
    assert (back.code, back.json["planned"]) == (0, {"activate": 1})
    assert sources(4, MIA.format("Buyer", ""), NINA.format("", ""), "--yes").json["planned"] == {
        "deactivate": 2
    }
    assert [status(server, who) for who in ("mia", "otto", "bela")] == ["active", "inactive", "inactive"]


def test_a_damaged_or_old_source_is_set_aside_and_taken_by_name(box, sources):
    box(seed=SEED)
    hr = MIA.format("", "") + OTTO + "".join(f"E{n},p{n}@acme.example,P {n},,\n" for n in range(3, 9))
    assert sources(0, hr, SARA.format("", "")).code == 0

    short = MIA.format("Buyer", "") + OTTO
    for command in ("check", "plan", "verify"):
        said = sources(1, short, SARA.format("Chief", ""), command=command)
        assert (said.code, codes(said)) == (3, ["source_missing"])
        assert "hr" in said.err
        assert "6 rows fewer" in said.json["findings"][0]["sentence"]
    assert said.json["planned"] == {"update": 1}
    taken = sources(1, short, SARA.format("Chief", ""), "--allow", "shrink[hr]=6", command="plan")
    assert (taken.code, taken.json["planned"]) == (2, {"update": 2})

    old = sources(1, hr, SARA.format("Chief", ""), command="plan", max_age="30m")
    assert (old.code, old.json["status"]) == (3, "refused")
    assert "Not one source of this roster can be used" in old.json["error"]


def test_a_source_that_there_is_not_is_an_error_that_names_those_there_are(box, sources, provision, make_job):
    box(seed=SEED)
    for flag in ("shrink[zz]=6", "source[HR]=1"):
        for command in ("plan", "run"):
            said = sources(0, MIA.format("", ""), SARA.format("", ""), "--allow", flag, command=command)
            assert said.code == 1, flag
            assert f"--allow {flag}: this job has no source" in said.json["error"]
            assert "its sources are hr, it" in said.json["error"]
    alone = provision("plan", make_job(), "--allow", "shrink[hr]=6", "--json")
    assert (alone.code, "write --allow shrink=6" in alone.json["error"]) == (1, True)


def test_going_over_to_several_files_and_back_is_no_way_past_the_guard_on_size(box, sources, nights):
    box(seed=SEED)
    people = "".join(f"E{n},p{n}@acme.example,P {n},,\n" for n in range(10, 18))
    assert nights(0, HR + people + MIA.format("", "")).code == 0

    hr, it = people.splitlines(keepends=True)[:4], MIA[3:].format("", "")
    for command in ("check", "run"):
        short = sources(1, "".join(hr), it + SARA.format("", ""), command=command)
        assert (short.code, short.json["status"]) == (3, "refused")
        assert "3 rows fewer than the 9 of the last accepted one" in short.json["error"]
    whole = sources(1, people, it + hr[0][3:])
    assert [each["name"] for each in whole.json["guards"] if each["name"].startswith("shrink")] == ["shrink"]
    assert sources(2, None, it + hr[0][3:]).code == 3

    # what is compared is what the sources held when they were good, each person once in a night that had them all
    back = nights(3, HR + "".join(hr))
    assert (back.code, back.json["status"]) == (3, "refused")
    assert "fewer than the 10 of the last accepted one" in back.json["error"]
    assert "roster_encoding" not in [each["code"] for each in back.json["findings"]]


def test_what_could_not_be_read_says_what_its_reader_says_to_do(box, sources):
    box(seed=SEED)
    twice = SARA.format("", "") + "name,login\n" + BELA.format("", "")
    said = sources(0, MIA.format("", ""), twice, command="plan")

    found = next(each for each in said.json["findings"] if each["code"] == "source_missing")
    assert (said.code, "roster.sources" in found["do"]) == (3, True)
    both = sources(0, None, twice, command="plan")
    assert (both.code, "hr: export" in both.err, "roster.sources" in both.err) == (1, True, True)


def test_who_may_stand_in_a_source_that_is_missing_is_told_so(box, sources):
    box(seed=SEED)
    hr, it = MIA.format("", "") + OTTO, SARA.format("", "")
    assert sources(0, hr, it).code == 0

    said = sources(1, None, it, "--person", "otto@acme.example", command="plan")
    assert said.code == 1
    assert "may stand in hr, which could not be used; Box has the account" in said.json["error"]
    assert "export hr again" in said.json["error"]
    there = sources(1, None, SARA.format("Chief", ""), "--person", "sara@acme.example", command="plan")
    assert (there.code, there.json["planned"]) == (3, {"update": 1})
    assert "Not everybody was looked at: hr could not be used" in there.json["error"]


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """The address at which the files of the test's folder are served."""

    class Files(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Nothing is told."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(tmp_path)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_workbook_from_a_server_and_standard_input_make_one_roster_that_is_gone_on_with(
    box, provision, make_job, served, tmp_path, monkeypatch
):
    once = {
        "do": {"fault": "status", "status": 400},
        "match": {"method": "POST", "path": "/2.0/users", "times": 1},
    }
    server = box(seed=SEED, rules=[once])
    book = openpyxl.Workbook()
    for cells in (HR, MIA.format("Chief", ""), OTTO):
        book.active.append(cells.strip().split(","))
    book.save(tmp_path / "hr.xlsx")
    (tmp_path / "it.csv").write_text(IT + SARA.format("", "") + NINA.format("", ""), encoding="utf-8")
    job = make_job()
    written = yaml.safe_load(job.read_text(encoding="utf-8"))
    named = [{"name": "hr", "path": f"{served}/hr.xlsx"}, {"name": "it", "path": "-"}]
    job.write_text(
        yaml.safe_dump(written | {"roster": {"sources": named}}, sort_keys=False), encoding="utf-8"
    )

    with (tmp_path / "it.csv").open(encoding="utf-8") as piped:
        monkeypatch.setattr("sys.stdin", piped)
        first = provision("run", job, "--json")
    assert (first.code, first.json["planned"]) == (4, {"create": 1, "update": 1})
    assert [(each["name"], each["path"], each["rows"]) for each in first.json["roster"]["sources"]] == [
        ("hr", f"{served}/hr.xlsx", 2),
        ("it", "-", 2),
    ]

    # what was read is in the run folder: nothing is asked for again
    (tmp_path / "hr.xlsx").unlink()
    monkeypatch.setattr("sys.stdin", None)
    second = provision("resume", first.folder, "--json")
    assert (second.code, second.json["outcomes"]["done"]) == (0, 2)
    assert [lines(second)[f"{who}@acme.example"]["source"] for who in ("mia", "nina")] == ["hr", "it"]
    assert person(server, "nina@acme.example")["name"] == "Nina Neu"
    assert provision("verify", job, "--json").code == 1


def test_an_address_can_stand_in_the_place_of_the_jobs_file(
    provision, make_job, said_where, served, tmp_path
):
    job = make_job(HR + OTTO)
    (tmp_path / "other.csv").write_text(HR + MIA.format("Chief", "") + OTTO, encoding="utf-8")

    said = provision("check", job, "--roster", f"{served}/other.csv?sig=s3cret", "--json")

    assert (said.code, said.json["roster"]["rows"]) == (0, 2), said.err
    assert said.json["roster"]["path"] == f"{served}/other.csv"


def test_one_precedes_for_a_field_also_while_it_is_away(box, sources):
    server = box(seed=SEED)
    precedence = {"job_title": ["it", "hr"]}
    hr, it = MIA.format("Buyer", ""), MIA[3:].format("Chief", "")
    sources(0, hr, it, precedence=precedence)
    away = sources(1, hr, None, precedence=precedence)

    assert (away.code, away.json["planned"], away.json["outcomes"]["held"]) == (3, {"update": 1}, 1)
    assert person(server, "mia@acme.example")["job_title"] == "Chief"
