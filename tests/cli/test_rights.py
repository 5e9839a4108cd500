"""Rights that a job needs and has not: said before anything is sent, by one way in preview, run, apply and doctor."""

from __future__ import annotations

import msgspec
import pytest

from .conftest import SEED

HEADER = "external_id,login,name,manager,end_date\n"
OTTO = "E2,otto@acme.example,Otto Ömer,,\n"
MIA_LEFT = (
    HEADER
    + OTTO
    + "E1,mia@acme.example,Mia Managed,otto@acme.example,2020-01-31\nE9,new@acme.example,New Nora,,\n"
)
TRANSFER = {"leavers": [{"after": "0d", "do": "transfer", "to": "manager"}]}
SCOPES = ["manage_managed_users", "manage_app_users", "manage_groups", "manage_enterprise_properties"]
ALL = [*SCOPES, "root_readwrite"]


def guards(said):
    return {
        one["name"]: (one["actual"], one["verdict"]) for one in said.json["guards"] if "right" in one["name"]
    }


def written(server):
    sent = [(one.method, one.path) for one in server.log if one.method not in ("GET", "OPTIONS")]
    return [each for each in sent if each != ("POST", "/oauth2/token")]


def granted(server, scopes):
    """The app has these scopes from now on."""
    server.enterprise.app = msgspec.structs.replace(server.enterprise.app, scopes=tuple(scopes))


@pytest.fixture
def poor(box):
    """A sandbox whose app has these scopes, and sees the users that it may."""

    def start(scopes=SCOPES, access="enterprise"):
        return box({**SEED, "app": {"scopes": scopes, "access": access}})

    return start


def test_transfers_wait_where_no_content_may_be_read_and_all_else_goes_on(poor, provision, make_job):
    """The preview says so, a run holds them before it sends anything of theirs, and with the right they go."""
    server = poor()
    job = make_job(MIA_LEFT, lifecycle=TRANSFER)
    plan = provision("plan", job, "--json")
    assert (plan.code, guards(plan), written(server)) == (3, {"right_content": (1, "refused")}, [])
    said = " ".join(plan.err.split())
    assert (
        "Held: the job transfers or creates content, or gives access to folders, and this sign-in cannot read any (HTTP 403"
        in said
    )
    assert "do: give the app the right, as provision doctor JOB says" in said

    run = provision("run", job, "--json")
    assert (run.code, run.json["outcomes"]["done"], run.json["outcomes"]["held"]) == (3, 1, 1)
    assert not [path for _, path in written(server) if path.endswith("/folders/0")]
    granted(server, ALL)
    after = provision("run", job, "--json")
    assert (after.code, after.json["outcomes"]["done"], guards(after)) == (0, 1, {"right_content": (0, "ok")})


def test_starter_content_waits_where_no_content_may_be_read_and_accounts_are_made(poor, provision, make_job):
    server = poor()
    job = make_job(MIA_LEFT, onboarding={"content": [{"copy_folder": "123456"}]})
    doctor = provision("doctor", job)
    said = provision("run", job, "--json", "--yes")

    assert (
        "the job transfers or creates content, or gives access to folders, and this sign-in cannot read any"
        in " ".join(doctor.err.split())
    )
    assert "as-user header" in " ".join(doctor.err.split())
    assert (said.code, guards(said)) == (3, {"right_content": (1, "refused")})
    assert said.json["outcomes"]["held"] == 1
    assert not [path for _, path in written(server) if "folders" in path or "collaborations" in path]


def test_access_to_folders_waits_where_no_content_may_be_read(poor, provision, make_job):
    server = poor()
    access = [{"folder": "/House", "role": "viewer", "create": True}]
    job = make_job(MIA_LEFT, onboarding={"collaborations": access})
    doctor = provision("doctor", job, "--json")
    said = provision("run", job, "--json", "--yes")

    assert (doctor.code, "content_refused" in [one["code"] for one in doctor.json["checks"]]) == (7, True)
    assert (said.code, guards(said)) == (3, {"right_content": (2, "refused")})
    assert {name: said.json["outcomes"][name] for name in ("held", "not_attempted", "done")} == {
        "held": 2, "not_attempted": 0, "done": 2,
    }  # fmt: skip
    assert not [path for _, path in written(server) if "folders" in path or "collaborations" in path]
    granted(server, ALL)
    assert provision("run", job, "--json", "--yes").code == 0


