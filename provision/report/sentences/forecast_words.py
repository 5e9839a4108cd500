"""What a plan takes, in sentences for whoever decides on it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from provision.plan.seats import Seats
from provision.plan.value import Forecast
from provision.wording import counted, estimate


@dataclass(frozen=True, slots=True)
class Foretold:
    """One sentence of a forecast; ``warns`` if somebody should act on it."""

    sentence: str
    warns: bool = False


def foretold(forecast: Forecast | None) -> tuple[Foretold, ...]:
    """A forecast in sentences; none if there is no forecast or nothing is to be done."""
    return tuple(_lines(forecast)) if forecast is not None and forecast.calls else ()


def _lines(forecast: Forecast) -> Iterator[Foretold]:
    rate = f"{forecast.per_minute:,.10g} a minute"
    took = estimate(forecast.calls / forecast.per_minute)
    yield Foretold(f"This will take about {counted(forecast.calls, 'call')} to Box ({took} at {rate}).")
    if forecast.monthly is not None:
        yield from _of_month(forecast, forecast.monthly)
    if forecast.read == "lookup":
        yield Foretold(
            "The enterprise is not listed: each person is looked up by key, before and afterwards."
        )
    else:
        yield Foretold(_seats(forecast.seats))
        if forecast.seats.unused:
            yield Foretold(_unused(forecast.seats))
    if forecast.mails:
        who = "the new managed user" if forecast.mails == 1 else f"{forecast.mails:,} new managed users"
        # developer.box.com, Suppress notifications: account creation is among the mails that it does not hold back
        yield Foretold(f"Box sends a welcome mail to {who}; there is no documented way to prevent it.")
    yield from _other_mails(forecast)


def _other_mails(forecast: Forecast) -> Iterator[Foretold]:
    """Mails to people who have an account (Box API reference, POST /invites, and POST on email aliases)."""
    if forecast.invites:
        whom = counted(
            forecast.invites, "person who has an account outside", "people who have an account outside"
        )
        yield Foretold(f"Box mails an invitation to {whom}; nobody joins without accepting it.")
    if forecast.addresses:
        which = counted(forecast.addresses, "new address", "new addresses")
        yield Foretold(
            f"Box asks for {which} to be confirmed by mail, unless the domain is verified for the enterprise."
        )


def _of_month(forecast: Forecast, allowed: int) -> Iterator[Foretold]:
    own = forecast.reading + forecast.calls
    yield Foretold(
        f"Calls of this job in this calendar month (UTC): {forecast.used:,} so far, {own:,} in this run with reading "
        f"the enterprise before it; {forecast.month:,} of {allowed:,} allowed ({forecast.month / allowed:.1%})."
    )
    if (beyond := forecast.month - allowed) > 0:
        yield Foretold(f"That exceeds the monthly allowance by {counted(beyond, 'call')}.", warns=True)


def _seats(seats: Seats) -> str:
    sentence = (
        f"Seats: {counted(seats.managed, 'managed user')} now, {seats.inactive:,} of them inactive; "
        f"{seats.managed_after:,} afterwards, {seats.inactive_after:,} inactive."
    )
    if not seats.inactive_after:
        return sentence
    since = (
        f" The first that this job deactivated is so since {seats.since[:10]}."
        if seats.since and not seats.unused
        else ""
    )
    return f"{sentence} An inactive account still holds its seat.{since}"


def _unused(seats: Seats) -> str:
    named = ", ".join(f"{each.login} since {each.since[:10]}" for each in seats.longest)
    end = " …" if seats.unused > len(seats.longest) else "."
    held = counted(seats.unused, "seat is held unused by an account", "seats are held unused by accounts")
    return f"{held} that this job deactivated, the longest first: {named}{end}"
