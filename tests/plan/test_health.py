"""Roster health: what one line says of a roster beside the last accepted ones, and that damage alone proves nobody's leaving."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.deciders import NOBODY, Decider
from provision.errors import RosterError
from provision.job.limits import ResentFiles, Shrink
from provision.job.settings import Authority, Job, RosterSettings
from provision.ledger.value import Baseline, Memory
from provision.lessons.finished import lessons
from provision.operations.registry import REMOVALS
from provision.plan.build import make_plan
from provision.plan.guards.roster.health import Health, HealthContext, examine, fed_again
from provision.plan.occasion import Occasion
from provision.plan.value import Opinion, Plan
from provision.roster.profile.profile import Profile, keyed
from provision.roster.read import read_roster
from provision.roster.value import Roster
from tests.examples import examples

from .builders import ENTERPRISE, KEY, NOW, all_done, directory, make_job, memory, user

HEADER = "external_id,login,name,phone,start_date,end_date\n"


def people(*numbers: int, key: str = "{:08d}", domain: str = "acme.example", name: str = "Person {}") -> str:
    return HEADER + "".join(
        f"{key.format(n)},p{n}@{domain},{name.format(n)},555-{n},2020-01-{n % 27 + 1:02d},\n" for n in numbers
    )


def read(content: str | bytes) -> Roster:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        found = read_roster(RosterSettings(path=str(path)))
    return replace(found, profile=keyed(found.profile, KEY, "nightly") if found.profile else None)


def profiled(content: str | bytes) -> Profile:
    profile = read(content).profile
    assert profile is not None
    return profile


def remembering(*contents: str | bytes, by: Decider = NOBODY, complete: bool = True) -> Memory:
    """Rosters accepted one night after the other, the last one last."""
    baselines = [
        Baseline(profiled(content).to_json(), f"2026-02-{night:02d}", by, complete)
        for night, content in enumerate(contents, 1)
    ]
    return replace(memory(), baselines=tuple(reversed(baselines)))


def examined(content: str | bytes, known: Memory, authority: Authority = Authority.FULL) -> Health:
    profile = profiled(content)
    terms = HealthContext(authority, Shrink(), datetime.now(UTC), {}, ResentFiles.COUNT)
    return examine(profile, known, profile.rows, terms)


def told(health: Health) -> dict[str, Opinion]:
    """What is not in order, by check."""
    return {line.name: line.verdict for line in health.lines if line.verdict is not Opinion.OK}


MANY = range(1, 25)
GOOD = people(*MANY)
LOOKS = {
    "other domains": (people(*MANY, domain="other.example"), "domains"),
    "characters read wrongly": (people(*MANY, name="RenÃ© {}"), "characters"),
    "keys twice": (GOOD + people(1).removeprefix(HEADER), "duplicates"),
    "another encoding": (GOOD.encode("utf-16"), "encoding"),
    "a column filled that was empty": (GOOD.replace(",\n", ",2999-01-01\n"), "columns"),
    "a column emptied that was filled": (GOOD.replace("Person", "P").replace("555-", ""), None),
    "shorter keys, a few people kept": (people(*MANY, key="{}"), "key_pattern"),
}


@pytest.mark.parametrize("what", LOOKS)
def test_changed_ways_of_an_export_are_worth_a_look(what: str) -> None:
    content, name = LOOKS[what]
    found = told(examined(content, remembering(GOOD)))

    if name is None:
        assert found == {}
    else:
        assert found[name] is Opinion.LOOK


def test_leading_zeros_that_were_lost_are_named() -> None:
    lines = {line.name: line.sentence for line in examined(people(*MANY, key="{}"), remembering(GOOD)).lines}

    assert lines["key_pattern"].endswith("leading zeros may be lost")


@pytest.mark.parametrize(
    ("before", "now"),
    [
        (
            people(*range(1, 9), key="E{}"),
            people(*range(1, 12), key="E{}"),
        ),  # E1 … E11: longer with their number
        (people(*MANY), people(*MANY)),
        (people(*MANY), people(*range(2, 30))),
    ],
)
def test_growth_and_turnover_are_no_news(before: str, now: str) -> None:
    assert told(examined(now, remembering(before))) == {}


@pytest.mark.parametrize("left", [1, 5, 11])
def test_a_roster_that_lost_most_of_its_people_shrank_and_was_not_made_anew(left: int) -> None:
    assert told(examined(people(*range(1, left + 1)), remembering(GOOD))) == {"shrink": Opinion.REFUSED}


def test_a_file_that_was_joined_to_itself_is_no_growth_and_the_next_one_no_loss() -> None:
    doubled = GOOD + GOOD.removeprefix(HEADER)
    assert "shrink" not in told(examined(GOOD, remembering(doubled)))
    half = people(*range(1, 12))
    assert told(examined(half + half.removeprefix(HEADER), remembering(GOOD)))["shrink"] is Opinion.REFUSED


def test_new_keys_are_known_though_people_are_missing_too() -> None:
    found = examined(people(*range(1, 12), key="A-{}"), remembering(GOOD))

    assert {guard.name: guard.actual for guard in found.guards} == {"shrink": 13, "rekeyed": 24}
    assert [line.sentence[:47] for line in found.lines if line.name == "rekeyed"] == [
        "the people are the same but their keys are new:"
    ]


@pytest.mark.parametrize(("size", "verdict"), [(9, Opinion.OK), (10, Opinion.REFUSED)])
def test_other_people_are_told_from_a_small_roster_with_turnover(size: int, verdict: Opinion) -> None:
    found = examined(people(*range(101, 101 + size)), remembering(people(*range(1, size + 1))))

    assert [line.verdict for line in found.lines if line.name == "rekeyed"] == [verdict]


def test_a_first_roster_is_not_compared() -> None:
    assert told(examined(GOOD, memory())) == {}
    assert told(examined(GOOD, remembering("login\na@acme.example\n", complete=False))) == {}


def test_a_roster_is_compared_with_the_last_accepted_one() -> None:
    small = people(1, 2, 3)

    assert told(examined(small, remembering(GOOD, small))) == {}
    assert told(examined(small, remembering(small, GOOD)))["shrink"] is Opinion.REFUSED


def test_a_partial_roster_is_looked_at_and_refused_only_if_it_is_cut_off() -> None:
    known = remembering(GOOD, complete=False)
    renamed = people(1).replace("phone", "extension")

    found = examined(renamed, known, Authority.PARTIAL)
    assert (told(found), found.guards) == ({"headers": Opinion.LOOK}, ())
    assert told(examined(people(1) + "TRAILER|2\n", known, Authority.PARTIAL)) == {
        "truncated": Opinion.REFUSED
    }


@pytest.mark.parametrize("size", [1, 1500])
def test_exchanged_keys_and_names_are_known_in_few_rows_and_many(size: int) -> None:
    """By the last roster that has any of these people; of other people by the forms of both."""
    here, others = range(1, size + 1), people(*range(9001, 9001 + size))
    right = people(*here)
    swapped = right.replace("external_id,login,name", "name,login,external_id")
    worded = people(*range(9001, 9001 + size), key="E{}", name="10{}")

    for authority, complete in ((Authority.FULL, True), (Authority.PARTIAL, False)):
        for known in ((right,), (swapped, right), (right, others), (others,)):
            found = examined(swapped, remembering(*known, complete=complete), authority)
            assert "headers" in {guard.name for guard in found.guards}, known[0][:99]
        for known in ((swapped,), (others, worded), (right, swapped)):
            found = examined(swapped, remembering(*known, complete=complete), authority)
            assert "headers" not in {guard.name for guard in found.guards}, known[0][:99]


def test_a_profile_that_cannot_be_read_is_no_history() -> None:
    known = replace(memory(rows=24), baselines=(Baseline("{}", "2026-02-01"),))

    assert [line.name for line in examined(GOOD, known).lines][:2] == ["shrink", "truncated"]


def test_hashes_of_another_kind_are_never_compared() -> None:
    other = replace(profiled(people(*MANY, key="{}")), check=1)
    known = replace(memory(), baselines=(Baseline(other.to_json(), "2026-02-01"),))

    assert "rekeyed" not in {line.name for line in examined(GOOD, known).lines}


def test_only_a_file_that_was_carried_out_unchanged_is_the_same() -> None:
    profile = profiled(GOOD)
    known = replace(memory(), baselines=(Baseline(profile.to_json(), "2026-02-01"),))

    written_again = replace(profile, modified_ns=profile.modified_ns + 1)
    by_name = replace(known, baselines=(replace(known.baselines[0], by=Decider("hannah")),))

    for resent in ResentFiles:
        assert fed_again(profile, known, resent)
        assert fed_again(written_again, known, resent) is (resent is ResentFiles.IGNORE)
        assert not fed_again(profile, by_name, resent)
        assert not fed_again(None, known, resent)


@pytest.mark.parametrize(
    ("content", "verdict"),
    [
        (GOOD.rstrip("\n"), Opinion.LOOK),
        (people(*range(1, 24)).rstrip("\n"), Opinion.REFUSED),
        (people(*range(1, 30)).rstrip("\n"), Opinion.LOOK),
    ],
)
def test_a_line_end_that_is_missing_is_damage_where_rows_are_missing_too(
    content: str, verdict: Opinion
) -> None:
    assert told(examined(content, remembering(GOOD))) == {"truncated": verdict}
    assert told(examined(content, remembering(GOOD.rstrip("\n")))) == {}


def test_the_content_of_an_older_roster_is_told() -> None:
    more = people(*range(1, 26))

    assert told(examined(GOOD, remembering(GOOD, more))) == {"stale": Opinion.REFUSED}
    assert told(examined(GOOD, remembering(more, GOOD))) == {}
    assert told(examined(GOOD, remembering(GOOD, GOOD))) == {}


def test_an_old_file_is_told_with_its_age() -> None:
    profile = profiled(GOOD)
    later = datetime.now(UTC) + timedelta(days=9, hours=1)
    found = examine(profile, memory(), profile.rows, HealthContext(Authority.FULL, Shrink(), later, {}))

    assert [line.sentence.rpartition(", ")[2] for line in found.lines if line.name == "age"] == ["9 days ago"]
    assert told(found) == {"age": Opinion.LOOK}


# --- whatever happens to a file -----------------------------------------------------------------------------

Damage = Callable[[bytes], bytes]


def cells(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode(), newline="")))


def text(rows: list[list[str]]) -> bytes:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n").writerows(rows)
    return written.getvalue().encode()


def cut(share: float) -> Damage:
    return lambda content: content[: int(share * len(content))]


def dropped(rows: frozenset[int]) -> Damage:
    return lambda content: text([row for at, row in enumerate(cells(content)) if at == 0 or at not in rows])


def swapped(columns: tuple[int, int]) -> Damage:
    def damage(content: bytes) -> bytes:
        table, (one, other) = cells(content), columns
        for row in table[1:]:
            row[one], row[other] = row[other], row[one]
        return text(table)

    return damage


def blanked(column: int) -> Damage:
    return lambda content: text(
        [row if at == 0 else [*row[:column], "", *row[column + 1 :]] for at, row in enumerate(cells(content))]
    )


def shuffled(order: list[int]) -> Damage:
    return lambda content: text([cells(content)[0], *(cells(content)[at] for at in order)])


def recoded(names: tuple[str, str]) -> Damage:
    return lambda content: (
        content.decode().encode(names[0], "replace").decode(names[0]).encode(names[1], "replace")
    )


def twice_encoded(content: bytes) -> bytes:
    return content.decode("latin-1").encode()


SIZE = 24
BEFORE = people(*range(1, SIZE + 1), name="Zoë {}").encode()
#: half of the people will leave some day
BEFORE = BEFORE.replace(b",\n", b",2999-01-01\n", SIZE // 2)
COLUMNS = st.integers(0, 5)
DAMAGES = st.one_of(
    st.floats(0, 1).map(cut),
    st.frozensets(st.integers(1, SIZE)).map(dropped),
    st.tuples(COLUMNS, COLUMNS).map(swapped),
    COLUMNS.map(blanked),
    st.permutations(range(1, SIZE + 1)).map(shuffled),
    st.tuples(
        st.sampled_from(["ascii", "cp1252", "utf-8"]),
        st.sampled_from(["utf-16", "cp1252", "utf-8-sig", "cp500"]),
    ).map(recoded),
    st.just(twice_encoded),
)


ACCOUNTS = directory(*(user(f"p{n}@acme.example", str(100 + n), name=f"Zoë {n}") for n in range(1, SIZE + 1)))


def first_night(job: Job) -> Memory:
    """What the whole roster taught."""
    first = make_plan(read(BEFORE), ACCOUNTS, memory(), job, Occasion(NOW, ENTERPRISE))
    taught = lessons(first, all_done(first), memory(), job.lifecycle.evidence)
    baseline = Baseline(taught.roster_profile, "2026-03-02")
    return Memory(taught.accounts, memory().absences, taught.roster_rows, (baseline,), key=KEY)


def second_night(damages: list[Damage], known: Memory, job: Job) -> Plan | None:
    """The plan made of a damaged file, a night after the whole one was carried out; None if it cannot be read."""
    content = BEFORE
    try:
        for damage in damages:
            content = damage(content)
        damaged = read(content)
    except (RosterError, UnicodeError, IndexError, csv.Error):
        return None
    return make_plan(damaged, ACCOUNTS, known, job, Occasion(NOW + timedelta(days=1), ENTERPRISE))


USUAL = make_job()
RASH = make_job(
    lifecycle={"evidence": {"absent_runs": 1}},
    guards={"removals": {"percent": 100}, "shrink": {"percent": 5}},
)
AFTER_USUAL, AFTER_RASH = first_night(USUAL), first_night(RASH)


@given(damages=st.lists(DAMAGES, min_size=1, max_size=2))
@examples(60)
def test_one_damaged_roster_removes_nobody_unnoticed(damages: list[Damage]) -> None:
    made = second_night(damages, AFTER_USUAL, USUAL)
    if made is None or made.refused:
        return
    noted = any(line.verdict is not Opinion.OK for line in made.health)

    assert noted or not [change for change in made.changes if change.kind in REMOVALS]
    assert not [change for change in made.changes if change.kind in REMOVALS and "absent" in change.evidence]


@given(damages=st.lists(DAMAGES, min_size=1, max_size=2))
@examples(60)
def test_what_is_not_refused_misses_no_more_people_than_the_job_allows(damages: list[Damage]) -> None:
    """Even where the job takes the first absence for proof."""
    made = second_night(damages, AFTER_RASH, RASH)
    if made is None or made.refused:
        return

    absent = [change for change in made.changes if change.kind in REMOVALS and "absent" in change.evidence]
    assert len(absent) <= 2
