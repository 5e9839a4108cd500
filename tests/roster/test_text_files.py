"""Text files: every encoding, delimiter and line end people's programs write, and every way such a file is damaged."""

from __future__ import annotations

import re
import unicodedata

import pytest

from provision.errors import RosterError

ROWS = [
    ["external_id", "login", "name", "address"],
    ["007", "zoe@acme.example", "Zoë Núñez", "Straße 1, Köln"],
    ["008", "na@acme.example", "null", "NA"],
]


def text(rows, delimiter=",", end="\n"):
    quoted = [[f'"{cell}"' if delimiter in cell else cell for cell in row] for row in rows]
    return "".join(delimiter.join(row) + end for row in quoted)


ENCODINGS = {
    "utf-8": lambda content: content.encode("utf-8"),
    "utf-8 with mark": lambda content: content.encode("utf-8-sig"),
    "utf-16-le with mark": lambda content: b"\xff\xfe" + content.encode("utf-16-le"),
    "utf-16-be with mark": lambda content: b"\xfe\xff" + content.encode("utf-16-be"),
    "utf-16-le": lambda content: content.encode("utf-16-le"),
    "utf-16-be": lambda content: content.encode("utf-16-be"),
    "utf-32 with mark": lambda content: content.encode("utf-32"),
    "windows-1252": lambda content: content.encode("cp1252"),
}


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_cells_are_the_same_in_every_encoding_and_with_every_delimiter(read, encoding, delimiter):
    roster = read(ENCODINGS[encoding](text(ROWS, delimiter)))

    assert roster.frame[ROWS[0]].to_numpy().tolist() == ROWS[1:]
    assert roster.errors == ()


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_every_line_end_is_understood_also_a_missing_last_one(read, end, last):
    content = text(ROWS, ",", end)
    roster = read(content if last else content.removesuffix(end))

    assert roster.frame["login"].tolist() == ["zoe@acme.example", "na@acme.example"]
    assert roster.frame["line"].tolist() == [2, 3]


def test_nothing_is_parsed_on_the_way_in(read):
    cells = ["007", "00123", "1e5", "NA", "null", "None", "n/a", "TRUE", "1.0", "-", "3/4"]
    rows = "".join(f"{cell},p{number}@acme.example,{cell}\n" for number, cell in enumerate(cells))
    roster = read("external_id,login,name\n" + rows)

    assert roster.frame["external_id"].tolist() == cells
    assert roster.frame["name"].tolist() == cells


def test_windows_1252_is_said_in_the_notes_with_a_line_to_look_at(read):
    roster = read(text(ROWS).encode("cp1252"))

    assert roster.notes == (
        "employees.csv is not UTF-8 and was read as Windows-1252; if line 2 looks wrong, set roster.encoding",
    )


@pytest.mark.parametrize(
    "name",
    [
        "Zoë O’Hara",
        "Smith–Jones",
        "Çelik Œuvre Ž.",
        "Åsa Öberg",
        "“Bo” Müßig",
        "Smith–Öberg",
        "Peña (né Ibáñez)",
    ],
)
def test_names_of_western_europe_are_read_in_windows_1252(read, name):
    roster = read(f"login,name\na@x.example,{name}\n".encode("cp1252"))

    assert roster.frame["name"].tolist() == [name]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("José Groß", "mac_roman"),
        # one name alone: a mark would stand where only a letter can
        ("Ömer", "mac_roman"),
        ("Çelik", "mac_roman"),
        ("Zoë Brontë", "mac_roman"),
        ("Lærke", "cp850"),
        ("Jürgen Groß", "cp850"),
        # read as Windows-1252 or -1250, marks would stand in the place of letters
        ("José Muñoz, Íñigo Peña, Begoña Ibáñez", "mac_roman"),
        ("Åsa Öberg, Göran Sjöström, Märta Hägg", "cp850"),
        ("René, André, Aimé", "cp437"),
        ("Γιώργος", "cp1253"),
        ("Иван Петров", "koi8_r"),
        ("山田太郎", "shift_jis"),
    ],
)
def test_other_regional_encodings_are_not_taken_for_windows_1252(read, name, encoding):
    with pytest.raises(
        RosterError, match="line 2: neither UTF-8 nor UTF-16, and not for certain Windows-1252"
    ):
        read(f'login,name\na@x.example,"{name}"\n'.encode(encoding))


