"""onboarding.xlsx: a list of new starters, some of whom are there already; the same people in other programs' formats."""

from collections.abc import Iterator
from datetime import date

from generator import employees
from generator.names import CULTURES, Name, ordinary, spelled
from generator.people import Account, Case, Row, managed

HEADER = (
    "Employee ID", "Given Name", "Family Name", "E-mail", "Position", "Team", "Start Date", "Telephone", "Language",
    "Time Zone", "Quota",
)  # fmt: skip

NEW = range(26 * 24, 26 * 24 + 12)  # one full turn through the cultures that Windows-1252 can write
ALREADY_THERE = (5, 30, 77, 120)
TAKEN_LOGIN = "amina.wolff@acme.example"


def cases() -> list[Case]:
    """The sheet's people in its order. One of the creates will be refused by Box: see TAKEN_LOGIN."""
    return sorted((*_new(), *_there()), key=lambda case: str(case.row and case.row["Employee ID"]))


def new_people() -> list[tuple[Name, Account, int]]:
    """The twelve starters of the formats folder: name, the account they are to get, position."""
    return [(ordinary(position), managed(ordinary(position), position), position) for position in NEW]


def start_date(position: int) -> date:
    """The first working day; all of them have passed."""
    return date(2025, 10, 1 + position % 24)


def _row(name: Name, account: Account, position: int) -> Row:
    return {
        "Employee ID": employees.employee_id(position),
        "Given Name": name.first,
        "Family Name": name.last,
        "E-mail": account.login,
        "Position": account.job_title,
        "Team": dict(account.tracking_codes)["department"],
        "Start Date": start_date(position),
        "Telephone": account.phone,
        "Language": account.language,
        "Time Zone": account.timezone,
        "Quota": employees.quota_text(account.space_amount, position),
    }


def _new() -> Iterator[Case]:
    for name, account, position in new_people():
        yield Case("create", row=_row(name, account, position))
    others = (
        (spelled("彩香=Ayaka", "藤原=Fujiwara", CULTURES[19]), 660),
        (spelled("Amina", "Wolff", CULTURES[2]), 661),
    )
    for name, position in others:
        yield Case("create", row=_row(name, managed(name, position), position))


def _there() -> Iterator[Case]:
    for position in ALREADY_THERE:
        account = managed(ordinary(position), position)
        yield Case("unchanged", account, _row(ordinary(position), account, position))
    for position in employees.PHONELESS:
        account = managed(ordinary(position), position)
        yield Case("update", account.but(phone=""), _row(ordinary(position), account, position))
