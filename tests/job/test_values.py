"""What a value that does not fit gets, word by word."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from .conftest import MINIMAL

Problems = Callable[..., list[str]]

VALUES = [
    ("  authority: ful\n", 'roster.authority: must be full or partial, not "ful"'),
    ("  kind: yes\n", 'roster.kind: must be managed, app or column, not "yes"'),
    ("  kind: ${KIND:-people}\n", "roster.kind: must be managed, app or column (it comes from KIND)"),
    ("  header_row: 0\n", 'roster.header_row: must be at least 1, not "0"'),
    ("  header_row: first\n", 'roster.header_row: must be a whole number, not "first"'),
    ('  sheet: ""\n', "roster.sheet: must not be empty"),
    ("  sheet: [a]\n", "roster.sheet: must be text"),
    ('  sheet: "a\\0b"\n', "roster.sheet: contains a character that is not text"),
    (
        "  encoding: utf-9\n",
        'roster.encoding: must be the name of an encoding, as utf-8 or cp1252, not "utf-9"',
    ),
    (
        "  delimiter: '\\t'\n",
        'roster.delimiter: must be one character; a tab is "\\t" in double quotes, not "\\t"',
    ),
    *[
        (
            f"  delimiter: {sign}\n",
            f'roster.delimiter: must not be a quotation mark or a line end; usual are ",", ";" and "|", not "{shown}"',
        )
        for sign, shown in (("'\"'", '"'), (r'"\n"', "?"), (r'"\r"', "?"))
    ],
    (
        "  columns: {}\n  sheet: ${}\n",
        "roster.sheet: a variable is written ${NAME} or ${NAME:-default}; a dollar sign itself is $$",
    ),
    ("  columns: [login]\n", "roster.columns: must be a mapping of lines key: value"),
    (
        "  columns: {Work Email: logn}\n",
        'roster.columns."Work Email": must be a roster field, not "logn"; did you mean "login"?',
    ),
    (
        "  columns: {Dept: tracking_codes.}\n",
        'roster.columns.Dept: must be a roster field, not "tracking_codes."; did you mean "tracking_codes.NAME"?',
    ),
    (
        "  columns: {Status: ignroe}\n",
        'roster.columns.Status: must be a roster field, not "ignroe"; did you mean "ignore"?',
    ),
    ('  columns: {"": login}\n', "roster.columns: a header must not be empty"),
    ("  columns: {Work Email: }\n", 'no value for roster.columns."Work Email"'),
    (
        "name: two words\n",
        'name: must begin with a letter or digit and hold at most 60 letters, digits, ".", "_" or "-", not "two words"',
    ),
    ("scope: {domains: acme.example}\n", 'scope.domains: must be a list, as [one, two], not "acme.example"'),
    (
        "scope: {domains: ['@acme.example']}\n",
        'scope.domains[1]: must be a domain alone, without @ and what stands before it, not "@acme.example"',
    ),
    (
        "scope: {domains: ['*.acme.example']}\n",
        'scope.domains[1]: must be a domain, as acme.example, not "*.acme.example"',
    ),
    ("scope: {protect: [a, '']}\n", "scope.protect[2]: must not be empty"),
    ("scope: {protect: [null]}\n", "no value for scope.protect[1]"),
    ("scope: acme.example\n", 'scope: must be a mapping of lines key: value, not "acme.example"'),
    (
        "lifecycle: {timezone: Europe/Berln}\n",
        'lifecycle.timezone: must be the name of a time zone, as Europe/Berlin, not "Europe/Berln"; did you mean "Europe/Berlin"?',
    ),
    (
        "lifecycle: {timezone: ../../etc}\n",
        'lifecycle.timezone: must be the name of a time zone, as Europe/Berlin, not "../../etc"',
    ),
    (
        "lifecycle: {evidence: {absent_hours: nan}}\n",
        'lifecycle.evidence.absent_hours: must be a number that ends, not "nan"',
    ),
    (
        "lifecycle: {evidence: {absent_hours: 9000}}\n",
        'lifecycle.evidence.absent_hours: must be at most 8760, not "9000"',
    ),
    (
        "lifecycle: {leavers: [{after: 30, do: delete}]}\n",
        'lifecycle.leavers[1].after: must be a number with a unit, as 90s, 10m, 12h, 30d or 2w, not "30"',
    ),
    *[
        (
            f"lifecycle: {{leavers: [{{after: {length}, do: delete}}]}}\n",
            f'lifecycle.leavers[1].after: is too long: at most 36500d, which is a hundred years, not "{shown}"',
        )
        for length, shown in (
            ("99999999d", "99999999d"),
            ("36501d", "36501d"),
            ("5215w", "5215w"),
            ("9" * 5000 + "h", "9" * 57 + "..."),
        )
    ],
    (
        "lifecycle: {leavers: [{after: 1d, do: remove}]}\n",
        'lifecycle.leavers[1].do: must be deactivate, end_sessions, transfer, delete or roll_out, not "remove"',
    ),
    (
        "lifecycle: {leavers: [{after: 1d}]}\n",
        'missing key "lifecycle.leavers[1].do" (deactivate, end_sessions, transfer, delete or roll_out)',
    ),
    (
        "lifecycle: {leavers: [{after: 1d, do: delete, to: manager}]}\n",
        'lifecycle.leavers[1]: "to" belongs to a transfer only, not to delete',
    ),
    (
        "lifecycle: {leavers: [{after: 1d, do: transfer}]}\n",
        'lifecycle.leavers[1]: a transfer needs "to": manager, service_account or a login',
    ),
    (
        "lifecycle: {leavers: [{after: 1d, do: transfer, to: managr}]}\n",
        'lifecycle.leavers[1]: a transfer needs "to": manager, service_account or a login',
    ),
    (
        "lifecycle: {leavers: [{after: 30d, do: deactivate}, {after: 2w, do: delete}]}\n",
        "lifecycle.leavers: stage 2 (delete) comes earlier than stage 1; order them by after",
    ),
    (
        "lifecycle: {leavers: [{after: 0d, do: delete}, {after: 1d, do: deactivate}]}\n",
        "lifecycle.leavers: stage 2 (deactivate) can never happen: stage 1 is delete",
    ),
    ("guards: {removals: {}}\n", "guards.removals: give count, percent, per_day, per_week or per_month"),
    ("guards: {updates: none}\n", 'guards.updates: must be a mapping of lines key: value, not "none"'),
    ("guards: {updates: {percent: 5%}}\n", 'guards.updates.percent: must be a number, not "5%"'),
    ("guards: {updates: {count: true}}\n", 'guards.updates.count: must be a whole number, not "true"'),
    ("guards: {updates: {count: -1}}\n", 'guards.updates.count: must be at least 0, not "-1"'),
    ("guards: {shrink: {percent: 500}}\n", 'guards.shrink.percent: must be at most 100, not "500"'),
    ("apply: {requests_per_minute: 0}\n", 'apply.requests_per_minute: must be at least 1, not "0"'),
    ("apply: {timeout_seconds: 0}\n", 'apply.timeout_seconds: must be more than 0, not "0"'),
    ("apply: {workers: 2.5}\n", 'apply.workers: must be a whole number, not "2.5"'),
    (
        "apply: {workers: " + "9" * 5000 + "}\n",
        'apply.workers: must be a whole number of fewer digits, not "' + "9" * 57 + '..."',
    ),
    (
        "apply: {give_up_after: 1 hour}\n",
        'apply.give_up_after: must be a number with a unit, as 90s, 10m, 12h, 30d or 2w, not "1 hour"',
    ),
    (
        "state: state/provision.db\n",
        'state: must be a database URL, as sqlite:///state/provision.db, not "state/provision.db"',
    ),
    ("runs: [a]\n", "runs: must be a path"),
    ('runs: ""\n', "runs: must be a path"),
    (
        "runs: ~nobody-of-that-name/runs\n",
        'runs: begins with ~, but that home folder is not known, not "~nobody-of-that-name/runs"',
    ),
    ("report: {formats: [pdf]}\n", 'report.formats[1]: must be html, csv, xlsx or json, not "pdf"'),
]


@pytest.mark.parametrize(("text", "problem"), VALUES, ids=range(len(VALUES)))
def test_value_that_does_not_fit_is_told_with_what_would(problems: Problems, text: str, problem: str) -> None:
    line = MINIMAL.count("\n") + text.count("\n")

    assert problems(MINIMAL + text) == [f"line {line}: {problem}"]


_CLEAR = (
    "must begin with https://: over http:// secrets and personal data could be read on their way, "
    "so that is for this machine alone (127.0.0.1, localhost)"
)
BOX = [
    ("{}", ['line 2: missing key "box.auth"']),
    (
        "{base_url: api.box.com, auth: {method: token, token: x}}",
        ['line 2: box.base_url: must be an address, as https://api.box.com, not "api.box.com"'],
    ),
    *[
        (
            f'{{base_url: "{address}", auth: {{method: token, token: x}}}}',
            [f'line 2: box.base_url: must be an address, as https://api.box.com, not "{address}"'],
        )
        for address in (
            "http://[::1",
            "http://::1]",
            "http://box.example:70000",
            "http://box.example:x",
            "http://:80",
            "http://[x]",
        )
    ],
    *[
        (
            f'{{{key}: "{address}", auth: {{method: token, token: x}}}}',
            [f'line 2: box.{key}: {_CLEAR}, not "{address}"'],
        )
        for key in ("base_url", "upload_url", "oauth_url")
        for address in ("http://box.example", "http://192.0.2.2:80", "http://localhost.box.example")
    ],
    *[
        (f'{{base_url: "{address}", auth: {{method: token, token: x}}}}', [])
        for address in ("http://localhost:80", "http://127.0.0.1", "http://127.8.0.1:9", "http://[::1]:9")
    ],
    (
        '{base_url: "https://me:pass@box.example", auth: {method: token, token: x}}',
        ["line 2: box.base_url: must be an address, as https://api.box.com"],
    ),
    ("{auth: {method: oauth}}", ['line 2: box.auth.method: must be jwt, ccg or token, not "oauth"']),
    (
        "{auth: {token: x}}",
        [
            'line 2: missing key "box.auth.method" (jwt: sign in with a JSON Web Token; ccg: sign in with client credentials; token: sign in with a developer token)'
        ],
    ),
    (
        "{auth: {method: jwt}}",
        [
            'line 2: missing key "box.auth.config_file" (jwt only: the JSON file downloaded from the Box Developer Console)'
        ],
    ),
    (
        "{auth: {method: jwt, config_file: a, client_id: b}}",
        ['line 2: unknown key "box.auth.client_id"; known here: method, config_file'],
    ),
    (
        "{auth: {method: token, token: }}",
        [
            "line 2: no value for box.auth.token (token only: the token; name a variable, never the token itself)"
        ],
    ),
    (
        '{auth: {method: token, token: "${EMPTY}"}}',
        ["line 2: box.auth.token: must not be empty (it comes from EMPTY)"],
    ),
    (
        "{auth: {method: token, token:hush}}",
        ['line 2: unknown key "box.auth.token"; a colon needs a blank after it'],
    ),
]


@pytest.mark.parametrize(("box", "expected"), BOX, ids=range(len(BOX)))
def test_mistake_in_the_sign_in_is_told(problems: Problems, box: str, expected: list[str]) -> None:
    told = problems(f"version: 1\nbox: {box}\nroster: {{path: a}}\n", EMPTY="")

    assert [line for line in told if "a literal" not in line] == expected