REGIONAL = {
    "windows-1250": ["Jiří Dvořák", "László Erdős", "Łukasz Wąs"],
    "iso8859-2": ["Tomáš Růžička", "Győző Szűcs", "Paweł Świątek"],
    "windows-1254": ["Şahin Yılmaz", "Ayşe Doğan"],
    "iso8859-9": ["İnan Kılıç", "Tuğba Güneş"],
    "windows-1257": ["Kęstutis Žukauskas", "Jānis Bērziņš"],
    "iso8859-13": ["Rūta Čepaitė", "Līga Kļaviņa"],
    "iso8859-15": ["Žaneta Šultsová", "Sylvie Cœur"],
    "windows-1252": ["Søren Kjær", "João Guimarães", "Hélène Loïc", "Guðrún Jónsdóttir"],
}


@pytest.mark.parametrize("encoding", REGIONAL)
def test_the_encoding_of_a_region_is_told_by_names_and_the_addresses_beside_them(read, encoding):
    names = REGIONAL[encoding]
    plain = [unicodedata.normalize("NFKD", name.translate(PLAIN)) for name in names]
    logins = [re.sub(r"[^a-z.]", "", name.lower().replace(" ", ".")) for name in plain]
    rows = "".join(f"{login}@x.example,{name}\n" for login, name in zip(logins, names, strict=True))
    roster = read(("login,name\n" + rows).encode(encoding))

    assert roster.frame["name"].tolist() == names
    assert "is not UTF-8 and was read as" in roster.notes[0]


#: letters that are not one of ASCII and an accent
PLAIN = str.maketrans({"ł": "l", "ı": "i", "ø": "o", "æ": "ae", "œ": "oe", "ð": "d"})


@pytest.mark.parametrize("name", ["Erdős", "Novotný Hakan"])
def test_a_name_that_reads_well_in_two_encodings_is_asked_for(read, name):
    with pytest.raises(RosterError) as refused:
        read(f"login,name\nu1@x.example,Ada\nu2@x.example,{name}\n".encode("cp1250"))

    assert refused.value.what.startswith(
        "employees.csv, line 3: not UTF-8, and a name reads well in windows-125"
    )
    assert "roster: encoding: windows-125" in refused.value.remedy


@pytest.mark.parametrize(
    ("name", "encoding", "taken_for"),
    [
        ("Höfer", "mac_roman", "windows-1252"),
        ("José", "mac_roman", "windows-1257"),
        ("Paweł", "cp852", "windows-1252"),
        ("Fernández", "cp850", "windows-1252"),
    ],
)
def test_a_name_whose_address_speaks_for_the_encoding_of_an_old_machine_is_asked_for(
    read, name, encoding, taken_for
):
    login = unicodedata.normalize("NFKD", name.translate(PLAIN)).encode("ascii", "ignore").decode()
    known = encoding.replace("_", "-")

    with pytest.raises(RosterError) as refused:
        read(f"login,name\n{login}@x.example,{name}\n".encode(encoding))

    assert f"a name reads well in {known} and in {taken_for}" in refused.value.what
    assert f"roster: encoding: {known}" in refused.value.remedy


@pytest.mark.parametrize(
    ("name", "read_as", "also"),
    [("Göran", "Gšran", "mac-roman"), ("Núria", "Nœria", "mac-roman")],
)
def test_one_name_that_reads_as_well_in_the_encoding_of_an_old_machine_is_told(read, name, read_as, also):
    """Nothing decides, and nobody would see it otherwise; Windows is far likelier."""
    roster = read(f"login,name\nu1@x.example,{name}\n".encode("mac_roman"))

    assert roster.frame["name"].tolist() == [read_as]
    assert f"(or {also}" in roster.notes[0]
    assert "in which it reads like names too" in roster.notes[0]


@pytest.mark.parametrize(("name", "encoding"), [("Íñigo", "cp850"), ("Žďár", "mac_latin2")])
def test_a_name_of_an_old_machine_whose_bytes_are_utf_8_by_chance_is_asked_for(read, name, encoding):
    with pytest.raises(
        RosterError, match="line 3: UTF-8 by its bytes, but a word has letters of two"
    ) as refused:
        read(f"login,name\nu1@x.example,Ada\nu2@x.example,{name}\n".encode(encoding))

    assert f"roster: encoding: {encoding.replace('_', '-')}, or utf-8 if it is right" in refused.value.remedy


