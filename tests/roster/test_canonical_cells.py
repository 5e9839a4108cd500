"""What people write into cells, and the canonical text that becomes of it."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tzlocal.windows_tz import win_tz

GB = 1024**3
CELLS = {
    "name": {
        "  Ada\u00a0": "Ada",
        "\u200bAda\ufeff": "Ada",
        "\tAda Byron ": "Ada Byron",
        "Jose\u0301": "José",
        "Ada\u00a0Byron": "Ada\u00a0Byron",
        "NA": "NA",
        "=1+1": "=1+1",
        "Ðorđe": "Ðorđe",
        "Ârsène": "Ârsène",
        "می\u200cخواهم": "می\u200cخواهم",
    },
    "address": {"1 Road\r\nTown\rLand": "1 Road\nTown\nLand", "": ""},
    "job_title": {"(clear)": "(clear)", " (CLEAR) ": "(clear)", "(clear) water": "(clear) water"},
    "tracking_codes.Cost": {"(clear)": "(clear)", "(Clear) ": "(clear)", "4711": "4711"},
    "language": {"EN": "en", "en-US": "en", "en_GB": "gb", "English (UK)": "gb", "German": "de", "zh-TW": "zt", "no": "nb",
        "Français": "fr", "русский": "ru", "日本語": "ja", "TÜRKÇE": "tr", "English (United States)": "en"},
    "timezone": {
        "europe/berlin": "Europe/Berlin",
        "America/New York": "America/New_York",
        "W. Europe Standard Time": "Europe/Berlin",
        "Arab Standard Time": "Asia/Riyadh",
        "Israel Standard Time": "Asia/Jerusalem",
        "SE Asia Standard Time": "Asia/Bangkok",
        "central standard time (mexico)": "America/Mexico_City",
        "India Standard Time": "Asia/Kolkata",
        "FLE Standard Time": "Europe/Kiev",
        "UTC+12": "Etc/GMT-12",
        "UTC": "UTC",
        "utc": "UTC",
    },
    "status": {
        "Cannot_Delete_Edit": "cannot_delete_edit",
        "Cannot delete or edit": "cannot_delete_edit",
        "Cannot delete, edit, or upload": "cannot_delete_edit_upload",
        "Aktiv": "active", "INAKTIV": "inactive", "Actif": "active", "inactif": "inactive", "Désactivé": "inactive",
        **dict.fromkeys(["ACTIVE", "Enabled", "STAGED", "PROVISIONED", "RECOVERY", "PASSWORD_EXPIRED"], "active"),
        **dict.fromkeys(["Password expired", "LOCKED_OUT", "Locked out", "On Leave"], "active"),
        **dict.fromkeys(["Inactive", "Suspended", "DEPROVISIONED", "Archived", "Terminated", "disabled"], "inactive"),
        **dict.fromkeys(["Aktywna", "AKTİF", "Работает", "Ενεργός", "在職", "재직", "Activo/a", "In dienst", "aktivní"], "active"),
        **dict.fromkeys(["Nieaktywna", "уволен", "Ανενεργός", "退職", "离职", "퇴직"], "inactive"),
        **dict.fromkeys(["Uit dienst", "Nicht aktiv", "ei-aktiivinen", "غير نشط", "Desligado"], "inactive"),
    },
    "role": {"User": "user", "Co-Admin": "coadmin", "coadmin": "coadmin", "Admin": "admin"},
    "is_sync_enabled": {"Yes": "true", "1": "true", "TRUE": "true", "n": "false", "0": "false",
        **dict.fromkeys(["-1", "1.0", "WAHR", "VRAI", "VERDADERO", "ИСТИНА", "Ja", "Sí", "да", "はい", "PRAWDA"], "true"),
        **dict.fromkeys(["FALSCH", "FAUX", "ЛОЖЬ", "nein", "hayır", "нет", "FAŁSZ", "いいえ"], "false"),
    },
    "space_amount": {
        "10 GB": str(10 * GB),
        "10gb": str(10 * GB),
        "1.5 GB": str(GB * 3 // 2),
        "10,5 GB": str(GB * 21 // 2),
        "1,25TB": str(1280 * GB),
        "10 Go": str(10 * GB),
        "0.125 GB": str(GB // 8),
        "10,5 Go": str(GB * 21 // 2),
        "500 Mo": str(500 * 1024**2),
        "2 Tio": str(2 * 1024 * GB),
        "1000 octets": "1000",
        "1000 B": "1000",
        "Unbegrenzt": "-1",
        "illimité": "-1",
        "2 TiB": str(2 * 1024 * GB),
        "500 MB": str(500 * 1024**2),
        "Unlimited": "-1",
        "-1": "-1",
        "10737418240": "10737418240",
        "999999999999999": "-1",
        "9223372036854775807": "-1",
        "8000 TB": "-1",
        "0": "0",
        "010737418240": "10737418240",
        # thousands that are surely none of decimals
        **dict.fromkeys(["10.737.418.240", "10,737,418,240", "10 737 418 240", "10'737'418'240", "10737418240.0"], str(10 * GB)),
        **dict.fromkeys(["1.024,5 GB", "1,024.5 GB"], str(GB * 2049 // 2)),
        **dict.fromkeys(["1 024 Go", "1\u202f024 Go", "1024 ГБ", "1024G", "1024 Gigabytes"], str(1024 * GB)),
        **dict.fromkeys(["ilimitado", "без ограничений", "無制限"], "-1"),
    },
    "start_date": {
        "2026-01-05": "2026-01-05",
        "2026-01-05 00:00:00": "2026-01-05",
        "2026-01-05T13:30:00.000Z": "2026-01-05",
        "5.1.2026": "2026-01-05",
        "05.01.2026": "2026-01-05",
        "03/03/2026": "2026-03-03",
        "03 Apr 2026": "2026-04-03",
        "3-Apr-2026": "2026-04-03",
        "03-APR-2026": "2026-04-03",
        "3/Apr/2026": "2026-04-03",
        "3 April 2026": "2026-04-03",
        "April 3, 2026": "2026-04-03",
        "Apr 3 2026": "2026-04-03",
        "Apr. 3, 2026": "2026-04-03",
        "1 sept 2026": "2026-09-01",
        "29 February 2028": "2028-02-29",
        "20261231": "2026-12-31",
        "20261231000000.0Z": "2026-12-31",
        "2026/12/31": "2026-12-31",
        "2/13/2026 0:00": "2026-02-13",
        "2/13/2026 12:00:00 AM": "2026-02-13",
        "31-12-2026": "2026-12-31",
        "31.12.2026 00:00": "2026-12-31",
        "2026.12.31": "2026-12-31",
        "2026. 12. 3.": "2026-12-03",
        "2026年12月3日": "2026-12-03",
        "31. 12. 2026": "2026-12-31",
        "Thursday, December 3, 2026": "2026-12-03",
        "3rd December 2026": "2026-12-03",
        "3. März 2026": "2026-03-03",
        "Dienstag, 3. Dez. 2026": "2026-12-03",
        "1er août 2026": "2026-08-01",
        "jeudi 3 décembre 2026": "2026-12-03",
        "3 de marzo de 2026": "2026-03-03",
        "1º de março de 2026": "2026-03-01",
        "3 giugno 2026": "2026-06-03",
        "3 mei 2026": "2026-05-03",
        "3 kwietnia 2026": "2026-04-03",
        "5 października 2026": "2026-10-05",
        "piątek, 3 kwietnia 2026": "2026-04-03",
        "30. listopadu 2026": "2026-11-30",
        "2026. április 3.": "2026-04-03",
        "30 Kasım 2026": "2026-11-30",
        "12 maj 2026": "2026-05-12",
        "12. desember 2026": "2026-12-12",
        "3. huhtikuuta 2026": "2026-04-03",
        "3 ožujka 2026.": "2026-03-03",
        "3.4.2026.": "2026-04-03",
        "1 января 2026 г.": "2026-01-01",
        "30 листопада 2026 р.": "2026-11-30",
        "3 Απριλίου 2026": "2026-04-03",
        "3 באפריל 2026": "2026-04-03",
        "٣ أبريل ٢٠٢٦": "2026-04-03",
        "2026년 4월 3일": "2026-04-03",
        "令和8年4月3日": "2026-04-03",
        "令和元年5月1日": "2019-05-01",
        "2026‑04‑03": "2026-04-03",
        "２０２６／０４／０３": "2026-04-03",
        "2026-Apr-03": "2026-04-03",
        **dict.fromkeys(["0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "00/00/0000", "00000000", "0000/00/00"], ""),
    },
    "notification_email": {"(clear)": "(clear)", "other@x.example": "other@x.example"},
    "action": {"": "upsert", "Ignore": "ignore"},
    "tracking_codes.dept": {" 0430 ": "0430"},
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "cell", "canonical"),
    [(field, *pair) for field, cells in CELLS.items() for pair in cells.items()],
)
def test_a_cell_becomes_canonical(read, field, cell, canonical):
    roster = read(f'login,{field}\na@x.example,"{cell}"\n')

    assert roster.frame[field].tolist() == [canonical]


def test_a_word_for_no_date_is_told_with_the_line_that_teaches_it(read):
    text = "login,end_date\na@x.example,unbefristet\n"

    [error] = read(text + "b@x.example,\n").errors
    assert (
        error.reason
        == '"unbefristet" is not a date; write YYYY-MM-DD; or the job says what the word means, as roster: values: {end_date: {"unbefristet": ""}}'
    )
    taught = read(text, values={"end_date": {"unbefristet": ""}})
    assert taught.frame["end_date"].tolist() == [""]


@pytest.mark.parametrize(
    ("other", "dates"),
    [("3 września 2026", "2026-11-30"), ("3. rujna 2026.", "2026-10-30"), ("2026-09-03", "")],
)
def test_a_month_of_two_languages_is_that_of_the_file(read, other, dates):
    roster = read(f"login,start_date,end_date\na@x.example,,30 listopada 2026\nb@x.example,{other},\n")

    found = roster.frame.set_index("login")["end_date"]
    assert found.get("a@x.example", "") == dates
    assert found["b@x.example"] == ""


def test_every_time_zone_of_windows_is_one_with_a_clock(read):
    rows = "".join(f"p{number}@x.example,{zone}\n" for number, zone in enumerate(win_tz))

    zones = read("login,timezone\n" + rows).frame["timezone"].tolist()

    moment = datetime(2026, 1, 15, tzinfo=UTC)
    offsets = [moment.astimezone(ZoneInfo(zone)).utcoffset() for zone in zones]
    assert offsets == [moment.astimezone(ZoneInfo(zone)).utcoffset() for zone in win_tz.values()]
    assert len(zones) == len(win_tz) > 130
    assert not {"Asia/Calcutta", "Asia/Katmandu", "Asia/Rangoon", "America/Godthab"} & set(zones)


@pytest.mark.parametrize(
    ("cells", "dates"),
    [
        (["25/12/2026", "03/04/2026"], ["2026-12-25", "2026-04-03"]),
        (["12/25/2026", "03/04/2026"], ["2026-12-25", "2026-03-04"]),
        (["3/4/2026", "13/4/2026"], ["2026-04-03", "2026-04-13"]),
    ],
)
def test_one_date_with_a_number_above_twelve_decides_for_its_column(read, cells, dates):
    rows = "".join(f"p{number}@x.example,{cell}\n" for number, cell in enumerate(cells))

    assert read("login,end_date\n" + rows).frame["end_date"].tolist() == dates


TURNED = {
    "days first, opened where months are": (["2026-05-12", "31/12/2026", "2020-02-03"], [2, 4]),
    "months first, opened where days are": (["2026-12-05", "12/31/2026", "2020-05-05"], [2]),
    "with hyphens, and a year of two figures left over": (["2026-05-12 00:00:00", "31-12-26"], [2, 3]),
    "a date that could be taken either way is text too": (["2026-05-12", "31/12/2026", "05/12/2026"], []),
    "days above twelve are there": (["2026-05-12", "31/12/2026", "2026-05-13"], []),
    "days above twelve are hardly there": (["2026-05-13", "13/13/2026"] + [f"2026-05-{n:02}" for n in (1, 2, 3, 4)], [3, 4, 5, 6, 7]),
    "texts with dots, which no spreadsheet takes for months": (["2026-05-12", "31.12.2026"], []),
}  # fmt: skip


@pytest.mark.parametrize("case", TURNED)
def test_days_that_a_spreadsheet_may_have_taken_for_months_are_errors(read, case):
    cells, lines = TURNED[case]
    rows = "".join(f"p{number}@x.example,{cell},\n" for number, cell in enumerate(cells))

    assert read("login,end_date,start_date\n" + rows).rejected["line"].tolist() == lines


def test_a_column_that_was_turned_round_speaks_against_the_days_of_the_others(read):
    rows = "a@x.example,2020-03-02,2026-05-12\nb@x.example,2020-03-02,31/12/2026\nc@x.example,2020-02-02,\n"
    roster = read("login,start_date,end_date\n" + rows)

    assert [(error.line, error.field) for error in roster.errors] == [
        (2, "start_date"), (2, "end_date"), (3, "start_date"),
    ]  # fmt: skip
    assert "changed places" in roster.errors[0].reason


def test_dates_that_contradict_each_other_are_all_errors(read):
    roster = read("login,end_date\na@x.example,25/12/2026\nb@x.example,12/25/2026\nc@x.example,2026-12-25\n")

    assert roster.rejected["line"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("first", "start", "end"),
    [("25/12/2026", "2026-12-25", "2027-04-03"), ("12/25/2026", "2026-12-25", "2027-03-04")],
)
def test_the_order_that_one_column_proves_holds_for_the_other(read, first, start, end):
    roster = read(f"login,start_date,end_date\na@x.example,{first},03/04/2027\n")

    assert roster.frame[["start_date", "end_date"]].to_numpy().tolist() == [[start, end]]


def test_each_column_that_proves_an_order_keeps_its_own(read):
    roster = read(
        "login,start_date,end_date\na@x.example,25/12/2026,03/04/2027\nb@x.example,03/04/2026,12/25/2027\n"
    )

    assert roster.frame[["start_date", "end_date"]].to_numpy().tolist() == [
        ["2026-12-25", "2027-03-04"],
        ["2026-04-03", "2027-12-25"],
    ]


def test_a_column_that_contradicts_itself_proves_nothing_for_the_other(read):
    roster = read(
        "login,start_date,end_date\na@x.example,25/12/2026,03/04/2027\nb@x.example,12/25/2026,04/04/2027\n"
    )

    assert [(error.line, error.field) for error in roster.errors] == [
        (2, "start_date"), (2, "end_date"), (3, "start_date"),
    ]  # fmt: skip


#: cells that one system's header explains: header, cell, field, canonical
UNDER_A_HEADER = [
    ("accountEnabled", "True", "status", "active"),
    ("accountEnabled", "False", "status", "inactive"),
    ("accountEnabled", "", "status", ""),
    ("GB", "10", "space_amount", str(10 * GB)),
    ("GB", "0.5", "space_amount", str(GB // 2)),
    ("GB", "0,5", "space_amount", str(GB // 2)),
    ("GB", "10 MB", "space_amount", str(10 * 1024**2)),
    ("GB", "-1", "space_amount", "-1"),
    ("GB", "Unlimited", "space_amount", "-1"),
    ("Worker", "Ada Byron (On Leave)", "name", "Ada Byron"),
    ("Worker", "Ada Byron (Terminated)", "name", "Ada Byron"),
    ("Worker", "Ada Byron (London)", "name", "Ada Byron (London)"),
    ("Full Name", "Ada Byron (On Leave)", "name", "Ada Byron (On Leave)"),
    ('"Last name, First name"', "Byron, Ada", "name", "Ada Byron"),
    ('"Last name, First name"', "Prince", "name", "Prince"),
    ("Full Name", "Byron, Ada", "name", "Byron, Ada"),
]


@pytest.mark.parametrize(("header", "cell", "field", "canonical"), UNDER_A_HEADER)
def test_a_cell_is_read_as_the_system_of_its_header_means_it(read, header, cell, field, canonical):
    roster = read(f'login,{header}\na@x.example,"{cell}"\n')

    assert roster.frame[field].tolist() == [canonical]


@pytest.mark.parametrize(
    ("header", "cell", "reason"),
    [
        ("accountEnabled", "maybe", '"maybe" is neither yes nor no; write true or false'),
        (
            '"Last name, First name"',
            "Byron, Jr., Ada",
            "more than one comma; export first and last name as columns of their own",
        ),
    ],
)
def test_a_cell_that_its_system_would_not_write_is_an_error(read, header, cell, reason):
    roster = read(f'login,{header}\na@x.example,"{cell}"\n')

    assert [error.reason for error in roster.errors] == [reason]


def test_a_template_is_not_read_as_the_header_it_looks_like(read):
    roster = read(
        "login,First name,Last name\na@x.example,Ada,Byron\n",
        columns={"{Last name}, {First name}": "name"},
    )

    assert roster.frame["name"].tolist() == ["Byron, Ada"]


@pytest.mark.parametrize(("role", "noted"), [(" Admin", 1), ("coadmin", 0), ("", 0)])
def test_the_role_admin_is_read_and_noted_once(read, role, noted):
    roster = read(f"login,role\na@x.example,{role}\nb@x.example,{role}\n")

    assert roster.frame["role"].tolist() == [role.strip().lower()] * 2
    assert sum("role admin can only be read" in note for note in roster.notes) == noted


def test_the_frame_has_the_declared_columns_and_types(read):
    roster = read("Work Email,Job Title,tracking_codes.dept,status\na@x.example,Analyst,IT,\n")

    assert roster.frame.columns.tolist() == [
        "line", "external_id", "login", "name", "kind", "action", "start_date", "end_date",
        "status", "job_title", "tracking_codes.dept",
    ]  # fmt: skip
    assert roster.frame.dtypes.astype(str).to_dict() == {
        column: "int64" if column == "line" else "str" for column in roster.frame
    }
    assert roster.rejected.dtypes.astype(str).tolist() == ["int64", "str", "str", "str", "str", "str"]
    assert roster.rejected.columns.tolist() == ["line", "external_id", "login", "name", "kind", "reason"]


def test_the_file_is_fingerprinted(read, write):
    import hashlib

    path = write("login\na@x.example\n", "employees.csv")
    roster = read(path)

    assert roster.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert roster.path == str(path)
