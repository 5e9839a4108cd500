"""employees.csv: the HR export of the nightly job, and the managed users it is compared with."""

import unicodedata
from collections.abc import Iterator
from datetime import date

from generator.names import CULTURES, Name, ordinary, spelled
from generator.people import GB, UNLIMITED, Account, Case, Row, managed, shuffled

HEADER = (
    "Employee ID", "First Name", "Last Name", "Work Email", "Job Title", "Department", "Cost Center", "Employment Type",
    "Work Phone", "Office Address", "Preferred Language", "Time Zone", "Status", "Hire Date", "Termination Date",
    "Storage Quota",
)  # fmt: skip

# Positions in the endless round of names. No position is used twice, so no two people share a name by accident.
UNCHANGED = (*range(180), *range(380, 395))
UPDATED = range(180, 202)
DEACTIVATED = range(210, 215)
ACTIVATED = range(220, 223)
DELETED = range(230, 232)
CREATED = range(240, 251)
UNOWNED = range(260, 264)
ON_LEAVE = range(265, 268)
RESTRICTED = range(268, 270)
UPCOMING, LONG_GONE = 270, 271
CONTRACTORS_IN_ROSTER = range(280, 282)
CONTRACTORS = range(282, 284)
PARTNERS = range(290, 295)
COADMINS = range(310, 313)
SPECIAL = 320
PHONELESS = (17, 43)  # jobs/onboarding.yaml gives these two a phone number

# What HR changed since Box was last brought up to date; one entry a person.
CHANGES: tuple[Row, ...] = (
    {"Department": "Treasury"},
    {"Last Name": "Bláfeld-Holm"},
    {"Job Title": "Senior Analyst"},
    {"Job Title": "=Interim= Head of Sampling"},
    {"Work Phone": "+49 30 555 0999"},
    {"Job Title": "Directrice de l’échantillonnage"},
    {"Work Phone": "(clear)"},
    {"Work Phone": "+34 91 555 0018 ext. 4"},
    {"Office Address": "Avenida do Modelo 18\n7º andar\nSão Paulo"},
    {"Office Address": 'Gebouw "Noord", Voorbeeldgracht 90, 1017 Amsterdam'},
    {"Preferred Language": "gb"},
    {"Preferred Language": "sv", "Department": "Sampling"},
    {"Preferred Language": "de"},
    {"Time Zone": "Asia/Singapore"},
    {"Time Zone": "America/New_York"},
    {"Storage Quota": "100 GB"},
    {"Storage Quota": "unlimited"},
    {"Storage Quota": "2147483648"},
    {"Department": "Research & Development"},
    {"Last Name": "Ψαρράς-Δήμου"},
    {"Job Title": "Plant Lead", "Time Zone": "Asia/Taipei", "Preferred Language": "zt", "Office Address": "台北市範本路5號"},
    {"Storage Quota": "75 GB", "Department": "Plant 7"},
)  # fmt: skip


def employee_id(position: int) -> str:
    """A six-digit number with leading zeros, unique for every position below 9,973."""
    return f"{(position * 389 + 417) % 9973:06}"


def row_of(name: Name, account: Account, position: int) -> Row:
    """The HR row that asks for nothing but what the account already is; some cells are left empty."""
    return {
        "Employee ID": employee_id(position),
        "First Name": name.first,
        "Last Name": name.last,
        "Work Email": account.login,
        "Job Title": account.job_title,
        "Department": dict(account.tracking_codes).get("department", ""),
        "Cost Center": f"{410 + position % 9 * 10:05}",
        "Employment Type": "Fixed term" if position % 13 == 5 else "Regular",
        "Work Phone": "" if position % 9 == 3 else account.phone,
        "Office Address": "" if position % 17 == 9 else account.address,
        "Preferred Language": account.language,
        "Time Zone": account.timezone,
        "Status": "" if position % 4 == 1 else account.status.title(),
        "Hire Date": date(2009 + position * 7 % 16, 1 + position % 12, 1 + position * 5 % 28),
        "Termination Date": "",
        "Storage Quota": quota_text(account.space_amount, position),
    }


def quota_text(space_amount: int, position: int) -> str:
    """A quota in one of the ways people write it; every sixth cell is empty, which means leave it as it is."""
    if position % 6 == 2:
        return ""
    if space_amount == UNLIMITED:
        return "unlimited"
    return str(space_amount) if position % 6 == 4 else f"{space_amount // GB} GB"


def cases() -> list[Case]:
    """Everybody the nightly job may meet, in the order in which Box lists them."""
    groups = (_in_step(), _special(), _changed(), _leavers(), _joiners(), _protected(), _foreign())
    return shuffled((case for group in groups for case in group), "nightly")


def _pair(position: int, domain: str = "acme.example") -> tuple[Account, Row]:
    name = ordinary(position)
    account = managed(name, position, domain)
    if position in PHONELESS:
        account = account.but(phone="")
    return account, row_of(name, account, position)


def _in_step() -> Iterator[Case]:
    for position in UNCHANGED:
        yield Case("unchanged", *_pair(position))
    for position in ON_LEAVE:
        account, row = _pair(position)
        yield Case("unchanged", account.but(status="inactive"), row | {"Status": "Inactive"})
    for position in RESTRICTED:
        account, row = _pair(position)
        yield Case("unchanged", account.but(status="cannot_delete_edit"), row | {"Status": ""})