@pytest.mark.parametrize(
    "name", ["José", "Zoe\u0308", "Kaʻiulani", "Иван", "Αννα Marsh", "Mª", "IT担当", "Аnna", "יִגו"]
)
def test_names_that_are_utf_8_are_not_taken_for_it_by_chance(read, name):
    roster = read(f"login,name\nu1@x.example,Ada\nu2@x.example,{name}\n".encode())

    assert roster.frame["name"].tolist()[1] == unicodedata.normalize("NFC", name)


def test_names_of_mac_roman_do_not_read_like_those_of_windows(read):
    names = ["Jürgen Müller", "Käthe Schäfer", "Björn Groß"]
    logins = ["jurgen.muller", "kathe.schafer", "bjorn.gross"]
    rows = "".join(f"{login}@x.example,{name}\n" for login, name in zip(logins, names, strict=True))

    with pytest.raises(RosterError, match="not for certain Windows-1252") as refused:
        read(("login,name\n" + rows).encode("mac_roman"))

    assert "roster: encoding: mac-roman" in refused.value.remedy


@pytest.mark.parametrize(
    ("names", "encoding", "proposed"),
    [
        ("Иван Петров,Ольга Сидорова,Юрий Жуков", "koi8_r", "koi8-u"),
        ("Иван Петров,Ольга Сидорова,Юрий Жуков", "cp1251", "windows-1251"),
        ("Γιώργος Παπαδόπουλος,Ελένη Νικολάου", "iso8859_7", "windows-1253"),
        ("山田太郎,佐藤花子,髙橋一郎", "cp932", "cp932"),
        ("王小明,李娜,张伟", "gb18030", "gb18030"),
        ("김민수,이영희,박지훈", "euc_kr", "cp949"),
        ("محمد علي,فاطمة حسن,يوسف إبراهيم", "cp1256", "windows-1256"),
    ],
)
def test_an_encoding_in_which_the_words_read_like_names_is_proposed_and_never_taken(
    read, names, encoding, proposed
):
    rows = "".join(f"u{at}@x.example,{name}\n" for at, name in enumerate(names.split(",")))
    content = ("login,name\n" + rows).encode(encoding)

    with pytest.raises(RosterError, match="not for certain Windows-1252") as refused:
        read(content)

    assert f"roster: encoding: {proposed}" in refused.value.remedy
    assert read(content, encoding=proposed).frame["name"].tolist() == names.split(",")


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_mark_is_known_also_where_hardly_a_letter_is_latin(read, encoding):
    rows = "".join(f"{at}\tu{at}@x.example\t山田太郎{'営業本部担当課長補佐' * 9}\n" for at in range(4))
    roster = read(("社員番号\tメールアドレス\t役職\n" + rows).encode(encoding), "staff.tsv")

    assert (roster.valid, roster.notes) == (
        4,
        ("no column gives the name, so nobody new can be created from this roster",),
    )


def test_japanese_text_of_mails_and_of_windows_is_read_once_the_job_says_what_it_is(read):
    mail = "login,name\na@x.example,山田太郎\n".encode("iso2022_jp")

    with pytest.raises(RosterError, match="line 2: the letters are written in ISO-2022-JP") as refused:
        read(mail)

    assert "encoding: iso2022_jp" in refused.value.remedy
    assert read(mail, encoding="iso2022_jp").frame["name"].tolist() == ["山田太郎"]
    # 髙 is none of Shift_JIS proper, and Windows writes it under that name
    windows = "login,name\na@x.example,髙橋\n".encode("cp932")
    assert read(windows, encoding="shift_jis").frame["name"].tolist() == ["髙橋"]


def test_lines_count_line_ends_within_quoted_cells(read):
    roster = read(
        'login,address\na@x.example,"1 Street\n\nTown"\n\nb@x.example,"2\r\nStreet"\nc@x.example,3\n'
    )

    assert roster.frame["line"].tolist() == [2, 6, 8]
    assert roster.frame["address"].tolist() == ["1 Street\n\nTown", "2\nStreet", "3"]


def test_a_line_end_in_the_very_last_cell_is_read(read):
    roster = read('login,address\na@x.example,1\nb@x.example,"2\nTown"\n')

    assert roster.frame["address"].tolist() == ["1", "2\nTown"]


