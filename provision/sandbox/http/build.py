"""Puts a sandbox together: from its state file, or from a seed, or from invented people."""

from __future__ import annotations

import random
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from provision.sandbox.choices import Choices
from provision.sandbox.clock import Shifted, stamp
from provision.sandbox.fields import Fields
from provision.sandbox.limits import Limiter
from provision.sandbox.model.accounts import Account, AccountKind, Elsewhere
from provision.sandbox.model.blobs import Blobs
from provision.sandbox.model.collaborations import Collaboration
from provision.sandbox.model.credentials import new_app
from provision.sandbox.model.enterprise import App, Enterprise, Facts
from provision.sandbox.model.events import Event
from provision.sandbox.model.from_export import read_export
from provision.sandbox.model.groups import Group, GroupMember
from provision.sandbox.model.invented_groups import invented_groups, invented_memberships
from provision.sandbox.model.invites import Invite
from provision.sandbox.model.items import File, Folder, Transfer
from provision.sandbox.model.people import invented
from provision.sandbox.model.seed import Seed, accounts_of, default_seed, elsewhere_of, read_seed
from provision.sandbox.model.seed_things import folders_of, groups_of, memberships_of
from provision.sandbox.model.state import open_book
from provision.sandbox.model.tokens import Tokens
from provision.sandbox.model.uploads import Upload
from provision.sandbox.options import SandboxError
from provision.sandbox.trouble.faults import Faults
from provision.sandbox.trouble.script import read_script
from provision.sandbox.world import World

from .access_log import AccessLog
from .service import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from provision.sandbox.clock import Clock
    from provision.sandbox.model.state import Book
    from provision.sandbox.options import Options

_SERVICE_ID = 27_999_000_000
_FIRST_INVENTED = 30_000_000_000


def build(options: Options, clock: Clock) -> tuple[Service, Callable[[], None]]:
    """A service ready to answer, and what lets it begin anew; a file that is no good is a SandboxError."""
    script = read_script(options.faults)
    if script.clock_ahead or options.control is not None:
        clock = Shifted(clock, script.clock_ahead)
    seed = _seed(options)
    choices = Choices.of({**seed.choices, **script.choices})
    book = open_book(options.state)
    what = _Beginning(options, seed, choices, book)
    try:
        enterprise = _kept(book, choices) or _new(what, clock.now())
        tokens = Tokens(book, options.token_lifetime)
    except (msgspec.DecodeError, KeyError) as error:
        book.close()
        raise _strange_state(options) from error
    tokens.admit(enterprise.app.developer_token, enterprise.facts.admin_id)
    book.commit()
    limiter = Limiter(options.rate_limit, refused_count=choices.refused_calls_count)
    blobs = Blobs(options.state)
    blobs.keep_only(enterprise.digests(clock.now()))
    world = World(enterprise, tokens, limiter, Fields(enterprise, choices), choices, clock, blobs, {})
    log = AccessLog(options.log) if options.log is not None else None
    service = Service(world, Faults(script), book, options.latency_ms / 1000, log)

    def reset() -> None:
        service.begin_anew(_again(what, service.world))

    return service, reset


def _seed(options: Options) -> Seed:
    if options.export is not None:
        return read_export(options.export)
    return read_seed(options.seed_file) if options.seed_file else default_seed()


def _again(what: _Beginning, world: World) -> World:
    """A world as at the start, with the same credentials and clock; the old tokens are worth nothing any more."""
    what.book.clear()
    options, app, choices = what.options, world.enterprise.app, what.choices
    enterprise = _new(what, world.clock.now(), app)
    world.blobs.keep_only(enterprise.digests(world.clock.now()))
    tokens = Tokens(what.book, options.token_lifetime)
    tokens.admit(app.developer_token, enterprise.facts.admin_id)
    limiter = Limiter(options.rate_limit, refused_count=choices.refused_calls_count)
    fields = Fields(enterprise, choices)
    return World(enterprise, tokens, limiter, fields, choices, world.clock, world.blobs, {})


