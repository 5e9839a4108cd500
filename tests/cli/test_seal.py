"""Forged plans, folders from elsewhere, and journals that lie: what no key proves carries nothing out and teaches nothing."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
from dataclasses import replace

import msgspec
import pytest

from provision.batches import Held
from provision.errors import BoxUnreachable
from provision.job.settings import Job
from provision.journal.book import JOURNAL_NAME
from provision.ledger.store import open_ledger
from provision.model import Kind
from provision.operations.value import Change
from provision.plan import planfile
from provision.plan.planfile import PLAN_NAME, read_plan, write_plan
from provision.runs.folder import find_run
from provision.runs.seal.closing import contradiction
from provision.runs.seal.key import known_key
from provision.runs.seal.seal import seal
from provision.runs.seal.seal_file import read_seal
from provision.sandbox.trouble.script import rule

from .conftest import SEED, accounts, complaint, not_closed

NINA = "E4,nina@acme.example,Nina Néw,Clerk,active\n"
#: updates Otto, and knows Mia, who is not in the next one
FIRST = (
    "external_id,login,name,job_title,status\n"
    "E1,mia@acme.example,Mia Managed,Buyer,active\n"
    "E2,otto@acme.example,Otto Ömer,Director,active\n"
)


@pytest.fixture
def planned(settled, provision, make_job):
    """A server, a job that was run once, and a plan of it that creates Nina."""

    def first():
        assert provision("run", make_job(FIRST)).code == 0

    server = settled("Otto and Mia, sealed", SEED, first)
    job = make_job(FIRST + NINA, report={"formats": ["html"]})
    said = provision("plan", job, "--json")
    assert said.json["planned"] == {"create": 1}
    return server, job, said.folder


def forged(folder, change):
    """The plan there rewritten, with its digest as it has to be; ``change`` makes another plan of it."""
    write_plan(change(read_plan(folder)), folder)


def resealed(folder, job, change):
    """The same by somebody who has the key."""
    forged(folder, change)
    seal(find_run(str(folder)), Job.load(job))


def deletion(plan, login, *, told=True):
    """A plan that also deletes this account with all it owns; ``told``: the table of people says so, too."""
    table = plan.table
    at = table.index[table["login"] == login][0]
    line = table.loc[at]
    create = plan.changes[0]
    gone = replace(
        create, kind=Kind.DELETE, line=int(line["line"]), box_id=line["box_id"], external_id=line["external_id"],
        login=login, name=line["name"], fields=(), because="leaver;absent:day=2026-01-01,missed=2", evidence="absent",
        status="active", destroys=True, subject=line["box_id"],
    )  # fmt: skip
    if told:
        table.loc[at, ["verdict", "because", "changes"]] = ["delete", gone.because, ""]
    return replace(plan, changes=(create, gone), people=Held(table))


def nothing_sent(server, since=1):
    """Not even a sign-in, after that of a plan."""
    return sum("token" in line.path for line in server.log) == since


def test_a_forged_plan_with_its_digest_recomputed_is_refused_before_a_sign_in(planned, provision):
    server, _, folder = planned
    forged(folder, lambda plan: deletion(plan, "mia@acme.example"))

    said = provision("apply", folder, "--yes")

    assert (said.code, nothing_sent(server)) == (1, True)
    assert "plan.json was changed after it was sealed" in complaint(said)


def _run_json(folder):
    path = folder / "run.json"
    path.write_text(path.read_text().replace("127.0.0.1", "192.0.2.2"))
    return folder


def _no_seal(folder):
    (folder / "seal.json").unlink()
    return folder


def _people(folder):
    path = folder / "people.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    return folder


def _added(folder):
    (folder / "adoption.json").write_text("{}")
    return folder


def _copied(folder):
    return shutil.copytree(folder, folder.with_name(folder.name[:-4] + "0000"))


def _carried_away(folder):
    return shutil.move(folder, folder.parent.parent / folder.name)


def _junk(folder):
    (folder / "seal.json").write_text("[" * 100_000)
    return folder


TAMPERED = {
    "run.json": (_run_json, "run.json was changed after it was sealed"),
    "people.parquet": (_people, "people.parquet"),
    "no seal": (_no_seal, "it has no seal"),
    "junk": (_junk, "its seal cannot be read"),
    "a file put there": (_added, "adoption.json was changed after it was sealed"),
    "copied": (_copied, "it does not lie where it was made"),
    "carried away": (_carried_away, "it does not lie where it was made"),
}


def on(folder):
    """The commands that believe a run folder."""
    approve = ("approve", folder, "--all", "--by", "Ines")
    return (("apply", folder), ("resume", folder), ("undo", folder, "--yes"), approve)


def made_anew(folder, kept):
    """The run folder there as it was when ``kept`` was copied from it."""
    shutil.rmtree(folder, ignore_errors=True)
    return shutil.copytree(kept, folder)


def test_a_folder_that_is_not_as_it_was_made_is_refused(planned, provision, tmp_path):
    server, _, folder = planned
    kept = shutil.copytree(folder, tmp_path / "kept")

    for how, (change, words) in TAMPERED.items():
        tampered = change(made_anew(folder, kept))
        said = [provision(*words) for words in on(tampered)]

        assert ([one.code for one in said], nothing_sent(server)) == ([1] * 4, True), how
        assert all(words in " ".join(one.err.split()) for one in said), how


@pytest.fixture
def after_the_look(monkeypatch):
    """From the call on, `exchange(folder)` is done by somebody right after a folder was looked at and believed."""

    def watch(exchange, before=lambda: None):
        def begun(folder):
            before()
            return read_seal(folder)

        def ended(folder, *more):
            doubt = contradiction(folder, *more)
            exchange(folder)
            return doubt

        # the first and the last file that is looked at, under names that no other module has taken from there
        monkeypatch.setattr("provision.runs.seal.seal.read_seal", begun)
        monkeypatch.setattr("provision.runs.seal.seal.contradiction", ended)

    return watch


def test_a_plan_that_is_exchanged_after_the_look_at_its_seal_is_refused(
    planned, provision, after_the_look, tmp_path
):
    server, _, folder = planned
    kept = shutil.copytree(folder, tmp_path / "kept")
    after_the_look(lambda there: forged(there, no_stage))

    for words in (("apply", folder, "--yes"), ("approve", folder, "--all", "--by", "Ines"), ("undo", folder)):
        made_anew(folder, kept)
        said = provision(*words)
        assert (said.code, nothing_sent(server)) == (1, True), words
        assert "was changed after it was made" in complaint(said), words


def test_a_run_that_names_another_job_until_it_is_looked_at_gets_no_secret(
    planned, provision, box, after_the_look
):
    """Whoever goes on exchanging a file finds the moment between two readings of it."""
    server, job, folder = planned
    other, true = box(), (folder / "run.json").read_text()
    evil = job.with_name("evil.yaml")
    evil.write_text(job.read_text().replace("${BOX_BASE_URL}", other.announcement["url"]))
    named = true.replace(str(job), str(evil)).replace(server.announcement["url"], other.announcement["url"])

    for words in on(folder):
        (folder / "run.json").write_text(named)
        after_the_look(lambda _: None, before=lambda: (folder / "run.json").write_text(true))
        said = provision(*words)
        assert (said.code, nothing_sent(server), nothing_sent(other, 0)) == (1, True, True), words
        assert "run.json was changed after it was sealed" in " ".join(said.err.split()), words


def test_a_journal_that_is_exchanged_after_the_look_is_not_gone_on_with(planned, provision, after_the_look):
    server, _, folder = planned
    server.faults.add(rule("forbidden", method="POST", path="^/2.0/users$", times=1))
    assert provision("apply", folder).code == 4
    before = accounts(server)

    def guards_passed(there):
        with contextlib.closing(sqlite3.connect(there / JOURNAL_NAME)) as journal, journal:
            journal.execute("""UPDATE about SET value = '{"creates": 99}' WHERE name = 'allow'""")

    after_the_look(guards_passed)
    said = provision("resume", folder, "--yes")

    assert (said.code, accounts(server)) == (1, before)
    assert "journal.sqlite cannot be read: it was changed after the run was closed" in complaint(said)


def test_an_adoption_that_is_exchanged_after_the_look_teaches_nothing(
    planned, provision, after_the_look, tmp_path
):
    _, job, _ = planned
    adopted = provision("adopt", job, "--login", "zoe@acme.example", "--by", "Ines", "--json").json
    record = tmp_path / "runs" / adopted["run_id"] / "adoption.json"
    for part in (tmp_path / "state").glob("provision.db*"):
        part.unlink()
    forgery = record.read_text().replace("zoe@", "ada@")
    after_the_look(lambda there: there == record.parent and record.write_text(forgery))

    said = provision("runs", job, "--rebuild")

    assert "adoption.json cannot be read: it was changed after it was sealed" in " ".join(said.err.split())
    assert not {"zoe@acme.example", "ada@acme.example"} & owned(tmp_path)


def test_a_seal_of_another_run_proves_nothing(planned, provision):
    server, job, folder = planned
    other = provision("plan", job, "--json").folder
    for name in ("plan.json", "people.parquet", "said.parquet", "seal.json"):
        shutil.copy(other / name, folder / name)

    said = provision("apply", folder)

    assert (said.code, nothing_sent(server, 2)) == (1, True)
    assert "it does not lie where it was made" in complaint(said)


def test_a_run_of_another_ledger_is_foreign(planned, provision, make_job, tmp_path):
    server, job, folder = planned
    away = make_job(FIRST + NINA, name="other", state="sqlite:///other/provision.db", runs="others")
    theirs = provision("plan", away, "--json").folder
    about = json.loads((theirs / "run.json").read_text()) | {"job": "nightly", "job_path": str(job)}
    ours = folder.with_name(theirs.name.replace("-other-", "-nightly-"))
    shutil.copytree(theirs, ours)
    (ours / "run.json").write_text(json.dumps(about | {"run_id": ours.name}))

    said = provision("apply", ours)

    assert (said.code, nothing_sent(server, 2)) == (1, True)
    assert "its seal was not made with the key of job nightly" in complaint(said)


def test_a_folder_of_somebody_else_is_refused(planned, provision, monkeypatch):
    server, _, folder = planned
    if os.getuid() == 0:
        os.chown(folder / "plan.json", 12_345, -1)
    else:
        me = os.getuid()
        monkeypatch.setattr("provision.runs.places.owners.os.getuid", lambda: me + 1)

    for words in on(folder):
        said = provision(*words)
        assert (said.code, nothing_sent(server)) == (1, True), words
        assert "belongs to somebody else" in complaint(said), words


def test_another_address_than_the_plan_was_made_with_gets_no_secret(planned, provision, box):
    server, _, folder = planned
    other = box()

    said = provision("apply", folder)

    assert (said.code, nothing_sent(server), nothing_sent(other, 0)) == (1, True, True)
    assert "was made with Box at" in complaint(said)


def test_a_folder_that_brings_its_own_job_and_key_gets_no_secret(planned, provision, monkeypatch, tmp_path):
    server, job, folder = planned
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "my-own"))

    said = [provision("apply", folder), provision("approve", folder, "--all", "--by", "Ines")]

    assert ([one.code for one in said], nothing_sent(server)) == ([1, 1], True)
    assert f"which signs in at {server.announcement['url']}; you have not used that job here" in said[0].err
    monkeypatch.setenv("PROVISION_KEY", (tmp_path / "state" / "provision.key").read_text().strip())
    assert "No operation of run" in provision("approve", folder, "--all", "--by", "Ines").err
    monkeypatch.delenv("PROVISION_KEY")
    assert provision("check", job).code == 0
    assert provision("apply", folder).code == 0


def unowned(plan):
    return deletion(plan, "zoe@acme.example")


def no_stage(plan):
    return deletion(plan, "mia@acme.example")


def unsaid(plan):
    return deletion(plan, "mia@acme.example", told=False)


def other_fields(plan):
    create = plan.changes[0]
    fields = tuple(
        msgspec.structs.replace(one, after="Owner") if one.field == "job_title" else one
        for one in create.fields
    )
    return replace(plan, changes=(replace(create, fields=fields),))


def no_row(plan):
    return replace(plan, changes=(replace(plan.changes[0], line=0),))


WITH_THE_KEY = {
    "a deletion that no stage does": (no_stage, "the job has no stage that does delete"),
    "somebody who is not owned": (unowned, "the job does not own the account"),
    "nobody of the table": (no_row, "its table of people"),
    "other fields": (other_fields, "are not those that its table of people tells"),
    "no line": (unsaid, "the job has no stage that does delete"),
}


def test_what_nothing_warrants_is_refused_even_under_the_seal(planned, provision, tmp_path):
    server, job, folder = planned
    before = accounts(server)
    kept = shutil.copytree(folder, tmp_path / "kept")

    for what, (change, words) in WITH_THE_KEY.items():
        resealed(made_anew(folder, kept), job, change)
        said = provision("apply", folder, "--yes")

        assert (said.code, accounts(server)) == (1, before), what
        assert words in " ".join(complaint(said).split()), what


def test_guards_are_judged_again_from_the_operations(box, provision, make_job):
    server = box()
    people = "".join(f"N{number},new{number}@acme.example,New {number},,active\n" for number in range(3))
    job = make_job(FIRST + people, guards={"creates": {"count": 2}})
    folder = provision("plan", job, "--json").folder
    before = accounts(server)
    resealed(folder, job, lambda plan: replace(plan, guards=()))

    said = provision("apply", folder, "--yes", "--json")

    assert said.code == 3
    assert [(one["name"], one["actual"], one["verdict"]) for one in said.json["guards"]] == [
        ("creates", 3, "refused")
    ]
    assert {one["login"] for one in accounts(server).values()} - {
        one["login"] for one in before.values()
    } == set()

    more = provision("plan", job, "--json", "--allow", "creates=3").folder
    assert provision("apply", more, "--yes").code == 0  # it was allowed more when it was made


def test_what_a_resumed_run_has_deleted_already_needs_to_be_owned_no_more(box, provision, make_job):
    server = box()
    leaves = {
        "guards": {"removals": {"count": 10, "percent": 100}, "shrink": {"percent": 100}},
        "lifecycle": {
            "evidence": {"absent_runs": 1, "absent_hours": 0},
            "leavers": [{"after": "0d", "do": "delete", "content": "destroy"}],
        },
    }
    assert provision("run", make_job(FIRST + NINA, **leaves)).code == 0
    ids = {one["login"]: one["id"] for one in accounts(server).values()}
    server.faults.add(
        rule("forbidden", method="DELETE", path=f"^/2.0/users/{ids['otto@acme.example']}$", times=1)
    )
    half = provision("run", make_job(FIRST.partition("E1")[0] + NINA, **leaves), "--yes", "--json")
    assert (half.code, half.json["outcomes"]["done"], half.json["outcomes"]["failed"]) == (4, 1, 1)

    said = provision("resume", half.folder, "--yes", "--json")

    assert (said.code, said.json["outcomes"]["done"]) == (0, 2), said.err


def test_the_preview_of_an_undo_is_applied_and_a_forged_one_is_not(planned, provision):
    server, job, folder = planned
    assert provision("apply", folder).code == 0
    way_back = provision("undo", folder, "--dry-run", "--json").folder
    mia = next(one for one in accounts(server).values() if one["login"] == "mia@acme.example")
    before = accounts(server)

    def locks_mia(plan):
        table = plan.table
        at = table.index[table["login"] == "mia@acme.example"][0]
        locked = replace(
            plan.changes[0],
            box_id=mia["id"],
            login=mia["login"],
            external_id=table.at[at, "external_id"],
            subject=mia["id"],
        )
        table.loc[at, "verdict"] = "deactivate"
        return replace(plan, changes=(*plan.changes, locked), people=Held(table))

    resealed(way_back, job, locks_mia)
    said = provision("apply", way_back, "--yes")

    assert (said.code, accounts(server)) == (1, before)
    assert "the run that it undoes did nothing that this takes back" in " ".join(complaint(said).split())
    again = provision("undo", folder, "--dry-run", "--json").folder
    assert provision("apply", again, "--yes").code == 0


def test_an_answer_that_no_key_proves_is_none(box, provision, make_job, tmp_path):
    box()
    known = "external_id,login,name\nE1,mia@acme.example,Mia Managed\n"
    provision("run", make_job(known))
    job = make_job(known.replace("E1", "E9"))
    held = provision("run", job, "--json").folder
    provision("approve", held, "--person", "E9", "--by", "Ines")
    path = held / "approvals.json"
    rows = json.loads(path.read_text())
    path.write_text(json.dumps([one | {"by": "The CEO Himself"} for one in rows]))
    for part in (tmp_path / "state").glob("provision.db*"):
        part.unlink()
    assert provision("runs", job, "--rebuild").code == 0

    assert provision("run", job).code == 3


def test_a_plan_whose_journal_was_taken_away_is_not_applied_again(planned, provision, tmp_path):
    """Neither by a ledger that knows of it, nor by one of before; nor is it gone on with, whatever its log says."""
    server, _, folder = planned
    shutil.copytree(tmp_path / "state", tmp_path / "before")
    assert provision("apply", folder).code == 0
    (folder / JOURNAL_NAME).unlink()
    (folder / "log.jsonl").write_text('{"event": "planned", "nothing_sent": true}\n')
    (folder / "summary.json").unlink()
    before = accounts(server)

    for _ in range(2):
        said = [provision(command, folder) for command in ("apply", "resume")]
        assert ([one.code for one in said], accounts(server)) == ([1, 1], before)
        assert "was applied already" in complaint(said[0])
        assert "its journal is missing" in complaint(said[1])
        shutil.rmtree(tmp_path / "state")
        shutil.copytree(tmp_path / "before", tmp_path / "state")


def owned(tmp_path):
    with contextlib.closing(open_ledger(f"sqlite:///{tmp_path}/state/provision.db")) as ledger:
        return set(ledger.memory("27335", "nightly").accounts["login"])


def test_a_folder_dropped_into_runs_teaches_nothing(planned, provision, make_job, tmp_path):
    _, job, folder = planned
    before = owned(tmp_path)
    assert provision("apply", folder).code == 0  # Nina is made, and the folder has a journal
    ledger = sqlite3.connect(tmp_path / "state" / "provision.db")
    # as if nobody knew of that run
    ledger.execute("DELETE FROM accounts WHERE login = 'nina@acme.example'")
    ledger.execute("DELETE FROM runs WHERE run_id = ?", (folder.name,))
    ledger.commit()
    ledger.close()
    (folder / "summary.json").unlink()
    mac = json.loads((folder / "seal.json").read_text())
    (folder / "seal.json").write_text(json.dumps(mac | {"mac": "0" * 64}))

    said = provision("run", make_job(FIRST), "--json")

    assert "Nothing can be learned from the unfinished run" in said.err
    assert owned(tmp_path) == before
    assert provision("runs", job, "--rebuild").code == 1


@pytest.mark.parametrize("login", ["zoe@acme.example", "since@acme.example"])
def test_a_journal_makes_nobody_owned_whom_the_plan_saw_or_who_came_up_since(
    planned, provision, make_job, tmp_path, login
):
    server, _, folder = planned
    assert provision("apply", folder).code == 0
    if login.startswith("since"):
        zoe = server.enterprise.accounts.with_login("zoe@acme.example")
        server.enterprise.add(msgspec.structs.replace(zoe, id="9999999", login=login))
    zoe = next(one["id"] for one in accounts(server).values() if one["login"] == login)
    ledger = sqlite3.connect(tmp_path / "state" / "provision.db")
    ledger.execute("DELETE FROM runs WHERE run_id = ?", (folder.name,))
    ledger.commit()
    ledger.close()
    journal = sqlite3.connect(folder / JOURNAL_NAME)
    journal.execute("UPDATE entries SET box_id = ? WHERE event = 'end'", (zoe,))
    journal.execute("DELETE FROM about WHERE name = 'finished'")
    journal.commit()
    journal.close()
    (folder / "summary.json").unlink()
    not_closed(folder)

    provision("run", make_job(FIRST + NINA))

    with contextlib.closing(open_ledger(f"sqlite:///{tmp_path}/state/provision.db")) as known:
        assert zoe not in set(known.memory("27335", "nightly").accounts["box_id"])


def test_a_digest_is_shown_and_demanded(planned, provision, tmp_path, monkeypatch):
    """And a preview writes nothing to the ledger, and who carries one out is told the address before a secret leaves."""
    server, job, folder = planned
    with monkeypatch.context() as during:
        during.setattr("provision.runs.planning.reopen.sign_in", unreachable)
        for words in on(folder)[:2]:
            said = provision(*words)
            assert "Job file" in said.err and f"Box at {server.announcement['url']}" in " ".join(
                said.err.split()
            ), said
    digest = read_plan(folder).digest
    before, known = accounts(server), rows_of_ledger(tmp_path)

    shown = provision("plan", job)
    assert rows_of_ledger(tmp_path) == known
    wrong = provision("apply", folder, "--digest", "0" * 64)
    unset = provision("apply", folder, "--digest", "")  # a variable that is not set is no "whichever it is"
    assert (wrong.code, unset.code, accounts(server)) == (1, 1, before)
    right = provision("apply", folder, "--digest", digest.upper())

    assert digest in (folder / "preview.html").read_text()
    assert "The digest of this plan is" in " ".join((shown.out + shown.err).split())
    assert f"has the digest {digest}" in complaint(wrong)
    assert "--digest has no value" in complaint(unset)
    assert (right.code, nothing_sent(server, 2)) == (0, False)
    assert f"Box at {server.announcement['url']}" in " ".join(right.err.split() + right.out.split())


def unreachable(*_):
    raise BoxUnreachable("Nobody is asked here.")


def rows_of_ledger(tmp_path):
    with contextlib.closing(sqlite3.connect(tmp_path / "state" / "provision.db")) as ledger:
        return list(ledger.iterdump())


def test_the_key_is_private_and_an_open_one_is_told(planned, provision, tmp_path):
    server, job, folder = planned
    key = tmp_path / "state" / "provision.key"
    assert (key.stat().st_mode & 0o777, len(key.read_text().strip())) == (0o600, 64)
    key.chmod(0o644)

    said = provision("apply", folder)

    assert (said.code, nothing_sent(server)) == (1, True)
    assert "may be read or written by others" in complaint(said)
    # who may not use it is told all the same how things stand
    key.chmod(0o640)
    assert [provision(*words).code for words in (("holds", job), ("explain", job, "mia@acme.example"))] == [
        0,
        0,
    ]
    key.chmod(0o600)
    key.write_text("short\n")
    assert "is no key" in complaint(provision("plan", job))


def test_a_job_may_bring_its_key(box, provision, make_job, monkeypatch, tmp_path):
    box()
    monkeypatch.setenv("PROVISION_KEY", "k" * 40)
    state = {"url": "sqlite:///state/provision.db", "key": "${PROVISION_KEY}"}
    folder = provision("plan", make_job(FIRST, state=state), "--json").folder
    monkeypatch.setenv("PROVISION_KEY", "l" * 40)

    foreign = provision("apply", folder)
    monkeypatch.setenv("PROVISION_KEY", "k" * 40)

    assert "its seal was not made with the key" in complaint(foreign)
    assert provision("apply", folder).code == 0
    assert not (tmp_path / "state" / "provision.key").exists()


def test_without_a_file_for_it_the_key_is_that_of_the_environment(make_job):
    job = make_job(FIRST, state="postgresql+psycopg://db.example/state")
    names = ("BOX_BASE_URL", "BOX_CLIENT_ID", "BOX_CLIENT_SECRET", "BOX_ENTERPRISE_ID")
    environ = dict.fromkeys(names, "https://box.example")

    assert known_key(Job.load(job, environ)) is None
    found = known_key(Job.load(job, {**environ, "PROVISION_KEY": "k" * 32}))
    assert found is not None and found.secret == b"k" * 32


def test_who_trusts_a_folder_names_one_of_the_job(planned, provision, make_job, tmp_path):
    _, job, folder = planned
    _no_seal(folder)
    assert provision("runs", job, "--trust", "*").code == 0
    assert provision("apply", folder).code == 0

    away = make_job(FIRST, name="other")
    said = provision("runs", away, "--trust", folder)

    assert said.code == 1
    assert "is not trusted" in complaint(said)


def as_version_4(folder):
    """The plan there as the release before version 5 wrote it, with the digest it had then."""
    made, path = read_plan(folder), folder / PLAN_NAME
    told = json.loads(path.read_text()) | {
        "version": 4,
        "digest": "",
        "changes": msgspec.to_builtins(made.changes),
    }
    del told["alike"]
    form = msgspec.convert(told, type=planfile._Form[Change])
    form.digest = hashlib.sha256(msgspec.json.encode(form, order="deterministic")).hexdigest()
    path.write_bytes(msgspec.json.encode(form))


def test_a_plan_of_version_4_is_applied_explained_and_undone(planned, provision):
    server, job, folder = planned
    as_version_4(folder)
    seal(find_run(str(folder)), Job.load(job))

    assert provision("explain", job, "nina@acme.example", "--json").json["not_read"] == {}
    said = provision("apply", folder, "--json")
    assert (said.code, said.json["outcomes"]["done"]) == (0, 1)
    assert "nina@acme.example" in {account["login"] for account in accounts(server).values()}
    assert provision("undo", folder, "--yes").code == 0
