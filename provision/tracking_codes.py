"""Tracking codes as one canonical text: a JSON object sorted by name, so that equal lists are equal cells."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

#: stands with ``tracking_codes`` among what Box did not tell where it showed an empty list that is not believed
SHOWN_EMPTY = "shown_empty"
_SORTED = msgspec.json.Encoder(order="sorted")


def codes_text(codes: dict[str, str]) -> str:
    """Tracking codes by name as canonical text, "" for none; codes without a value are none."""
    kept = _filled(codes)
    return _SORTED.encode(kept).decode() if kept else ""


def codes_texts(many: Sequence[dict[str, str]]) -> list[str]:
    """The same for the codes of many people, in their order."""
    lines = _SORTED.encode_lines(many)
    if b'""' in lines:  # a code without a name or a value: only then look at each
        lines = _SORTED.encode_lines(list(map(_filled, many)))
    return ["" if line == "{}" else line for line in lines.decode().split("\n")[:-1]]


def codes_of(text: str) -> dict[str, str]:
    """The tracking codes behind canonical text."""
    return msgspec.json.decode(text, type=dict[str, str]) if text else {}


def _filled(codes: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in codes.items() if name and value}
