"""A ledger that is lost, comes from an older backup, or is begun anew: nobody is judged by half a memory."""

from __future__ import annotations

import shutil

import pytest

from .conftest import person

PEOPLE = ("external_id,login,name\n", "E1,mia@acme.example,Mia Managed\n", "E2,otto@acme.example,Otto Ömer\n")
ALL = "".join(PEOPLE)
WITHOUT_OTTO = "".join(PEOPLE[:2])
SECTIONS = {
    "lifecycle": {"leavers": [{"after": "0d", "do": "deactivate"}]},
    "guards": {"shrink": {"percent": 90}},
}


@pytest.fixture
def night(box, provision, make_job, hands):
    """One night after the other, a day apart: `night(ALL)`, or another command than run."""
    server, number = box(), 0

    def go(text, command="run", *flags):
        nonlocal number
        number += 1
        hands.move(hours=24 * number)
        return provision(
            command, make_job(text, **SECTIONS), "--json", *(["--yes"] if command == "run" else []), *flags
        )

    go.server = server
    return go


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state"


def ledger_lost(said):
    return (
        said.code == 1
        and "--rebuild" in said.json["error"]
        and said.json["findings"][0]["code"] == "ledger_lost"
    )


def test_a_lost_ledger_stops_every_command_that_would_judge_by_it(night, state, provision, tmp_path):
    assert night(ALL).code == 0
    shutil.rmtree(state)

    assert all(ledger_lost(night(WITHOUT_OTTO, command)) for command in ("check", "plan", "run"))
    assert night(ALL, "verify").code == 0
    assert "ledger_lost" in {one["code"] for one in night(ALL, "verify").json["findings"]}
    assert provision("export", tmp_path / "nightly.yaml", "--out", "all.csv").code == 0
    assert provision("explain", tmp_path / "nightly.yaml", "otto@acme.example").code == 0
    assert provision("runs", tmp_path / "nightly.yaml", "--rebuild", "--trust", "*").code == 0
    assert [night(WITHOUT_OTTO).code for _ in range(2)] == [0, 0]
    assert person(night.server, "otto@acme.example")["status"] == "inactive"


def test_a_ledger_from_an_older_backup_judges_nobody(night, state, provision, tmp_path):
    """Absent, back, and absent once more: the backup knows the first absence and not that he was back."""
    night(ALL)
    night(WITHOUT_OTTO)
    shutil.copytree(state, tmp_path / "backup")
    night(ALL)
    shutil.rmtree(state)
    shutil.copytree(tmp_path / "backup", state)

    said = night(WITHOUT_OTTO)

    assert ledger_lost(said)
    assert "older than its run folders" in said.json["error"]
    assert person(night.server, "otto@acme.example")["status"] == "active"
    provision("runs", tmp_path / "nightly.yaml", "--rebuild", "--trust", "*")
    assert night(WITHOUT_OTTO).code == 0
    assert person(night.server, "otto@acme.example")["status"] == "active"


def test_a_ledger_is_begun_anew_by_name_and_a_rebuild_after_it_brings_all_back(
    night, state, provision, tmp_path
):
    night(ALL)
    night(WITHOUT_OTTO)
    shutil.rmtree(state)

    anew = provision("runs", tmp_path / "nightly.yaml", "--new-ledger", "--by", "Ines")
    blind = night(WITHOUT_OTTO)
    unknown = provision("explain", tmp_path / "nightly.yaml", "otto@acme.example", "--json").json["now"]
    provision("runs", tmp_path / "nightly.yaml", "--rebuild", "--trust", "*")
    night(WITHOUT_OTTO)

    assert (anew.code, blind.code, unknown["owned"]) == (0, 0, False)
    assert person(night.server, "otto@acme.example")["status"] == "inactive"


def test_a_sound_ledger_is_not_begun_anew(night, provision, tmp_path):
    night(ALL)

    said = provision("runs", tmp_path / "nightly.yaml", "--new-ledger", "--by", "Ines")

    assert (said.code, "lacks nothing" in said.err) == (1, True)


def test_a_first_run_that_finds_everybody_is_told_and_so_is_a_ledger_that_will_not_last(
    box, provision, make_job
):
    """A container without a volume: each night is the first one."""
    people = [{"name": f"P{n}", "login": f"p{n}@acme.example"} for n in range(30)]
    box(
        seed={
            "enterprise": {"id": "27335", "domains": ["acme.example"], "name": "Acme"},
            "admin": {"name": "A", "login": "a@acme.example"},
            "users": people,
        }
    )
    job = make_job("login,name\n" + "".join(f"p{n}@acme.example,P{n}\n" for n in range(30)))

    first, second = (provision("run", job, "--yes", "--json").json for _ in range(2))

    codes = [{one["code"] for one in told["findings"]} for told in (first, second)]
    assert {"first_run", "state_fleeting"} <= codes[0]
    assert not {"first_run", "state_fleeting"} & codes[1]
