r"""Texts in which letters are written as codes that some program was to turn back: ``M&uuml;ller``, ``M%C3%BCller``, ``M\u00fcller``."""

from __future__ import annotations

import html
import re

#: what every such code has in it, as a beginning that few texts have; a plus sign, of UTF-7, is looked for in names alone
SIGNS = r"&#?\w+;|%[C-F][0-9A-F]%|=[C-F][0-9A-F]=|\\[ux][0-9A-Fa-f]{2}|=\?[\w-]+\?[QqBb]\?"
SIGNS_IN_NAMES = rf"{SIGNS}|\+[A-Za-z0-9/]{{3,}}-"
_ENTITY = re.compile(r"&#?\w+;")
_UTF7 = re.compile(r"\+[A-Za-z0-9/]{3,}-")
_FORMS = (
    (re.compile(r"%[C-F][0-9A-F]%[89AB][0-9A-F]"), "letters are written as in web addresses (%C3%BC for ü)"),
    (
        re.compile(r"=[C-F][0-9A-F]=[89AB][0-9A-F]|=\?[\w-]+\?[QqBb]\?"),
        "letters are written as in mails (=C3=BC for ü)",
    ),
    (
        re.compile(r"\\u[0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}"),
        "letters are written as in a program (\\u00fc for ü)",
    ),
)


def why_coded(text: str, *, is_name: bool) -> str:
    """In which way letters of a text are coded, as a sentence; "" for a text that means what it says, or may.

    Of names more is certain: a title may be about web pages, and a plus sign stand anywhere.
    """
    if any(not html.unescape(found).isascii() for found in _ENTITY.findall(text)):
        return _export("letters are written as in web pages (&uuml; for ü)")
    if is_name and any(html.unescape(found) != found for found in _ENTITY.findall(text)):
        return _export("signs are written as in web pages (&amp; for &)")
    for form, what in _FORMS:
        if form.search(text):
            return _export(what)
    return _export("letters are written in UTF-7 (+APw- for ü)") if is_name and _is_utf7(text) else ""


def _export(what: str) -> str:
    return f"{what}; export it again as plain UTF-8"


def _is_utf7(text: str) -> bool:
    """Whether what stands between plus and minus becomes a letter that is none of ASCII."""
    try:
        letters = [found.encode().decode("utf-7") for found in _UTF7.findall(text)]
    except UnicodeError:
        return False
    return any(each.isalpha() and not each.isascii() for each in letters)
