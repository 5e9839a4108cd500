"""clients.xlsx: the portal's list of clients, and the app users it is compared with."""

from collections.abc import Iterator
from datetime import date

from generator.names import ordinary
from generator.people import GB, UNLIMITED, Account, Case, Cell, Row, shuffled

HEADER = (
    "Client No", "Contact", "Company", "Position", "Language", "Time zone", "Phone", "Address", "Storage quota",
    "Client since", "Seats", "Margin", "Action",
)  # fmt: skip
HIDDEN = "Margin"

UNCHANGED = range(400, 495)
UPDATED = range(495, 505)
CREATED = range(505, 517)
DEACTIVATED = range(517, 520)
DELETED = range(520, 522)
ALREADY_INACTIVE = range(522, 524)
ALREADY_GONE = 524
NOT_NAMED = range(525, 531)
WITHOUT_EXTERNAL_ID = range(531, 535)
OTHER_APP = range(535, 539)

COMPANIES = (
    "Fjord & Sønner AS", "Kontor Blau GmbH", "L'Atelier Témoin", "Sample & Sons Ltd", "Ejemplo Hermanos S.L.",
    "見本商事株式会社", "Пример и партнёры", "O'Sullivan Specimen plc", "Modello S.p.A.", "Örnek A.Ş.",
)  # fmt: skip
POSITIONS = ("Buyer", "Controller", "Owner", "Architecte", "Geschäftsführerin", "Legal Counsel", "")

CHANGES: tuple[Row, ...] = (
    {"Contact": "Méabh Tierney-Lind"},
    {"Language": "nl"},
    {"Position": "Partner"},
    {"Phone": "+39 06 555 0777"},
    {"Phone": "(clear)"},
    {"Address": "Avenida do Modelo 18, São Paulo"},
    {"Time zone": "Pacific/Auckland"},
    {"Storage quota": "unlimited"},
    {"Storage quota": 20 * GB},
    {"Position": "=SUM(Partners)", "Address": "-"},
)


def external_id(position: int) -> str:
    """The value the portal keeps in `external_app_user_id`."""
    return f"client-{client_no(position)}"


def client_no(position: int) -> str:
    """A six-digit client number with leading zeros, unique for every position below 3,989."""
    return f"{(position * 211 + 123) % 3989:06}"


def account_of(position: int) -> Account:
    """A client's app user; only attributes that Box lets an app user have are set."""
    name = ordinary(position)
    culture = name.culture
    return Account(
        name=COMPANIES[position // 23 % 10] if position % 23 == 6 else name.full,
        external_app_user_id=external_id(position),
        kind="app",
        language=culture.language,
        timezone=culture.timezone,
        job_title=POSITIONS[position % len(POSITIONS)],
        phone=f"{culture.phone}{100 + position % 900}",
        address=culture.office,
        space_amount=(5 * GB, 5 * GB, 10 * GB, UNLIMITED)[position % 4],
        owns_content=position % 3 != 0,
    )


def row_of(account: Account, position: int) -> Row:
    """The sheet's row that asks for nothing but what the app user already is."""
    return {
        "Client No": client_no(position),
        "Contact": account.name,
        "Company": COMPANIES[position % len(COMPANIES)],
        "Position": account.job_title,
        "Language": account.language,
        "Time zone": account.timezone,
        "Phone": "" if position % 8 == 1 else account.phone,
        "Address": account.address,
        "Storage quota": _quota(account.space_amount, position),
        "Client since": date(2012 + position % 13, 1 + position % 12, 1 + position * 11 % 28),
        "Seats": 1 + position * 7 % 40,
        "Margin": position * 13 % 40 / 100,
        "Action": "upsert" if position % 3 else "",
    }


def _quota(space_amount: int, position: int) -> Cell:
    if position % 5 == 2:
        return ""
    return "unlimited" if space_amount == UNLIMITED else space_amount


def cases() -> list[Case]:
    """Everybody the portal job may meet, in the order in which Box lists them."""
    groups = (_named(), _leavers(), _foreign())
    return shuffled((case for group in groups for case in group), "portal")


def _pair(position: int) -> tuple[Account, Row]:
    account = account_of(position)
    return account, row_of(account, position)


def _named() -> Iterator[Case]:
    for position in UNCHANGED:
        yield Case("unchanged", *_pair(position))
    for position, cells in zip(UPDATED, CHANGES, strict=True):
        account, row = _pair(position)
        yield Case("update", account, row | cells)
    for position in CREATED:
        yield Case("create", row=_pair(position)[1])


def _leavers() -> Iterator[Case]:
    for position in DEACTIVATED:
        account, row = _pair(position)
        yield Case("deactivate", account, row | {"Action": "deactivate"})
    for position in DELETED:
        account, row = _pair(position)
        yield Case("delete", account.but(owns_content=False), row | {"Action": "delete"})
    for position in ALREADY_INACTIVE:
        account, row = _pair(position)
        yield Case("unchanged", account.but(status="inactive"), row | {"Action": "deactivate"})
    yield Case("unchanged", row=_pair(ALREADY_GONE)[1] | {"Action": "delete"})


def _foreign() -> Iterator[Case]:
    """App users the sheet does not name; those of another app cannot even be seen."""
    for position in NOT_NAMED:
        account = account_of(position)
        yield Case("unowned", account.but(status="inactive") if position % 3 == 0 else account)
    for position in WITHOUT_EXTERNAL_ID:
        yield Case("unowned", account_of(position).but(external_app_user_id=""))
    for position in OTHER_APP:
        yield Case(
            None, account_of(position).but(external_app_user_id=f"crm-{position}", created_by_other_app=True)
        )
