"""Every mistake of a single row: its text, its place, and that it stops this row only."""

from __future__ import annotations

import io

import pytest
import xlsxwriter

from provision.roster.row_errors import format_row_errors, row_findings

LONG = "x" * 51
TOO_LARGE = "larger than any size Box can hold; write unlimited, or a number with a unit as 10 GB"
ADDRESS = "is no e-mail address"
#: field, bad cell, reason; the row is a managed user's and good but for this cell
BAD_CELLS = {
    "login without @": ("login", "ada", f'"ada" {ADDRESS}: there is no @ in it'),
    "login with a blank": (
        "login",
        "ada b@x.example",
        f'"ada b@x.example" {ADDRESS}: there is a blank, comma, semicolon or bracket in it',
    ),
    "two logins": (
        "login",
        "a@x.example;b@x.example",
        f'"a@x.example;b@x.example" {ADDRESS}: there is a blank, comma, semicolon or bracket in it',
    ),
    "login without a domain's period": (
        "login",
        "ada@acme",
        f'"ada@acme" {ADDRESS}: the part after the @-sign is not valid',
    ),
    "login that ends with a period": (
        "login",
        "ada@x.example.",
        f'"ada@x.example." {ADDRESS}: an email address cannot end with a period',
    ),
    "login of two @": (
        "login",
        "a@b@x.example",
        f'"a@b@x.example" {ADDRESS}: the part after the @-sign contains invalid characters',
    ),
    "guest of another directory": (
        "login",
        "x_mail.example#ext#@x.example",
        "a guest of another directory, not an address of yours",
    ),
    "service account": (
        "login",
        "AutomationUser_1234_aBcDeF@boxdevedition.com",
        "the address of a service account, which is no person; take the row out",
    ),
    "address that Box made": (
        "login",
        "appuser_1234_aBcDeF@boxdevedition.com",
        "an address that Box made for an app user, not a person's; take the row out, or say kind: app with the external_id",
    ),
    "no login": ("login", " ", "the login is empty; a managed user is found by it"),
    "telephone number that a spreadsheet rounded": (
        "phone",
        "4,9E+11",
        "a spreadsheet has rounded the number, as 4.9E+10; format the column as text and export again",
    ),
    "id rounded by a spreadsheet": (
        "external_id",
        "1.2E+10",
        "a spreadsheet has rounded the id to a number such as 1.2E+10; format the column as text and export again",
    ),
    "id cleared": ("external_id", "(clear)", "(clear): external_id cannot be emptied"),
    "id of a failed formula": (
        "external_id",
        "#REF!",
        "a formula in the spreadsheet failed here (as #N/A or #REF!)",
    ),
    **{
        f"{cell} of a failed formula": (
            "phone",
            cell,
            "a formula in the spreadsheet failed here (as #N/A or #REF!)",
        )
        for cell in (
            "#BEZUG!",
            "#WERT!",
            "#NOM?",
            "#VALEUR!",
            "#¡REF!",
            "#¿NOMBRE?",
            "#RIF!",
            "#NÚM!",
            "#VERW!",
            "#ADR!",
        )
    },
    "id over two lines": ("external_id", "1\n2", "there is a control character or line end in it"),
    "long name": ("name", LONG, "51 characters; Box takes 50"),
    "long name in wide characters": ("name", "\U0001f600" * 51, "51 characters; Box takes 50"),
    "name over two lines": ("name", "Ada\nByron", "there is a control character or line end in it"),
    "name with a lost character": (
        "name",
        "Zo\ufffd",
        "there is a \ufffd in it: a character was lost in a conversion",
    ),
    "name encoded twice": (
        "name",
        "ZoÃ« NÃºÃ±ez",
        "UTF-8 was read as Windows-1252 on the way (as Ã© for é); export it again as UTF-8",
    ),
    "Polish name encoded twice": (
        "name",
        "Żółć".encode().decode("cp1252"),
        "UTF-8 was read as Windows-1252 on the way (as Ã© for é); export it again as UTF-8",
    ),
    "name cleared": ("name", "(clear)", "(clear): name cannot be emptied"),
    "name of a failed formula": (
        "name",
        "#N/A",
        "a formula in the spreadsheet failed here (as #N/A or #REF!)",
    ),
    "long job title": ("job_title", "x" * 101, "101 characters; Box takes 100"),
    "long phone": ("phone", "1" * 101, "101 characters; Box takes 100"),
    "long address": ("address", "x" * 256, "256 characters; Box takes 255"),
    "address with a control character": (
        "address",
        "1 Road\x07",
        "there is a control character or line end in it",
    ),
    "language": (
        "language",
        "Klingon",
        '"Klingon" is no language of Box; known are bn da de e2 e3 en es f2 fi fr gb hi it ja ko nb nl pl pt ru s2 sv tr zh zt; the job can say what a word means, as roster: values: {language: {Czech: en}}',
    ),
    "language cleared": ("language", "(Clear)", "(clear): language cannot be emptied"),
    "time zone, nearly": (
        "timezone",
        "Europe/Berln",
        '"Europe/Berln" is no time zone; did you mean Europe/Berlin?',
    ),
    "time zone": ("timezone", "CEST", '"CEST" is no time zone; write one as Europe/Berlin'),
    "status": (
        "status",
        "sabbatical",
        '"sabbatical" is no status; known are active, inactive, cannot_delete_edit, cannot_delete_edit_upload; the job can say what a word means, as roster: values: {status: {Retired: inactive}}',
    ),
    "role": (
        "role",
        "owner",
        '"owner" is no role; known are user, coadmin; if the column says something else, map it to ignore',
    ),
    "truth value": ("is_sync_enabled", "x", '"x" is neither yes nor no; write true or false'),
    "size": (
        "space_amount",
        "lots",
        "not a size; write bytes, a number with a unit as 10 GB, or unlimited",
    ),
    "size with a comma for thousands or decimals": (
        "space_amount",
        "1,024 GB",
        "a comma before three figures may mean thousands or decimals; write it as 1024 GB or 1.5 GB",
    ),
    "size with a dot for thousands or decimals": (
        "space_amount",
        "1.024 GB",
        "a dot before three figures may mean thousands or decimals; write it as 1024 GB or 1.5 GB",
    ),
    "size with a decimal comma and no unit": (
        "space_amount",
        "1,5",
        "a size with decimals needs its unit, as 1.5 GB",
    ),
    "size, negative": (
        "space_amount",
        "-2",
        "not a size; write bytes, a number with a unit as 10 GB, or unlimited",
    ),
    "size without its unit": (
        "space_amount",
        "10",
        "a number without a unit means bytes, and so few cannot be meant; write it as 10 GB",
    ),
    "size of half a byte": ("space_amount", "1.5", "a size with decimals needs its unit, as 1.5 GB"),
    "size over 64 bits": ("space_amount", "9223372036854775808", TOO_LARGE),
    "size over 64 bits in its unit": ("space_amount", "999999999 TB", TOO_LARGE),
    "size of a thousand figures": ("space_amount", "9" * 5000, TOO_LARGE),
    "login in quotation marks": (
        "login",
        "„b@x.example“",
        '"„b@x.example“" is no e-mail address: there are quotation marks around it; export without them, or with a plain " around each cell',
    ),
    "notification address": ("notification_email", "ada", "no e-mail address: there is no @ in it"),
    "date": ("start_date", "next week, Ann", "not a date; write YYYY-MM-DD"),
    "date as a number": (
        "start_date",
        "45000",
        "a spreadsheet's number of a day; format the column as a date and export it again",
    ),
    "date as seconds": (
        "start_date",
        "/Date(1582243200000)/",
        "a computer's number of seconds, not a day; write YYYY-MM-DD",
    ),
    "date of figures in another order": (
        "start_date",
        "13022020",
        "figures in a row are read as YYYYMMDD only, which this is not; write YYYY-MM-DD",
    ),
    "date that does not exist": (
        "end_date",
        "2026-02-30",
        "no such day in the calendar; write YYYY-MM-DD",
    ),
    "date, day or month first": (
        "end_date",
        "03/04/2026",
        "day and month cannot be told apart in this column; write YYYY-MM-DD",
    ),
    "date of two figures": ("end_date", "31.12.26", "a year of two figures; write YYYY-MM-DD"),
    "date with a month and a year of two figures": (
        "end_date",
        "03-APR-20",
        "a year of two figures; write YYYY-MM-DD",
    ),
    # October in one language, November in another
    "date with a month that means two": (
        "end_date",
        "3 listopada 2020",
        "the word for the month is another one in Polish than in Croatian; write YYYY-MM-DD",
    ),
    "year of Thailand": (
        "end_date",
        "31/12/2569",
        "a year of the Buddhist calendar, it seems, which is 2026; write YYYY-MM-DD",
    ),
    "date behind a word": ("end_date", "until 3 April 2020", "not a date; write YYYY-MM-DD"),
    "date that is a computer's zero": (
        "end_date",
        "1970-01-01",
        "the first day of 1970 is how computers write no date; leave the cell empty, or write the last day",
    ),
    "date with a word for a month": ("end_date", "3 Aprilish 2020", "not a date; write YYYY-MM-DD"),
    "date of a month that is too short": (
        "end_date",
        "31 Apr 2026",
        "no such day in the calendar; write YYYY-MM-DD",
    ),
    "date cleared": ("end_date", "(clear)", "(clear): end_date cannot be emptied"),
    "kind": ("kind", "robot", '"robot" is no kind of user; known are managed, app'),
    "other kind than the job's": (
        "kind",
        "app",
        "the job is for managed users (roster.kind); with kind: column the roster decides",
    ),
    "action": (
        "action",
        "obliterate",
        '"obliterate" is no action; known are upsert, deactivate, delete, ignore',
    ),
    "removal in a full roster": (
        "action",
        "Delete",
        "only a partial roster (authority: partial) may ask for this; in a full one, leavers are absent or have an end_date",
    ),
}


