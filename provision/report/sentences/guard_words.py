"""What a guard counted, in words, for whoever has to decide about what it holds."""

from __future__ import annotations

import re

from provision.because import Reason
from provision.plan.guards.limits import WINDOWS

_GUARDED = {
    "removals": "the plan removes {actual} of {population} accounts",
    "creates": "the plan creates {actual} beside {population} accounts",
    "updates": "the plan changes {actual} of {population} accounts",
    "transfers": "the plan moves what {actual} of {population} accounts own",
    "groups": "the plan makes {actual} groups",
    "memberships_added": "the plan adds or changes {actual} memberships beside {population} accounts",
    "memberships_removed": "the plan ends {actual} memberships of {population} accounts",
    "seats": "the enterprise would have {actual} managed users",
    "mass_change": "the plan changes the {field} of {actual} accounts",
    "changed_job": "the job was changed since it was last applied, and {actual} would be removed or moved",
}
_WINDOWS = {ending: words for _, ending, _, words in WINDOWS}
_GUARDED_NAME = re.compile(
    rf"(?P<guard>[a-z_]+?)(?:_(?P<window>{'|'.join(_WINDOWS)}))?(?:\[.*\])?", re.DOTALL
)


def guard_words(each: Reason) -> dict[str, str]:
    """What a guard counted; one of a window or of a part of the people is named after the guard it belongs to."""
    named = _GUARDED_NAME.fullmatch(each.fact("name"))
    counts = {name: f"{int(each.fact(name) or 0):,}" for name in ("actual", "population", "limit")}
    template = _GUARDED.get(named["guard"] if named else "", "the plan has {actual}")
    what = template.format(**counts, field=each.fact("field"))
    if named and named["window"]:
        what = f"with earlier runs {counts['actual']} operations in {_WINDOWS[named['window']]}"
    return {"what": what, "limit": counts["limit"]}
