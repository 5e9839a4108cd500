"""What `provision explain` says of people on a page, packed into it: shown when somebody asks for a person's history.

A line a person, packed by zlib and written in base64: the place of the person's line in the reconciliation, then each paragraph
with how far it stands in (one digit) before it, with tabs between. The page's script unpacks it when somebody first asks.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from provision.model import Verdict
from provision.operations.registry import OPERATIONS
from provision.report.value import OTHERS, Reconciliation

#: people whose history a page has at most
MOST = 2_000
#: verdicts under which nothing is decided about somebody who does not need a person
_CALM = tuple(word for word in OTHERS if word is not Verdict.STARTS_LATER)


@dataclass(frozen=True, slots=True)
class Histories:
    """By place in the reconciliation, what is said of that person: paragraphs, each with the columns it stands in."""

    told: Mapping[int, Sequence[tuple[int, str]]] = field(default_factory=dict, repr=False)

    @property
    def packed(self) -> str:
        """As it lies in a page; "" for nobody."""
        lines = (
            "\t".join([str(place), *(f"{indent}{_one_line(words)}" for indent, words in paragraphs)])
            for place, paragraphs in self.told.items()
        )
        text = "\n".join(lines)
        return base64.b64encode(zlib.compress(text.encode())).decode() if text else ""


#: of a page that has none: one that was written without the runs before
NO_HISTORIES = Histories()


def wanted(reconciliation: Reconciliation, most: int = MOST) -> list[int]:
    """The places of those whose history a page shows: who needs a person, then the gravest changes, then the others."""
    verdicts = reconciliation.table["verdict"]
    gravest = [kind.value for kind in reversed(list(OPERATIONS))]
    places = dict.fromkeys(reconciliation.attention.index.tolist())
    decided = verdicts[~verdicts.isin([word.value for word in _CALM])]
    rank = {word: at for at, word in enumerate(gravest)}
    order = decided.map(lambda word: rank.get(word, len(rank))).sort_values(kind="stable")
    places |= dict.fromkeys(order.index.tolist())
    return list(places)[:most]


def _one_line(words: str) -> str:
    return " ".join(words.split())
