"""Names that would lose their accents: what a file read in the wrong encoding does to people."""

from __future__ import annotations

import unicodedata

from provision.letters import plain

#: a letter that an encoding does not have becomes one question mark, or one for each of its bytes in UTF-8
_LOST = ("?", "??", "???", "????")


def loses_accents(before: str, after: str) -> bool:
    """Whether the new name is the old one, only that letters lost their accents: ``Zoë`` → ``Zoe``, ``M?ller``.

    One letter that did is enough. Letter case does not count. ``Mueller`` for ``Müller`` is a spelling, not a loss.
    """
    old, new = (unicodedata.normalize("NFC", text).lower() for text in (before, after))
    if old.isascii() or old == new:
        return False
    ends = {0}  # all places of the new name that the letters so far may lead to
    for letter in old:
        ends = {end + len(form) for end in ends for form in _forms(letter) if new.startswith(form, end)}
    return len(new) in ends


def _forms(letter: str) -> tuple[str, ...]:
    """What may stand in the place of a letter."""
    if letter.isascii():
        return (letter,)
    return (letter, plain(letter), *_LOST)
