"""A run reviewed in a browser: who is let in, what a click leaves behind, and what the page refuses."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import sys
import threading
import webbrowser
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from provision.runs.observer import Serving, Unattended
from provision.runs.reviewing.review import ReviewWishes, review
from provision.runs.start import Begun
from tests import browser

from .conftest import complaint, ended, person

HEADER = "external_id,login,name,job_title,status\n"
BEFORE = (
    HEADER + "E1,mia@acme.example,Mia Managed,Buyer,active\nE2,otto@acme.example,Otto Ömer,Seller,active\n"
)
AFTER = (
    HEADER
    + "E1,mia@acme.example,<b>Mia</b> Managed,Buyer,inactive\nE2,otto@acme.example,Otto Ömer,Director,active\n"
    + "E3,nina@acme.example,Nina Néw,Clerk,active\n"
)
NEVER = {
    "removals": {"count": 0, "percent": 0},
    "creates": {"count": 9},
    "updates": {"count": 9},
    "mass_change": "off",
}
LEAVERS = {"leavers": [{"after": "0d", "do": "deactivate"}]}


@pytest.fixture
def server(box):
    return box()


@pytest.fixture
def planned(server, provision, make_job):
    """Plans a job that locks Mia (a guard holds it), gives Otto another title and makes Nina: the job and the run folder."""

    def plan(**sections):
        job = make_job(AFTER, guards=NEVER, lifecycle=LEAVERS, **sections)
        said = provision("plan", job, "--json")
        assert (said.code, said.json["planned"]) == (3, {"create": 1, "update": 1, "deactivate": 1}), said.err
        return job, said.folder

    return plan


class Watching(Unattended):
    """Somebody who reads what is printed."""

    def __init__(self, now=None):
        super().__init__(now)
        self.served = threading.Event()
        self.address = ""

    def note(self, note):
        if isinstance(note, Serving):
            self.address = note.address
            self.served.set()


@dataclass
class Visit:
    """A browser without a window, as far as HTTP goes: where it is, its cookies, and what it shows."""

    address: str
    cookies: dict[str, str] = field(default_factory=dict)
    text: str = ""
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def place(self):
        return urlsplit(self.address)

    def ask(self, method="GET", path="", body=None, **headers):
        """One request, with the headers a browser would send unless others are given; None leaves one out."""
        own = {"Host": self.place.netloc, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if method == "POST":
            own |= {
                "Origin": f"http://{self.place.netloc}",
                "Content-Type": "application/x-www-form-urlencoded",
            }
        sent = {name.replace("_", "-"): value for name, value in {**own, **headers}.items() if value}
        connection = http.client.HTTPConnection(self.place.hostname, self.place.port, timeout=20)
        with contextlib.closing(connection):
            connection.putrequest(method, path or self.place.path, skip_host=True)
            data = urlencode(body, doseq=True).encode() if body is not None else b""
            for name, value in {
                **sent,
                **({"Content-Length": len(data)} if body is not None else {}),
            }.items():
                connection.putheader(name, value)
            connection.endheaders(data or None)
            answer = connection.getresponse()
            self.status, self.text = answer.status, answer.read().decode()
            self.headers = dict(answer.getheaders())
        return self

    def sends(self, path, body, **headers):
        """What a form is answered, which may come before all of it is sent."""
        data = urlencode(body).encode()
        with socket.create_connection((self.place.hostname, self.place.port), timeout=20) as line:
            own = {
                "Host": self.place.netloc,
                "Origin": f"http://{self.place.netloc}",
                "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
                "Content-Length": str(len(data)),
            }
            told = "".join(f"{name}: {value}\r\n" for name, value in {**own, **headers}.items() if value)
            line.sendall(f"POST {path} HTTP/1.1\r\n{told}\r\n".encode())
            if len(data) < 10_000:
                line.sendall(data)
            return int(line.recv(100).split()[1])

    def enter(self):
        """Bring the printed token, and take the cookie for it."""
        self.ask(path=f"{self.place.path}?{self.place.query}")
        name, value = self.headers["Set-Cookie"].split(";")[0].split("=", 1)
        self.cookies[name] = value
        return self.ask()

    def decide(self, do, by="Ines Iversen", **more):
        """Press a button, and look at the page that comes of it."""
        body = {"form": self.hidden("form"), "digest": self.hidden("digest"), "by": by, "do": do, **more}
        self.ask("POST", f"{self.place.path}decide", body)
        return self.ask() if self.status == 303 else self

    def hidden(self, name):
        return re.search(rf'name="{name}" value="([^"]*)"', self.text)[1]

    def button(self, act, whom):
        """The value of the button of one person's line."""
        row = next(row for row in self.text.split("<tr ") if whom in row)
        return re.search(rf'value="({act} [0-9a-f]+)"', row)[1]

    @property
    def told(self):
        found = re.search(r'class="flash \w+"[^>]*>.*?<span>(.*?)</span>', self.text, re.S)
        return " ".join(found[1].split()) if found else ""


