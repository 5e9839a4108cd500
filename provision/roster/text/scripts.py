"""Which encoding a text may be in that is neither Unicode nor one of those that are told for certain.

What is found is only proposed to whoever reads the error: many of these encodings have a letter for every byte, so nothing is
read by it.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import pairwise

from provision.roster.text.regional import older

_KANJI = "田山佐藤鈴木中村林小川本井子美郎一太高橋渡辺"
#: encodings by the name that a job can say, those of Windows for Shift_JIS and EUC-KR, which are parts of them: how the names of
#: their letters begin (the Unicode Character Database), and letters that are common in names of people
_SCRIPTS = {
    "cp932": ("CJK HIRAGANA KATAKANA", f"{_KANJI}アイウオカキクコサシスタトナマミムヤユリルロンあいうおかきこしなまみゆり"),
    "euc-jp": ("CJK HIRAGANA KATAKANA", f"{_KANJI}アイウオカキクコサシスタトナマミムヤユリルロンあいうおかきこしなまみゆり"),
    "cp949": ("HANGUL", "김이박최정강조윤장임민수지영현서준우"),
    "gb18030": ("CJK", "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林小明伟芳娜"),
    "big5": ("CJK", "王李張劉陳楊黃趙吳周徐孫馬朱胡郭何高林小明志美家"),
    "windows-1251": ("CYRILLIC", "аеинорвлтс"), "koi8-u": ("CYRILLIC", "аеинорвлтс"),
    "iso-8859-5": ("CYRILLIC", "аеинорвлтс"), "cp866": ("CYRILLIC", "аеинорвлтс"),
    "windows-1253": ("GREEK", "αοιετσνηρλ"), "iso-8859-7": ("GREEK", "αοιετσνηρλ"),
    "windows-1255": ("HEBREW", "יואהלרמתנ"), "windows-1256": ("ARABIC", "اليمدنرحوب"), "iso-8859-6": ("ARABIC", "اليمدنرحوب"),
    "cp874": ("THAI", "านรอกยสม"),
}  # fmt: skip
_WORD = re.compile(r"[^\x00-\x7f]+")
#: bytes that are looked at
_LOOKED_AT = 1 << 20
#: share of the words that have to be of one script
_MOST = 0.9
#: share of the letters that have to be common ones, of scripts with few and with many
_COMMON, _COMMON_OF_MANY = 0.4, 0.15
#: encodings that are named, at most
_NAMED = 2


def proposed(content: bytes) -> tuple[str, ...]:
    """Encodings in which the words of these bytes read like names, the likeliest first, a few; none where nothing does."""
    start = content[:_LOOKED_AT]
    whole = start if len(start) == len(content) else start[: start.rfind(b"\n") + 1]
    shares = {**older(content), **{name: _share(whole, name) for name in _SCRIPTS}}
    found = sorted((name for name, share in shares.items() if share), key=lambda name: -shares[name])
    return tuple(found[:_NAMED])


def _share(content: bytes, name: str) -> float:
    """Which share of the letters is common in the names of the script; 0 where the words are none of it."""
    try:
        text = content.decode(name)
    except UnicodeDecodeError:
        return 0
    script, common = _SCRIPTS[name]
    words = [letters for word in _WORD.findall(text) if (letters := "".join(filter(str.isalpha, word)))]
    good = sum(_is_of(word, script) and not _turned(word) for word in words)
    if not words or good < _MOST * len(words):
        return 0
    letters = "".join(words).lower()
    share = sum(map(letters.count, common)) / len(letters)
    many = script.startswith(("CJK", "HANGUL"))
    return share if share >= (_COMMON_OF_MANY if many else _COMMON) else 0


def _is_of(word: str, script: str) -> bool:
    """Whether all letters are of one script."""
    names = tuple(script.split())
    return all(unicodedata.name(letter, "").startswith(names) for letter in word)


def _turned(word: str) -> bool:
    """Whether a small letter stands before a capital, as all over a Cyrillic text that is read in the wrong encoding."""
    return any(before.islower() and behind.isupper() for before, behind in pairwise(word))
