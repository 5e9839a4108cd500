"""Faults: what each does to the answer and to the enterprise, when rules fire, and scripts that are none."""

from __future__ import annotations

import http.client
from email.utils import parsedate_to_datetime

import pytest

from provision.sandbox import Options, SandboxError, serve
from provision.sandbox.trouble.script import parse, rule

LOST = (http.client.RemoteDisconnected, ConnectionResetError)
NIA = {"name": "Nia", "login": "nia@acme.example"}
# Box guide, Common errors: a 503 may have been carried out, and may still be later.


def exists(server, login="nia@acme.example"):
    return server.enterprise.accounts.with_login(login) is not None


def one_fault(seeded, do, **match):
    return seeded(rules=[{"match": {"method": "POST", "times": 1, **match}, "do": do}])


@pytest.mark.parametrize(
    ("do", "refusal", "written"),
    [
        (429, (429, "rate_limit_exceeded"), False),
        ("500", (500, "internal_server_error"), False),
        (502, (502, "bad_gateway"), False),
        ({"fault": "status", "status": 504}, (504, "error"), False),
        ({"fault": 503}, (503, "unavailable"), False),
        ({"status": 500}, (500, "internal_server_error"), False),
        ("503_not_written", (503, "unavailable"), False),
        ("503_written", (503, "unavailable"), True),
        ("forbidden", (403, "access_denied_insufficient_permissions"), False),
    ],
)
def test_refusal_is_boxs_and_the_enterprise_tells_what_happened(seeded, connect, do, refusal, written):
    server = one_fault(seeded, do)

    reply = connect(server)("POST", "/2.0/users", NIA)

    assert (reply.status, reply.json["code"]) == refusal
    assert exists(server) is written
    assert [line.written for line in server.log] == ["yes" if written else "no"]


@pytest.mark.parametrize(
    "do", [{"fault": "429", "retry_after": 7}, {"fault": "503_written", "retry_after": 7}]
)
def test_refusal_can_say_when_to_come_back(seeded, connect, do):
    server = one_fault(seeded, do)

    assert connect(server)("POST", "/2.0/users", NIA).header("retry-after") == "7"


@pytest.mark.parametrize(("do", "written"), [("lost_answer", True), ("lost_request", False)])
def test_lost_call_has_no_answer(seeded, connect, do, written):
    server = one_fault(seeded, do)

    with pytest.raises(LOST):
        connect(server)("POST", "/2.0/users", NIA)

    assert exists(server) is written
    assert server.log[0].status == 0


def test_late_write_lands_after_its_delay(seeded, connect, clock):
    server = one_fault(seeded, {"fault": "written_late", "delay": 5})
    status = connect(server)("POST", "/2.0/users", NIA).status

    clock.move(4)
    before = exists(server)
    clock.move(1)

    assert (status, before, exists(server)) == (503, False, True)
    assert [(line.written, line.fault) for line in server.log] == [
        ("late", "written_late"),
        ("yes", "landed"),
    ]


def test_late_write_can_follow_a_lost_answer(seeded, connect, clock):
    server = one_fault(seeded, {"fault": "written_late", "delay": 5, "answer": "lost_answer"})
    with pytest.raises(LOST):
        connect(server)("POST", "/2.0/users", NIA)

    clock.move(5)

    assert exists(server)


def test_late_write_meets_what_happened_meanwhile(seeded, connect, clock):
    server = one_fault(seeded, {"fault": "written_late", "delay": 5})
    caller = connect(server)
    caller("POST", "/2.0/users", NIA)
    second = caller("POST", "/2.0/users", NIA).status

    clock.move(5)

    assert (second, server.enterprise.changes) == (201, 1)
    assert (server.log[-1].status, server.log[-1].written) == (409, "no")


@pytest.mark.parametrize("do", ["503_written", "lost_answer", "stalled_body", "written_late"])
def test_call_that_is_not_let_in_is_refused_whatever_the_fault(seeded, connect, do):
    server = one_fault(seeded, do)

    assert connect(server, "garbage")("POST", "/2.0/users", NIA).status == 401


def test_clock_of_a_script_is_that_of_the_answers(tmp_path, connect, clock):
    script = tmp_path / "faults.yaml"
    script.write_text("clock_ahead: 600\n")

    with serve(Options(faults=script), clock) as server:
        date = connect(server)("GET", "/2.0/users/me").header("date")

    assert parsedate_to_datetime(date).timestamp() == int(clock.now()) + 600


def test_slow_answer_is_right_and_late(seeded, connect, clock):
    server = one_fault(seeded, {"fault": "slow", "delay": 7})

    assert connect(server)("POST", "/2.0/users", NIA).status == 201
    assert clock.waited == [7]


