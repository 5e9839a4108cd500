"""The control address, the access log, the kept certificate, and a copy of a real enterprise to begin with."""

from __future__ import annotations

import json
import ssl
import stat
import urllib.request

import pytest

from provision.sandbox import Options, SandboxError, serve


@pytest.fixture
def controlled(start, small_seed, connect, tmp_path):
    """A sandbox with a control address: the server, a connection to it, and one to the address."""
    server = start(seed=small_seed, control=0, state=tmp_path / "box.db", log=tmp_path / "access.log")

    class Address:
        url = server.announcement["control"]

    return server, connect(server), connect(Address, None)


def test_faults_come_and_go_while_it_runs(controlled):
    _, caller, control = controlled
    added = control("POST", "/faults", {"match": {"method": "GET", "path": "/2.0/users/300"}, "do": 503})
    during = caller("GET", "/2.0/users/300").status
    told = control("GET", "/faults").json["rules"]

    assert (added.status, during) == (200, 503)
    assert told == [
        {
            "match": {"method": "GET", "path": "/2.0/users/300"},
            "do": {"fault": "status"},
            "met": 1,
            "fired": 1,
        }
    ]
    assert control("DELETE", "/faults").status == 204
    assert caller("GET", "/2.0/users/300").status == 200


@pytest.mark.parametrize(
    "body",
    [{"do": "nonsense"}, {"match": {"path": "^("}, "do": 503}, {"rules": 5}, {"rules": [5]}, {"other": 1}],
)
def test_rule_that_is_none_is_refused(controlled, body):
    assert controlled[2]("POST", "/faults", body).status == 400


def test_clock_is_moved(controlled):
    _, caller, control = controlled
    before = control("GET", "/clock").json
    moved = control("POST", "/clock", {"move": 3600}).json

    assert (moved["now"] - before["now"], moved["ahead"]) == (3600, 3600)
    assert control("POST", "/clock", {"move": 1}).json["ahead"] == 3601
    assert control("POST", "/clock", {"ahead": 0}).json["ahead"] == 0
    assert control("POST", "/clock", {"move": "far"}).status == 400
    assert caller("GET", "/2.0/users/me").status == 200


def test_reset_begins_anew_with_the_same_credentials(controlled, sign_in, start, connect, tmp_path):
    server, caller, control = controlled
    old = sign_in(server)
    caller("DELETE", "/2.0/users/300")
    caller.upload("a.txt", b"abc")
    assert control("POST", "/reset").status == 204

    assert caller("GET", "/2.0/users/300").status == 200
    assert caller("GET", "/2.0/folders/0/items").json["total_count"] == 0
    assert list((tmp_path / "box.db.content").iterdir()) == []
    assert connect(server, old)("GET", "/2.0/users/me").status == 401
    assert connect(server, sign_in(server))("GET", "/2.0/users/me").status == 200
    server.close()
    assert connect(start(state=tmp_path / "box.db"))("GET", "/2.0/users/300").status == 200


def test_people_answer_where_they_are_told_to(controlled):
    _, caller, control = controlled
    body = {"enterprise": {"id": "27335"}, "actionable_by": {"login": "private@mail.example"}}
    invite = caller("POST", "/2.0/invites", body).json
    folder = caller("POST", "/2.0/folders", {"name": "F", "parent": {"id": "0"}}).json["id"]
    guest = {
        "item": {"type": "folder", "id": folder},
        "accessible_by": {"type": "user", "id": "500"},
        "role": "viewer",
    }
    waiting = caller("POST", "/2.0/collaborations", guest).json["id"]

    assert control("POST", f"/invites/{invite['id']}", {"status": "maybe"}).status == 400
    assert control("POST", f"/invites/{invite['id']}", {"status": "accepted"}).json["status"] == "accepted"
    assert control("POST", f"/invites/{invite['id']}", {"status": "accepted"}).status == 404
    assert caller("GET", "/2.0/users?filter_term=private").json["total_count"] == 1
    assert control("POST", f"/collaborations/{waiting}", {"status": "rejected"}).json["status"] == "rejected"
    assert caller("GET", f"/2.0/collaborations/{waiting}").json["status"] == "rejected"


def test_control_address_tells_what_it_has_and_refuses_others(controlled):
    control = controlled[2]

    assert "POST /reset" in control("GET", "/").json["paths"]
    assert [control(*what).status for what in (("GET", "/x"), ("PUT", "/faults"))] == [404, 405]
    assert control("GET", "/", Host="evil.example").status == 403
    assert control("POST", "/reset", Origin="https://evil.example").status == 403


