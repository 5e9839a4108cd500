"""Text of an old machine whose bytes are UTF-8 by chance: ``Íñigo`` of DOS reads as a Hebrew accent before ``igo``.

Known only where a word mixes ASCII letters with signs of another script, where all words that are not ASCII do, and where they
read like names in another encoding. Then a person is asked. Of a Latin letter that came out by chance nothing can be known.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice

from provision.errors import RosterError
from provision.roster.text.lines import line_at
from provision.roster.text.regional import older, recognised

_WORD = re.compile(rb"[\x80-\xff][A-Za-z\x80-\xff]*")
#: words that are looked at: a text of an old machine that is UTF-8 throughout has hardly one
_FEW = 20
#: how the names of signs begin that stand in words of Latin letters
_LATIN = ("LATIN", "COMBINING", "MODIFIER", "FEMININE", "MASCULINE", "MICRO")


def refuse_by_chance(content: bytes, name: str) -> None:
    """Refuse the bytes of the file ``name``, which are UTF-8, where they are more likely something else. Raises RosterError."""
    if content.isascii():
        return
    found = list(islice(_WORD.finditer(content), _FEW + 1))
    if len(found) > _FEW or not all(
        _mixed(each[0], content[max(0, each.start() - 1) : each.start()]) for each in found
    ):
        return
    proposed = [*dict.fromkeys([*recognised(content).names, *older(content)])]
    meant = [each for each in proposed if all(word[0].decode(each).isalpha() for word in found)]
    if meant:
        raise RosterError(
            f"{name}, line {line_at(content, found[0].start())}: UTF-8 by its bytes, but a word has letters of two scripts, and reads like a name in {' and in '.join(meant)}.",
            cause="an old export in the encoding of a region, with so few accents that it is UTF-8 by chance.",
            remedy=f'save it as "CSV UTF-8", or set roster.encoding in the job file, as roster: encoding: {meant[0]}, or utf-8 if it is right.',
        )


def _mixed(word: bytes, before: bytes) -> bool:
    """Whether ASCII letters stand in one word with letters or marks of another script than Latin."""
    text = word.decode()
    strange = [each for each in text if not each.isascii() and unicodedata.category(each)[0] in "LMC"]
    foreign = [each for each in strange if not unicodedata.name(each, "").startswith(_LATIN)]
    return bool(foreign) and (before.isalpha() or any(map(str.isascii, text)))