def _special() -> Iterator[Case]:
    """People whose names and cells trip up programs; none of them asks for a change."""
    named = (
        ("Ji-woo", "NA"),
        ("Jennifer", "Null"),
        ("Nan", "None"),
        ("Sukarno", ""),
        ("", "Prabowo"),
        ("True", "North"),
    )
    for position, (first, last) in enumerate(named, SPECIAL):
        name = spelled(first, last)
        account = managed(name, position)
        yield Case("unchanged", account, row_of(name, account, position))
    yield from _namesakes(SPECIAL + 10)
    yield _oddly_written(
        SPECIAL + 20, {"Work Email": "Wiebke.SCHOEN@Acme.Example"}, ("Wiebke", "Schön=Schoen")
    )
    yield _oddly_written(
        SPECIAL + 21, {"First Name": unicodedata.normalize("NFD", "Zoë")}, ("Zoë", "Ångström")
    )
    yield _oddly_written(SPECIAL + 22, {"Job Title": " Buyer\u00a0"}, ("Ida", "Blank"), job_title="Buyer")
    floors = "Große Straße 12\nGebäude B, 3. Stock\n20095 Hamburg"
    yield _oddly_written(SPECIAL + 23, {"Office Address": floors}, ("Uwe", "Zeile"), address=floors)


def _namesakes(start: int) -> Iterator[Case]:
    name = spelled("María", "García", CULTURES[5])
    for position, login in enumerate(("maria.garcia@acme.example", "maria.garcia2@acme.example"), start):
        account = managed(name, position).but(login=login)
        yield Case("unchanged", account, row_of(name, account, position))


def _oddly_written(position: int, cells: Row, parts: tuple[str, str], **attributes: object) -> Case:
    name = spelled(*parts)
    account = managed(name, position).but(**attributes)
    return Case("unchanged", account, row_of(name, account, position) | cells)


def _changed() -> Iterator[Case]:
    for position, cells in zip(UPDATED, CHANGES, strict=True):
        account, row = _pair(position)
        yield Case("update", account, row | cells)
    name = spelled("Céline", "Étienne-Dubois", CULTURES[3])
    account = managed(name, SPECIAL + 30).but(name="Celine Etienne-Dubois")
    yield Case("update", account, row_of(name, account, SPECIAL + 30))
    for position in ACTIVATED:
        account, row = _pair(position)
        yield Case("activate", account.but(status="inactive"), row | {"Status": "Active"})


def _leavers() -> Iterator[Case]:
    """Nobody here is both active and past an end date.

    Such a person would be deactivated by the first run and, the days having passed long ago, deleted by the second.
    """
    for position in DEACTIVATED:
        account, row = _pair(position)
        yield Case("deactivate", account, row | {"Status": "Inactive"})
    for position, ended in zip(DELETED, (date(2024, 3, 31), date(2025, 1, 31)), strict=True):
        account, row = _pair(position)
        gone = account.but(status="inactive", owns_content=False)
        yield Case("delete", gone, row | {"Status": "Inactive", "Termination Date": ended})
    ended_row: Row = {"Status": "Inactive", "Termination Date": date(2024, 8, 31)}
    yield Case("unchanged", row=_pair(LONG_GONE)[1] | ended_row)
    yield Case("starts_later", row=_pair(UPCOMING)[1] | {"Hire Date": date(2099, 1, 1)})


def _joiners() -> Iterator[Case]:
    for position in CREATED:
        row = _pair(position)[1]
        yield Case("create", row=row | {"Hire Date": date(2025, 1 + position % 12, 3)})
    longest = spelled("María del Carmen", "Fernández de Córdoba y Villanueva", CULTURES[5])
    named = (longest, spelled("Nadia", "NA"), spelled("Teuku", ""), spelled("明=Ming", "Null"))
    for position, name in enumerate(named, SPECIAL + 40):
        row = row_of(name, managed(name, position), position)
        # Hired with nothing but a name and an address: every other attribute is Box's own default.
        bare = HEADER[4:13] if name.first == "Teuku" else ()
        yield Case("create", row={**row, **dict.fromkeys(bare, ""), "Hire Date": date(2025, 9, 1)})


def admin() -> Account:
    """The primary admin of the seed enterprise."""
    name = spelled("Morgan", "Adair")
    return managed(name, SPECIAL + 50).but(role="admin", job_title="Head of IT")


def _protected() -> Iterator[Case]:
    row = row_of(spelled("Morgan", "Adair"), admin(), SPECIAL + 50)
    yield Case("protected", admin(), row | {"Job Title": "Director of IT"})
    for position in COADMINS:
        account, row = _pair(position)
        yield Case("protected", account.but(role="coadmin"), row | {"Time Zone": "Europe/Zurich"})
    chief = spelled("Imani", "Oyelaran-Voss")
    account = managed(chief, SPECIAL + 51).but(login="ceo@acme.example", job_title="CEO")
    yield Case("protected", account, row_of(chief, account, SPECIAL + 51) | {"Job Title": "Chief Executive"})
    for service in ("backup", "scanner"):
        account = Account(f"Service: {service}", login=f"svc-{service}@acme.example", space_amount=UNLIMITED)
        yield Case("protected", account)


def _foreign() -> Iterator[Case]:
    """Accounts the roster does not name, and accounts outside the job's scope."""
    for position in UNOWNED:
        account = _pair(position)[0]
        yield Case("unowned", account.but(status="inactive") if position == UNOWNED[-1] else account)
    yield Case("unowned", Account("Reception desk", login="reception@acme.example"))
    for position in CONTRACTORS_IN_ROSTER:
        account, row = _pair(position, "contractors.example")
        yield Case("out_of_scope", account, row | {"Job Title": "Contractor"})
    for position in CONTRACTORS:
        yield Case(None, _pair(position, "contractors.example")[0])
    for position in PARTNERS:
        yield Case(None, _pair(position, "partners.acme.example")[0])
