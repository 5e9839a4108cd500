"""Starting, announcing, keeping, ending: the sandbox as a program."""

from __future__ import annotations

import http.client
import io
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import pytest

from provision.sandbox import Options, SandboxError, run, serve

ROOT = Path(__file__).parents[2]
KEYS = [
    "url",
    "enterprise_id",
    "client_id",
    "client_secret",
    "developer_token",
    "admin_user_id",
    "external_login",
    "external_user_id",
    "jwt_config",
]
EXPORTED = {
    "BOX_BASE_URL": "url",
    "BOX_CLIENT_ID": "client_id",
    "BOX_CLIENT_SECRET": "client_secret",
    "BOX_ENTERPRISE_ID": "enterprise_id",
    "BOX_TOKEN": "developer_token",
    "BOX_JWT_CONFIG_FILE": "jwt_config",
    "REQUESTS_CA_BUNDLE": "ca_certificate",
}
PROGRAM = """
import sys
from pathlib import Path
from provision.sandbox import Options, run
state = Path(sys.argv[1]) if len(sys.argv) > 1 else None
run(Options(users=3, state=state), sys.stdout)
"""


def begin(*arguments):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-W", "error", "-c", PROGRAM, *arguments]
    program = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    )
    return program, json.loads(program.stdout.readline())


def end(program, number):
    program.send_signal(number)
    output = program.communicate(timeout=20)
    return program.returncode, *output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_cleanly_after_one_line(number):
    program, told = begin()

    assert list(told) == KEYS
    assert end(program, number) == (0, "", "")
    assert not Path(told["jwt_config"]).exists()


def test_killed_sandbox_comes_back_as_it_was(tmp_path, connect):
    program, told = begin(str(tmp_path / "state.sqlite"))
    request = urllib.request.Request(
        f"{told['url']}/2.0/users",
        json.dumps({"name": "Nia", "login": "nia@acme.example"}).encode(),
        {"Authorization": f"Bearer {told['developer_token']}"},
    )
    with urllib.request.urlopen(request) as answer:
        made = json.load(answer)
    file = (
        connect(SimpleNamespace(url=told["url"], announcement=told))
        .upload("a.txt", b"abc")
        .json["entries"][0]
    )
    end(program, signal.SIGKILL)

    with serve(Options(state=tmp_path / "state.sqlite")) as again:
        caller = connect(again)
        users = caller("GET", "/2.0/users").json

        assert caller("GET", f"/2.0/users/{made['id']}").json == made
        address = caller("GET", f"/2.0/files/{file['id']}/content").header("location")
        assert caller("GET", address.removeprefix(again.url)).body == b"abc"
        assert users["total_count"] == 5
        assert [again.announcement[key] for key in KEYS[1:8]] == [told[key] for key in KEYS[1:8]]


def test_tokens_keys_changes_and_deletions_outlive_a_restart(tmp_path, connect, sign_in):
    options = Options(users=8, state=tmp_path / "state.sqlite", seed_file=None)
    with serve(options) as server:
        token, caller = sign_in(server), connect(server)
        first, second = (
            user["id"] for user in caller("GET", "/2.0/users?limit=2&filter_term=AppUser").json["entries"]
        )
        caller("PUT", f"/2.0/users/{first}", {"name": "Changed"})
        caller("DELETE", f"/2.0/users/{second}?force=true")
        caller("PUT", f"/2.0/users/{_managed(caller)}", {"enterprise": None})
        before = caller("GET", "/2.0/users").json
        config = Path(server.announcement["jwt_config"]).read_text()

    with serve(options) as server:
        assert connect(server, token)("GET", "/2.0/users").json == before
        assert Path(server.announcement["jwt_config"]).read_text() == config
        assert server.enterprise.who_left(_managed_id(before, server))


def _managed(caller):
    users = caller("GET", "/2.0/users?fields=role,is_platform_access_only").json["entries"]
    return min(user["id"] for user in users if user["role"] == "user" and not user["is_platform_access_only"])


def _managed_id(before, server):
    listed = {user["id"] for user in before["entries"]}
    return next(
        one.id for one in server.enterprise.elsewhere.values() if one.id > "3" and one.id not in listed
    )


def test_ids_are_not_given_out_twice_after_a_restart(tmp_path, connect):
    options = Options(state=tmp_path / "state.sqlite")
    made = []
    for name in ("a", "b"):
        with serve(options) as server:
            reply = connect(server)("POST", "/2.0/users", {"name": name, "login": f"{name}@acme.example"})
            made.append(reply.json["id"])

    assert made[0] < made[1]


def test_used_assertion_stays_used_after_a_restart(tmp_path, connect, signed):
    options, told = Options(state=tmp_path / "state.sqlite"), []
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer"}
    for _ in range(2):
        with serve(options) as server:
            form["client_id"] = server.announcement["client_id"]
            form["client_secret"] = server.announcement["client_secret"]
            form.setdefault("assertion", signed(server))
            told.append(connect(server, None).form("/oauth2/token", **form))

    assert [reply.status for reply in told] == [200, 400]
    assert "jti" in told[1].json["error_description"]


def test_state_file_can_only_be_read_by_its_owner(tmp_path):
    with serve(Options(state=tmp_path / "state.sqlite")):
        assert stat.S_IMODE((tmp_path / "state.sqlite").stat().st_mode) == 0o600


def test_announcement_is_written_with_the_key_beside_it(tmp_path):
    path = tmp_path / "new" / "box.json"
    with serve(Options(config=path)) as server:
        written = json.loads(path.read_text())

        assert written == server.announcement
        assert list(written) == KEYS
        assert Path(written["jwt_config"]).parent == path.parent
        assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}


