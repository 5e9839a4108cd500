"""Invented people: as many as asked for, the same ones for the same seed, of every kind.

Of a hundred, about 25 are app users; of the managed ones, one in sixty is a co-admin and one in twelve
inactive. Nobody is real.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, NamedTuple

from provision.sandbox.clock import stamp

from .accounts import AVATAR, Account, AccountKind

if TYPE_CHECKING:
    from collections.abc import Iterator

_FIRST = (
    "Ada:ada Amara:amara Anaïs:anais Anders:anders Ayşe:ayse Björn:bjorn Carmen:carmen Chidi:chidi Chloé:chloe "
    "Dmitri:dmitri Eilidh:eilidh Emeka:emeka Fatima:fatima Giulia:giulia Hana:hana Hiroshi:hiroshi Ines:ines "
    "Jörg:joerg João:joao Kateřina:katerina Kwame:kwame Laila:laila Linh:linh Łukasz:lukasz Mateus:mateus "
    "Mei:mei Niamh:niamh Noor:noor Olga:olga Øyvind:oyvind Priya:priya Quentin:quentin Rafael:rafael "
    "Saoirse:saoirse Sofía:sofia Søren:soren Tomáš:tomas Uma:uma Valentina:valentina Wei:wei Yusuf:yusuf Zoë:zoe"
)
_LAST = (
    "Abara:abara Ångström:angstrom Băsescu:basescu Bianchi:bianchi Castro:castro Čapek:capek D'Angelo:dangelo "
    "Das:das Eriksen:eriksen Fernández:fernandez García:garcia Grünwald:gruenwald Haddad:haddad Horváth:horvath "
    "Ivanova:ivanova Jansen:jansen Kim:kim Kowalska:kowalska Lindqvist:lindqvist MacLeod:macleod Mbeki:mbeki "
    "Müller:mueller Nakamura:nakamura Nguyễn:nguyen O'Connor:oconnor Okafor:okafor Østby:ostby Patel:patel "
    "Peña:pena Quispe:quispe Rossi:rossi Şahin:sahin Santos:santos Schäfer:schaefer Sørensen:sorensen Tan:tan "
    "Ueda:ueda Van-der-Berg:vanderberg Weiß:weiss Yılmaz:yilmaz Zając:zajac Zhang:zhang"
)
_TITLES = (
    "Account Manager",
    "Analyst",
    "Buyer",
    "Designer",
    "Engineer",
    "Nurse",
    "Planner",
    "Technician",
    "",
)
_ZONES = ("America/Los_Angeles", "America/New_York", "Europe/Berlin", "Europe/London", "Asia/Tokyo")
_LANGUAGES = ("en", "en", "en", "de", "fr", "es", "ja", "pl")


class _Drawn(NamedTuple):
    name: str
    slug: str
    made: str


def _pairs(words: str) -> list[tuple[str, str]]:
    split = (word.partition(":") for word in words.split())
    return [(shown, slug) for shown, _, slug in split]


_FIRSTS, _LASTS = _pairs(_FIRST), _pairs(_LAST)
_DAYS = [stamp(1_420_110_000 + day * 86_400 + day * 37 % 30_000) for day in range(0, 3600, 3)]


def _draw(number: int, dice: random.Random) -> _Drawn:
    first, first_slug = dice.choice(_FIRSTS)
    last, last_slug = dice.choice(_LASTS)
    return _Drawn(f"{first} {last}", f"{first_slug}.{last_slug}.{number}", dice.choice(_DAYS))


def invented(count: int, first_id: int, service_id: str, seed: int) -> Iterator[Account]:
    """So many accounts with ascending ids from `first_id` on, seven apart."""
    dice = random.Random(f"people {seed}")  # noqa: S311  invented people, nothing secret
    for number in range(1, count + 1):
        account_id = str(first_id + 7 * number)
        drawn = _draw(number, dice)
        make = _app_user if number % 4 == 0 else _managed
        yield make(account_id, number, drawn, service_id)


def _managed(account_id: str, number: int, drawn: _Drawn, _: str) -> Account:
    return Account(
        id=account_id,
        name=drawn.name,
        login=f"{drawn.slug}@acme.example",
        kind=AccountKind.MANAGED,
        created_at=drawn.made,
        modified_at=drawn.made,
        role="coadmin" if number % 60 == 7 else "user",
        status="inactive" if number % 12 == 5 else "active",
        language=_LANGUAGES[number % len(_LANGUAGES)],
        timezone=_ZONES[number % len(_ZONES)],
        job_title=_TITLES[number % len(_TITLES)],
        avatar_url=AVATAR,
        space_used=0 if number % 3 else 1_048_576 * (number % 900),
        owns_content=number % 3 == 0,
    )


def _app_user(account_id: str, number: int, drawn: _Drawn, service_id: str) -> Account:
    return Account(
        id=account_id,
        name=drawn.name,
        login=f"AppUser_{service_id}_{number:010d}@boxdevedition.com",
        kind=AccountKind.APP,
        created_at=drawn.made,
        modified_at=drawn.made,
        space_amount=5_368_709_120,
        max_upload_size=16_106_127_360,
        status="inactive" if number % 40 == 0 else "active",
        external_app_user_id=f"client-{number:06d}",
        owns_content=number % 8 == 0,
    )