#: how other systems write "no date"; as an end date it would have been reached long ago
NO_DATES = [
    "1900-01-01", "0001-01-01", "0001-01-01T00:00:00", "1899-12-30", "1969-12-31", "01.01.1900", "1/1/1900", "1/2/1900",
    "1-Jan-1900", "January 1, 1753", "0", "1", "1900-01-00", "1/0/1900", "00:00:00",
]  # fmt: skip


TOO_EARLY = (
    'a day before 1970; usual cause: "no date" of another system, as 1900-01-01 or 0001-01-01; '
    "leave the cell empty"
)


@pytest.mark.parametrize("field", ["start_date", "end_date"])
@pytest.mark.parametrize("cell", NO_DATES)
def test_a_day_before_1970_is_never_a_date(read, field, cell):
    roster = read(f'login,{field}\na@x.example,"{cell}"\nb@x.example,1970-01-02\n')

    (error,) = roster.errors
    assert (error.line, error.reason) == (2, TOO_EARLY)
    assert roster.frame[field].tolist() == ["1970-01-02"]


@pytest.mark.parametrize("serial", [0, 1, 2])
def test_an_empty_date_of_a_workbook_is_never_a_date(read, serial):
    stream = io.BytesIO()
    with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["login", "end_date"])
        sheet.write_string(1, 0, "a@x.example")
        sheet.write_number(1, 1, serial, book.add_format({"num_format": "yyyy-mm-dd"}))
    roster = read(stream.getvalue(), "staff.xlsx")

    assert [error.reason.partition(";")[0] for error in roster.errors] == ["a day before 1970"]


