"""Bytes of a text file to UTF-8, whatever spreadsheet or system wrote them."""

from __future__ import annotations

import codecs
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from provision.errors import RosterError
from provision.roster.text.by_chance import refuse_by_chance
from provision.roster.text.lines import line_at
from provision.roster.text.regional import ENCODINGS, recognised
from provision.roster.text.scripts import proposed

#: byte order marks, longer ones first because one begins another
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_SAMPLE = 4096
#: bytes by which a binary file is known
_BEGINNING = 16 * _SAMPLE
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
#: categories of Unicode of which no text has a sign, but for line ends and tabs
_NO_TEXT = ("Cc", "Cn", "Co", "Cs")
_SPACES = dict.fromkeys(map(ord, "\t\r\n"), " ")
#: by what people call an encoding, the one of Windows that has all of it and more, which is what such files are in
_WIDER = {"shift_jis": "cp932", "euc_kr": "cp949", "gb2312": "gb18030", "gbk": "gb18030"}
#: by which ISO-2022-JP goes over to its letters
_ESCAPES = re.compile(rb"\x1b\$[B@]")
#: how encodings are written in a sentence
_LABELS = {
    "windows-1252": "Windows-1252",
    "windows-1250": "Windows-1250",
    "windows-1254": "Windows-1254",
    "windows-1257": "Windows-1257",
}


@dataclass(frozen=True, slots=True)
class Text:
    """The content of a text file as UTF-8 without a byte order mark, and what was noticed on the way.

    ``guessed`` is the encoding that it was taken for without being certain, "" if it is certain.
    """

    content: bytes
    notes: tuple[str, ...] = ()
    guessed: str = ""


def to_utf8(content: bytes, encoding: str | None, name: str) -> Text:
    """The bytes of the file ``name`` as UTF-8.

    ``encoding`` is the job's choice, a name Python knows. Without one, UTF-8 and UTF-16 (with or without byte order mark) are recognised
    for certain, and encodings of Europe where its names tell. Raises RosterError for anything else and for bytes
    that the encoding does not have, with the line.
    """
    if encoding is not None:
        known = codecs.lookup(encoding).name
        return Text(_decoded(content, _WIDER.get(known, known), name))
    for mark, marked in _MARKS:
        if content.startswith(mark):
            return Text(_decoded(content[len(mark) :], marked, name))
    if unmarked := _utf16(content[:_SAMPLE]):
        return Text(_decoded(content, unmarked, name))
    _refuse_escapes(content[:_BEGINNING], name)
    bad = _first_bad_byte(content)
    if bad is not None or b"\0" in content[:_BEGINNING]:
        _refuse_binary(content[:_BEGINNING], name)
    if bad is not None:
        return _regional(content, bad, name)
    refuse_by_chance(content, name)
    return Text(content)


def _decoded(content: bytes, encoding: str, name: str) -> bytes:
    if encoding == "utf-8" and _first_bad_byte(content) is None:
        return content.removeprefix(codecs.BOM_UTF8)
    try:
        return content.decode(encoding).removeprefix("\ufeff").encode()
    except (UnicodeError, LookupError) as error:
        offset = error.start if isinstance(error, UnicodeDecodeError) else 0
        line = content[:offset].decode(encoding, "replace").count("\n") + 1
        raise RosterError(
            f"{name}, line {line}: a byte that {encoding} text cannot have (byte {offset + 1:,} of {len(content):,}).",
            cause="the file is in another encoding, was damaged, or is cut off.",
            remedy="export it again as UTF-8; if roster.encoding is set in the job file, check it.",
        ) from error


def _utf16(sample: bytes) -> str:
    """UTF-16 without a mark: every other byte of Western text is zero, and of other text line ends and addresses stand in it."""
    half = len(sample) // 2
    low, high = sample[1::2].count(0), sample[::2].count(0)
    if half and low > half * 0.3 and high < half * 0.02:
        return "utf-16-le"
    if half and high > half * 0.3 and low < half * 0.02:
        return "utf-16-be"
    return next(
        (name for name in ("utf-16-le", "utf-16-be") if b"\0" in sample and _reads_well(sample, name)), ""
    )


