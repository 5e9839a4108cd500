"""Logins that change: alias, confirmed, primary, over whole nights of a job with match.login_changes: apply."""

from __future__ import annotations

import csv

import msgspec
import pytest

from .clocks import Gate
from .conftest import SEED, person, slow_from_now

HEADER = "external_id,login,name,job_title\n"
MIA = "E1,mia@acme.example,Mia Managed,Buyer\n"
OTTO = "E2,otto@acme.example,Otto Ömer,Seller\n"
INA = "E3,ina@acme.example,Ina Inactive,\n"
BOTH = HEADER + MIA + OTTO
APPLY = {"login_changes": "apply"}


@pytest.fixture
def night(provision, make_job, clock):
    """Runs the nightly job with a roster, so many hours after the first night."""

    def run(hours: float, people: str, *flags: str, **sections):
        clock(hours)
        sections.setdefault("match", APPLY)
        return provision("run", make_job(people, **sections), "--json", *flags)

    return run


def addresses(server, key: str) -> tuple[str, list[str]]:
    """The login and the other addresses of an account."""
    found = person(server, key)
    return found["login"], sorted((*found["aliases"], *found["unconfirmed_aliases"]))


def operations(said) -> dict[str, str]:
    """What became of each operation, by its id without the Box id."""
    with (said.folder / "operations.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    return {":".join(filter(None, (row["kind"], row["object"]))): row["outcome"] for row in rows}


def test_a_login_changes_by_a_confirmed_alias_and_the_old_one_stays_an_alias(box, night):
    server = box()
    night(0, BOTH)
    renamed = BOTH.replace("mia@", "mia.new@").replace("Buyer", "Head")

    said = night(24, renamed)
    quiet = night(48, renamed)

    assert (said.code, said.json["status"]) == (0, "applied"), said.err
    assert said.json["planned"] == {"update": 1, "login_change": 1, "alias_add": 1}
    assert addresses(server, "mia.new@acme.example") == ("mia.new@acme.example", ["mia@acme.example"])
    assert person(server, "mia.new@acme.example")["job_title"] == "Head"
    assert (quiet.code, quiet.json["planned"]) == (0, {})


def test_a_preview_tells_of_a_login_that_changes_beside_what_waits(box, night, provision, make_job):
    """What waits has an outcome in a preview, what goes on has none."""
    box()
    night(0, BOTH)
    renamed = make_job(
        BOTH.replace("mia@", "mia.new@") + "E9,new@acme.example,Nia New,\n",
        match=APPLY,
        guards={"creates": {"count": 0}},
    )
    said = provision("plan", renamed, "--json")
    told = (said.folder / "identities.csv").read_text(encoding="utf-8-sig")

    assert (said.code, said.json["planned"]) == (3, {"create": 1, "login_change": 1, "alias_add": 1})
    assert [line.split(",")[2] for line in told.splitlines()[1:]] == ["mia@acme.example", "otto@acme.example"]


def seed(**enterprise) -> dict:
    return SEED | {"enterprise": SEED["enterprise"] | enterprise}


def confirm(server, key: str) -> None:
    """The person clicks in the mail that Box has sent to the new address."""
    known = server.enterprise
    account = known.accounts.with_login(key)
    confirmed = (*account.aliases, *account.unconfirmed_aliases)
    known.change(account, msgspec.structs.replace(account, aliases=confirmed, unconfirmed_aliases=()))


def swapped(*names: str) -> str:
    """The roster in which each of these gets the login of the next one, and the last one that of the first."""
    rows = dict(zip(("mia", "otto", "ina"), (MIA, OTTO, INA), strict=True))
    for name, other in zip(names, (*names[1:], names[0]), strict=True):
        rows[name] = rows[name].replace(f"{name}@", f"{other}@")
    return HEADER + "".join(rows.values())


def test_people_change_places_by_an_address_that_nobody_keeps(box, night, provision):
    server = box()
    before = {key: person(server, f"{key}@acme.example")["id"] for key in ("mia", "otto", "ina")}
    night(0, HEADER + MIA + OTTO + INA)

    said = night(24, swapped("mia", "otto", "ina"))
    quiet = night(48, swapped("mia", "otto", "ina"))

    assert said.code == 0, said.err
    assert said.json["planned"] == {"login_change": 4, "alias_add": 4, "alias_remove": 4}
    after = {key: person(server, f"{key}@acme.example") for key in before}
    assert [after[key]["id"] for key in ("otto", "ina", "mia")] == list(before.values())
    assert [each["aliases"] for each in after.values()] == [()] * 3
    assert (quiet.code, quiet.json["planned"]) == (0, {})

    undone = provision("undo", said.folder, "--yes", "--json")
    assert undone.code == 0, undone.err
    assert {key: person(server, f"{key}@acme.example")["id"] for key in before} == before


def test_nobody_makes_room_where_not_all_of_a_circle_move(box, night, provision, make_job, clock):
    server = box()
    night(0, BOTH)
    halves = [night(24, swapped("mia", "otto"), "--person", "E1")]
    clock(48)
    plan = provision("plan", make_job(swapped("mia", "otto"), match=APPLY), "--json")
    halves.append(provision("apply", plan.folder, "--except", "alias_remove", "--json"))

    assert [half.code for half in halves] == [4, 4], halves[0].err
    [needs] = {(one["key"], one["do"]) for one in halves[0].json["findings"] if one["code"] == "person_needs"}
    assert needs == ("mia@acme.example", "name the others with a --person each, or run without --person")
    assert [half.json["outcomes"]["done"] for half in halves] == [0, 0]
    assert addresses(server, "mia@acme.example") == ("mia@acme.example", [])
    assert addresses(server, "otto@acme.example") == ("otto@acme.example", [])


def test_a_login_goes_to_somebody_new_once_whoever_has_it_has_moved_on(box, night):
    server = box()
    mia = person(server, "mia@acme.example")["id"]
    night(0, BOTH)
    moved = BOTH.replace("mia@", "mia.new@") + "E9,mia@acme.example,Milla New,Clerk\n"

    said = night(24, moved)

    assert said.code == 0, said.err
    assert said.json["planned"] == {"create": 1, "login_change": 1, "alias_add": 1, "alias_remove": 1}
    assert addresses(server, "mia.new@acme.example") == ("mia.new@acme.example", [])
    assert person(server, "mia.new@acme.example")["id"] == mia
    assert person(server, "mia@acme.example")["name"] == "Milla New"


def test_an_unconfirmed_address_waits_is_told_first_and_last_and_goes_on_once_confirmed(
    box, night, provision
):
    server = box(seed=seed(domains=["acme.example", "new.example"], verified_domains=["acme.example"]))
    scope = {"domains": ["acme.example", "new.example"]}
    night(0, BOTH, scope=scope)
    renamed = BOTH.replace("mia@acme.example", "mia@new.example")

    said = [night(hours, renamed, scope=scope) for hours in (24, 48, 24 * 16)]
    [hold] = said[1].json["holds"]
    explained = provision("explain", said[1].folder.parents[1] / "nightly.yaml", "mia@acme.example")
    confirm(server, "mia@acme.example")
    done = night(24 * 17, renamed, scope=scope)

    assert [one.code for one in said] == [3, 0, 3], said[0].err
    assert [one.json["outcomes"]["waiting"] for one in said] == [2, 2, 2]
    assert (hold["kind"], hold["approve"]) == ("login_change", "")
    assert "waits to be confirmed" in hold["reason"]
    assert "waits to be confirmed" in explained.out
    assert "from then on the next run goes on with it" in " ".join(explained.out.split())
    assert (done.code, done.json["outcomes"]["done"]) == (0, 2)
    assert addresses(server, "mia@new.example") == ("mia@new.example", ["mia@acme.example"])


def test_a_circle_is_held_before_any_login_has_moved_where_nobody_confirms_the_address_on_the_way(box, night):
    server = box(seed=seed(verified_domains=[]))
    night(0, HEADER + MIA + OTTO + INA)
    before = {key: addresses(server, f"{key}@acme.example") for key in ("mia", "otto", "ina")}

    said = night(24, swapped("mia", "otto"))

    assert said.code == 3, said.err
    assert {key: addresses(server, f"{key}@acme.example") for key in before} == before
    assert "verify its domain" in (said.folder / "reconciliation.csv").read_text(encoding="utf-8-sig")


@pytest.mark.parametrize(
    ("verified", "moves"), [(["acme.example", "new.example"], True), (["acme.example"], False), ([], False)]
)
def test_a_circle_over_two_domains_leaves_no_address_on_the_way_behind(box, night, verified, moves):
    users = [
        {**one, "login": "otto@new.example"} if one.get("login") == "otto@acme.example" else one
        for one in SEED["users"]
    ]
    server = box(seed(domains=["acme.example", "new.example"], verified_domains=verified) | {"users": users})
    scope = {"domains": ["acme.example", "new.example"]}
    before, after = ((MIA, OTTO), ("otto@new.example", "mia@acme.example"))
    rows = [row.replace("otto@acme", "otto@new") for row in before]
    night(0, HEADER + "".join(rows), scope=scope)
    ids = [person(server, login)["id"] for login in reversed(after)]
    swapped_rows = [MIA.replace("mia@acme.example", after[0]), OTTO.replace("otto@acme.example", after[1])]
    said = [night(hours, HEADER + "".join(swapped_rows), scope=scope) for hours in (24, 48)]

    assert [one.code for one in said] == ([0, 0] if moves else [3, 3]), said[0].err
    now = [person(server, login) for login in (after if moves else reversed(after))]
    assert [one["id"] for one in now] == ids
    assert [(*one["aliases"], *one["unconfirmed_aliases"]) for one in now] == [(), ()]


def test_the_old_login_is_dropped_and_a_guard_holds_a_move_of_the_whole_company(box, night, provision):
    server = box(seed=seed(domains=["acme.example", "new.example"]))
    sections = {
        "scope": {"domains": ["acme.example", "new.example"]},
        "match": APPLY | {"old_login": "drop"},
        "guards": {"login_changes": {"count": 1}},
    }
    night(0, BOTH, **sections)

    moved = BOTH.replace("@acme", "@new")
    held = night(24, moved, **sections)
    done = night(25, moved, "--allow", "login_changes=2", **sections)

    assert (held.code, held.json["outcomes"]["held"], held.json["outcomes"]["done"]) == (3, 4, 0)
    assert done.code == 0, done.err
    assert addresses(server, "mia@new.example") == ("mia@new.example", [])
    undone = provision("undo", done.folder, "--yes", "--json", "--allow", "login_changes=2")
    assert undone.code == 0, undone.err
    assert addresses(server, "mia@acme.example") == ("mia@acme.example", [])


WITH_ALIASES = "external_id,login,name,aliases\n"


def asked(server) -> int:
    """How many calls there were about aliases."""
    return sum("email_aliases" in line.path for line in server.log)


def test_aliases_are_added_once_held_where_somebody_has_them_and_removed_where_the_job_says_so(box, night):
    users = [*SEED["users"]]
    users[1] = users[1] | {"aliases": ["mimi@acme.example"]}
    server = box(seed=SEED | {"users": users})
    both = WITH_ALIASES + (
        "E1,mia@acme.example,Mia Managed,mm@acme.example; MIMI@acme.example\n"
        "E2,otto@acme.example,Otto Ömer,zoe@acme.example\n"
    )
    free = both.replace("zoe@", "oo@")

    first = night(0, both, match={})
    second, third = night(24, both, match={}), night(48, free, match={})
    before = asked(server)
    quiet = night(72, free, match={})
    assert asked(server) == before
    account = server.enterprise.accounts.with_login("oo@acme.example")
    server.enterprise.change(account, msgspec.structs.replace(account, aliases=()))
    again = night(84, free, "--aliases", match={})
    kept = night(96, free.replace("mm@acme.example; ", ""), match={})
    gone = night(120, free.replace("mm@acme.example; ", ""), match={}, aliases={"remove": True})

    assert [one.code for one in (first, second)] == [3, 3], first.err
    assert first.json["outcomes"] | {"held": 1, "done": 2} == first.json["outcomes"]
    assert "is the login or an alias of somebody else" in second.json["holds"][0]["reason"]
    assert (third.code, third.json["planned"]) == (0, {"alias_add": 1}), third.err
    assert (quiet.code, quiet.json["planned"]) == (0, {})
    assert (kept.code, kept.json["planned"]) == (0, {})
    assert again.json["planned"] == {"alias_add": 1}
    assert (gone.code, gone.json["planned"]) == (0, {"alias_remove": 1}), gone.err
    assert addresses(server, "mia@acme.example")[1] == ["mimi@acme.example"]
    assert addresses(server, "otto@acme.example")[1] == ["oo@acme.example"]


def test_an_alias_that_the_row_names_no_more_goes_to_somebody_new_in_the_same_run(box, night):
    server = box()
    assert night(0, WITH_ALIASES + "E1,mia@acme.example,Mia Managed,mm@acme.example\n", match={}).code == 0
    new = WITH_ALIASES + "E1,mia@acme.example,Mia Managed,\nE9,mm@acme.example,Mara Moss,\n"

    said, quiet = (night(hours, new, match={}) for hours in (24, 48))

    assert (said.code, said.json["planned"]) == (0, {"create": 1, "alias_remove": 1}), said.err
    assert addresses(server, "mm@acme.example") == ("mm@acme.example", [])
    assert addresses(server, "mia@acme.example") == ("mia@acme.example", [])
    assert (quiet.code, quiet.json["planned"]) == (0, {})


def test_somebody_new_gets_the_aliases_of_the_row_in_the_same_run(box, night, provision):
    server = box()
    joined = (
        WITH_ALIASES + "E1,mia@acme.example,Mia Managed,\nE9,milla@acme.example,Milla New,mil@acme.example\n"
    )

    said = night(0, joined, aliases={"remove": True})
    quiet = night(24, joined, aliases={"remove": True})

    assert (said.code, said.json["planned"]) == (0, {"create": 1, "alias_add": 1}), said.err
    assert addresses(server, "milla@acme.example") == ("milla@acme.example", ["mil@acme.example"])
    assert (quiet.code, quiet.json["planned"]) == (0, {})

    undone = provision("undo", said.folder, "--yes", "--json")
    assert (undone.code, undone.json["planned"]) == (0, {"deactivate": 1, "alias_remove": 1}), undone.err
    assert addresses(server, "milla@acme.example") == ("milla@acme.example", [])


def test_what_an_undone_run_added_is_removed_also_where_it_waits(box, night, provision):
    server = box(seed=seed(domains=["acme.example", "new.example"], verified_domains=["acme.example"]))
    scope = {"domains": ["acme.example", "new.example"]}
    both = WITH_ALIASES + "E1,mia@acme.example,Mia Managed,mm@acme.example\nE2,otto@acme.example,Otto Ömer,\n"
    night(0, both.replace("mm@acme.example", ""), scope=scope)

    said = night(24, both.replace("otto@acme", "otto@new"), scope=scope)
    undone = provision("undo", said.folder, "--yes", "--json")

    assert said.json["outcomes"] | {"done": 1, "waiting": 2} == said.json["outcomes"], said.err
    assert (undone.code, undone.json["planned"]) == (0, {"alias_remove": 2}), undone.err
    assert addresses(server, "mia@acme.example") == ("mia@acme.example", [])
    assert addresses(server, "otto@acme.example") == ("otto@acme.example", [])


def test_a_run_that_is_killed_between_two_steps_is_gone_on_with_where_it_was(
    box, night, provision, make_job, launch, clock
):
    gate = Gate()
    server = box(clock=gate)
    night(0, BOTH)
    slow_from_now(server, method="PUT", path="^/2.0/users/")
    clock(24)
    job = make_job(swapped("mia", "otto"), match=APPLY)

    process = launch("run", job)
    gate.arrival()
    process.kill()
    process.wait(timeout=60)
    server.faults.clear()
    gate.open()
    folder = sorted((job.parent / "runs").iterdir(), key=lambda path: path.stat().st_mtime)[-1]
    said = provision("resume", folder, "--json")

    assert said.code == 0, said.err
    assert person(server, "otto@acme.example")["name"] == "Mia Managed"
    assert person(server, "mia@acme.example")["aliases"] == ()
    assert provision("verify", job).code == 0


def test_people_of_a_partial_roster_change_places_too(box, night):
    more = [{"name": f"Somebody {at}", "login": f"s{at}@acme.example"} for at in range(30)]
    server = box(seed=SEED | {"users": [*SEED["users"], *more]})
    partial = {"roster": {"authority": "partial"}}
    night(0, BOTH, **partial)
    mia = person(server, "mia@acme.example")["id"]

    said = night(24, swapped("mia", "otto").replace(INA, ""), **partial)
    quiet = night(48, swapped("mia", "otto").replace(INA, ""), **partial)

    assert said.code == 0, said.err
    assert person(server, "otto@acme.example")["id"] == mia
    assert (quiet.code, quiet.json["planned"]) == (0, {})
