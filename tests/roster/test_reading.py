"""How a roster was understood, for people: the table, each column and why, what is left out, some people."""

from __future__ import annotations

from provision.report.first_day.understood import understood


def test_everything_that_was_understood_of_a_text_is_told(read):
    header = "Employee ID;login;First Name;Last Name;User Name;Desk;Team;Aliases;Salary"
    rows = "".join(f"{n};p{n}@x.example;P;{n};p{n};A;Sales;g{n}@x.example;1\n" for n in range(5))
    columns = {"Team": "tracking_codes.Team", "Salary": "ignore"}
    reading = read(f"Staff\n\n{header}\n{rows}".encode("utf-16"), columns=columns).reading

    assert list(understood(reading)) == [
        "employees.csv, header in row 3, encoding utf-16, cells separated by semicolons",
        "mapped by the job: Team → tracking_codes.Team",
        "named as the field: login → login, Aliases → aliases",
        "by the usual headers: Employee ID → external_id, {First Name} {Last Name} → name",
        "not read, the job says ignore: Salary",
        "not read, no field is known under this header: Desk",
        "not read, another column is read for its field: User Name",
        "for example external_id: 0, login: p0@x.example, name: P 0, aliases: g0@x.example, tracking_codes.Team: Sales",
        "for example external_id: 2, login: p2@x.example, name: P 2, aliases: g2@x.example, tracking_codes.Team: Sales",
        "for example external_id: 4, login: p4@x.example, name: P 4, aliases: g4@x.example, tracking_codes.Team: Sales",
    ]


def test_a_sheet_and_a_guess_are_told(read, workbook):
    book = read(workbook(Staff=[["login", "name"], ["a@x.example", "Ada"]]), "staff.xlsx").reading
    text = read("login,name\na@x.example,Zoë\n".encode("cp1252")).reading

    assert next(understood(book)) == 'staff.xlsx, sheet "Staff", header in row 1'
    assert next(understood(text)).endswith("encoding windows-1252 (a guess), cells separated by commas")


def test_a_roster_without_a_good_row_has_no_people_to_show(read):
    assert read("login\nnobody\n").reading.people == ()