def test_stalled_body_breaks_off_in_the_middle(seeded, connect, clock):
    server = one_fault(seeded, {"fault": "stalled_body", "delay": 3})

    with pytest.raises(http.client.IncompleteRead):
        connect(server)("POST", "/2.0/users", NIA)

    assert exists(server)
    assert clock.waited == [3]


def test_expired_token_stays_expired(seeded, connect, sign_in):
    server = one_fault(seeded, "expired_token", path="/2.0")
    token = sign_in(server)
    caller = connect(server, token)

    first = caller("POST", "/2.0/users", NIA)

    assert (first.status, first.body) == (401, b"")
    assert caller("GET", "/2.0/users/me").status == 401
    assert connect(server, sign_in(server))("POST", "/2.0/users", NIA).status == 201


@pytest.mark.parametrize(
    ("do", "status", "written"),
    [
        ("not_json", 200, False),
        ({"fault": "not_json", "written": True}, 200, True),
        ({"fault": "html_error", "status": 502}, 502, False),
    ],
)
def test_html_is_html(seeded, connect, do, status, written):
    server = one_fault(seeded, do)

    reply = connect(server)("POST", "/2.0/users", NIA)

    assert (reply.status, reply.body[:9]) == (status, b"<!DOCTYPE")
    assert reply.header("content-type").startswith("text/html")
    assert exists(server) is written


def spoilt(seeded, connect, do):
    """The second of three pages, spoilt, and the first, which is not."""
    match = {"method": "GET", "path": "^/2.0/users$", "nth": 2}
    caller = connect(seeded(rules=[{"match": match, "do": do}]))
    first = caller("GET", "/2.0/users?usemarker=true&limit=3&marker=").json
    marker = first["next_marker"]
    return first, marker, caller("GET", f"/2.0/users?usemarker=true&limit=3&marker={marker}").json


def test_short_page_has_lost_its_last_entries(seeded, connect):
    _, _, page = spoilt(seeded, connect, {"fault": "short_page", "drop": 2})

    assert len(page["entries"]) == 1


def test_entries_can_be_null(seeded, connect):
    _, _, page = spoilt(seeded, connect, "entries_null")

    assert page["entries"] is None


def test_marker_can_repeat(seeded, connect):
    _, marker, page = spoilt(seeded, connect, "repeated_marker")

    assert page["next_marker"] == marker


def test_page_can_come_twice(seeded, connect):
    first, marker, page = spoilt(seeded, connect, "duplicate_page")

    assert page["entries"] == first["entries"]
    assert page["next_marker"] != marker


def test_token_endpoint_is_refused_in_its_own_shape(seeded, connect):
    server = one_fault(seeded, {"fault": 429, "retry_after": 3}, path="/oauth2/token")

    reply = connect(server, None).form("/oauth2/token", grant_type="client_credentials")

    assert (reply.status, reply.json["error"], reply.header("retry-after")) == (
        429,
        "temporarily_unavailable",
        "3",
    )


def test_assertion_of_a_503_that_was_processed_is_used_up(seeded):
    """Seen with the Python SDK: it sends the same assertion again, and Box refuses the `jti`."""
    from box_sdk_gen import (
        BaseUrls,
        BoxAPIError,
        BoxJWTAuth,
        BoxRetryStrategy,
        JWTConfig,
        NetworkSession,
    )

    server = one_fault(seeded, "503_written", path="/oauth2/token")
    network = NetworkSession(
        base_urls=BaseUrls(base_url=server.url), retry_strategy=BoxRetryStrategy(retry_base_interval=0)
    )
    auth = BoxJWTAuth(JWTConfig.from_config_file(server.announcement["jwt_config"]))

    with pytest.raises(BoxAPIError) as caught:
        auth.retrieve_token(network_session=network)

    assert "unique 'jti'" in caught.value.response_info.body["error_description"]
    assert [line.status for line in server.log] == [503, 400]


def numbers(server, connect, count=12):
    """Which of so many calls failed, counted from 1."""
    caller = connect(server)
    return [n for n in range(1, count + 1) if caller("GET", "/2.0/users/me").status != 200]


@pytest.mark.parametrize(
    ("match", "failed"),
    [
        ({}, list(range(1, 13))),
        ({"nth": 3}, [3]),
        ({"nth": [2, 5]}, [2, 5]),
        ({"every": 4}, [4, 8, 12]),
        ({"every": 4, "times": 2}, [4, 8]),
        ({"first": 2}, [1, 2]),
        ({"after": 10}, [11, 12]),
        ({"after": 3, "times": 2}, [4, 5]),
        ({"method": "POST"}, []),
        ({"method": ["PUT", "GET"], "nth": 1}, [1]),
        ({"path": "/2.0/users", "nth": 1}, [1]),
        ({"path": "^/2.0/users$", "nth": 1}, []),
        ({"probability": 0}, []),
        ({"probability": 1, "times": 1}, [1]),
    ],
)
def test_rule_fires_when_it_says(start, connect, match, failed):
    assert numbers(start(rules=[{"match": match, "do": 500}]), connect) == failed