def _strange_state(options: Options) -> SandboxError:
    return SandboxError(
        f"the state file {options.state} does not hold a whole enterprise",
        "another version of the sandbox wrote it",
        "delete the file to begin anew",
    )


def _kept(book: Book, choices: Choices) -> Enterprise | None:
    """The enterprise of a state file; None if the file is new."""
    facts = dict(book.rows("facts"))
    if not facts:
        return None
    decode = msgspec.json.decode
    enterprise = Enterprise(
        decode(facts["enterprise"], type=Facts), decode(facts["app"], type=App), choices, book
    )
    enterprise.content.fill(
        chain(
            (decode(body, type=Folder) for _, body in book.rows("folders")),
            (decode(body, type=File) for _, body in book.rows("files")),
        ),
        (decode(body, type=Transfer) for _, body in book.rows("transfers")),
    )
    enterprise.groups.fill(
        (decode(body, type=Group) for _, body in book.rows("groups")),
        (decode(body, type=GroupMember) for _, body in book.rows("memberships")),
    )
    enterprise.collaborations.fill(
        decode(body, type=Collaboration) for _, body in book.rows("collaborations")
    )
    enterprise.invites.fill(decode(body, type=Invite) for _, body in book.rows("invites"))
    enterprise.events.fill(decode(body, type=Event) for _, body in book.rows("events"))
    enterprise.uploads.fill(decode(body, type=Upload) for _, body in book.rows("uploads"))
    reader = msgspec.json.Decoder(Account)
    enterprise.fill(
        (reader.decode(body) for _, body in book.rows("accounts")),
        (decode(body, type=Elsewhere) for _, body in book.rows("elsewhere")),
    )
    return enterprise


@dataclass(frozen=True)
class _Beginning:
    """What an enterprise is made of."""

    options: Options
    seed: Seed
    choices: Choices
    book: Book


def _new(what: _Beginning, now: float, app: App | None = None) -> Enterprise:
    """A fresh enterprise, written down; app: whose credentials it keeps."""
    options, seed, choices, book = what.options, what.seed, what.choices, what.book
    service_id = str(random.Random(f"service {options.random_seed}").randrange(1_000_000, 9_999_999))  # noqa: S311  an id
    people = list(accounts_of(seed, service_id, now))
    facts = Facts(
        id=seed.enterprise.id,
        name=seed.enterprise.name,
        domains=seed.enterprise.domains,
        verified_domains=seed.enterprise.verified_domains,
        admin_id=people[0].id,
        service_account_id=str(_SERVICE_ID),
        retention_policies=seed.enterprise.retention_policies,
        tracking_codes=seed.enterprise.tracking_codes,
        settings=seed.enterprise.settings,
    )
    app = app or new_app(seed.app, service_id)
    enterprise = Enterprise(facts, app, choices, book)
    enterprise.content.fill(folders_of(seed, people, now))
    enterprise.groups.fill(groups_of(seed, now), memberships_of(seed, people))
    if not (options.seed_file or options.export):
        made = invented_memberships(options.groups, options.users, _FIRST_INVENTED)
        enterprise.groups.fill(invented_groups(options.groups, stamp(now - 86_400)), made)
    enterprise.fill(_everybody(options, people, app, now), elsewhere_of(seed))
    enterprise.write_all()
    return enterprise


def _everybody(options: Options, people: list[Account], app: App, now: float) -> Iterable[Account]:
    made = stamp(now - 86_400)
    service_account = Account(
        id=str(_SERVICE_ID),
        name=app.name,
        login=f"AutomationUser_{app.service_id}_{app.key_id}@boxdevedition.com",
        kind=AccountKind.SERVICE,
        created_at=made,
        modified_at=made,
    )
    more = 0 if options.seed_file or options.export else options.users
    return chain(
        [service_account], people, invented(more, _FIRST_INVENTED, app.service_id, options.random_seed)
    )
