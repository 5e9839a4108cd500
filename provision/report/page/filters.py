"""By what the lines of the page can be chosen beside words: kind of operation, field that changes, part of the people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from provision.model import TRACKING_PREFIX, Kind
from provision.operations.value import Change
from provision.report.kind_words import KIND_WORDS, label

#: more parts of the people than this make no list that anybody would choose from
MOST_PARTS = 300


@dataclass(frozen=True, slots=True)
class FilterMarks:
    """What a line can be chosen by: its kind of operation in words, and the places of its fields and its part in the lists."""

    kind: str = ""
    fields: str = ""
    part: str = ""


UNMARKED = FilterMarks()


@dataclass(frozen=True, slots=True)
class FilterChoices:
    """What there is to choose from. ``kinds``: word and heading; ``fields`` and ``parts``: place and name; ``divided_by`` names the parts."""

    kinds: tuple[tuple[str, str], ...] = ()
    fields: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, int] = field(default_factory=dict)
    divided_by: str = ""
    _known: dict[tuple[Kind, str, tuple[str, ...]], FilterMarks] = field(
        default_factory=dict, repr=False, compare=False
    )

    def of(self, change: Change | None) -> FilterMarks:
        """The marks of a line with this change, or with none."""
        if change is None:
            return UNMARKED
        names = change.field_names
        told = self._known.get((change.kind, change.segment, names))
        if told is None:  # a hundred thousand people differ in a few ways
            told = self._known[change.kind, change.segment, names] = self._marks(change, names)
        return told

    def _marks(self, change: Change, names: Iterable[str]) -> FilterMarks:
        places = sorted({self.fields[name] for name in names})
        part = self.parts.get(change.segment)
        return FilterMarks(label(change.kind), " ".join(map(str, places)), "" if part is None else str(part))


NO_CHOICES = FilterChoices()


def choices_of(changes: Iterable[Change], divided_by: str) -> FilterChoices:
    """What these changes can be chosen by; a list of one is none."""
    kinds: set[Kind] = set()
    named_together: set[tuple[str, ...]] = set()
    parts: set[str] = set()
    for change in changes:
        kinds.add(change.kind)
        named_together.add(change.field_names)
        parts.add(change.segment)
    fields = {name for names in named_together for name in names}
    named = sorted(parts - {""}) if len(parts - {""}) <= MOST_PARTS else []
    return FilterChoices(
        tuple((label(kind), KIND_WORDS[kind].heading) for kind in Kind if kind in kinds),
        {name: place for place, name in enumerate(sorted(fields))},
        {name: place for place, name in enumerate(named)},
        divided_by.removeprefix(TRACKING_PREFIX).replace("_", " "),
    )
