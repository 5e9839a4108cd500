"""The twelve starters again, as other programs would have exported them."""

from collections.abc import Callable

from generator.employees import employee_id
from generator.joiners import new_people, start_date
from generator.names import Name
from generator.people import Account, Row
from generator.writers import columnar, delimited, opendocument

Layout = Callable[[Name, Account, int], Row]


def files() -> dict[str, bytes]:
    """File name below formats/ → content."""
    return {
        "workday_utf16_tab.txt": delimited(*_table(_workday), "\t", "utf-16-le", bom=True),
        "okta_windows1252_semicolon.csv": delimited(*_table(_okta), ";", "cp1252"),
        "entra_utf8_tab.tsv": delimited(*_table(_entra), "\t"),
        "google_utf8_comma.csv": delimited(*_table(_google)),
        "box_console_utf8_bom.csv": delimited(*_table(_console), bom=True),
        "bamboohr.ods": opendocument("Employees", *_table(_bamboohr)),
        "warehouse.parquet": columnar(*_table(_warehouse)),
    }


def _table(layout: Layout) -> tuple[list[str], list[Row]]:
    rows = [layout(*person) for person in new_people()]
    return list(rows[0]), rows


def _department(account: Account) -> str:
    return dict(account.tracking_codes)["department"]


def _workday(name: Name, account: Account, position: int) -> Row:
    return {
        "Employee ID": employee_id(position),
        "Legal First Name": name.first,
        "Legal Last Name": name.last,
        "Email - Work": account.login,
        "Business Title": account.job_title,
        "Phone - Work": account.phone,
        "Hire Date": start_date(position),
        "Termination Date": "",
        "Supervisory Organization": _department(account),
    }


def _okta(name: Name, account: Account, position: int) -> Row:
    return {
        "login": account.login,
        "firstName": name.first,
        "lastName": name.last,
        "email": account.login,
        "title": account.job_title,
        "displayName": name.full,
        "primaryPhone": account.phone,
        "postalAddress": account.address,
        "preferredLanguage": account.language,
        "timezone": account.timezone,
        "employeeNumber": employee_id(position),
        "department": _department(account),
    }


def _entra(name: Name, account: Account, position: int) -> Row:
    return {
        "userPrincipalName": account.login,
        "displayName": name.full,
        "surname": name.last,
        "mail": account.login,
        "givenName": name.first,
        "userType": "Member",
        "jobTitle": account.job_title,
        "department": _department(account),
        "accountEnabled": "True",
        "telephoneNumber": account.phone,
        "employeeId": employee_id(position),
    }


def _google(name: Name, account: Account, position: int) -> Row:
    return {
        "First Name [Required]": name.first,
        "Last Name [Required]": name.last,
        "Email Address [Required]": account.login,
        "Password [Required]": "****",
        "Org Unit Path [Required]": f"/{_department(account)}",
        "Work Phone": account.phone,
        "Work Address": account.address,
        "Employee ID": employee_id(position),
        "Employee Title": account.job_title,
        "Department": _department(account),
    }


def _console(name: Name, account: Account, position: int) -> Row:
    return {
        "Name": name.full,
        "Email": account.login,
        "Groups": "",
        "Storage": "unlimited" if position % 2 else "",
    }


def _bamboohr(name: Name, account: Account, position: int) -> Row:
    return {
        "Employee #": employee_id(position),
        "First Name": name.first,
        "Last Name": name.last,
        "Work Email": account.login,
        "Job Title": account.job_title,
        "Department": _department(account),
        "Work Phone": account.phone,
        "Hire Date": start_date(position),
    }


def _warehouse(name: Name, account: Account, position: int) -> Row:
    return {
        "external_id": employee_id(position),
        "login": account.login,
        "name": name.full,
        "job_title": account.job_title,
        "language": account.language,
        "timezone": account.timezone,
        "space_amount": account.space_amount,
        "start_date": start_date(position),
    }
