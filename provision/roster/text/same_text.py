"""The fingerprint of what a text file says, whatever encoding it is in, which mark it begins with and how its lines end.

Who saves a file once more with another program sends other bytes, and not one other letter.
"""

from __future__ import annotations

import hashlib
from codecs import BOM_UTF8

from provision.roster.files.content import FileContent, InMemory
from provision.roster.files.locate import Form, Source
from provision.roster.text.encoding import to_utf8


def text_sha256(source: Source, encoding: str) -> str:
    """SHA-256 of a text as UTF-8 without a mark, its lines ended by LF alone; of a file that is written so, that of its bytes.

    ``encoding`` is the one it was read in. "" for what is no text.
    """
    if source.form is not Form.TEXT:
        return ""
    stored: FileContent = source.stored
    if encoding != "utf-8":  # else it was read as such; what is not is read in memory, however large it is
        text = to_utf8(source.content, None if encoding == "utf-16" else encoding, source.name).content
        stored = stored if text is source.content else InMemory(text)
    if stored is source.stored and not _differs(stored):
        return source.sha256
    return _digest(stored)


def _differs(stored: FileContent) -> bool:
    """Whether a text in UTF-8 begins with a mark, or has a line that ends otherwise."""
    return stored.part(0, len(BOM_UTF8)) == BOM_UTF8 or any(b"\r" in block for block in stored.blocks())


def _digest(stored: FileContent) -> str:
    """The fingerprint of a text in UTF-8 without its mark, each end of a line as LF."""
    digest, held = hashlib.sha256(), b""
    for at, block in enumerate(stored.blocks()):
        text = held + (block if at else block.removeprefix(BOM_UTF8))
        # a CR at the end of a block may be one end of a line together with what comes next
        held = text[-1:] if text.endswith(b"\r") else b""
        text = text.removesuffix(held)
        digest.update(text.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    digest.update(held.replace(b"\r", b"\n"))
    return digest.hexdigest()
