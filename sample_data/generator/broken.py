"""One small file for each mistake in a roster that the program promises to explain."""

from dataclasses import dataclass

from generator.broken_books import corrupt, number_as_id, password_protected, valid, wrong_sheet


@dataclass(frozen=True, slots=True)
class Broken:
    """A file with one mistake. kind is what the job has to say of it, row the spreadsheet's row ("" the whole file)."""

    name: str
    kind: str
    row: str
    mistake: str
    content: bytes


_PEOPLE = ("000101,ada.sample@acme.example,Ada Sample", "000102,bo.muster@acme.example,Bo Muster",
           "000103,cy.exemple@acme.example,Cy Exemple", "000104,dora.modelo@acme.example,Dora Modelo")  # fmt: skip
_CLIENTS = ("client-900101,Ada Sample", "client-900102,Bo Muster", "client-900103,Cy Exemple")


def _text(*lines: str) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def _managed(third: str, header: str = "external_id,login,name") -> bytes:
    """A managed roster whose row 4 (the header is row 1) is the given line."""
    return _text(header, *_PEOPLE[:2], third, _PEOPLE[3])


def _with(field: str, wrong: str, right: str) -> bytes:
    """A managed roster with one more column, wrong in row 4 and right elsewhere."""
    header, cells = f"external_id,login,name,{field}", (right, right, wrong, right)
    return _text(header, *(f"{person},{cell}" for person, cell in zip(_PEOPLE, cells, strict=True)))


def _app(field: str, cell: str) -> bytes:
    """An app users' roster with one more column, filled in row 3 only."""
    return _text(
        f"external_id,name,{field}", *(f"{who},{cell if who == _CLIENTS[1] else ''}" for who in _CLIENTS)
    )


def files() -> tuple[Broken, ...]:
    """Every broken roster, in the order of the README."""
    return (*_unreadable(), *_misshapen(), *_headers(), *_keys(), *_values(), *_app_users(), *_workbooks())


def _unreadable() -> tuple[Broken, ...]:
    junk = bytes((i * 167 + i * i * 13 + 129) % 256 for i in range(2048))
    page = "<!DOCTYPE html>\n<html><head><title>Sign in</title></head>\n<body><form>Your session has expired.</form></body></html>\n"
    return (
        Broken("not_utf8_binary_junk.csv", "managed", "", "random bytes under the name of a CSV", junk),
        Broken(
            "zero_bytes.csv",
            "managed",
            "",
            "an empty file: the export was interrupted or the disk was full",
            b"",
        ),
        Broken(
            "html_instead_of_csv.csv",
            "managed",
            "",
            "a sign-in page saved instead of the export",
            page.encode(),
        ),
        Broken("xlsx_renamed_csv.csv", "managed", "", "an Excel workbook renamed to .csv", valid()),
        Broken(
            "nul_byte.csv",
            "managed",
            "4",
            "a NUL byte within a name",
            _managed(_PEOPLE[2].replace(" ", " \0")),
        ),
    )


def _misshapen() -> tuple[Broken, ...]:
    mixed = _text(
        "external_id,login,name", _PEOPLE[0], *(who.replace(",", ";") for who in _PEOPLE[1:3]), _PEOPLE[3]
    )
    cut = _text("external_id,login,name", *_PEOPLE[:3]) + b"000104,dora.mod"
    quote = _PEOPLE[2].replace("Cy Exemple", '"Cy Exemple')
    return (
        Broken("unclosed_quote.csv", "managed", "4", "a quotation mark that is never closed", _managed(quote)),
        Broken("row_too_long.csv", "managed", "4", "a comma within an unquoted cell: one cell more than the header",
               _with("address", "Musterweg 3, 10115 Berlin", "Musterweg 1")),
        Broken("row_too_short.csv", "managed", "4", "a row with fewer cells than the header",
               _managed("000103,cy.exemple@acme.example")),
        Broken("line_of_totals.csv", "managed", "4", "a line in the middle that sums up and is no person", _managed("Total,,")),
        Broken("truncated_last_line.csv", "managed", "5", "the file ends in the middle of a row: the transfer broke off", cut),
        Broken("semicolons_and_commas_mixed.csv", "managed", "3", "two exports with different separators pasted together", mixed),
    )  # fmt: skip