def test_commas_within_a_semicolon_file_are_text(read):
    roster = read('login;name;address\na@x.example;"Doe; Jane";1 Street, Town, State\n')

    assert roster.frame.loc[0, ["name", "address"]].tolist() == ["Doe; Jane", "1 Street, Town, State"]


def test_the_known_header_decides_the_delimiter_not_the_commonest_sign(read):
    roster = read("login|name\na@x.example|Doe, J., Dr., M. A.\nb@x.example|Roe, R., Dr., M. A.\n")

    assert roster.frame["name"].tolist() == ["Doe, J., Dr., M. A.", "Roe, R., Dr., M. A."]


def test_a_roster_of_one_column_needs_no_delimiter(read):
    assert read("login\na@x.example\nb@x.example\n").frame["login"].tolist() == ["a@x.example", "b@x.example"]


def test_titles_above_the_header_are_skipped(read):
    roster = read('sep=;\n"Employees, all";\n\nlogin;name\na@x.example;Ada\n')

    assert roster.frame[["line", "login", "name"]].to_numpy().tolist() == [[5, "a@x.example", "Ada"]]


def test_blank_rows_do_not_count(read):
    roster = read("login,name\n\n,\na@x.example,Ada\n   \n , \t\n")

    assert (roster.rows, len(roster.frame), len(roster.rejected)) == (1, 1, 0)


def test_the_job_may_say_encoding_delimiter_and_header_row(read):
    content = "Login,is below\nx;login;name\n1;a@x.example;Łukasz\n".encode("cp1250")
    roster = read(content, encoding="windows-1250", delimiter=";", header_row=2)

    assert roster.frame["name"].tolist() == ["Łukasz"]


def test_the_header_may_stand_far_below(read):
    roster = read("Notes\n" * 200 + "login,name\na@x.example,Ada\n", header_row=201)

    assert roster.frame[["line", "login"]].to_numpy().tolist() == [[202, "a@x.example"]]


def test_any_character_may_be_the_jobs_delimiter(read):
    roster = read("login¦name\na@x.example¦Ada, Bo\n", delimiter="¦")

    assert roster.frame["name"].tolist() == ["Ada, Bo"]


def test_a_cell_larger_than_a_block_of_the_fast_reader_is_read(read):
    rows = "".join(f'p{number}@x.example,"{"x" * 100_000}\n"\n' for number in range(200))
    roster = read("login,Notes\n" + rows)

    assert len(roster.frame) == 200


def test_a_quotation_mark_within_a_cell_is_text(read):
    roster = read('login,name\na@x.example,Dwayne "The Rock" J\nb@x.example,"Bo ""B"" Li"\n')

    assert roster.frame["name"].tolist() == ['Dwayne "The Rock" J', 'Bo "B" Li']


def test_control_characters_make_no_binary_file_of_a_text(read):
    roster = read("login,Notes\n" + "".join(f"p{number}@x.example,\x01\x02\n" for number in range(9)))

    assert (roster.valid, roster.errors) == (9, ())


