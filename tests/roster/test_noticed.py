"""What is read otherwise than it is written, and told: words for nothing, characters nobody sees, texts for a spreadsheet."""

from __future__ import annotations

import pytest

HEAD = "external_id,login,name,phone,end_date,address\n"


def said(roster):
    return [(each.code, each.column, each.row, each.sentence) for each in roster.findings]


@pytest.mark.parametrize(
    "word", ["NULL", "null", "(null)", "\\N", "#N/A", "n/a", "None", "NIL", "#NV", "#N/D", "#N/B"]
)
def test_a_word_for_nothing_is_an_empty_cell_in_all_but_names_and_keys(read, word):
    roster = read(f"{HEAD}1,a@x.example,Ada,+49,,\n{word[1:]}2,b@x.example,Null,{word},{word},{word}\n")

    assert roster.frame[["name", "phone", "end_date", "address"]].loc[1].tolist() == ["Null", "", "", ""]
    assert roster.errors == ()
    assert said(roster)[0] == (
        "word_for_nothing", "phone", 3,
        f"{word} in 1 cell of phone counts as an empty cell, which leaves Box as it is",
    )  # fmt: skip


@pytest.mark.parametrize(
    "word",
    [
        "-",
        "--",
        "–",
        "n.a.",
        "N. A.",
        "k.A.",
        "<null>",
        "(none)",
        ".",
        "NaN",
        "[NULL]",
        "(пусто)",
        "brak",
        "なし",
    ],
)
def test_what_may_stand_for_nothing_is_taken_as_it_stands_and_told_unless_the_job_says_what_it_means(
    read, word
):
    text = f"{HEAD}1,a@x.example,{word},+49,,N.N. - x\n2,b@x.example,Bo,{word},,-1\n"
    roster = read(text)
    taught = read(text, values={"phone": {word: ""}})

    assert [each.frame["phone"].tolist() for each in (roster, taught)] == [["+49", word], ["+49", ""]]
    assert said(roster) == [("like_nothing", "phone", 3, f"1 cell of phone taken as written: {word}")]
    assert roster.findings[0].do.endswith(f'roster.values: {{phone: {{"{word}": ""}}}}')
    assert taught.findings == ()


def test_names_and_keys_may_be_words_for_nothing(read):
    roster = read("external_id,name,kind\nNone,Null,app\nNIL,N/A,app\n", kind="column")

    assert roster.frame[["external_id", "name"]].to_numpy().tolist() == [["None", "Null"], ["NIL", "N/A"]]
    assert roster.findings == ()


INVISIBLE = {
    "marks of direction around a login": (
        "login",
        "\u202ab@x.example\u202c",
        "b@x.example",
        "U+202A, U+202C",
    ),
    "isolates around a name": ("name", "\u2068Bo\u2069", "Bo", "U+2068, U+2069"),
    "a zero width space within a login": ("login", "b\u200b@x.example", "b@x.example", "U+200B"),
    "a joiner within an id": ("external_id", "0\u200d7", "07", "U+200D"),
    "a tag within a name": ("name", "Bo\U000e0041ris", "Boris", "U+E0041"),
    "a soft hyphen within a name": ("name", "Bo\u00adris", "Boris", "U+00AD"),
}


@pytest.mark.parametrize("case", INVISIBLE)
def test_what_nobody_can_see_is_taken_out_and_named(read, case):
    field, cell, seen, names = INVISIBLE[case]
    row = {"external_id": "8", "login": "b@x.example", "name": "Bo"} | {field: cell}
    roster = read(f"external_id,login,name\n7,a@x.example,Ada\n{','.join(row.values())}\n")

    assert roster.frame[field].tolist()[1] == seen
    assert said(roster) == [
        ("invisible_removed", field, 3,
         f"invisible characters ({names}) were taken out of 1 cell of {field}"),
    ]  # fmt: skip


def test_joiners_stay_between_the_letters_of_a_name(read):
    assert read("login,name\na@x.example,می\u200cخواهم\n").frame["name"].tolist() == ["می\u200cخواهم"]


