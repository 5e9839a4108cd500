"""The process is killed (SIGKILL) in the midst of what new people get, again and again, and gone on with: all of it is there once."""

from __future__ import annotations

import pytest

from tests.examples import either

from .clocks import Gate
from .conftest import run_folders, slow
from .test_onboarding import WITH_GROUPS, job_of, operations, outcomes
from .test_resume import cut_off
from .test_round_trip import described
from .test_starter_content import kept

PEOPLE = "external_id,login,name,kind,status\nE4,nina@acme.example,Nina New,managed,active\nc-9,,Client Nine,app,\n"
COLLABORATE = {"method": "POST", "path": "^/2.0/collaborations$"}
#: a call of each kind in the midst of which the process is killed, in the order in which they come
KILLS = [
    slow(method="POST", path="^/2.0/folders$", nth=2),
    slow(**COLLABORATE, nth=1),
    slow(**COLLABORATE, nth=3),
    slow(method="POST", path="/api/2.0/files/content", nth=2),
    slow(method="POST", path="^/2.0/folders/[0-9]+/copy$", nth=1),
    slow(method="DELETE", path="^/2.0/collaborations/", nth=1),
    slow(method="POST", path="^/2.0/folders/[0-9]+/copy$", nth=2),
]


@pytest.fixture
def onboarding(tmp_path):
    """The job's section on new people; the folder of Box that they get a copy of is there."""
    (tmp_path / "starter" / "Maps").mkdir(parents=True)
    (tmp_path / "starter" / "Read me.txt").write_text("Welcome")
    (tmp_path / "starter" / "Maps" / "Here.txt").write_text("Here")

    def of(server):
        return {
            "collaborations": [
                {"folder": "/House rules", "role": "viewer", "create": True},
                {"folder": "/Clients/{external_id}", "role": "editor", "create": True},
                {"folder": "/Clients", "role": "viewer", "create": True, "group": "Staff"},
            ],
            "content": [{"copy_folder": kept(server)}, {"from": "starter", "into": "Welcome"}],
        }

    return of


@pytest.mark.soak
def test_what_new_people_get_is_there_once_however_often_the_process_is_killed(
    box, provision, launch, make_job, onboarding
):
    calm = box(seed=WITH_GROUPS)
    said = provision("run", job_of(make_job, PEOPLE, onboarding(calm), name="calm"), "--json", "--yes")
    assert said.code == 0, said.err
    wanted = described(calm)

    gate, kills = Gate(), either((KILLS[1], KILLS[3], KILLS[4]), KILLS)
    server = box(seed=WITH_GROUPS, rules=kills, clock=gate)
    job = job_of(make_job, PEOPLE, onboarding(server), apply={"workers": 1, "uploads_per_minute": 60_000})
    cut_off(launch, gate, "run", job, "--yes")
    [folder] = [one for one in run_folders(job.parent / "runs") if "calm" not in one.name]
    for _ in kills[1:]:
        cut_off(launch, gate, "resume", folder, "--yes")
    again = provision("resume", folder, "--json", "--yes")

    assert (again.code, outcomes(again)) == (0, {"done": sum(again.json["planned"].values())}), again.err
    assert {row["outcome"] for row in operations(again).values()} == {"done"}
    assert described(server) == wanted
    assert provision("verify", job, "--json").code == 0