def _headers() -> tuple[Broken, ...]:
    foreign = _text("Spalte1,Spalte2,Spalte3", *_PEOPLE)
    twice = _text("external_id,login,name,name", *(f"{who},{who.split(',')[2]}" for who in _PEOPLE))
    no_login = _text("external_id,name", *(who.split(",")[0] + "," + who.split(",")[2] for who in _PEOPLE))
    return (
        Broken("header_only.csv", "managed", "", "a header and not one row", _text("external_id,login,name")),
        Broken("no_header_known.csv", "managed", "1", "no column that the program knows", foreign),
        Broken("missing_login_column.csv", "managed", "1", "managed users without a login column", no_login),
        Broken("duplicate_header.csv", "managed", "1", "two columns of the same name", twice),
    )  # fmt: skip


def _keys() -> tuple[Broken, ...]:
    return (
        Broken("duplicate_login.csv", "managed", "3 and 4", "one login in two rows",
               _managed("000103,bo.muster@acme.example,Cy Exemple")),
        Broken("duplicate_external_id.csv", "managed", "3 and 4", "one employee number in two rows",
               _managed("000102,cy.exemple@acme.example,Cy Exemple")),
        Broken("two_rows_one_account.csv", "managed", "3 and 4", "two logins that differ only by case: one account",
               _managed("000103,Bo.MUSTER@Acme.example,Bo Muster")),
        Broken("login_no_email.csv", "managed", "4", "a login that is no e-mail address",
               _managed("000103,cy.exemple(at)acme.example,Cy Exemple")),
        Broken("name_missing.csv", "managed", "4", "a new person without a name",
               _managed("000103,cy.exemple@acme.example,")),
        Broken("name_too_long.csv", "managed", "4", "a name of 51 characters; Box takes 50",
               _managed("000103,cy.exemple@acme.example,Cy " + "Exemple-" * 5 + "Specimen")),
        Broken("mojibake.csv", "managed", "4", "UTF-8 read as Windows-1252 and saved again",
               _managed("000103,jose.exemple@acme.example,JosÃ© GarcÃ­a MuÃ±oz")),
    )  # fmt: skip


def _values() -> tuple[Broken, ...]:
    return (
        Broken("unknown_language.csv", "managed", "4", "a language Box does not offer", _with("language", "vi", "en")),
        Broken("wrong_column.csv", "managed", "4", "a phone number in the column of languages",
               _with("language", "+49 30 5550103", "en")),
        Broken("unknown_timezone.csv", "managed", "4", "a time zone that does not exist",
               _with("timezone", "Europe/Munich", "Europe/Berlin")),
        Broken("unknown_status.csv", "managed", "4", "a status that is none", _with("status", "sabbatical", "active")),
        Broken("bad_space_amount.csv", "managed", "4", "a quota in words", _with("space_amount", "ten gigabytes", "10 GB")),
        Broken("bad_date.csv", "managed", "4", "a day that does not exist", _with("end_date", "2025-02-30", "")),
        Broken("no_date.csv", "managed", "4", "what another system writes for \"no date\"", _with("end_date", "1900-01-01", "")),
        Broken("ambiguous_date.csv", "managed", "4", "3 April or 4 March?", _with("end_date", "03/04/2025", "")),
        Broken("bad_boolean.csv", "managed", "4", "neither yes nor no", _with("is_sync_enabled", "perhaps", "true")),
        Broken("bad_action.csv", "managed", "4", "an action that does not exist (a partial roster)",
               _with("action", "obliterate", "upsert")),
    )  # fmt: skip


def _app_users() -> tuple[Broken, ...]:
    keyless = _text("external_id,name", _CLIENTS[0], ",Bo Muster", _CLIENTS[2])
    return (
        Broken("app_user_without_external_id.csv", "app", "3", "an app user without the key that finds them again", keyless),
        Broken("app_user_with_role.csv", "app", "3", "a role, which app users cannot have", _app("role", "coadmin")),
        Broken("tracking_code_on_app_user.csv", "app", "3", "a tracking code, which app users cannot have",
               _app("tracking_codes.department", "Sales")),
    )  # fmt: skip


def _workbooks() -> tuple[Broken, ...]:
    return (
        Broken("number_as_id.xlsx", "managed", "2–4", "employee numbers stored as numbers: 1.2E+10, zeros lost", number_as_id()),
        Broken("wrong_sheet.xlsx", "managed", "", "no sheet Employees: only Notes and Pivot", wrong_sheet()),
        Broken("corrupt.xlsx", "managed", "", "a workbook that ends in the middle", corrupt()),
        Broken("password_protected.xlsx", "managed", "", "a workbook that asks for a password", password_protected()),
    )  # fmt: skip
