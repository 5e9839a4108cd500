"""What the seed enterprise knows of a person, and the three-way cases every sample is made of."""

import dataclasses
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from generator.names import Name

GB = 1024**3
UNLIMITED = -1

Cell = str | int | float | date
Row = dict[str, Cell]

TEAMS = ("Finance", "Engineering", "Sales", "People", "Legal", "Operations", "Support", "Research")
TITLES = (
    "Analyst", "Accountant", "Software Engineer", "Account Executive", "People Partner", "Counsel", "Plant Planner",
    "Support Specialist", "Research Scientist", "Team Lead", "Übersetzer/in", "Chargée d’études",
    "@Scale Platform Engineer", "Buyer, Nordics & Baltics",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """One user of the seed enterprise, field by field as `provision sandbox --seed` reads it.

    A managed user has a login, an app user none (Box makes one up) and usually an external_app_user_id.
    space_amount is in bytes, -1 for unlimited; "" is an attribute that is not set.
    """

    name: str
    login: str = ""
    external_app_user_id: str = ""
    kind: str = "managed"
    role: str = "user"
    status: str = "active"
    language: str = "en"
    timezone: str = "America/Los_Angeles"
    job_title: str = ""
    phone: str = ""
    address: str = ""
    space_amount: int = 10 * GB
    tracking_codes: tuple[tuple[str, str], ...] = ()
    owns_content: bool = True
    notification_email: str = ""
    created_by_other_app: bool = False

    def but(self, **attributes: object) -> "Account":
        """The same account with some attributes changed."""
        return dataclasses.replace(self, **attributes)  # type: ignore[arg-type]  # the names are those of the fields

    def as_json(self) -> dict[str, object]:
        """The account as enterprise.json holds it; identifiers that do not apply are left out."""
        shown = dataclasses.asdict(self)
        shown["tracking_codes"] = [{"name": name, "value": value} for name, value in self.tracking_codes]
        absent = {key for key in ("login", "external_app_user_id") if not shown[key]}
        return {key: value for key, value in shown.items() if key not in absent}


@dataclass(frozen=True, slots=True)
class Case:
    """One person in the roster (row), in Box (account) or in both, and the verdict a job owes them.

    verdict is one of the words of the reconciliation; None where the job gives this account no line at all.
    """

    verdict: str | None
    account: Account | None = None
    row: Row | None = None


def managed(name: Name, position: int, domain: str = "acme.example") -> Account:
    """An ordinary employee's account; the attributes vary with the position."""
    culture = name.culture
    return Account(
        name=name.full,
        login=f"{name.handle}@{domain}",
        language=culture.language,
        timezone=culture.timezone,
        job_title=TITLES[position * 5 % len(TITLES)],
        phone=f"{culture.phone}{100 + position % 900}",
        address=culture.office,
        space_amount=(10 * GB, 10 * GB, 50 * GB, UNLIMITED, 25 * GB)[position % 5],
        tracking_codes=_codes(position),
        owns_content=position % 3 != 0,
        notification_email=f"{name.handle}@private.example" if position % 40 == 7 else "",
    )


def _codes(position: int) -> tuple[tuple[str, str], ...]:
    team = ("department", TEAMS[position * 3 % len(TEAMS)])
    # A code that no roster names: it has to survive an update of the other one.
    return (team, ("site_badge", f"B-{position:04}")) if position % 11 == 4 else (team,)


def shuffled(cases: Iterable[Case], salt: str) -> list[Case]:
    """The cases in an order that looks like chance and never changes."""
    return sorted(cases, key=lambda case: hashlib.sha256(f"{salt} {case}".encode()).digest())


def verdicts(cases: Iterable[Case]) -> dict[str, int]:
    """How many reconciliation lines carry each verdict, alphabetically."""
    return dict(sorted(Counter(case.verdict for case in cases if case.verdict).items()))
