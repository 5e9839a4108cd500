"""What each mistake in a job file gets, word by word."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from provision.errors import ExitCode, JobError
from provision.job.load import load_job

from .conftest import ENVIRON, MINIMAL

Problems = Callable[..., list[str]]

#: each list holds the one before nine times
BOMB = "a: &a [1]\n" + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefgh"))

#: what a piece of starter content has to be
_EITHER = "either copy_folder, the id of a folder of Box, or from, a folder on this machine, and into"

SYNTAX = [
    ("roster:\n\tpath: a\n", "line 2: a tab; YAML forbids tabs for indentation, use blanks"),
    ("a: b\n\tc: d\n", "line 2: a tab; YAML forbids tabs for indentation, use blanks"),
    ("a:\n\n  b: 'x\n  c: 1\n", "line 3: a quotation mark opened here is not closed"),
    ("a: [b\n", "line 2: a [ or { opened in line 1 is not closed, or a comma is missing"),
    ("a:\n  b: {c: d]\n", "line 2: a [ or { opened in line 2 is not closed, or a comma is missing"),
    ("a: b: c\n", "line 1: a colon where none can stand; text with a colon must be quoted"),
    ("a: 1\nb\nc: 2\n", "line 2: a key without a colon; write key: value"),
    ("a:\n  b: 1\n c: 2\n", "line 3: the indentation does not fit the lines above"),
    ("protect: [*@acme.example]\n", "line 1: text that begins with * or & must be quoted"),
    ("protect:\n- *partners\n", "line 2: text that begins with * or & must be quoted"),
    ("sheet: @home\n", "line 1: text that begins with @, ` or % must be quoted"),
    ('path: "C:\\people.csv"\n', "line 1: a backslash that means nothing in \"…\"; write it in '…'"),
    ("a: 1\n---\nb: 2\n", "line 2: a second document (---); a job file holds one job"),
    ("a: &x 1\nb: &x 2\n", "line 2: the same &anchor is given twice"),
    ("a: !secret x\n", "line 1: a tag (!…) is not read in a job file; write the plain value"),
    (
        "a: !!python/object:os.system x\n",
        "line 1: a tag (!…) is not read in a job file; write the plain value",
    ),
    ("a: " + "[" * 40 + "]" * 40, "line 1: nested too deeply for a job file"),
    ("a: 1\n}\n", "line 2: a bracket or sign where none can stand"),
    ("a: 1\nb: \x07\n", "line 2: a character that YAML does not allow (U+0007)"),
    ('a: "\\UFFFFFFFF"\n', "line 1: cannot be read as YAML"),
    ("%YAML 9.9\n---\na: 1\n", "line 1: cannot be read as YAML"),
    (
        "auth: {token: ${BOX_TOKEN}}\n",
        'line 1: between [ ] or { } a variable must be quoted, as "${BOX_TOKEN}"',
    ),
    (
        "columns:\n  {First} {Last}: name\n",
        'line 2: a template over headers must be quoted, as "{First} {Last}": name',
    ),
    ("a: &a [*a]\n", "line 1: more than 10,000 values, with aliases (*name) written out"),
    (BOMB, "line 1: more than 10,000 values, with aliases (*name) written out"),
]


@pytest.mark.parametrize(("text", "problem"), SYNTAX, ids=range(len(SYNTAX)))
def test_text_that_is_no_yaml_is_explained_with_its_line(problems: Problems, text: str, problem: str) -> None:
    assert problems(text) == [problem]


KEYS = [
    ("rooster: {}\n", 'line 6: unknown key "rooster"; did you mean "roster"?'),
    ("rooster:\n", 'line 6: unknown key "rooster"; did you mean "roster"?'),
    ("  athority: full\n", 'line 6: unknown key "roster.athority"; did you mean "roster.authority"?'),
    ("report: {xyz: 1}\n", 'line 6: unknown key "report.xyz"; known here: formats, copy_to'),
    (
        "guards: {removals: {percentage: 5, count: 1}}\n",
        'line 6: unknown key "guards.removals.percentage"; did you mean "guards.removals.percent"?',
    ),
    (
        "lifecycle:\n  leavers:\n  - {after: 0d, do: delete}\n  - {after: 1d, do: delete, too: x}\n",
        'line 9: unknown key "lifecycle.leavers[2].too"; did you mean "lifecycle.leavers[2].to"?',
    ),
    (
        "  Work Email: login\n",
        'line 6: unknown key "roster.Work Email"; known here: path, columns, values, where, where_not, duplicates, max_age, sheet, header_row, encoding, delimiter, authority, kind, sources, precedence, limits',
    ),
    ("  path: again.csv\n", 'line 6: key "roster.path" is given twice; first in line 5'),
    ("<<: {apply: {}}\n", "line 6: merge keys (<<) are not supported in a job file; write the keys out"),
    ("[a, b]: 1\n", "line 6: a key must be plain text; a template must be quoted"),
    ('"\\ud800": 1\n', "line 6: a key contains a character that is not text"),
    (
        "onboarding: {invite_existing: perhaps}\n",
        'line 6: onboarding.invite_existing: must be true or false, not "perhaps"',
    ),
    (
        "onboarding: {collaborations: [{folder: ABC, role: viewer}]}\n",
        'line 6: onboarding.collaborations[1].folder: the Box id of a folder (digits, not 0), or a path that begins with /, not "ABC"',
    ),
    (
        "onboarding: {collaborations: [{folder: /A/../B, role: viewer}]}\n",
        'line 6: onboarding.collaborations[1].folder: a path of names that Box takes, as /Clients/{external_id}, not "/A/../B"',
    ),
    (
        "onboarding: {collaborations: [{folder: '/A/{nmae}', role: viewer}]}\n",
        'line 6: onboarding.collaborations[1].folder: {nmae} is no field of the roster, not "/A/{nmae}"',
    ),
    (
        "onboarding: {collaborations: [{folder: '7', role: boss}]}\n",
        'line 6: onboarding.collaborations[1].role: must be editor, viewer, previewer, uploader, previewer uploader, viewer uploader or co-owner, not "boss"',
    ),
    (
        "onboarding: {collaborations: [{folder: '7', role: viewer, create: true}]}\n",
        "line 6: onboarding.collaborations[1]: only a path can be made; a folder named by its id is there, or the id is wrong",
    ),
    (
        "onboarding: {content: [{copy_folder: '0'}]}\n",
        'line 6: onboarding.content[1].copy_folder: the Box id of a folder: digits, not 0, as its address in Box ends, not "0"',
    ),
    (
        "onboarding: {content: [{from: starter, copy_folder: '7'}]}\n",
        f"line 6: onboarding.content[1]: {_EITHER}",
    ),
    ("onboarding: {content: [{from: starter}]}\n", f"line 6: onboarding.content[1]: {_EITHER}"),
    ("onboarding: {content: [{into: Welcome}]}\n", f"line 6: onboarding.content[1]: {_EITHER}"),
    (
        "onboarding: {content: [{from: starter, into: a/b}]}\n",
        'line 6: onboarding.content[1].into: a name that Box takes for a folder, without slashes, not "a/b"',
    ),
    (
        "onboarding: {content: [{from: a, into: One}, {from: b, into: ONE}]}\n",
        "line 6: onboarding: /ONE is listed twice in content; a folder can be given once",
    ),
    (
        "onboarding: {collaborations: [{folder: '7', role: viewer}, {folder: '7', role: editor}]}\n",
        "line 6: onboarding: 7 is listed twice; a folder has one role",
    ),
    (
        "match: {by: login}\n",
        'line 6: unknown key "match.by"; known here: login_changes, old_login, wait',
    ),
    (
        "attributes: {job_titel: box}\n",
        'line 6: attributes: "job_titel" is no attribute of an account; did you mean "job_title"?',
    ),
    (
        "attributes: {tracking_codes.: box}\n",
        'line 6: attributes: "tracking_codes." is no attribute of an account; did you mean "tracking_codes.NAME"?',
    ),
    ("attributes: {phone: bax}\n", 'line 6: attributes.phone: must be roster, box or report, not "bax"'),
    ("groups: [a]\n", "line 6: groups: must be a mapping of lines key: value"),
    (
        "groups: {rules: [{add: [A]}]}\n",
        'line 6: missing key "groups.rules[1].if" (roster field to its value, or values of which one is enough; all fields have to match)',
    ),
    ("onboarding: true\n", 'line 6: onboarding: must be a mapping of lines key: value, not "true"'),
    ("notify: {on: x}\n", "line 6: notify: must be a list, as [one, two]"),
    (
        "metrics: {textfile: node.txt}\n",
        'line 6: metrics.textfile: must end in .prom, which alone node_exporter reads, not "node.txt"',
    ),
]


@pytest.mark.parametrize(("text", "problem"), KEYS, ids=range(len(KEYS)))
def test_key_that_cannot_stand_is_named_with_its_line(problems: Problems, text: str, problem: str) -> None:
    assert problems(MINIMAL + text) == [problem]


def test_missing_keys_at_the_top_are_told_together(problems: Problems) -> None:
    assert problems("\n\nname: a\n") == [
        'line 3: missing key "box"',
        'line 3: missing key "roster"',
        'line 3: missing key "version" (version of the job file\'s form: 1)',
    ]


def test_all_problems_are_told_at_once_in_the_order_of_the_lines(problems: Problems) -> None:
    text = (
        MINIMAL
        + "  kind: x\nroster: {}\nguards: {removals: {count: ${COUNT}}}\nonboarding: {a: b}\nrunz: a\n".replace(
            "${COUNT}", '"${COUNT}"'
        )
    )

    assert problems(text) == [
        'line 6: roster.kind: must be managed, app or column, not "x"',
        'line 7: key "roster" is given twice; first in line 4',
        "line 8: guards.removals.count: the environment variable COUNT is not set",
        'line 9: unknown key "onboarding.a"; known here: invite_existing, collaborations, content, wait',
        'line 10: unknown key "runz"; did you mean "runs"?',
    ]


def test_every_missing_variable_is_told_with_key_and_line(problems: Problems) -> None:
    text = MINIMAL + "  sheet: ${A}-${B}\nruns: ${A}\n"

    assert problems(text) == [
        "line 6: roster.sheet: the environment variable A is not set",
        "line 6: roster.sheet: the environment variable B is not set",
        "line 7: runs: the environment variable A is not set",
    ]


def test_variable_that_holds_no_text_is_refused_by_name(problems: Problems) -> None:
    assert problems(MINIMAL + "runs: ${RUNS}\n", RUNS="a\0b") == [
        "line 6: runs: the environment variable RUNS contains a character that is not text"
    ]


def test_message_has_three_parts_and_leads_to_check(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    path.write_text(MINIMAL + "rooster: {}\nruns: ${RUNS}\n", encoding="utf-8")

    with pytest.raises(JobError) as caught:
        load_job(path, ENVIRON)

    assert str(caught.value) == (
        f"The job file {path} has 2 problems:\n"
        '  line 6: unknown key "rooster"; did you mean "roster"?\n'
        "  line 7: runs: the environment variable RUNS is not set\n"
        "  usual cause: a mistyped key or value, or a line indented too far or too little"
        " · set in your shell, but not where the schedule (cron, systemd) runs the program\n"
        f"  do: correct what is named above, set RUNS, then run: provision check {path}"
    )
    assert caught.value.exit_code is ExitCode.INPUT


def test_hundreds_of_problems_are_counted_and_the_first_hundred_told(problems: Problems) -> None:
    told = problems(MINIMAL + "".join(f"zz{number}: 1\n" for number in range(2000)))

    assert len(told) == 101
    assert told[-1] == "and 1,900 more"


WHOLE = [
    (b"", "The job file {path} is empty."),
    (b"# nothing yet\n\n", "The job file {path} is empty."),
    (
        b"- a\n- b\n",
        "The job file {path} is not a mapping (line 1): it does not consist of `key: value` lines.",
    ),
    (
        b"Name,Login\nAda,ada@acme.example\n",
        "The job file {path} is not a mapping (line 1): it does not consist of `key: value` lines.",
    ),
    (b"name: a\nbox: \xff\n", "The job file {path} is not UTF-8 text: line 2 has the byte 0xff."),
    (b"PK\x03\x04\x14\x00\x90", "The job file {path} is not UTF-8 text: line 1 has the byte 0x90."),
    (b"x" * 300_000, "The job file {path} is larger than 256 KB."),
    (
        b"version: 2\nrooster: {}\n",
        "The job file {path} has version 2 (line 1); this program reads version 1.",
    ),
]


@pytest.mark.parametrize(("content", "what"), WHOLE, ids=range(len(WHOLE)))
def test_file_that_is_no_job_at_all_is_named(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "job.yaml"
    path.write_bytes(content)

    with pytest.raises(JobError) as caught:
        load_job(path, {})

    assert caught.value.what == what.format(path=path)
    assert caught.value.cause
    assert caught.value.remedy


def test_version_that_is_no_number_is_told_like_any_value(problems: Problems) -> None:
    assert problems(MINIMAL.replace("version: 1", "version: one")) == [
        'line 1: version: this program reads version 1, not "one"'
    ]


PLACES = [
    ("nowhere.yaml", "There is no job file {path}."),
    ("", "The job file {path} is a folder."),
    ("a\0b", "The job file {shown} cannot be read: that is no file name."),
    ("n" * 300, "The job file {shown} cannot be read: File name too long."),
]


@pytest.mark.parametrize(("name", "what"), PLACES, ids=["missing", "folder", "odd", "long"])
def test_file_that_cannot_be_opened_is_named(tmp_path: Path, name: str, what: str) -> None:
    from provision.job.problems import shown

    path = tmp_path / name

    with pytest.raises(JobError) as caught:
        load_job(path, {})

    assert caught.value.what == what.format(path=path, shown=shown(str(path)))


SECRETS = [
    '  auth: {method: token, token: [hush-hush]}\n',
    '  auth: {method: token, token: {hush-hush: 1}}\n',
    '  auth: {method: token, token:hush-hush}\n',
    '  auth: {method: token, token hush-hush}\n',
    '  auth: {method: hush, client_secret: hush-hush, enterprise_id: 1}\n  x: 1\n',
    '  auth: {method: jwt, client_secret: hush-hush}\n',
    '  auth:\n    method: token\n    token: "hush-hush\n',
    '  auth:\n    method: token\n    token: *hush-hush\n',
    '  auth:\n    method: token\n    token: hush: hush-hush\n',
    '  auth:\n    method: token\n    token: "hush-hush\\q"\n',
    '  auth: {method: token, token: "${HUSH}"}\n  base_url: "${HUSH}"\n',
    '  auth: {method: token, token: x}\n  base_url: "ftp://u:hush-hush@h"\n',
]  # fmt: skip


@pytest.mark.parametrize("box", SECRETS, ids=range(len(SECRETS)))
def test_secret_is_never_repeated(problems: Problems, box: str) -> None:
    told = problems(f"version: 1\nroster: {{path: a}}\nbox:\n{box}", HUSH="hush-hush")

    assert told
    assert "hush-hush" not in "\n".join(told)


def test_a_job_file_that_is_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "job.yaml"
    os.mkfifo(path)
    with pytest.raises(JobError, match="is a pipe, not a file"):
        load_job(path, {})
