"""Small files that take very much: each is told, and what reads it dies alone."""

from __future__ import annotations

import io
import os
import resource
import subprocess
import sys
import zipfile
from contextlib import suppress
from itertools import count
from time import thread_time

import pyarrow as pa
import pyarrow.parquet
import pytest

from provision.errors import RosterError
from provision.job.limits import FileLimits
from provision.sheets.child import memory_for
from tests.examples import either

from . import bombs

HEAD = '<row r="1"><c r="A1" t="inlineStr"><is><t>login</t></is></c><c r="B1" t="inlineStr"><is><t>name</t></is></c></row>'
ADA = '<row r="2"><c r="A2" t="inlineStr"><is><t>a@x.example</t></is></c><c r="B2" t="inlineStr"><is><t>Ada</t></is></c></row>'
FAR = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'


def sheet_of(workbook, rows, *, said="", after=""):
    """A workbook of one sheet whose XML is given; ``said`` is how far it claims to go."""
    stream = io.BytesIO()
    xml = (
        '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        f"{said}<sheetData>{rows}</sheetData>{after}</worksheet>"
    )
    with zipfile.ZipFile(io.BytesIO(workbook(S=[["login"]]))) as old, zipfile.ZipFile(stream, "w", 8) as new:
        for name in old.namelist():
            new.writestr(name, xml if "sheet1" in name else old.read(name))
    return stream.getvalue()


LIAR = {"said": '<dimension ref="A1:B2"/>'}
TOO_FAR = "row 1,048,576 and column 16,384, which is 17,179,869,184 cells; the job takes 50,000,000"
BOMBS = {
    "a far cell in a sheet that says to end soon": (FAR, LIAR, TOO_FAR),
    "a far cell whose place is written in another way": (FAR.replace('r="XFD', "r = 'xfd").replace('576">', "576'>", 1), {}, TOO_FAR),
    "a row without end": ('<row r="9"><c r="A9999999999"><v>1</v></c></row>', LIAR, "row 9,999,999,999"),
}  # fmt: skip


@pytest.mark.parametrize("case", BOMBS)
def test_a_workbook_that_would_end_its_reader_is_told_with_its_place(read, workbook, case):
    rows, more, said = BOMBS[case]
    with pytest.raises(RosterError) as refused:
        read(sheet_of(workbook, HEAD + ADA + rows, **more), "staff.xlsx")

    assert said in refused.value.what


def test_very_many_merged_ranges_and_blank_rows_hold_nobody(read, workbook):
    merged = '<mergeCell ref="A3:XFD1048576"/>' * 20_000
    rows = HEAD + ADA + '<row r="60000"><c r="A60000"><v>1</v></c></row>'
    roster = read(sheet_of(workbook, rows, after=f"<mergeCells>{merged}</mergeCells>"), "staff.xlsx")

    assert roster.valid == 1


@pytest.mark.parametrize(
    "filling", ["</f>" + " " * 1_000_000, "<c " * 400_000, "</f></c>" * 150_000, "<a>" * 300_000]
)
def test_no_pattern_goes_over_the_same_bytes_twice(read, workbook, filling):
    """What reads workbooks has 20 seconds of computing; this takes half of one."""
    try:
        said = str(read(sheet_of(workbook, HEAD + ADA + filling), "staff.xlsx").valid)
    except RosterError as refused:
        said = refused.what

    assert "longer" not in said


#: letters for digits
DIGITS = str.maketrans("0123456789", "abcdefghij")
#: cells over which a pattern that is not careful goes once for each of their characters
LONG_CELLS = {
    "letters beside a word with an accent": "Müller " + "a" * 60_000,
    "letters before a word with an accent": "a" * 60_000 + " é",
    "what an address is made of": "ü " + "a." * 30_000,
    "blanks": "a" + " " * 60_000 + "b",
    "brackets": "a" + " (" * 30_000 + "b",
    "different words with accents beside a long address": (
        " ".join("é" + str(number).translate(DIGITS) for number in range(6_000)) + " " + "a" * 60_000 + "@"
    ),
}


