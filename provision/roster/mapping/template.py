"""Templates over headers: the places they name, which of them may be empty, and filters on what stands there.

``{Header}`` is the text of a column, ``{Header?}`` of one that may be empty, ``{Header|lower|ascii}`` what filters make of it.
A header that itself has such signs in it counts as the header.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from provision.errors import RosterError
from provision.job.values import word_key
from provision.letters import plain
from provision.wording import nearest, tidy

PLACEHOLDER = re.compile(r"\{([^{}]+)\}")

#: one text to another
Filter = Callable[[str], str]
#: words by table and by word, as :func:`provision.job.values.word_key` gives it
Tables = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class NamedColumn:
    """What stands between braces: a header, whether it may be empty, and the filters as they are written."""

    header: str
    optional: bool = False
    filters: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """One part of a template: the position of a column, whether it may be empty, and what is made of its text."""

    place: int
    optional: bool = False
    filters: tuple[Filter, ...] = ()

    def text(self, cell: str) -> str:
        """What the filters make of one cell."""
        for change in self.filters:
            cell = change(cell)
        return cell.strip()


def named(inner: str, shown: Collection[str]) -> NamedColumn:
    """What the text between two braces names. ``shown``: the folded headers of the file."""
    whole = tidy(inner)
    if whole.casefold() in shown:
        return NamedColumn(whole)
    head, *filters = inner.split("|")
    header = tidy(head)
    optional = header.endswith("?") and header.casefold() not in shown
    return NamedColumn(tidy(header[:-1]) if optional else header, optional, tuple(filters))


def filter_of(written: str, tables: Tables) -> Filter:
    """The filter of one word of a template, as ``lower`` or ``replace:a:b``. Raises RosterError for one there is not."""
    name, *arguments = written.split(":")
    name = name.strip()
    match name, arguments:
        case ("lower" | "upper" | "title" | "strip", []):
            change: Filter = getattr(str, name)
            return change
        case ("ascii", []):
            return _ascii
        case ("replace", [old, *new]) if old and len(new) == 1:
            return lambda text: text.replace(old, new[0])
        case ("default", [*words]) if words:
            return lambda text: text if text.strip() else ":".join(words)
        case ("map", [table]):
            words_by_key = _table(table.strip(), tables)
            return lambda text: words_by_key.get(word_key(text), "")
        case _:
            raise _unknown(written, name)


def _ascii(text: str) -> str:
    """The text in letters without accents; other scripts as they are read."""
    bare = plain(text)
    if bare.isascii():
        return bare
    from anyascii import anyascii

    return anyascii(bare)


def _table(name: str, tables: Tables) -> Mapping[str, str]:
    if name not in tables:
        raise RosterError(
            f'A template of the job takes words from the table "{name}", which roster.values does not have.',
            cause=f"its tables are {', '.join(tables)}." if tables else "the job has no roster.values.",
            remedy=f"add it, as roster: values: {{{name}: {{Word: word}}}}.",
        )
    return tables[name]


_KNOWN = ("lower", "upper", "title", "strip", "ascii", "replace:a:b", "map:TABLE", "default:x")


def _unknown(written: str, name: str) -> RosterError:
    near = nearest(name, [known.split(":")[0] for known in _KNOWN])
    return RosterError(
        f'A template of the job has the filter "{written.strip()}", which there is not.',
        cause=f'"{near}" may be meant.' if near and near != name else "",
        remedy=f"filters are {', '.join(_KNOWN)}.",
    )