GOOD = "login,name,phone\na@x.example,Ada,1\nb@x.example,Bo,2\n"
DAMAGED = {
    "a quotation mark never closed": (
        GOOD + 'c@x.example,"Cy,3\nd@x.example,Di,4\n',
        "employees.csv, line 4: a quotation mark opens a cell and is not closed where the cell ends.",
    ),
    "a quotation mark closed somewhere below": (
        GOOD + 'c@x.example,"Cy,3\nd@x.example,"Di",4\n',
        "employees.csv, line 4: a quotation mark opens a cell and is not closed where the cell ends.",
    ),
    "a quotation mark opened on the second line of a row": (
        'login,address,name\na@x.example,"1\n2",Ada\nb@x.example,"3\n4","Bo\n',
        "employees.csv, line 5: a quotation mark opens a cell and is not closed where the cell ends.",
    ),
    "a NUL byte": (GOOD + "c@x.example,C\0y,3\n", "employees.csv, line 4: a NUL byte (1 in the file)."),
    "another delimiter further down": (
        GOOD + "c@x.example;Cy;3\n",
        'employees.csv, line 4: cells are separated by ";", in the header by ",".',
    ),
    "a cut last line": (
        GOOD + "c@x.example,Cy",
        "employees.csv, line 4: the file seems cut off; its last line has 2 of 3 cells and no line end.",
    ),
    "a header only": (
        "login,name,phone\n",
        "employees.csv has a header (line 1) and not one row.",
    ),
    "a header and blank rows only": (
        "login,name,phone\n,,\n  ,,\n",
        "employees.csv (header in row 1) has a header and not one row.",
    ),
    "a web page": (
        "<!DOCTYPE html><html>",
        "employees.csv, line 1 begins with <: it is a web page or XML, not CSV.",
    ),
    "JSON": ('{"error": "denied"}', "employees.csv, line 1 begins with a brace: it is JSON, not CSV."),
    "a workbook": (
        b"PK\x03\x04" + b"x" * 99,
        "employees.csv is a zip archive or Excel workbook, not a text file.",
    ),
    "an old workbook": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 99,
        "employees.csv is an old Excel workbook or an encrypted one, not a text file.",
    ),
    "a PDF": (b"%PDF-1.7", "employees.csv is a PDF document, not a text file."),
    "nothing": ("", "employees.csv is empty: zero bytes."),
    "white space": ("\n \n\n", "employees.csv has no header: there is no text."),
    "one line of ten megabytes": ("x," * 5_000_000, "employees.csv, line 1 is longer than 131,072 bytes."),
    "a cell of a megabyte": (
        GOOD + "c@x.example," + "x" * 1_000_000 + ",3\n",
        "employees.csv, line 4: a cell is longer than 131,072 characters.",
    ),
    "binary junk": (
        bytes(range(256)) * 20,
        "employees.csv is not a text file: 520 of its first 5,120 bytes are control characters.",
    ),
    "binary junk without a NUL": (
        bytes(range(1, 256)) * 20,
        "employees.csv is not a text file: 500 of its first 5,100 bytes are control characters.",
    ),
    "one bad byte in UTF-8": (
        (GOOD + "c@x.example,Zoë").encode() + b"\xff,3\nd@x.example,Zo\xc3\xab,4\n",
        "employees.csv, line 4: a byte that UTF-8 text cannot have, in a file that otherwise is UTF-8.",
    ),
    "UTF-8 cut within a character": (
        (GOOD + "c@x.example,Zoë,3\nd@x.example,Zoë").encode()[:-1],
        "employees.csv, line 5: a byte that UTF-8 text cannot have, in a file that otherwise is UTF-8.",
    ),
    "UTF-16 cut within a character": (
        GOOD.encode("utf-16")[:-1],
        "employees.csv, line 3: a byte that utf-16-le text cannot have (byte 103 of 103).",
    ),
    "Cyrillic in a regional encoding": (
        (GOOD + "c@x.example,Мария Иванова,3\nd@x.example,Иван Петров,4\n").encode("cp1251"),
        "employees.csv, line 4: neither UTF-8 nor UTF-16, and not for certain Windows-1252.",
    ),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_a_damaged_file_is_refused_with_the_line(read, case):
    content, message = DAMAGED[case]

    with pytest.raises(RosterError) as refused:
        read(content)

    assert refused.value.what == message
    assert refused.value.remedy


def test_bytes_that_the_jobs_encoding_does_not_have_are_named(read):
    with pytest.raises(RosterError, match="line 3: a byte that ascii text cannot have"):
        read("login,name\na@x.example,Ada\nb@x.example,Zoë\n", encoding="ascii")


def test_a_short_row_keeps_its_keys_so_that_its_person_is_protected(read):
    roster = read("external_id,login,name,phone\n1,a@x.example,Ada,1\n2,b@x.example\n3,c@x.example,Cy,3\n")

    assert roster.frame["line"].tolist() == [2, 4]
    assert roster.rejected[["line", "external_id", "login"]].to_numpy().tolist() == [[3, "2", "b@x.example"]]
    assert roster.errors[0].reason == "the row has 2 of 4 cells; a delimiter or the end of the row is missing"


def test_a_short_row_whose_cells_are_shifted_keeps_no_key(read):
    roster = read("external_id,login,name,phone\n2 b@x.example,Bo,2\n3,c@x.example,Cy,3\n")

    assert roster.rejected[["line", "external_id", "login"]].to_numpy().tolist() == [[2, "", ""]]


