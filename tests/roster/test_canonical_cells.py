"""What people write into cells, and the canonical text that becomes of it."""

from __future__ import annotations

import pytest

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
    "language": {"EN": "en", "en-US": "en", "en_GB": "gb", "English (UK)": "gb", "German": "de", "zh-TW": "zt", "no": "nb"},
    "timezone": {
        "europe/berlin": "Europe/Berlin",
        "America/New York": "America/New_York",
        "W. Europe Standard Time": "Europe/Berlin",
        "utc": "UTC",
    },
    "status": {"ACTIVE": "active", "Suspended": "inactive", "Cannot_Delete_Edit": "cannot_delete_edit"},
    "role": {"User": "user", "Co-Admin": "coadmin", "coadmin": "coadmin"},
    "is_sync_enabled": {"Yes": "true", "1": "true", "TRUE": "true", "n": "false", "0": "false"},
    "space_amount": {
        "10 GB": str(10 * GB),
        "10gb": str(10 * GB),
        "1.5 GB": str(GB * 3 // 2),
        "2 TiB": str(2 * 1024 * GB),
        "500 MB": str(500 * 1024**2),
        "Unlimited": "-1",
        "-1": "-1",
        "10737418240": "10737418240",
        "0": "0",
        "010737418240": "10737418240",
    },
    "start_date": {
        "2026-01-05": "2026-01-05",
        "2026-01-05 00:00:00": "2026-01-05",
        "2026-01-05T13:30:00.000Z": "2026-01-05",
        "5.1.2026": "2026-01-05",
        "05.01.2026": "2026-01-05",
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


def test_dates_that_contradict_each_other_are_all_errors(read):
    roster = read("login,end_date\na@x.example,25/12/2026\nb@x.example,12/25/2026\nc@x.example,2026-12-25\n")

    assert roster.rejected["line"].tolist() == [2, 3]


def test_dates_of_one_column_say_nothing_about_another(read):
    roster = read("login,start_date,end_date\na@x.example,25/12/2026,03/04/2027\n")

    assert [error.field for error in roster.errors] == ["end_date"]


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