@pytest.mark.parametrize("column", ["name", "manager"])
@pytest.mark.parametrize("case", LONG_CELLS)
def test_no_cell_of_a_text_is_gone_over_again_and_again(read, case, column):
    """Who goes over a cell of 60,000 characters for each of them takes half a minute and more; this takes a part of a second."""
    content = f'login,name,manager\na@x.example,Ada,\nb@x.example,Bo,\nc@x.example,"{LONG_CELLS[case]}","{LONG_CELLS[case]}"\n'
    before = thread_time()
    with suppress(RosterError):
        read(content if column == "manager" else content.encode("cp1252"))

    assert thread_time() - before < 8


def test_a_text_that_is_packed_a_thousandfold_is_told_with_its_cell_before_it_is_read(read, workbook):
    cell = f'<row r="2"><c r="A2" t="inlineStr"><is><t>{"a" * 9_000_000}</t></is></c></row>'
    with pytest.raises(
        RosterError, match=r'sheet "S": cell A2 has 9,000,0\d\d characters; the job takes 131,072'
    ):
        read(sheet_of(workbook, HEAD + cell), "staff.xlsx")


def test_a_small_workbook_takes_no_memory_that_a_large_one_may_need(tmp_path):
    """A few hundred KB could take all the memory of a large machine: a text that is stored once stands in each of its cells."""
    small, limits = tmp_path / "small.xlsx", FileLimits()
    bombs.BOMBS["one text in every cell"].make(small, 400_000)
    told = limits.model_dump() | {"unpacked": limits.unpacked_gb * (1 << 30)}
    for_small = memory_for(small.read_bytes(), told)

    assert 2 << 30 < for_small < 5 << 30  # what it may show, and no more
    assert memory_for(bytes(200 << 20), told) > for_small + (2 << 30)


def test_what_a_workbook_hands_out_is_no_more_than_it_may_unpack_to(read, workbook):
    """A text that is stored once may stand in every cell."""
    with pytest.raises(RosterError, match="unpacks to"):
        read(
            workbook(S=[["login", "name"], *[["a@x.example", "A" * 2_000]] * 400]),
            "staff.xlsx",
            limits={"unpacked_gb": 0.0005},
        )


def parquet(**columns):
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns), stream, compression="zstd")
    return stream.getvalue()


PARQUETS = {
    "cell": ({"name": ["Ada", "x" * 600_000]}, {}, 'row 2, column "name" has 600,000 bytes'),
    "columns": ({"name": ["Ada", "Bo"]}, {"columns": 1}, "has 2 columns; the job takes 1"),
    "a text that stands in every row": ({"name": ["x" * 100_000] * 2_000}, {"unpacked_gb": 0.1}, "unpacks to 0.2 GB"),
}  # fmt: skip


@pytest.mark.parametrize("case", PARQUETS)
def test_a_parquet_file_beyond_a_limit_is_refused_before_it_is_unpacked(read, case):
    columns, limits, said = PARQUETS[case]
    logins = [f"p{row}@x.example" for row in range(len(columns["name"]))]
    with pytest.raises(RosterError) as refused:
        read(parquet(login=logins, **columns), "staff.parquet", limits=limits)

    assert said in refused.value.what


def written(columns, **how):
    stream = io.BytesIO()
    pyarrow.parquet.write_table(pa.table(columns), stream, store_schema=False, **how)
    return stream.getvalue()


def test_texts_that_a_parquet_file_keeps_in_part_are_measured_before_room_is_made_for_them(read):
    """Those that stand often in a large file, and those of which only the ends are kept; what reads them dies alone."""
    many = 100_000
    texts = pa.DictionaryArray.from_arrays(
        pa.array([row % 500 for row in range(many)], pa.int32()),
        pa.array([f"{at:>1000}" for at in range(500)]),
    )
    often = written({"login": [f"p{row}@x.example" for row in range(many)], "name": texts})
    chained = {"use_dictionary": False, "column_encoding": {"login": "PLAIN", "name": "DELTA_BYTE_ARRAY"}}
    long = written({"login": ["a@x.example"] * 2, "name": ["Ada", "x" * 600_000]}, **chained)

    with pytest.raises(RosterError, match=r"unpacks to 0\.1 GB"):
        read(often, "staff.parquet", limits={"unpacked_gb": 0.05})
    with pytest.raises(RosterError, match='row 2, column "name" has 600,000 bytes'):
        read(long, "staff.parquet")
    assert read(written({"login": ["a@x.example"], "name": ["Ada"]}, **chained), "staff.parquet").valid == 1