def test_a_long_row_keeps_no_key_because_any_cell_may_be_the_split_one(read):
    roster = read("name,login,phone\nDoe, Jane,j@x.example,1\nAda,a@x.example,2\n")

    assert roster.rejected[["line", "login"]].to_numpy().tolist() == [[2, ""]]
    assert (
        roster.errors[0].reason
        == 'the row has 4 cells instead of 3; a cell with "," in it is not in quotation marks'
    )


def test_a_long_row_is_not_reported_for_its_cells_as_well(read):
    roster = read("login,name,language\na@x.example,Doe, Jane,xx\nb@x.example,Bo,en\n")

    assert len(roster.errors) == 1


def test_a_short_row_still_counts_as_the_second_row_of_its_login(read):
    roster = read("login,name,phone\na@x.example,Ada,1\nA@x.example\n")

    assert roster.rejected["line"].tolist() == [2, 3]
    assert len(roster.frame) == 0


@pytest.mark.parametrize("end", ["\x1a", "\r\n\x1a", "\n,\n\x1a\x1a"])
def test_the_mark_that_old_systems_end_a_file_with_does_not_count(read, end):
    roster = read("login,name\na@x.example,Ada\nb@x.example,Bo" + end)

    assert roster.frame["name"].tolist() == ["Ada", "Bo"]
    assert roster.errors == ()


def test_a_file_of_nothing_but_the_mark_is_refused(read):
    with pytest.raises(RosterError):
        read("\x1a")


SPACED = 'external_id, login, name\n7, "a@x.example", "Byron, Ada"\n\n8, b@x.example, "Bo ""B"""'


def test_marks_with_a_blank_before_them_enclose_cells(read):
    roster = read(SPACED)

    assert roster.frame[["line", "login", "name"]].to_numpy().tolist() == [
        [2, "a@x.example", "Byron, Ada"],
        [4, "b@x.example", 'Bo "B"'],
    ]
    assert [each.code for each in roster.findings] == ["spaced_quotes"]


@pytest.mark.parametrize(
    "row",
    ['9,"c@x.example", "Cy"', '9, c@x.example, "Cy" the third'],
    ids=["some marks", "text behind the mark"],
)
def test_marks_of_which_only_some_have_a_blank_before_them_refuse_the_file(read, row):
    with pytest.raises(RosterError) as refused:
        read(f"{SPACED}\n{row}\n")

    assert refused.value.what.startswith("employees.csv, line 2: a blank stands before a quotation mark")


@pytest.mark.parametrize(
    "last", ["", "Total,2\n", "9,c@x.example\n"], ids=["nothing", "totals", "a short row"]
)
def test_a_delimiter_behind_each_row_is_left_out(read, last):
    roster = read(f"external_id,login,name\n7,a@x.example,Ada,,\n8,b@x.example,Bo,,\n{last}")
    assert roster.frame["name"].tolist() == ["Ada", "Bo"]

    roster = read(f"external_id,login,name\n7,a@x.example,Ada,\n8,b@x.example,Bo,\n{last}")

    assert roster.frame["name"].tolist() == ["Ada", "Bo"]
    assert roster.findings[0].code == "trailing_delimiter"


@pytest.mark.parametrize("end", ["\n", ""])
@pytest.mark.parametrize("more", [";", ";;", "; ;"])
def test_a_delimiter_behind_the_header_alone_is_left_out(read, more, end):
    roster = read(f"external_id;login;name{more}\n7;a@x.example;Ada\n\n8;b@x.example;Bo{end}")

    assert (roster.frame["name"].tolist(), roster.errors) == (["Ada", "Bo"], ())
    assert roster.findings[0].code == "trailing_delimiter"


def test_a_column_without_a_header_that_some_row_has_is_not_left_out(read):
    roster = read("external_id;login;name;\n7;a@x.example;Ada\n8;b@x.example;Bo;x\n")

    assert [error.line for error in roster.errors] == [2]


@pytest.mark.parametrize(
    "rows",
    ["7,a@x.example,Ada,Clerk\n8,b@x.example,Bo,\n", "7,a@x.example,Byron, Ada\n", "a@x.example,Byron, Ada,\n"],
    ids=["a column without a header", "a name in two", "a name in two before an empty cell"],
)  # fmt: skip
def test_a_cell_more_in_each_row_that_may_be_something_refuses_the_file(read, rows):
    with pytest.raises(RosterError) as refused:
        read(f"external_id,login,name\n{rows}")

    assert refused.value.what == "employees.csv: each row has 4 cells, and the header has 3."
