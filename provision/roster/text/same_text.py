"""The fingerprint of what a text file says, whatever encoding it is in, which mark it begins with and how its lines end.

Who saves a file once more with another program sends other bytes, and not one other letter.
"""

from __future__ import annotations

import codecs
import hashlib

from provision.roster.files.locate import Form, Source
from provision.roster.text.encoding import to_utf8


def text_sha256(source: Source, encoding: str) -> str:
    """SHA-256 of a text as UTF-8 without a mark, its lines ended by LF alone; of a file that is written so, that of its bytes.

    ``encoding`` is the one it was read in. "" for what is no text, or too large for memory: it is known by its bytes alone.
    """
    if source.form is not Form.TEXT or not source.in_memory:
        return ""
    content = source.content
    if encoding == "utf-8":  # it was read as such, and need not be looked at once more
        text = content.removeprefix(codecs.BOM_UTF8)
    else:
        text = to_utf8(content, None if encoding == "utf-16" else encoding, source.name).content
    if b"\r" in text:
        text = text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    return source.sha256 if text is content else hashlib.sha256(text).hexdigest()