def test_invitations_wait_without_their_scope_and_doctor_names_it(poor, provision, make_job):
    server = poor([scope for scope in ALL if scope != "manage_enterprise_properties"])
    job = make_job(HEADER + "E9,taken@acme.example,Taken,,\n", onboarding={"invite_existing": True})
    doctor = provision("doctor", job, "--json")
    provision("run", job, "--json")
    said = provision("run", job, "--json")

    states = {one["code"]: (one["state"], one["do"]) for one in doctor.json["checks"]}
    assert states["inviting_refused"][0] == "wrong"
    assert "Manage enterprise properties" in states["inviting_refused"][1]
    assert (said.code, guards(said)) == (3, {"right_invites": (1, "refused")})
    assert not [path for _, path in written(server) if "invites" in path]
    granted(server, ALL)
    after = provision("run", job, "--json")
    assert (guards(after), after.json["planned"]) == ({"right_invites": (0, "ok")}, {"invite": 1})
    assert [path for _, path in written(server) if "invites" in path] == ["/2.0/invites"]


def test_a_refusal_that_may_be_about_reports_leaves_it_open_whether_people_may_be_invited(
    box, provision, make_job
):
    events = {"match": {"method": "GET", "path": "^/2.0/events"}, "do": "forbidden"}
    box(SEED, [events])
    job = make_job(HEADER + OTTO, onboarding={"invite_existing": True})
    states = {one["code"]: one["state"] for one in provision("doctor", job, "--json").json["checks"]}

    assert states["inviting_untried"] == "unknown"


def test_saved_plan_asks_for_its_rights_again_and_a_number_lets_it_try(poor, provision, make_job, tmp_path):
    server = poor(ALL)
    plan = provision("plan", make_job(MIA_LEFT, lifecycle=TRANSFER), "--json", "--no-color")
    assert (plan.code, guards(plan)) == (2, {"right_content": (0, "ok")})
    granted(server, SCOPES)
    said = provision("apply", plan.folder, "--only", "transfer", "--json")

    assert (said.code, guards(said), written(server)) == (3, {"right_content": (1, "refused")}, [])
    tried = provision("run", tmp_path / "nightly.yaml", "--allow", "right_content=1", "--json")
    assert (tried.code, guards(tried)) == (7, {"right_content": (1, "allowed")})


def test_sign_in_to_which_box_shows_no_managed_user_makes_none(poor, provision, make_job):
    server = poor(ALL, access="app")
    said = provision("run", make_job(MIA_LEFT), "--json")

    assert (said.code, written(server)) == (7, [])
    assert "Enterprise Access" in said.json["error"]


def test_job_that_needs_no_further_right_asks_for_none(poor, provision, make_job):
    server = poor()
    said = provision("run", make_job(MIA_LEFT), "--json")

    assert (said.code, guards(said)) == (0, {})
    assert not [one for one in server.log if "/folders" in one.path]


def test_doctor_tells_what_is_not_known_until_it_is_tried(poor, provision, make_job):
    poor()
    stages = [{"after": "0d", "do": "end_sessions"}, *TRANSFER["leavers"]]
    lifecycle = {"leavers": stages, "archive": {}}
    said = provision(
        "doctor", make_job(MIA_LEFT, lifecycle=lifecycle, match={"login_changes": "apply"}), "--json"
    )

    states = {one["code"]: one["state"] for one in said.json["checks"]}
    untried = {"sessions_untried", "as_user_untried", "addresses_untried"}
    assert {code for code, state in states.items() if state == "unknown"} == untried
    assert (said.code, states["content_refused"]) == (7, "wrong")
