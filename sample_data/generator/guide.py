"""The two README files: prose, and tables that are counted rather than typed."""

from collections.abc import Iterable, Sequence

from generator import clients, employees, enterprise, joiners
from generator.broken import Broken
from generator.expected import tables
from generator.people import Account, Case

_VERDICTS = (
    "create", "update", "activate", "deactivate", "delete", "unchanged", "starts_later", "protected", "unowned", "out_of_scope",
)  # fmt: skip


def samples() -> bytes:
    """README.md of the samples."""
    return _SAMPLES.format(
        employees=_rows(employees.cases()),
        clients=_rows(clients.cases()),
        joiners=_rows(joiners.cases()),
        seed=_seed((employees.admin(), *enterprise.users())),
        verdicts=_verdicts(),
    ).encode()


def broken(files: Iterable[Broken]) -> bytes:
    """README.md of the broken files."""
    lines = [(f"[{one.name}]({one.name})", one.kind, one.row, one.mistake) for one in files]
    return _BROKEN.format(table=_table(("file", "kind", "row", "mistake"), lines)).encode()


def _rows(cases: Iterable[Case]) -> int:
    return sum(case.row is not None for case in cases)


def _seed(users: Sequence[Account]) -> str:
    counted = {
        "managed users at acme.example (one admin, three co-admins)": [
            u for u in users if _at(u, "acme.example")
        ],
        "managed users at partners.acme.example": [u for u in users if _at(u, "partners.acme.example")],
        "managed users at contractors.example": [u for u in users if _at(u, "contractors.example")],
        "app users with an external id": [
            u for u in users if u.external_app_user_id and not u.created_by_other_app
        ],
        "app users without one": [u for u in users if u.kind == "app" and not u.external_app_user_id],
        "app users of another app, invisible to ours": [u for u in users if u.created_by_other_app],
        "all": users,
    }
    return _table(
        ("the seed enterprise has", "users"), [(words, str(len(some))) for words, some in counted.items()]
    )


def _at(account: Account, domain: str) -> bool:
    return account.login.partition("@")[2] == domain


def _verdicts() -> str:
    found = tables()
    lines = [(verdict, *(str(found[job].get(verdict, "")) for job in found)) for verdict in _VERDICTS]
    totals = ("lines", *(str(sum(counts.values())) for counts in found.values()))
    return _table(("verdict", *found), (*lines, totals))


def _table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    rows = (header, ["---"] * len(header), *lines)
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


_SAMPLES = """# Sample rosters and the enterprise they are compared with

Everybody in here is invented. `python sample_data/generate.py` writes every file again, byte for byte, `generator/` and
`broken/jobs/` excepted; `--check` says which differ instead.

| file | what it is |
| --- | --- |
| `employees.csv` | an HR export of everybody ({employees} rows): UTF-8 with a byte order mark, commas, CRLF. Read by `jobs/nightly.yaml` and `jobs/preview.yaml` |
| `clients.xlsx` | a portal's clients, who become app users ({clients} rows): a cover sheet, a title above the header, a hidden column, numbers and dates as cells. Read by `jobs/portal.yaml` |
| `onboarding.xlsx` | a list of new starters ({joiners} rows), some of whom are there already. Read by `jobs/onboarding.yaml` |
| `formats/` | twelve of the starters as Workday, Okta, Entra, Google Workspace, BambooHR, the Box Admin Console and a warehouse would write them: UTF-16, Windows-1252, UTF-8 with and without a mark; tab, semicolon, comma; OpenDocument, Parquet |
| `enterprise.json` | the seed enterprise: `provision sandbox --seed sample_data/enterprise.json` |
| `expected.json` | what each job finds; the second table below |
| `broken/` | one small file for each mistake that the program explains: see [its list](broken/README.md) |

{seed}

The service account is not listed by Box and not part of the seed; it comes with the sandbox.

## What each job finds

Lines of the reconciliation by verdict: one for every roster row, and one for every existing user in the job's scope whom no
row names. Each job is counted by itself on a fresh seed; `_again` is a second run right after the first was applied.

{verdicts}

What hides behind the numbers of `nightly`:

- **create**: among them a name of exactly 50 characters, the surnames `NA` and `Null`, somebody with one name only, somebody with
  nothing but a name and an address.
- **update**: one field each for most, several for some; a cell `(clear)`; a name whose accents were missing in Box; quotas as `100 GB`,
  `unlimited` and bytes; a job title that a spreadsheet would run as a formula; a tracking code next to another that must survive.
- **deactivate**: HR set the status to Inactive. **activate**: back from leave.
- **delete**: inactive in Box already, and the end date lies more than 90 days back. Nobody is both active and past an end date: the first run
  would deactivate and the second delete them, and a second run shall have nothing to do.
- **unchanged**: includes a login that differs by case only, a name in decomposed Unicode, a trailing no-break space, an address over three lines, two people
  of the same name, three on leave (inactive in both), one who left long ago and has no account.
- **starts later**: one who starts in 2099 and gets no account yet.
- **protected**: the admin, three co-admins, `ceo@acme.example`, two service logins; five of them have a row that differs.
- **unowned**: at acme.example, but in no roster so far. **out_of_scope**: contractors HR keeps in the same list.

In `portal`, two clients to deactivate are inactive and one to delete is gone: unchanged. The unowned are app users the sheet does not name, four of them without an external id.

In `onboarding`, one of the creates (`amina.wolff@acme.example`) is refused by Box with 409: the address belongs to a personal account. The numbers
are the same before and after the nightly job, but for the people it creates and deletes.
"""

_BROKEN = """# One mistake in each file

`kind` is the `roster.kind` the file is meant for; the columns carry field names, so no mapping is needed. `row` counts as a spreadsheet does, the header being 1.
`bad_action.csv` is a partial roster. For `wrong_sheet.xlsx` the job asks for the sheet `Employees`. A line of ten megabytes is left to the tests.

{table}

## Job files

In `jobs/`, each a complete job but for one mistake. They sign in with `${{BOX_TOKEN}}`, which has to be set to get past it.

| file | mistake |
| --- | --- |
| [yaml_tab.yaml](jobs/yaml_tab.yaml) | a tab as indentation |
| [not_a_mapping.yaml](jobs/not_a_mapping.yaml) | a list where keys are expected |
| [duplicate_key.yaml](jobs/duplicate_key.yaml) | `name` twice |
| [unknown_key.yaml](jobs/unknown_key.yaml) | `rooster:` for `roster:` |
| [unknown_nested_key.yaml](jobs/unknown_nested_key.yaml) | `guards.removals.percentage` for `percent` |
| [version_2.yaml](jobs/version_2.yaml) | a version this program does not know |
| [no_roster.yaml](jobs/no_roster.yaml) | no `roster` at all |
| [missing_file.yaml](jobs/missing_file.yaml) | a roster that is not there |
| [missing_variable.yaml](jobs/missing_variable.yaml) | an environment variable that is not set |
| [literal_secret.yaml](jobs/literal_secret.yaml) | a secret written into the file (an invented one) |
| [wrong_type.yaml](jobs/wrong_type.yaml) | `requests_per_minute: fast` |
| [bad_guard.yaml](jobs/bad_guard.yaml) | a guard of 500 percent |
"""