#: what may stand in a column that was mapped wrongly or shifted by one
PERSONAL = [
    "+49 170 5550123", "004917055501", "85000", "85,000.00", "EUR 85000", "EUR85k", "85k", "1980-04-03", "3-Apr-1980",
    "on sick leave since spring", "1 Elm Road", "Müller-Lüdenscheidt", "756.1234.5678.97", "A-very-long-text-of-one-word",
    "ada@home.example",
]  # fmt: skip
CHOICES = [
    "language",
    "timezone",
    "status",
    "role",
    "is_sync_enabled",
    "space_amount",
    "kind",
    "action",
    "start_date",
]


@pytest.mark.parametrize("field", CHOICES)
def test_what_may_be_personal_is_not_repeated(read, field):
    rows = "".join(f'p{at}@x.example,"{cell}"\n' for at, cell in enumerate(PERSONAL))
    roster = read(f"login,{field}\n{rows}", columns={field: field})

    assert [cell for cell in PERSONAL for error in roster.errors if cell in error.reason] == []
    assert all(error.column == field for error in roster.errors)
    if field not in ("start_date", "space_amount"):
        assert [error.line for error in roster.errors] == list(range(2, 2 + len(PERSONAL)))
        assert all(error.reason.startswith("the cell is n") for error in roster.errors)


