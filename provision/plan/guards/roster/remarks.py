"""What somebody should look at in a roster, though it refuses nothing: signs that an export changed its ways."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from provision.plan.value import HealthLine, Opinion
from provision.roster.profile.profile import Profile
from provision.wording import moment

#: a sentence, and whether somebody should look
_Found = tuple[str, bool]

#: age from which on a file is called old
_OLD = timedelta(days=7)
#: share (0–1) of what was the most frequent form of keys that makes it the form, and that has to be left of it
_MAIN, _LEFT = 0.8, 0.5
#: by so much of its rows (share 0–1) a column is fuller or emptier than last time
_OTHERWISE = 0.5
#: with fewer rows a share says little
_SMALL = 5


def remarks(now: Profile, before: Profile | None, as_of: datetime) -> Iterator[HealthLine]:
    """One line a check. ``before``: the roster accepted last, None for a first one."""
    yield _line("characters", _characters(now, before))
    yield _line("duplicates", _duplicates(now, before))
    yield _line("encoding", _encoding(now, before))
    yield _line("age", _age(now, before, as_of))
    if before is not None:
        yield _line("key_pattern", _key_pattern(now, before))
        yield _line("domains", _domains(now, before))
        yield _line("columns", _columns(now, before))


def _line(name: str, found: _Found) -> HealthLine:
    sentence, look = found
    return HealthLine(name, Opinion.LOOK if look else Opinion.OK, sentence)


def _characters(now: Profile, before: Profile | None) -> _Found:
    if not now.suspicious:
        return "no character was lost or read wrongly", False
    usual = before.suspicious if before else 0
    sentence = f"{now.suspicious:,} cells have lost or wrongly read characters (as \ufffd, or Ã© for é); last time {usual:,}"
    return sentence, now.suspicious > usual


def _duplicates(now: Profile, before: Profile | None) -> _Found:
    usual = before.duplicates if before else 0
    last = f"; last time {usual:,}" if before else ""
    sentence = f"{now.duplicates:,} rows have a key that another row also has{last}"
    return sentence, now.duplicates > usual


def _encoding(now: Profile, before: Profile | None) -> _Found:
    if before is not None and not before.sources and before.encoding != now.encoding:
        named = [each or "no text file" for each in (now.encoding, before.encoding)]
        return f"the file is read as {named[0]}; the last one was {named[1]}", True
    if not now.certain:
        return (
            f"the file was read as {now.encoding}, which is a guess; set roster.encoding to be sure",
            before is None,
        )
    return f"the file is read as {now.encoding or 'a workbook or table'}", False


def _age(now: Profile, before: Profile | None, as_of: datetime) -> _Found:
    if now.modified_ns <= 0:
        return "the age of the file is not known", False
    written = datetime.fromtimestamp(now.modified_ns / 1e9, UTC)
    if before is not None and now.modified_ns < before.modified_ns:
        last = datetime.fromtimestamp(before.modified_ns / 1e9, UTC)
        return f"the file is older ({moment(written)}) than the last accepted one ({moment(last)})", True
    age = as_of - written
    old = f", {age.days:,} days ago" if age >= _OLD else ""
    return f"the file was written on {moment(written)}{old}", bool(old)


def _key_pattern(now: Profile, before: Profile) -> _Found:
    main = next(iter(before.patterns), "")
    if now.key != before.key or not main or not now.patterns:
        return "the keys have the form they had", False
    was, is_now = before.patterns[main], now.patterns.get(main, 0.0)
    if was < _MAIN or is_now >= _LEFT * was:
        return "the keys have the form they had", False
    hint = "; leading zeros may be lost" if _shorter(main, next(iter(now.patterns))) else ""
    sentence = f"{is_now:.0%} of the keys ({now.key}) have {_form(main)}, last time {was:.0%}{hint}"
    return sentence, True


def _form(pattern: str) -> str:
    """A form of keys as people say it: ``digits:8`` is 8 digits."""
    kind, _, width = pattern.partition(":")
    return f"{width} {kind}" if width.isdecimal() else f"the form {pattern}"


def _shorter(before: str, now: str) -> bool:
    (kind, width), (other, other_width) = before.split(":"), now.split(":")
    return kind == other == "digits" and int(other_width) < int(width)


def _domains(now: Profile, before: Profile) -> _Found:
    if not now.domains or not before.domains:
        return "the logins are of the domains they were", False
    same = sum(min(share, now.domains.get(domain, 0.0)) for domain, share in before.domains.items())
    main, usual = next(iter(now.domains)), next(iter(before.domains))
    sentence = f"most logins are of {main} ({now.domains[main]:.0%}); last time of {usual} ({before.domains[usual]:.0%})"
    return sentence, same < _LEFT and sum(before.domains.values()) > _MAIN


def _columns(now: Profile, before: Profile) -> _Found:
    if now.rows >= _SMALL and before.rows >= _SMALL:
        for name, empty in now.empty.items():
            usual = before.empty.get(name, empty / now.rows * before.rows) / before.rows
            if abs(empty / now.rows - usual) > _OTHERWISE:
                return (
                    f"{name} is empty in {empty / now.rows:.0%} of the rows; last time in {usual:.0%}",
                    True,
                )
    moved = [
        name for name in now.columns if name in before.columns and now.columns[name] != before.columns[name]
    ]
    if moved:
        headers = " and ".join(f'"{header}"' for header in now.columns[moved[0]])
        return f"{moved[0]} is read from another column than last time: {headers}", True
    return "the columns are filled as they were", False