def test_a_parquet_file_whose_measuring_takes_all_memory_or_does_not_end_is_told(read, monkeypatch):
    chained = {"use_dictionary": False, "column_encoding": {"login": "PLAIN", "name": "DELTA_BYTE_ARRAY"}}
    content = written({"login": ["a@x.example"], "name": ["Ada"]}, **chained)
    for end, said in {9: "needs more memory", 24: "takes longer"}.items():
        monkeypatch.setattr(
            "provision.roster.files.measured._BEGIN", f"import os; os.kill(os.getpid(), {end})"
        )
        with pytest.raises(RosterError, match=said):
            read(content, "staff.parquet")


#: bytes that Arrow maps at once and does not use, and those of the issue
_MAPPED, _MEMORY = 1 << 30, 1536 << 20
_READ = (
    "import gc, sys; from provision.errors import RosterError; from provision.job.settings import RosterSettings; from provision.roster import read_roster\n"
    "try: print(read_roster(RosterSettings(path=sys.argv[1])).valid)\nexcept RosterError as error: print(error.what)\n"
    "gc.freeze()"  # as the program ends
)


def within_bounds(path):
    """What reading a file comes to, in 1.5 GB of memory and 30 seconds of computing."""

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (_MAPPED + _MEMORY,) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (30, 30))

    done = subprocess.run(
        [sys.executable, "-c", _READ, str(path)], capture_output=True, check=True, preexec_fn=bounded
    )
    return done.stdout.decode()


def test_a_bomb_is_told_within_bounds_of_memory_and_time(write, workbook):
    path = write(sheet_of(workbook, HEAD + ADA + FAR, **LIAR), "staff.xlsx")

    assert "reaches as far as row 1,048,576 and column 16,384" in within_bounds(path)


def test_a_workbook_whose_reading_does_not_end_is_told(read, workbook, monkeypatch):
    """The process has its own clock, which counts computing and not waiting."""
    monkeypatch.setattr(
        "provision.roster.workbook.process._BEGIN",
        "import os, sys; sys.stdin.read(1); os.kill(os.getpid(), 24)",
    )
    with pytest.raises(RosterError, match="takes longer to be read"):
        read(workbook(S=[["login"]]), "staff.xlsx")


def test_a_text_with_columns_without_end_is_refused_before_room_is_made_for_them(read, monkeypatch):
    monkeypatch.setattr("pyarrow.csv.read_csv", None)
    with pytest.raises(RosterError, match=r"\(header in line 1\) has 2,000 columns; the job takes 1,000"):
        read(",".join(f"c{place}" for place in range(2_000)) + "\n" + "," * 1_999 + "\n")


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_no_file_is_read_for_longer_than_one_of_its_size_takes(read, monkeypatch, form):
    """Each look at the clock finds that ten seconds have passed; a job that means such a file gives it more."""
    content = {
        "csv": 'login,name\n"a@x.example","Ada"\n' * 2,
        "parquet": parquet(login=["a@x.example"], name=["Ada"]),
    }[form]
    monkeypatch.setattr("provision.roster.files.time_limit.thread_time", count(0, 10).__next__)
    with pytest.raises(RosterError, match=rf"staff\.{form} takes longer to be read") as refused:
        read(content, f"staff.{form}", limits={"seconds": 1})

    assert "raise roster.limits.seconds" in refused.value.remedy
    assert read(content, f"staff.{form}", limits={"seconds": 10_000}).rows > 0


def test_more_rows_than_anybody_corrects_are_told_as_one(read):
    """Each of them would take a hundred times its bytes."""
    with pytest.raises(
        RosterError,
        match=r"the row has 1 of 2 cells.*; more than 100,000 rows of the file do not fit its header",
    ):
        read("login,name\na@x.example,Ada\n" + "a\n" * 100_001)


def test_a_line_without_end_is_told_before_it_is_taken_whole(read):
    with pytest.raises(RosterError, match="line 3 is longer than 1,600 bytes"):
        read("login,name\na@x.example,Ada\n" + "," * 2_000, limits={"cell": 100})


