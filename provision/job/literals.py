"""Secrets that stand literally in a job file, where a copy, a commit or a ticket would carry them away."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from provision.job.document import Document
from provision.job.problems import KeyPath, Problem, dotted, is_notice, is_secret
from provision.job.variables import is_only_variables, names

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:([^/\s]+)@")

#: in the name of a part of the query of an address that lets whoever has it in
_LETS_IN = ("sig", "token", "key", "secret", "password", "credential")

#: forms of an address for notices whose host is a host, and nothing that lets anybody in
_OF_HOSTS = ("json", "jsons", "xml", "xmls", "form", "forms", "mailto", "mailtos")
#: a part of a path that is too long and too mixed for a word
_TOKEN = re.compile(r"(?=[\w.~-]*\d)(?=[\w.~-]*[A-Za-z])[\w.~-]{12,}|[\w.~-]{24,}")

_CAUSE = "a secret was pasted into the job file"
_REMEDY = "use an environment variable instead, for example ${BOX_CLIENT_SECRET}, and replace the secret, since it was exposed"


def _none(_text: str) -> bool:
    return False


def literal_secrets(document: Document, refers: Callable[[str], bool] = _none) -> list[Problem]:
    """A problem with line and key for each literal secret in the job file, never the secret; in the order of the lines.

    ``refers`` tells a text that only says where a secret is.

    Literal is: a secret or token that is not made of variables alone (a default counts as literal), a private key
    anywhere, a password within a URL, and what may be a token in an address for notices.
    """
    said = ((place, text) for place, text in document.scalars() if not refers(text))
    found = [(document.line(place), _told(place, text)) for place, text in said]
    return [Problem(line, sentence, _CAUSE, _REMEDY) for line, sentence in sorted(found) if sentence]


def secret_variables(document: Document) -> frozenset[str]:
    """The variables of a job file that hold a secret, by the places where it names them."""
    return frozenset(name for path, text in document.scalars() if is_secret(path) for name in names(text))


def _told(path: KeyPath, text: str) -> str:
    if _PRIVATE_KEY.search(text):
        return f"{dotted(path)}: the job file contains a private key; keep it in a separate file"
    notice = is_notice(path)
    if not notice and is_secret(path) and text and not is_only_variables(text):
        return f"{dotted(path)}: a literal secret; use a variable without a default, for example ${{{_variable(path)}}}"
    if notice and _lets_in(text):
        return f"{dotted(path)}: an address that gives access to anyone who has it; use a variable without a default, for example ${{NOTIFY_URL}}"
    # who is written to may stand behind the question mark
    if (match := _PASSWORD.match(text.partition("?")[0] if notice else text)) and not is_only_variables(
        match[1]
    ):
        return f"{dotted(path)}: a literal password in an address; name a variable without a default in its place"
    if "://" in text and not all(map(is_only_variables, _secrets_in_query(text))):
        return (
            f"{dotted(path)}: a literal secret in an address; name a variable without a default in its place"
        )
    return ""


def _secrets_in_query(address: str) -> Iterator[str]:
    """What the parts of a query are that let somebody in. Split and no pattern, which would go over a long text again and again."""
    for part in re.split("[?&]", address)[1:]:
        name, _, value = part.partition("=")
        value = re.split(r"[#\s]", value, maxsplit=1)[0]
        if value and len(name.split()) == 1 and any(word in name.casefold() for word in _LETS_IN):
            yield value


def _lets_in(address: str) -> bool:
    """Whether an address for notices has a literal part that may be a token: many services have theirs in the place of the host."""
    scheme, sign, rest = address.strip().partition("://")
    if not sign:
        where = address.partition("?")[0].strip()
        return bool(where) and not is_only_variables(where)
    parts = re.split(r"[/@?&]", rest)
    if scheme.casefold() in _OF_HOSTS:
        return any(_TOKEN.fullmatch(part) for part in parts[1:])
    return any(part and not part.startswith("#") and not is_only_variables(part) for part in parts)


def _variable(path: KeyPath) -> str:
    """The name to suggest for what stands at ``path``."""
    if path == ("state", "key"):
        return "PROVISION_KEY"
    key = dotted(path).rpartition(".")[2]
    return "BOX_" + re.sub(r"[^A-Z0-9]", "_", key.upper())
