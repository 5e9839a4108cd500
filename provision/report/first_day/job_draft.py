"""A job file for somebody who has never seen one: the text that ``provision init`` writes, each key with its reason.

No person stands in it: a job file goes into repositories, tickets and mails. Samples are for the terminal alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import yaml

from provision.report.first_day.understood import WHY
from provision.roster.reading import ColumnReading

#: headers without a field that are listed in the file; the rest is counted
_LISTED = 40
#: characters of a line of the mapping behind which its reason stands
_WIDEST = 50
#: a field, domain or name that YAML reads as it stands
_PLAIN = re.compile(r"(?!(?:null|true|false|yes|no|on|off)$)[a-z][a-z0-9_.-]*")

#: how to sign in, by method: the lines below ``auth``
_AUTH = {
    "ccg": (
        "method: ccg                            # client credentials of a Box app",
        "client_id: ${BOX_CLIENT_ID}            # variables of the environment: never put a secret in this file",
        "client_secret: ${BOX_CLIENT_SECRET}",
        "enterprise_id: ${BOX_ENTERPRISE_ID}",
    ),
    "jwt": (
        "method: jwt                            # a config file from the Box Developer Console",
        "config_file: ${BOX_JWT_CONFIG_FILE}    # its path, in a variable of the environment",
    ),
    "token": (
        "method: token                          # a developer token: good for an hour, for trying things out",
        "token: ${BOX_TOKEN}                    # a variable of the environment: never put a secret in this file",
    ),
}
#: where a roster may lie of which nothing is known yet
EXAMPLE = "./employees.csv"


@dataclass(frozen=True, slots=True)
class JobDraft:
    """What a new job is to say. ``roster`` is its path as the file names it, "" for none yet.

    ``columns`` are what is read, and why; ``left_out`` the headers that are not. ``read`` holds what of the section on the roster is
    said besides (sheet, header row, encoding, delimiter), ``words`` what its words mean, by field.
    """

    name: str
    roster: str = ""
    authority: str = "partial"
    kind: str = "managed"
    auth: str = "ccg"
    domains: tuple[str, ...] = ()
    columns: tuple[ColumnReading, ...] = ()
    left_out: tuple[ColumnReading, ...] = ()
    read: Mapping[str, str | int] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def text_of(draft: JobDraft) -> str:
    """The job file."""
    return (
        "\n".join((*_head(draft), *_roster(draft), *_scope(draft), *_groups(draft), *_leaving(), *_places()))
        + "\n"
    )


def _head(draft: JobDraft) -> Iterator[str]:
    yield "# A job: who should have a Box account, and what may be done about it. Written by provision init; edit it freely."
    yield "# Nothing is changed in Box until somebody runs provision apply or provision run:"
    yield "#   provision check provision.yaml     are the job and the file valid? Box is not contacted"
    yield "#   provision doctor provision.yaml    can it sign in, and does it have the rights it needs?"
    yield "#   provision plan provision.yaml      what would change, for whom, and why"
    yield "# Every key there is: provision help keys"
    yield "version: 1"
    yield f"name: {_word(draft.name)}    # in reports and in the names of run folders"
    yield ""
    yield "box:"
    yield "  # the address of Box; the variable can name another one, such as that of provision sandbox"
    yield "  base_url: ${BOX_BASE_URL:-https://api.box.com}"
    yield "  auth:"
    yield from (f"    {line}" for line in _AUTH[draft.auth])
    yield ""


def _roster(draft: JobDraft) -> Iterator[str]:
    yield "roster:"
    yield f"  path: {_value(draft.roster or EXAMPLE)}    # .csv, .xlsx and others; staff-*.csv takes the newest"
    yield from (f"  {key}: {_value(value)}" for key, value in draft.read.items())
    yield ""
    yield "  # partial: only the people in the file are touched, and nobody leaves by being absent from it."
    yield "  # full: everybody is in the file; who is absent from two of them in a row may lose the account."
    yield f"  authority: {draft.authority}"
    yield ""
    yield "  # managed: people who sign in to Box themselves. app: clients of a portal, who do not."
    yield "  # column: the file has a column kind, which says it for each row."
    yield f"  kind: {draft.kind}"
    yield ""
    yield from _columns(draft)
    if draft.words:
        yield "  values:                  # the meaning of words in the file"
    for name, words in draft.words.items():
        yield f"    {_quoted(name)}:"
        yield from (f"      {_quoted(word)}: {_value(meant)}" for word, meant in words.items())
    yield ""


def _columns(draft: JobDraft) -> Iterator[str]:
    """The mapping, each with its reason, and below it what is not read."""
    yield "  # header in the file: the field it is read as. No other column of the file is used."
    if draft.columns:
        yield "  columns:"
    else:
        yield "  # columns:"
        yield '  #   "Employee ID": external_id'
        yield '  #   "Work Email": login'
        yield '  #   "{First Name} {Last Name}": name'
    pairs = [(f"{_quoted(each.header)}: {_word(each.field)}", WHY[each.why]) for each in draft.columns]
    wide = min(max((len(pair) for pair, _ in pairs), default=0), _WIDEST)
    yield from (f"    {pair:<{wide}}    # {why}" for pair, why in pairs)
    if draft.left_out:
        yield "  # not read; to use one, move its line into columns and name the field:"
    for each in draft.left_out[:_LISTED]:
        yield f"  #   {_quoted(each.header)}: ignore    # {WHY[each.why]}"
    if len(draft.left_out) > _LISTED:
        yield f"  #   and {len(draft.left_out) - _LISTED} more"


def _scope(draft: JobDraft) -> Iterator[str]:
    yield "scope:"
    yield "  # which existing accounts this job may change, by the domain of the login; all others are left alone"
    if draft.domains:
        yield f"  domains: [{', '.join(map(_word, draft.domains))}]"
    elif draft.kind == "app":
        yield "  domains: []              # app users have no e-mail address"
    else:
        yield "  domains: []              # empty: all domains; better to name yours, for example [acme.example]"
    yield '  # protect: [ceo@acme.example, "*@partners.acme.example"]    # never touched, whatever a row says'
    yield ""


def _groups(draft: JobDraft) -> Iterator[str]:
    """What follows from a column of groups; without one the section is only shown."""
    on = any(each.field == "groups" for each in draft.columns)
    yield "groups:" if on else "# groups:"
    sign = "  " if on else "#   "
    yield f"{sign}# who is in which groups, by the column groups of the file (names with ; between); without this section no group is touched"
    yield f"{sign}column: groups"
    yield f"{sign}create: false           # true: groups that are named and do not exist are made; else who needs one waits"
    yield f'{sign}manage: []              # groups in which memberships may end, as ["Sales*"], beside those that this job made'
    yield ""


def _leaving() -> Iterator[str]:
    yield "lifecycle:"
    yield "  # what happens to people whose row says that they have left (status, last day). A deactivation can be undone;"
    yield "  # content is transferred and accounts are deleted only if a line says so."
    yield "  leavers:"
    yield "    - {after: 0d, do: deactivate}"
    yield "    # - {after: 30d, do: transfer, to: manager}"
    yield "    # - {after: 31d, do: delete}"
    yield ""
    yield "guards:"
    yield "  # a plan that removes more than this waits for a person"
    yield "  removals: {count: 10, percent: 5}"
    yield ""


def _places() -> Iterator[str]:
    yield "# The state of the job, and its run folders. Both hold personal data: keep them out of repositories, on a persistent disk."
    yield "state: sqlite:///state/provision.db"
    yield "runs: runs"


def _quoted(text: str) -> str:
    """A text as YAML reads it back, on one line, whatever stands in it."""
    return str(yaml.safe_dump(text, default_style='"', allow_unicode=True, width=float("inf"))).strip()


def _word(text: str) -> str:
    """The same without quotation marks where it needs none."""
    return text if _PLAIN.fullmatch(text) else _quoted(text)


def _value(value: str | int) -> str:
    """The same for a value, in which a dollar sign would begin a variable."""
    return str(value) if isinstance(value, int) else _word(value.replace("$", "$$"))