def _reads_well(sample: bytes, encoding: str) -> bool:
    """Whether a text has lines and an address, and no sign that no text has. Read the wrong way round it has neither."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return (
        "\n" in text
        and "@" in text
        and not any(map(_NO_TEXT.__contains__, map(unicodedata.category, text.translate(_SPACES))))
    )


def _refuse_escapes(sample: bytes, name: str) -> None:
    """Refuse ASCII that stands for the letters of Japan: what a mail program or an old host wrote."""
    if found := _ESCAPES.search(sample):
        raise RosterError(
            f"{name}, line {line_at(sample, found.start())}: the letters are written in ISO-2022-JP, not in UTF-8.",
            cause="the file was taken from a mail, or comes from an old system.",
            remedy='save it as "CSV UTF-8", or set roster.encoding in the job file, as roster: encoding: iso2022_jp.',
        )


def _refuse_binary(sample: bytes, name: str) -> None:
    """Refuse what is no text by its beginning, which has a NUL or is not UTF-8.

    Text that is UTF-8 may have as many other control characters as it likes: who keeps nonsense in a name has no
    archive, in which each bit is as good as another.
    """
    controls = len(_CONTROL.findall(sample))
    if controls > max(8, len(sample) * 0.02):
        raise RosterError(
            f"{name} is not a text file: {controls:,} of its first {len(sample):,} bytes are control characters.",
            cause="a program file, an archive or an encrypted file has the name of a roster.",
            remedy="export the roster again as CSV or Excel workbook.",
        )


def _first_bad_byte(content: bytes) -> int | None:
    """Offset of the first byte that is not UTF-8, found without keeping the decoded text."""
    return None if is_utf8(content) else _search_bad_byte(content)


def is_utf8(content: bytes) -> bool:
    """Whether bytes are UTF-8. Arrow looks at them as one cell of a column, many times faster than by decoding."""
    bounds = pa.py_buffer(np.array([0, len(content)], np.int64))
    cell = pa.Array.from_buffers(pa.large_string(), 1, [None, bounds, pa.py_buffer(content)])
    try:
        cell.validate(full=True)
    except pa.ArrowInvalid:
        return False
    return True


def _search_bad_byte(content: bytes) -> int | None:
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream, seen = io.BytesIO(content), 0
    while block := stream.read(1 << 22):
        pending = len(decoder.getstate()[0])
        try:
            decoder.decode(block)
        except UnicodeDecodeError as error:
            return seen - pending + error.start
        seen += len(block)
    pending = len(decoder.getstate()[0])
    return seen - pending if pending else None


def _regional(content: bytes, bad: int, name: str) -> Text:
    """The text in the encoding of a region that its names show. Raises RosterError where they do not."""
    _refuse_damaged_utf8(content, bad, name)
    found = recognised(content)
    if len(found.names) == 1:
        [encoding] = found.names
        line = line_at(content, bad)
        also = f" (or {' or '.join(found.also)}, in which it reads like names too)" if found.also else ""
        note = f"{name} is not UTF-8 and was read as {_LABELS.get(encoding, encoding)}; if line {line} looks wrong, set roster.encoding{also}"
        return Text(_decoded(content, ENCODINGS[encoding], name), (note,), encoding)
    if not found.names:
        raise RosterError(
            f"{name}, line {line_at(content, bad)}: neither UTF-8 nor UTF-16, and not for certain Windows-1252.",
            cause="an old export in a regional encoding, or a file that is no text.",
            remedy=f'save it as "CSV UTF-8", or set roster.encoding in the job file{_as(proposed(content))}.',
        )
    raise RosterError(
        f"{name}, line {line_at(content, found.place)}: not UTF-8, and a name reads well in {' and in '.join(found.names)}, but differently.",
        cause="an old export in the encoding of a region, with too few names with accents to tell which.",
        remedy=f'save it as "CSV UTF-8", or set roster.encoding in the job file, as roster: encoding: {found.names[0]}.',
    )


def _as(encodings: Sequence[str]) -> str:
    """What the key may say, if anything is likely; nobody but a person can tell."""
    if not encodings:
        return ""
    others = f", or {' or '.join(encodings[1:])}" if encodings[1:] else ""
    return f", as roster: encoding: {encodings[0]}{others}, in which its words read like words; check shows some of them"


def _refuse_damaged_utf8(content: bytes, bad: int, name: str) -> None:
    around = content[max(0, bad - (1 << 20)) : bad + (1 << 20)]
    text = around.decode("utf-8", "replace")
    good = sum(1 for letter in text if letter > "\x7f" and letter != "\ufffd")
    if good == 0 or good < text.count("\ufffd"):
        return
    raise RosterError(
        f"{name}, line {line_at(content, bad)}: a byte that UTF-8 text cannot have, in a file that otherwise is UTF-8.",
        cause="two files of different encodings were pasted together, or the file is damaged or cut off.",
        remedy="export it again as UTF-8.",
    )