@pytest.fixture
def reviewing(hands):
    """Serves the page of a run in a thread of its own: who visits it, and at the end what the review gave."""

    @contextlib.contextmanager
    def serve(folder, **wishes):
        watching, given = Watching(hands.now), []
        work = threading.Thread(
            target=lambda: given.append(review(str(folder), ReviewWishes(**wishes), Begun(watching)))
        )
        work.start()
        assert watching.served.wait(20)
        visit = Visit(watching.address)
        visit.watching, visit.given = watching, given
        try:
            yield visit
        finally:
            watching.stop()
            work.join(20)
            assert not work.is_alive()

    return serve


def rows_of(folder):
    rows = json.loads((folder / "approvals.json").read_text())
    return [{name: text for name, text in row.items() if name not in ("at", "until", "seal")} for row in rows]


def test_a_click_leaves_what_the_command_leaves_and_the_next_apply_keeps_to_it(
    server, planned, provision, reviewing, signed_in_as, tmp_path
):
    signed_in_as("ines", "/dev/pts/3")
    _, folder = planned()
    with reviewing(folder) as visit:
        page = visit.enter()
        digest = json.loads((folder / "plan.json").read_text())["digest"]
        assert page.hidden("digest") == digest
        assert f'<dd class="id">{digest}' in page.text
        assert "&lt;b&gt;Mia&lt;/b&gt;" in page.text
        assert "1 waits for a decision" in page.text
        page.decide(page.button("approve", "mia@acme.example"))
        assert page.told.startswith("Ines Iversen (user ines on ")
        assert "approves 1 operation until" in page.told
        page.decide("hold goes-create", by="Otto Other")
        assert "holds 1 operation" in page.told
        page.decide("end")
        assert (page.status, "The review is finished" in page.text) == (200, True)
    clicked = rows_of(folder)
    assert visit.given[0].ended_by == "finished"
    assert [row["kind"] for row in visit.given[0].decided] == ["deactivate", "create"]

    kept = {
        path: path.read_bytes() for path in (folder / "approvals.json", tmp_path / "state" / "provision.db")
    }
    for path in kept:
        path.unlink()
    provision("approve", folder, "--person", "E1", "--by", "Ines Iversen")
    provision("approve", folder, "--hold", "--kind", "create", "--by", "Otto Other")
    assert clicked == rows_of(folder)
    for path, content in kept.items():
        path.write_bytes(content)

    applied = provision("apply", folder, "--yes", "--json")

    assert applied.code == 3
    assert person(server, "mia@acme.example")["status"] == "inactive"
    assert person(server, "otto@acme.example")["job_title"] == "Director"
    assert [hold["kind"] for hold in applied.json["holds"]] == ["create"]


