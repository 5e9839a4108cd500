"""Findings on the tracking codes a roster names, beside those that are seen in Box: another name is refused for everybody.

Box takes only names that are registered, spelt as there, and shows nobody which ones these are; but what users have is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from provision.directory.scope import Directory, WayOfReading
from provision.findings import Code, Finding, Level
from provision.frames import one_piece
from provision.model import TRACKING_PREFIX
from provision.roster.value import Roster
from provision.tracking_codes import codes_of
from provision.wording import shortened

_REGISTERED = "the Admin Console (Enterprise Settings, tracking codes; the feature has to be on)"


def remarks_on_codes(roster: Roster, directory: Directory) -> Iterator[Finding]:
    """What is to be told of the roster's columns of tracking codes."""
    if directory.read is WayOfReading.LOOKUP:
        return  # nobody knows what the others have
    named = [name.removeprefix(TRACKING_PREFIX) for name in roster.mapped if name.startswith(TRACKING_PREFIX)]
    seen = _seen(directory, named) if named else frozenset()
    for name in named:
        if name not in seen:
            yield _not_seen(name, seen, roster.path)


def _seen(directory: Directory, named: Iterable[str]) -> frozenset[str]:
    """The names of the tracking codes that any user has; of more users no more, once all ``named`` are among them."""
    found: set[str] = set()
    for users in directory.listed.each(["tracking_codes"]):
        lists = one_piece(users["tracking_codes"]).unique().to_pylist()
        found.update(name for text in lists for name in codes_of(text))
        if found.issuperset(named):
            break
    return frozenset(found)


def _not_seen(name: str, seen: frozenset[str], path: str) -> Finding:
    alike = [other for other in sorted(seen) if _squashed(other) == _squashed(name)]
    if alike:
        what = f'Box has the tracking code "{alike[0]}", the roster names "{name}": it takes only the spelling that is registered'
        do = f"map the column to {TRACKING_PREFIX}{alike[0]} in roster.columns"
    elif seen:
        what = f'no user in Box has the tracking code "{name}" (they have {shortened(sorted(seen))})'
        do = f"see that the name is registered just so in {_REGISTERED}; Box refuses everybody's update otherwise"
    else:
        what = f'no user in Box shows any tracking code, also not "{name}"'
        do = f"see in {_REGISTERED} that the name is registered, and that this sign-in may see tracking codes"
    return Finding(
        Code.TRACKING_CODE_UNSEEN, Level.WARNING, what, do, path, column=f"{TRACKING_PREFIX}{name}"
    )


def _squashed(name: str) -> str:
    return "".join(name.split()).casefold()
