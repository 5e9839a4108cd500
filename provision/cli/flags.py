"""The flags the commands share, as one value."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from provision.cli.completing import guards_to_allow, known_people
from provision.errors import UsageError

if TYPE_CHECKING:
    from provision.runs.selection import RunOptions

Command = TypeVar("Command", bound=Callable[..., Any])


def _system_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Flags:
    """What the person asked for on the command line, apart from the command and its object.

    ``allow`` gives the exact number one guard may reach in this run, by the guard's name. ``people``: only these.
    ``aliases``: what is known of further addresses is looked at. ``prove``: by what the run is proven, "" for the cheapest way.
    ``clock`` tells the time, in UTC.
    """

    roster: str | None = None
    json: bool = False
    quiet: bool = False
    color: bool = True
    yes: bool = False
    allow: Mapping[str, int] = field(default_factory=dict)
    people: tuple[str, ...] = ()
    aliases: bool = False
    prove: str = ""
    clock: Callable[[], datetime] = _system_clock

    @property
    def options(self) -> RunOptions:
        """What of it is about the run itself."""
        from provision.runs.selection import RunOptions

        return RunOptions(self.roster, self.allow, self.people, self.aliases, by_listing=bool(self.prove))


_FLAGS = {
    "json": click.option("--json", is_flag=True, help="Print exactly one JSON object on standard output."),
    "quiet": click.option("--quiet", is_flag=True, help="Print nothing but errors."),
    "no_color": click.option("--no-color", is_flag=True, help="No colours (NO_COLOR does the same)."),
    "roster": click.option(
        "--roster", metavar="PATH", help="A roster to use instead of the job's: a file or an address."
    ),
    "person": click.option(
        "--person",
        shell_complete=known_people,
        metavar="WHO",
        multiple=True,
        help="Only this person of the roster (login, external id or Box id); repeatable.",
    ),
    "aliases": click.option(
        "--aliases",
        is_flag=True,
        help="Check aliases too: one call for each account that has one or whose row names one.",
    ),
    "prove": click.option(
        "--prove",
        type=click.Choice(["listing"]),
        help="Read all accounts again afterwards, even where reading single accounts would be enough.",
    ),
    "yes": click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
    "allow": click.option(
        "--allow",
        metavar="GUARD=N",
        multiple=True,
        shell_complete=guards_to_allow,
        help="Let this run go up to N on this guard (see provision help guards).",
    ),
}
_ALWAYS = ("json", "quiet", "no_color")


def with_flags(*names: str) -> Callable[[Command], Command]:
    """Give a command the flags every command has and those named, passed as one ``flags``."""
    wanted = (*names, *_ALWAYS)

    def decorate(command: Command) -> Command:
        @functools.wraps(command)
        def called(**arguments: Any) -> Any:
            given = {name: arguments.pop(name) for name in wanted}
            return command(flags=_flags(given), **arguments)

        decorated: Any = called
        for name in reversed(wanted):
            decorated = _FLAGS[name](decorated)
        return decorated  # type: ignore[no-any-return]  # click's decorators keep what they decorate

    return decorate


def _flags(given: dict[str, Any]) -> Flags:
    roster, clock = given.get("roster"), click.get_current_context().obj
    return Flags(
        roster=roster or None,
        json=given["json"],
        quiet=given["quiet"],
        color=not given["no_color"],
        yes=given.get("yes", False),
        allow=_allowed(given.get("allow", ())),
        people=tuple(given.get("person", ())),
        aliases=given.get("aliases", False),
        prove=given.get("prove") or "",
        clock=clock or _system_clock,
    )


def _allowed(texts: Sequence[str]) -> dict[str, int]:
    allowed = {}
    for text in texts:
        name, _, number = text.partition("=")
        if not number.isdecimal():
            raise UsageError(
                f"--allow {text} is not GUARD=N.",
                remedy="name one guard and an exact number, for example --allow removals=12",
            )
        allowed[name] = int(number)
    return allowed


def kinds_in(text: str | None) -> tuple[str, ...]:
    """The kinds of operation named on the command line. Raises UsageError for one there is not."""
    names = tuple(name.strip() for name in text.split(",")) if text else ()
    from provision.runs.selection import expect_kinds

    expect_kinds(names)
    return names