def test_lines_are_found_and_chosen_and_a_group_of_what_is_found_is_decided_alone(planned, reviewing):
    _, folder = planned()
    with reviewing(folder, by="Ines") as visit:
        page = visit.enter()
        assert page.hidden("by") == "Ines"
        page.decide("find", find="néw NINA")
        assert "nina@acme.example" in page.text
        assert "otto@acme.example" not in page.text
        marks = re.findall(r'name="mark" value="(\w+)"', page.decide("find", find="").text)
        assert len(marks) == 3
        page.decide("hold chosen", mark=marks[:2], until="2999-01-31")
        assert "holds 2 operations until 2999-02-01" in page.told
        page.decide("hold waits-nothing")
        assert "Nothing was chosen" in page.told
        page.decide("approve chosen", by="  ", mark=marks[:1])
        assert "Say who decides" in page.told
        page.decide("hold chosen", mark=["0" * 24])
        assert "cannot be decided about" in page.told
        page.decide("approve waits-deactivate", until="yesterday")
        assert "is not a date" in page.told


def test_only_the_browser_that_brought_the_token_is_let_in(planned, reviewing):
    _, folder = planned()
    with reviewing(folder) as visit:
        room = visit.place.path
        strangers = [
            visit.ask().status,
            visit.ask(path=f"{room}?token=guessed").status,
            visit.ask(path="/").status,
            visit.ask(path=f"{room}?{visit.place.query}", Host="evil.example").status,
            visit.ask("POST", f"{room}decide", {"do": "end"}).status,
            visit.ask("PUT", room).status,
        ]
        assert strangers == [403, 403, 404, 421, 403, 501]
        assert "mia" not in visit.text.casefold()

        page = visit.enter()
        set_cookie = Visit(visit.address).ask(path=f"{room}?{visit.place.query}")
        assert (set_cookie.status, "used already" in set_cookie.text) == (403, True)
        assert page.status == 200
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in re.sub(r"<svg.*?</svg>", "", page.text.replace("http-equiv", ""))
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"
        again = visit.ask(path=f"{room}?{visit.place.query}")  # in the window that has the cookie
        assert (again.status, "Set-Cookie" in again.headers) == (200, False)


def test_the_cookie_is_for_this_page_and_for_no_script_and_no_other_site(planned, reviewing):
    _, folder = planned()
    with reviewing(folder) as visit:
        visit.ask(path=f"{visit.place.path}?{visit.place.query}")
        told = visit.headers["Set-Cookie"].split("; ")
        assert told[1:] == [f"Path={visit.place.path}", "HttpOnly", "SameSite=Strict"]


def test_a_form_that_another_site_sends_decides_nothing(planned, reviewing):
    _, folder = planned()
    with reviewing(folder) as visit:
        page = visit.enter()
        target, host = f"{visit.place.path}decide", visit.place.netloc
        good = {
            "form": page.hidden("form"),
            "digest": page.hidden("digest"),
            "by": "Eve",
            "do": "approve waits-deactivate",
        }
        forged = [
            (good, {"Origin": "http://evil.example"}),
            (good, {"Origin": "null"}),
            (good, {"Origin": None}),
            (good, {"Origin": f"https://{host}"}),
            (good, {"Sec_Fetch_Site": "same-site"}),
            (good, {"Host": "evil.example", "Origin": "http://evil.example"}),
            (good, {"Cookie": None}),
            ({**good, "form": "guessed"}, {}),
            ({**good, "form": ""}, {}),
        ]
        answered = [visit.ask("POST", target, body, **headers).status for body, headers in forged]
        assert answered == [403, 403, 403, 403, 403, 421, 403, 403, 403]
        visit.ask("POST", target, {**good, "digest": "0" * 64}).ask()
        assert "not the one that this page showed" in visit.told
        assert visit.ask(path=f"{target}?{urlencode(good)}").status == 404
        assert not (folder / "approvals.json").exists()