def test_key_file_has_the_shape_of_boxs_console(tmp_path):
    """Box guide, Set up with JWT."""
    with serve(Options()) as server:
        config = json.loads(Path(server.announcement["jwt_config"]).read_text())

    assert set(config) == {"boxAppSettings", "enterpriseID"}
    assert set(config["boxAppSettings"]) == {"clientID", "clientSecret", "appAuth"}
    auth = config["boxAppSettings"]["appAuth"]
    assert set(auth) == {"publicKeyID", "privateKey", "passphrase"}
    assert auth["privateKey"].startswith("-----BEGIN ENCRYPTED PRIVATE KEY-----\n")


def test_external_login_and_id_belong_together(small, admin):
    told = small.announcement

    assert admin("GET", f"/2.0/users/{told['external_user_id']}").json["login"] == told["external_login"]


def test_it_listens_on_loopback_only(small):
    host = small.url.removeprefix("http://").partition(":")[0]

    assert host == "127.0.0.1"
    assert small._listener.socket.getsockname()[0] == "127.0.0.1"


def test_tls_serves_a_certificate_that_clients_can_check():
    with serve(Options(tls=True)) as server:
        trusting = ssl.create_default_context(cafile=server.announcement["ca_certificate"])
        request = urllib.request.Request(
            f"{server.url}/2.0/users/me",
            headers={"Authorization": f"Bearer {server.announcement['developer_token']}"},
        )
        with urllib.request.urlopen(request, context=trusting) as answer:
            assert json.load(answer)["id"] == server.announcement["admin_user_id"]


def test_client_that_never_speaks_tls_blocks_nobody():
    with serve(Options(tls=True)) as server:
        port = int(server.url.rpartition(":")[2])
        trusting = ssl.create_default_context(cafile=server.announcement["ca_certificate"])
        with socket.create_connection(("127.0.0.1", port)):
            request = urllib.request.Request(f"{server.url}/oauth2/token", b"grant_type=none")
            with pytest.raises(urllib.error.HTTPError) as caught:
                urllib.request.urlopen(request, context=trusting, timeout=10)
            caught.value.close()

    assert caught.value.code == 400


def test_latency_is_added_to_every_call(start, connect, clock):
    caller = connect(start(latency_ms=40))
    caller("GET", "/2.0/users/me")
    caller("GET", "/2.0/users/nobody")

    assert clock.waited == [0.04, 0.04]


def test_closing_ends_connections_that_are_still_open(connect):
    server = serve(Options())
    idle = connect(server)
    idle("GET", "/2.0/users/me")

    server.close()

    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        idle("GET", "/2.0/users/me")


def test_invented_people_are_the_same_every_time(start):
    one, other = (start(users=200, random_seed=5) for _ in range(2))

    assert [(a.id, a.name, a.login) for a in one.enterprise.accounts][2:] == [
        (a.id, a.name, a.login) for a in other.enterprise.accounts
    ][2:]


def test_invented_people_are_of_every_kind(start):
    people = [one for one in start(users=400).enterprise.accounts if one.kind != "service"]

    assert len(people) == 401
    assert sum(one.kind == "app" for one in people) == 100
    assert 3 <= sum(one.role == "coadmin" for one in people) <= 12
    assert [one.role for one in people].count("admin") == 1
    assert sum(one.status == "inactive" for one in people) > 10
    assert len({one.login for one in people}) == 401
    assert all(one.kind == "app" or one.login.endswith("@acme.example") for one in people)


def taken_port(_):
    with socket.create_server(("127.0.0.1", 0)) as other:
        return serve(Options(port=other.getsockname()[1]))


def strange_state(folder):
    (folder / "state").write_text("this is no database, and never was one" * 50)
    return serve(Options(state=folder / "state"))


def state_in_use(folder):
    with serve(Options(state=folder / "state")):
        return serve(Options(state=folder / "state"))


def config_in_a_file(folder):
    (folder / "file").touch()
    return serve(Options(config=folder / "file" / "box.json"))


def seed_is_missing(folder):
    return serve(Options(seed_file=folder / "nowhere.json"))


@pytest.mark.parametrize(
    ("mistake", "told"),
    [
        (taken_port, "cannot be used: Address already in use"),
        (strange_state, "state cannot be used"),
        (state_in_use, "state cannot be used"),
        (config_in_a_file, "cannot be written"),
        (seed_is_missing, "nowhere.json cannot be read"),
    ],
)
def test_start_that_cannot_be_is_explained(tmp_path, mistake, told):
    with pytest.raises(SandboxError, match=r"(?s)usual cause: .*do: ") as caught:
        mistake(tmp_path)

    assert told in str(caught.value)
    assert str(caught.value).count("\n") == 2


def told_until_a_signal(options, **ways):
    """What it writes until the signal that its first line brings, and who hears signals afterwards."""

    class Line(io.StringIO):
        def flush(self):
            threading.Thread(target=signal.raise_signal, args=(signal.SIGINT,)).start()

    line = Line()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it may be ignored
    try:
        run(options, line, **ways)
        return line.getvalue(), signal.getsignal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


def test_run_ends_on_a_signal_to_its_own_process():
    told, after = told_until_a_signal(Options())

    assert list(json.loads(told)) == KEYS
    assert after is signal.default_int_handler


def test_lines_for_a_shell_say_all_that_a_job_needs(tmp_path):
    config = tmp_path / "my box.json"

    told, _ = told_until_a_signal(Options(config=config, tls=True), env=True)

    shell = subprocess.run(
        ["sh", "-c", f"{told}\nenv"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": os.environ["PATH"]},
    )
    said = dict(line.split("=", 1) for line in shell.stdout.splitlines())
    announced = json.loads(config.read_text())
    assert {name: said.get(name) for name in EXPORTED} == {
        name: announced[key] for name, key in EXPORTED.items()
    }