def test_access_log_has_a_line_for_each_request(controlled, tmp_path):
    _, caller, control = controlled
    caller("GET", "/2.0/users/me?fields=name")
    caller("POST", "/2.0/users", {"name": "Nia Secret", "login": "nia@acme.example"})
    caller("GET", "/2.0/nothing%0a")
    lines = (tmp_path / "access.log").read_text().splitlines()

    assert [line.split()[1:] for line in lines] == [
        ["GET", "/2.0/users/me", "200", "no", "100", "-"],
        ["POST", "/2.0/users", "201", "yes", "100", "-"],
        ["GET", "/2.0/nothing\\n", "404", "no", "-", "-"],
    ]
    assert [one["path"] for one in control("GET", "/log?limit=1").json["entries"]] == ["/2.0/nothing\n"]


def test_log_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(SandboxError, match="log"):
        serve(Options(log=tmp_path / "no" / "access.log"))


def test_certificate_is_kept_from_one_start_to_the_next(tmp_path):
    """Clients that were told once whom to trust need not be told again."""
    texts = []
    for _ in range(2):
        with serve(Options(certificates=tmp_path / "certificates")) as server:
            path = server.announcement["ca_certificate"]
            request = urllib.request.Request(f"{server.url}/2.0/users/me")
            request.add_header("Authorization", f"Bearer {server.announcement['developer_token']}")
            trust = ssl.create_default_context(cafile=path)
            with urllib.request.urlopen(request, context=trust) as answer:
                assert json.load(answer)["id"] == server.announcement["admin_user_id"]
        texts.append((tmp_path / "certificates" / "sandbox_certificate.pem").read_text())

    assert stat.S_IMODE((tmp_path / "certificates").stat().st_mode) == 0o700
    assert texts[0] == texts[1]


EXPORT = """kind,external_id,login,name,role,status,space_amount,tracking_codes.Cost,is_sync_enabled,groups
managed,7,mia@acme.example,Mia Marsh,coadmin,inactive,512 B,K 1,false,Buyers; Staff (admin)
managed,,otto@other.example,"Ö, O",user,active,-1,,true,
managed,,root@acme.example,The Admin,admin,active,,,,
app,client-1,AppUser_1_abcdefghij@boxdevedition.com,Client One,,active,5368709120,,,Buyers
app,client-2,,Client Two,,active,,,,
"""


def test_export_of_a_real_enterprise_is_begun_with(start, connect, tmp_path):
    path = tmp_path / "export.csv"
    path.write_text(EXPORT, encoding="utf-8")
    caller = connect(start(export=path))
    fields = "login,name,role,status,space_amount,tracking_codes,is_sync_enabled,external_app_user_id"
    found = {one["name"]: one for one in caller("GET", f"/2.0/users?fields={fields}").json["entries"]}

    assert set(found) == {"Mia Marsh", "Ö, O", "The Admin", "Client One", "Client Two"}
    mia = found["Mia Marsh"]
    assert [mia[one] for one in ("role", "status", "space_amount", "is_sync_enabled")] == [
        "coadmin",
        "inactive",
        512,
        False,
    ]
    assert (mia["tracking_codes"][0]["value"], mia["external_app_user_id"]) == ("K 1", None)
    assert found["Client One"]["login"] == "AppUser_1_abcdefghij@boxdevedition.com"
    assert [found[f"Client {one}"]["external_app_user_id"] for one in ("One", "Two")] == [
        "client-1",
        "client-2",
    ]
    assert (found["Ö, O"]["space_amount"], found["The Admin"]["role"]) == (-1, "admin")
    groups = {one["name"]: one["id"] for one in caller("GET", "/2.0/groups").json["entries"]}
    members = {
        name: [
            (one["user"]["name"], one["role"])
            for one in caller("GET", f"/2.0/groups/{each}/memberships").json["entries"]
        ]
        for name, each in groups.items()
    }
    assert members == {
        "Buyers": [("Mia Marsh", "member"), ("Client One", "member")],
        "Staff": [("Mia Marsh", "admin")],
    }


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a,b\n1,2\n", "columns name and login"),
        ("login,name,space_amount\nx@a.example,X,much\n", "line 2"),
        ("login,name\nx@a.example,X\nx@a.example,Y\n", "two accounts"),
        ("login,name,role\nx@a.example,X,king\n", "line 2"),
    ],
)
def test_export_that_is_none_is_told(tmp_path, text, told):
    path = tmp_path / "export.csv"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(SandboxError, match=told):
        serve(Options(export=path))