def test_nobody_who_is_not_let_in_is_listened_to_for_long(planned, reviewing):
    """What they send is not taken into memory: many of them at once would take all of it."""
    _, folder = planned()
    with reviewing(folder) as visit:
        page = visit.enter()
        target = f"{visit.place.path}decide"
        few, much = {"form": "x" * 1_000}, {"form": "x" * 100_000}
        own = {
            "form": page.hidden("form"),
            "digest": page.hidden("digest"),
            "find": "x" * 100_000,
            "do": "find",
        }
        for stranger in ({"Cookie": None}, {"Origin": "http://evil.example"}, {"Host": "evil.example"}):
            told = [visit.sends(target, body, **stranger) for body in (few, much)]
            assert told[0] in (403, 421)
            assert told[1] == 413
        assert visit.ask("POST", target, own).status == 303


def test_two_people_are_two_users_of_the_system_each_at_a_page_of_their_own(
    server, planned, provision, reviewing, signed_in_as
):
    _, folder = planned(approvals={"required": 2})
    signed_in_as("ines")
    with reviewing(folder) as visit:
        page = visit.enter()
        assert "2 different people have to approve" in page.text
        page.decide("approve waits-deactivate", by="Ines")
        assert "That is 1 of 2 approvals" in page.told
        assert "1 of 2 approvals, by Ines (user ines on" in page.text
        page.decide("approve waits-deactivate", by="Otto")
        assert "may be the same person" in page.told
        assert "1 waits for a decision" in page.text
    signed_in_as("otto")
    with reviewing(folder) as visit:
        page = visit.enter().decide("approve waits-deactivate", by="Otto")
        assert "It is carried out by" in page.told
        assert "Everything that waited is decided" in page.text

    assert provision("apply", folder, "--yes").code == 0
    assert person(server, "mia@acme.example")["status"] == "inactive"


@pytest.mark.skipif(sys.platform == "win32", reason="groups of the operating system")
def test_a_member_of_the_group_decides_beside_the_run_and_is_told_that_no_key_proves_it(
    planned, reviewing, signed_in_as, monkeypatch
):
    import grp

    _, folder = planned(runs_group=grp.getgrgid(os.getegid()).gr_name)
    for name in ("is_of_others", "is_member"):
        monkeypatch.setattr(f"provision.runs.approving.opened.{name}", lambda *_: True)
    monkeypatch.setattr("provision.runs.approving.inbox.name_of", lambda _uid: "bo")
    signed_in_as("bo")
    with reviewing(folder) as visit:
        page = visit.enter()
        assert "You have no key that proves it" in page.text
        page.decide("approve waits-deactivate", by="Bo")
        assert "It lies in" in page.told
        assert "Everything that waited is decided" in page.text
    assert json.loads((folder / "approvals.d" / "bo.json").read_text())[0]["by"] == "Bo"
    assert not (folder / "approvals.json").exists()


def test_who_is_who_is_answered_on_the_page(provision, server, make_job, reviewing, tmp_path):
    known = "external_id,login,name\nE1,mia@acme.example,Mia Managed\n"
    provision("run", make_job(known))
    asked = provision("run", make_job(known.replace("E1", "E9")), "--json").folder
    with reviewing(asked) as visit:
        page = visit.enter()
        assert "Who is who" in page.text
        page.decide(page.button("approve", "mia@acme.example"))
        assert "is that of E9 from now on" in page.told
        assert "Everything that waited is decided" in page.text

    assert provision("run", make_job(known.replace("E1", "E9"))).code == 0


def test_a_run_that_no_seal_proves_is_not_shown_nor_one_that_no_seal_proves_any_more(
    planned, provision, reviewing
):
    _, folder = planned()
    with reviewing(folder) as visit:
        page = visit.enter()
        wanted = page.button("approve", "mia@acme.example")
        (folder / "seal.json").unlink()
        page.decide(wanted)
        assert page.status == 409
        assert "it has no seal" in page.text
        assert "mia@acme.example" not in page.text
    assert not (folder / "approvals.json").exists()

    said = provision("review", folder)

    assert (said.code, "it has no seal" in complaint(said)) == (1, True)
    assert "127.0.0.1" not in said.out


