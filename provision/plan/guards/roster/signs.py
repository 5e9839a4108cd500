"""Signs of damage in a roster beside the last accepted one: what one is, and those of columns that changed places. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from provision.model import DATE_FIELDS
from provision.roster.profile.profile import Profile, Sketch, digits_share, overlap

#: share (0–1) of keys that two rosters have in common, below which they are other keys
KEYS_KEPT = 0.5
#: two columns changed places if they are filled as often as the other one was, give or take this share of the difference
_LIKE = 0.2

#: share (0–1) of keys or names that have a form
_NEARLY_ALL = 0.9

_OTHER_FORMS = "external_id and name look exchanged: names are numbers in this one, as external ids were last time, and external ids are none"
_CROSSED = "external_id and name look exchanged: what were names last time are external ids in this one"


@dataclass(frozen=True, slots=True)
class DamageSign:
    """A sign of damage: how much of it, how much may be, and both in a sentence.

    ``look``: worth it even so. ``any_roster``: a partial roster is refused for it too.
    """

    name: str
    actual: int
    limit: int
    sentence: str
    look: bool = False
    any_roster: bool = False


def dates_exchanged(now: Profile, before: Profile) -> Iterator[DamageSign]:
    """Two columns of dates that took each other's place: the day somebody began would be the last one."""
    if not all(name in profile.empty for name in DATE_FIELDS for profile in (now, before)):
        return
    first, last = DATE_FIELDS
    was, is_now = ({name: each.rows - each.empty[name] for name in DATE_FIELDS} for each in (before, now))
    apart = abs(was[first] - was[last])
    change = max(abs(was[first] - is_now[last]), abs(was[last] - is_now[first]))
    if apart > 1 and change <= apart * _LIKE:
        sentence = (
            f"{first} and {last} look exchanged: filled in {is_now[first]:,} and {is_now[last]:,} rows, "
            f"last time in {was[first]:,} and {was[last]:,}"
        )
        yield DamageSign("headers", 2, 0, sentence)


def keys_and_names_exchanged(now: Profile, known: Sequence[Profile]) -> Iterator[DamageSign]:
    """Keys that were names: accounts would be made under a name as their key. However few rows there are, and in a partial roster too.

    ``known``: the rosters accepted last, newest first, one at least. The first that has any of these people decides; where none
    has, the forms of keys and names beside those of the last one do.
    """
    for before in known:
        if now.check != before.check or not now.key == before.key == "external_id":
            continue
        crossed = common(before.names, now.keys_as_names) or 0.0
        kept = max(common(before.keys, now.keys) or 0.0, common(before.names, now.names) or 0.0)
        # where some people's external id is their name, keys and names stay what they were
        if crossed >= KEYS_KEPT > kept:
            yield DamageSign("headers", 2, 0, _CROSSED, any_roster=True)
        if crossed or kept:
            return
    if _forms_exchanged(now, known[0]):
        yield DamageSign("headers", 2, 0, _OTHER_FORMS, any_roster=True)


def _forms_exchanged(now: Profile, before: Profile) -> bool:
    """Whether, of other people, names are the numbers that keys were, and keys are none."""
    if not now.key == before.key == "external_id":
        return False
    was, is_now = digits_share(before.patterns), digits_share(now.patterns)
    names = min(now.digit_names, 1 - before.digit_names)
    return min(was, 1 - is_now, names) >= _NEARLY_ALL


def common(before: Sketch, now: Sketch) -> float | None:
    """Which share of the smaller set is in the other: a roster that only lost or won people is no other one."""
    shares = [each for each in (overlap(before, now), overlap(now, before)) if each is not None]
    return max(shares, default=None)