@pytest.mark.parametrize("cell", ["+49 170 5550123", "85000", "Ada Byron", "1 Elm Road"])
def test_a_login_that_cannot_be_one_is_not_repeated(read, cell):
    (error,) = read(f'login\n"{cell}"\n').errors

    assert error.reason.startswith("the cell is no e-mail address: there is ")


def quoted(cells):
    return ",".join(f'"{cell}"' for cell in cells) + "\n"


@pytest.mark.parametrize("case", BAD_CELLS)
def test_a_bad_cell_is_an_error_of_its_row_only(read, case):
    field, cell, reason = BAD_CELLS[case]
    good = {"external_id": "1", "login": "a@x.example", "name": "Ada"}
    bad = {"external_id": "2", "login": "b@x.example", "name": "Bo", field: cell}
    columns = {**dict.fromkeys(bad, ""), **good}
    roster = read(quoted(columns) + quoted(columns.values()) + quoted(bad.values()))

    assert [(error.line, error.column, error.field, error.reason) for error in roster.errors] == [
        (3, field, field, reason)
    ]
    assert roster.frame["line"].tolist() == [2]
    assert roster.rejected[["line", "reason"]].to_numpy().tolist() == [[3, f"{field}: {reason}"]]


@pytest.mark.parametrize(
    "case", [case for case, row in BAD_CELLS.items() if row[0] not in ("login", "external_id")]
)
def test_reasons_do_not_repeat_attributes_that_are_personal(case):
    field, cell, reason = BAD_CELLS[case]
    choices = {"language", "timezone", "status", "role", "is_sync_enabled", "kind", "action"}

    assert field in choices or cell.startswith(("(", "#")) or cell not in reason or len(cell) < 4


def test_all_errors_are_reported_at_once_and_in_the_order_of_the_file(read):
    roster = read(f"login,name,language,end_date\nada,{LONG},xx,soon\nb@x.example,Bo,en,\n,Cy,yy,\n")

    assert [(error.line, error.field) for error in roster.errors] == [
        (2, "login"), (2, "name"), (2, "end_date"), (2, "language"), (4, "login"), (4, "language"),
    ]  # fmt: skip
    assert len(roster.rejected) == 2


def test_the_column_of_an_error_is_the_header_in_the_file(read):
    roster = read(
        f"Work Email,First,Last\nada,Ada,Byron\nb@x.example,{LONG},Li\n", columns={"{First} {Last}": "name"}
    )

    assert [error.column for error in roster.errors] == ["Work Email", "{First} {Last}"]


@pytest.mark.parametrize("second", ["a@x.example", "A@X.Example", " a@x.example\u00a0"])
def test_two_rows_of_one_login_are_both_rejected_and_keep_their_keys(read, second):
    roster = read(f"external_id,login\n1,a@x.example\n2,{second}\n3,c@x.example\n")

    assert [(error.line, error.reason) for error in roster.errors] == [
        (2, "the same login is in row 3"),
        (3, "the same login is in row 2"),
    ]
    assert roster.rejected["external_id"].tolist() == ["1", "2"]
    assert roster.rejected["login"].str.lower().tolist() == ["a@x.example", "a@x.example"]
    assert roster.frame["line"].tolist() == [4]


@pytest.mark.parametrize(("first", "second", "rejected"), [("zoë", "ZOË", 2), ("straße", "strasse", 0)])
def test_logins_that_differ_in_letter_case_only_are_the_same(read, first, second, rejected):
    roster = read(f"login\n{first}@x.example\n{second}@x.example\n")

    assert len(roster.rejected) == rejected