def test_a_file_that_is_larger_than_any_roster_is_told_before_it_is_copied(write, read):
    """It has no room on the disk that it says it has."""
    for name, said in {"staff.csv": "more than 16 GB", "staff.xlsx": "more than 2 GB"}.items():
        path = write(b"login,name\n", name)
        os.truncate(path, 1 << 36)
        with pytest.raises(RosterError, match=said):
            read(path)


def test_a_pipe_without_end_is_told(tmp_path, read):
    pipe = tmp_path / "staff.csv"
    os.mkfifo(pipe)
    writer = subprocess.Popen(
        [sys.executable, "-c", f"open({str(pipe)!r}, 'wb').write(b'login,name' * 10_000_000)"],
        stderr=subprocess.DEVNULL,
    )
    with pytest.raises(RosterError, match=r"staff\.csv has more than 0\.001 GB"):
        read(pipe, limits={"file_gb": 0.001})
    writer.kill()
    writer.wait()


def test_blank_lines_without_end_take_no_memory_for_each(read, monkeypatch):
    for name, lines in {"_LINES": 50, "_CROWDED": 100, "_TOO_MANY": 300}.items():
        monkeypatch.setattr(f"provision.roster.text.pieces.{name}", lines)
    roster = read(
        "login,name\na@x.example,Ada\nb@x.example,Bo\n" + "\n" * 1_000 + "c@x.example,Cy\nd@x.example,Di\n"
    )
    assert (roster.valid, roster.people.whole()["line"].tolist()) == (4, [2, 3, 1004, 1005])
    with pytest.raises(RosterError, match="too large to be read as a whole, and cannot be read in parts"):
        read("login,name\na@x.example,Ada\n" + "\n" * 1_000)


def test_cells_without_anything_in_a_parquet_file_are_read_some_at_a_time(read, monkeypatch):
    monkeypatch.setattr("provision.roster.files.parquet._MANY_CELLS", 1_000)
    monkeypatch.setattr("provision.roster.files.parquet._CELLS", 100)
    logins = [None] * 5_000 + ["a@x.example", "b@x.example"]
    assert read(parquet(login=logins, name=logins), "staff.parquet").valid == 2


#: what each kind comes to when it is as small as may be; a soak has the large ones
@pytest.mark.soak
@pytest.mark.timeout(either(120, 0))
@pytest.mark.parametrize(
    "kind",
    either(("columns", "sheets without end", "a Parquet file that lies about itself"), tuple(bombs.BOMBS)),
)
def test_each_kind_of_bomb_is_answered_within_bounds_of_memory_and_time(tmp_path, kind):
    bomb = bombs.BOMBS[kind]
    path = tmp_path / f"staff{bomb.ending}"
    bomb.make(path, either(bomb.small, bomb.large))

    assert within_bounds(path) != ""


def test_a_roster_for_which_there_is_no_memory_is_told(read, monkeypatch):
    def too_much(*_):
        raise MemoryError

    monkeypatch.setattr("provision.roster.read_file.assemble", too_much)
    with pytest.raises(RosterError, match=r"employees\.csv needs more memory to be read than there is"):
        read("login,name\na@x.example,Ada\n")


def test_an_ods_that_repeats_a_row_without_end_is_told(read):
    names = "urn:oasis:names:tc:opendocument:xmlns:"
    cell = '<table:table-cell office:value-type="string"><text:p>login</text:p></table:table-cell>'
    xml = (
        f'<office:document-content xmlns:office="{names}office:1.0" xmlns:table="{names}table:1.0" xmlns:text="{names}text:1.0">'
        f'<office:body><office:spreadsheet><table:table table:name="S"><table:table-row>{cell}</table:table-row>'
        f'<table:table-row table:number-rows-repeated="4000000000">{cell}</table:table-row>'
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as new:
        new.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        new.writestr("content.xml", xml)
    with pytest.raises(
        RosterError,
        match='sheet "S" reaches as far as row 4,000,000,001 and column 1; the job takes 1,048,576 rows',
    ):
        read(stream.getvalue(), "staff.ods")