def test_keys_that_differ_only_in_what_nobody_sees_are_one_and_so_errors(read):
    roster = read("external_id,login,name\n7,a@x.example,Ada\n8,a\u200b@x.example,Bo\n")

    assert roster.rejected["line"].tolist() == [2, 3]


@pytest.mark.parametrize("cell", ['"=""0012"""', '="0012"', '"= ""0012"""'])
def test_a_text_written_for_a_spreadsheet_is_read_as_it_is_meant(read, cell):
    roster = read(f"external_id,login,name\n{cell},a@x.example,Ada\n0013,b@x.example,=1+1\n")

    assert roster.frame["external_id"].tolist() == ["0012", "0013"]
    assert [(each.code, each.column, each.row) for each in roster.findings] == [
        ("text_formula", "external_id", 2)
    ]


def test_a_template_is_filled_with_what_is_meant(read):
    columns = {"{Region}-{No}": "external_id", "{Street} {Town}": "address"}
    text = 'Region,No,login,Street,Town\nEU,"=""007""",a@x.example,1 Road,NULL\n'
    roster = read(text, columns=columns)

    assert roster.frame[["external_id", "address"]].to_numpy().tolist() == [["EU-007", "1 Road"]]


def test_an_apostrophe_before_the_number_of_a_person_is_the_spreadsheets(read):
    roster = read("external_id,login,name\n'0012,'a@x.example,'t Hooft\n")

    assert roster.frame[["external_id", "login", "name"]].to_numpy().tolist() == [
        ["0012", "'a@x.example", "'t Hooft"]
    ]
    assert [(each.code, each.column) for each in roster.findings] == [("text_formula", "external_id")]


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("'Ann Lee'", "Ann Lee"),
        ("'Ann O'Hara'", "Ann O'Hara"),
        ('"""Ann Lee"""', "Ann Lee"),
        ("„Ann Lee“", "Ann Lee"),
        ("«Ann Lee» ", "Ann Lee"),
        ("'Ann' Lee", "'Ann' Lee"),
        ("'Ann' 'Lee'", "'Ann' 'Lee'"),
        ("Ann 'Annie' Lee", "Ann 'Annie' Lee"),
        ("'t Hooft", "'t Hooft"),
        ("''", "''"),
    ],
)
def test_a_name_within_quotation_marks_is_read_without_them(read, cell, name):
    roster = read(f"login,name,phone\na@x.example,{cell},'1'\n")

    assert roster.frame[["name", "phone"]].loc[0].tolist() == [name, "'1'"]
    assert [each.code for each in roster.findings] == (
        ["quoted_names"] if name == "Ann Lee" or "O'H" in name else []
    )


def test_the_parts_of_a_name_are_read_without_their_quotation_marks(read):
    roster = read("login,First Name,Last Name\na@x.example,'Ann','Lee'\nb@x.example,'Bo',Lie\n")

    assert roster.frame["name"].tolist() == ["Ann Lee", "Bo Lie"]
    assert {each[0] for each in said(roster)} == {"quoted_names"}


def test_an_apostrophe_before_a_telephone_number_is_taken_off(read):
    roster = read("login,phone\na@x.example,'+49 30 1234\nb@x.example,'030 1234\n")

    assert roster.frame["phone"].tolist() == ["+49 30 1234", "030 1234"]
    assert [(each.code, each.column) for each in roster.findings] == [("text_formula", "phone")]


@pytest.mark.parametrize(
    ("ids", "is_told"),
    [("1006.0 1007.0", True), ('"1,006" "1,007"', True), ("1006 1007.0", False), ("1.2 1.3", False)],
)
def test_ids_that_are_written_like_the_numbers_of_a_spreadsheet_are_told(read, ids, is_told):
    rows = "".join(f"{each},p{at}@x.example\n" for at, each in enumerate(ids.split()))

    assert ("as a spreadsheet shows numbers" in " ".join(read("external_id,login\n" + rows).notes)) is is_told