def test_it_ends_by_itself_when_nothing_is_done(planned, provision):
    _, folder = planned()

    said = provision("review", folder, "--idle", "0.002", "--json")

    assert (said.code, said.json["ended_by"], said.json["decided"]) == (0, "idle", [])
    assert "http://127.0.0.1:" in said.err


def test_a_signal_ends_it_in_good_order(planned, launch):
    _, folder = planned()
    process = launch("review", folder, "--quiet")
    assert process.stdout.readline().startswith("http://127.0.0.1:")

    process.send_signal(signal.SIGINT)

    assert ended(process).code == 0


def test_a_port_that_is_taken_is_told(planned, provision, server):
    _, folder = planned()
    taken = urlsplit(server.announcement["url"]).port

    said = provision("review", folder, "--port", taken)

    assert (said.code, "cannot be served at port" in complaint(said)) == (1, True)


def test_the_token_is_in_no_argument_of_the_browser_that_is_opened(planned, provision, monkeypatch):
    _, folder = planned()
    given = []

    def opens(address):
        page = Path(urlsplit(address).path)
        given.append((address, page.read_text(), page.parent.stat().st_mode & 0o077))
        return False

    monkeypatch.setattr(webbrowser, "open", opens)

    said = provision("review", folder, "--open", "--idle", "0.002")

    [(address, page, mode)] = given
    assert (said.code, mode) == (0, 0)
    assert "token" not in address
    assert said.out.strip() in page
    assert not Path(urlsplit(address).path).exists()


@pytest.mark.skipif(browser.found() is None, reason="no Chromium on this machine")
def test_a_person_decides_with_mouse_and_keyboard_alone(planned, reviewing, tmp_path):
    _, folder = planned()
    with browser.opened(browser.found()) as tab, reviewing(folder) as visit:
        tab.looks(1280, 900)
        tab.open(visit.address)
        tab.until("document.querySelector('form')")
        assert "token" not in tab.tell("location.href")
        assert tab.tell("document.cookie") == ""

        tab.tell("document.querySelector('[name=by]').focus()")
        tab.type("Ines Iversen")
        tab.press("#waits-deactivate button[value^='approve']:not([value*='waits'])")
        tab.loaded()
        assert "approves 1 operation" in tab.tell("document.querySelector('.flash').textContent")

        tab.tell("document.querySelector('[name=find]').focus()")
        tab.type("nina")
        tab.key("Enter", 13, "\r")
        tab.loaded()
        assert tab.tell("document.querySelectorAll('tbody tr').length") == 1
        tab.tell("document.querySelector('tbody input').focus()")
        assert tab.tell("document.querySelector('[value=\"hold chosen\"]').disabled")
        tab.key(" ", 32, " ")
        assert tab.tell("document.querySelector('[value=\"hold chosen\"]').textContent") == "Hold chosen (1)"
        tab.tell("document.querySelector('[value=\"hold chosen\"]').focus()")
        tab.key("Enter", 13, "\r")
        tab.loaded()
        assert "holds 1 operation" in tab.tell("document.querySelector('.flash').textContent")

        for width, dark in ((390, False), (390, True), (1280, False), (1280, True)):
            tab.looks(width, 844, phone=width < 500, dark=dark)
            assert tab.tell("document.documentElement.scrollWidth <= innerWidth")
            assert browser.rules() is None or tab.shut_out() == []
        tab.press("[value=end]")
        tab.until("document.querySelector('main.short')")
        assert tab.problems == []
    assert [row["kind"] for row in rows_of(folder)] == ["deactivate", "create"]
    assert {row["by"] for row in rows_of(folder)} == {"Ines Iversen"}