def test_two_rows_of_one_external_id_are_both_rejected(read):
    roster = read("external_id,login\n007,a@x.example\n007,b@x.example\n7,c@x.example\n")

    assert [error.reason for error in roster.errors] == [
        "the same external_id is in row 3",
        "the same external_id is in row 2",
    ]
    assert roster.frame["external_id"].tolist() == ["7"]


def test_of_many_rows_of_one_login_the_first_are_named(read):
    rows = ["a@x.example"] * 3 + ["b@x.example"] * 9
    roster = read("login,name\n" + "".join(f"{login},N {at}\n" for at, login in enumerate(rows)))

    assert roster.errors[0].reason == "the same login is in rows 3, 4"
    assert roster.errors[3].reason == "the same login is in rows 6, 7, 8 and 5 more"
    assert roster.errors[-1].reason == "the same login is in rows 5, 6, 7 and 5 more"


def test_empty_ids_are_not_duplicates(read):
    assert read("external_id,login\n,a@x.example\n,b@x.example\n").errors == ()


def test_an_unreadable_login_is_not_kept_as_a_key(read):
    roster = read("external_id,login,name\n1,ada(at)x.example,Ada\n")

    assert roster.rejected[["external_id", "login", "name"]].to_numpy().tolist() == [["1", "", "Ada"]]


@pytest.mark.parametrize(
    ("header", "cell"),
    [
        ("role", "user"),
        ("is_sync_enabled", "true"),
        ("can_see_managed_users", "false"),
        ("is_external_collab_restricted", "true"),
        ("is_exempt_from_device_limits", "true"),
        ("is_exempt_from_login_verification", "true"),
        ("notification_email", "a@x.example"),
        ("tracking_codes.dept", "IT"),
    ],
)
def test_an_app_user_cannot_have_what_box_gives_managed_users_only(read, header, cell):
    roster = read(f"external_id,name,{header}\n1,Ada,{cell}\n2,Bo,\n", kind="app")

    assert [(error.line, error.reason) for error in roster.errors] == [
        (2, f"an app user cannot have {header}; leave the cell empty")
    ]
    assert roster.frame["external_id"].tolist() == ["2"]


def test_app_users_need_one_of_the_two_keys(read):
    roster = read(
        "external_id,login,name\n1,,Ada\n,AppUser_1_abc@boxdevedition.com,Bo\n,,Cy\n",
        kind="app",
    )

    assert roster.frame["name"].tolist() == ["Ada", "Bo"]
    assert [(error.line, error.reason) for error in roster.errors] == [
        (4, "the external_id is empty; an app user is found by it")
    ]


def test_the_rosters_own_column_decides_the_kind(read):
    roster = read(
        "kind,external_id,login,role\nManaged,,a@x.example,user\nApp user,7,,\nmanaged,8,,\n,9,c@x.example,\napp,5,,user\n",
        kind="column",
    )

    assert roster.frame[["line", "kind"]].to_numpy().tolist() == [[2, "managed"], [3, "app"]]
    assert [(error.line, error.field) for error in roster.errors] == [(4, "login"), (5, "kind"), (6, "role")]
    assert roster.rejected["kind"].tolist() == ["managed", "", "app"]


def test_a_kind_that_is_none_is_not_kept(read):
    roster = read("kind,login\nrobot,a@x.example\n", kind="column")

    assert roster.rejected[["login", "kind"]].to_numpy().tolist() == [["a@x.example", ""]]


@pytest.mark.parametrize("action", ["upsert", "Deactivate", "DELETE", "ignore", ""])
def test_a_partial_roster_may_ask_for_every_action(read, action):
    roster = read(f"login,action\na@x.example,{action}\n", authority="partial")

    assert roster.frame["action"].tolist() == [action.lower() or "upsert"]


@pytest.mark.parametrize("action", ["upsert", "ignore", ""])
def test_a_full_roster_may_ask_for_what_removes_nobody(read, action):
    assert read(f"login,action\na@x.example,{action}\n").errors == ()