def test_chance_is_the_same_for_the_same_seed(start, connect):
    rules = [{"match": {"probability": 0.4}, "do": 500}]

    first, second = numbers(start(rules=rules), connect, 40), numbers(start(rules=rules), connect, 40)

    assert first == second
    assert 5 < len(first) < 30


def test_first_rule_that_fires_decides_and_all_count(start, connect):
    rules = [
        {"match": {"nth": 1}, "do": 500},
        {"match": {"nth": 2}, "do": 502},
        {"match": {"first": 3}, "do": 503},
    ]
    server = start(rules=rules)
    caller = connect(server)

    assert [caller("GET", "/2.0/users/me").status for _ in range(4)] == [500, 502, 503, 200]
    assert server.faults.fired == [1, 1, 1]


def test_rule_can_look_at_body_and_query(seeded, connect):
    rules = [{"match": {"body": "nia@"}, "do": 500}, {"match": {"query": "filter_term=Mia M"}, "do": 502}]
    caller = connect(seeded(rules=rules))

    assert caller("POST", "/2.0/users", NIA).status == 500
    assert caller("POST", "/2.0/users", {**NIA, "login": "other@acme.example"}).status == 201
    assert caller("GET", "/2.0/users?filter_term=Mia+M").status == 502
    assert caller("GET", "/2.0/users?filter_term=Otto").status == 200


def test_rules_can_come_and_go_while_it_serves(small, connect):
    caller = connect(small)
    small.faults.add(rule("500", method="GET"))
    during = caller("GET", "/2.0/users/me").status
    small.faults.clear()

    assert (during, caller("GET", "/2.0/users/me").status) == (500, 200)


def test_script_can_be_yaml():
    script = parse("seed: 3\nrules:\n  - match: {method: POST, nth: 2}\n    do: {fault: slow, delay: 1.5}\n")

    assert (script.seed, script.rules[0].match.nth, script.rules[0].do.delay) == (3, 2, 1.5)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "not a fault script"),
        ("rules:\n\t- do: 500\n", "not a fault script"),
        ("rulez: []", "rulez"),
        ("- do: explode", "explode"),
        ("- do: 500\n  match: {nht: 1}", "nht"),
        ("- match: {nth: 1}", "not a fault script"),
        ("- do: 500\n  match: {path: '^('}", "not a fault script"),
        ("- do: {fault: slow, delay: long}", "delay"),
        ("rules: 7", "not a fault script"),
        ("seed: [1]", "seed"),
        ("- 7", "not a fault script"),
        ("choices: {last_markr: empty}", "last_markr"),
        ("choices: {last_marker: none}", "last_marker"),
        ("\x00", "not a fault script"),
    ],
)
def test_script_that_is_none_is_explained(tmp_path, text, told):
    path = tmp_path / "faults.yaml"
    path.write_text(text)

    with pytest.raises(SandboxError, match=r"(?s)usual cause: .*do: ") as caught:
        serve(Options(faults=path))

    assert told in str(caught.value)
    assert str(caught.value).count("\n") == 2


@pytest.mark.parametrize("content", [b"\xff\xfe\x00binary", None])
def test_script_that_cannot_be_read_is_explained(tmp_path, content):
    path = tmp_path / "faults.yaml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(SandboxError, match="fault script"):
        serve(Options(faults=path))


@pytest.mark.parametrize(("moment", "title"), [("before", "Clerk"), ("after", "Boss")])
def test_somebody_else_edits_the_account_before_or_after(seeded, connect, moment, title):
    edit = {"job_title": "Boss", "tracking_codes": {"Theirs": "x"}}
    server = seeded(
        rules=[{"match": {"method": "PUT"}, "do": {"fault": "edited", "edit": edit, "moment": moment}}]
    )

    said = connect(server)("PUT", "/2.0/users/300?fields=job_title", {"job_title": "Clerk"}).json

    assert said["job_title"] == "Clerk"
    account = server.enterprise.accounts.get("300")
    assert (account.job_title, account.tracking_codes) == (title, (("Theirs", "x"),))


def test_sign_in_can_be_refused_in_any_words(seeded, connect):
    server = seeded(rules=[{"do": {"fault": "sign_in_refused", "error": "invalid_request", "detail": "No."}}])

    said = connect(server, None).form("/oauth2/token", grant_type="client_credentials")
    assert (said.status, said.json) == (400, {"error": "invalid_request", "error_description": "No."})