def test_a_row_without_a_name_is_left_to_the_plan(read):
    assert read("login,name\na@x.example,\n").frame["name"].tolist() == [""]


GOOD_LOGINS = [
    "o'hara+box@x.example",
    "first.last@sub.domain.example",
    "UPPER@X.EXAMPLE",
    "jürgen@x.example",
    "ada@münchen.example",
    "用户@例子.example",
    "a@xn--mnchen-3ya.example",
    f"{'a' * 64}@x.example",
    "ada@portal.test",
]


@pytest.mark.parametrize("login", GOOD_LOGINS)
def test_a_login_that_is_an_address_keeps_its_spelling(read, login):
    assert read(f"login\n{login}\n").frame["login"].tolist() == [login]


def test_an_app_user_has_no_login_but_the_one_that_box_makes(read):
    roster = read(
        "external_id,login,name\nc1,ada@x.example,A\nc2,AppUser_1_a@boxdevedition.com,B\nc3,,C\n", kind="app"
    )

    assert roster.frame["external_id"].tolist() == ["c2", "c3"]
    assert [error.reason for error in roster.errors] == [
        "an app user has no login but the one that Box makes; leave the cell empty"
    ]


def test_an_end_before_the_start_is_an_error_of_its_row(read):
    roster = read(
        "login,start_date,end_date\na@x.example,2026-11-01,2020-01-31\nb@x.example,2026-11-01,2026-11-01\nc@x.example,,2020-01-31\n"
    )

    assert [(error.line, error.field) for error in roster.errors] == [(2, "end_date")]
    assert "before the start date" in roster.errors[0].reason


def test_of_very_many_wrong_rows_the_first_are_told_with_their_cells_and_all_are_counted_and_protect(
    read, monkeypatch
):
    for place in ("finding", "checks.check", "assemble"):
        monkeypatch.setattr(f"provision.roster.{place}.TOLD", 2)
    wrong = "".join(f"no.{at}(at)x,N\n" for at in range(4))
    roster = read(
        "login,name\nok@x.example,Ok\n"
        + wrong
        + "".join(f"a@x.example,A{at}\n" for at in range(3))
        + "b@x.example,"
        + "B" * 200
        + "\n"
    )

    assert [(error.line, error.field, error.reason.partition(":")[0]) for error in roster.errors] == [
        (3, "login", '"no.0(at)x" is no e-mail address'),
        (4, "login", '"no.1(at)x" is no e-mail address'),
        (10, "name", "200 characters; Box takes 50"),
    ]
    assert roster.untold == {("login", "login"): 5}
    rejected = roster.rejected
    assert (roster.valid, rejected["line"].tolist()) == (1, [3, 4, 5, 6, 7, 8, 9, 10])
    assert rejected["login"].tolist() == [""] * 4 + ["a@x.example"] * 3 + ["b@x.example"]
    assert [why.partition(":")[2].partition(":")[0] for why in rejected["reason"]] == [
        ' "no.0(at)x" is no e-mail address', ' "no.1(at)x" is no e-mail address', *[" no e-mail address"] * 2,
        *[" the same login is in rows 8, 9", " the same login is in rows 7, 9", " the same login is in other rows"],
        " 200 characters; Box takes 50",
    ]  # fmt: skip
    assert format_row_errors(roster, 2)[-1] == (
        '… and 6 more; all 8 are in the report (7 in column "login", 1 in column "name")'
    )
    assert row_findings(roster).total == 8


@pytest.mark.parametrize(
    ("field", "cell"), [("external_id", "1,2E+10"), ("external_id", "#REF!"), ("login", "#NAME?")]
)
def test_keys_that_are_none_are_not_told_as_doubles_or_addresses_as_well(read, field, cell):
    rows = [{"external_id": f"{at}", "login": f"p{at}@x.example"} | {field: cell} for at in range(2)]
    roster = read(
        "external_id;login\n" + "".join(f"{each['external_id']};{each['login']}\n" for each in rows)
    )

    assert [error.field for error in roster.errors] == [field] * 2
    assert all("spreadsheet" in error.reason for error in roster.errors)
