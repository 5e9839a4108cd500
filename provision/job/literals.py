"""Secrets that stand literally in a job file, where a copy, a commit or a ticket would carry them away."""

from __future__ import annotations

import re

from provision.job.document import Document
from provision.job.problems import KeyPath, Problem, dotted, is_secret
from provision.job.variables import is_only_variables

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----")
_PASSWORD = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/\s:@]*:([^/\s]+)@")

#: a part of the query of an address that lets whoever has it in
_IN_QUERY = re.compile(
    r"[?&][^=&\s]*(?:sig|signature|token|key|secret|password|credential)[^=&\s]*=([^&#\s]+)", re.IGNORECASE
)


_CAUSE = "a secret was pasted into the job file"
_REMEDY = "name an environment variable instead, as ${BOX_CLIENT_SECRET}, and change the secret: it was seen"


def literal_secrets(document: Document) -> list[Problem]:
    """A problem with line and key for each literal secret in the job file, never the secret; in the order of the lines.

    Literal is: a secret or token that is not made of variables alone (a default counts as literal), a private key
    anywhere, a password within a URL.
    """
    found = [(document.line(place), _told(place, text)) for place, text in document.scalars()]
    return [Problem(line, sentence, _CAUSE, _REMEDY) for line, sentence in sorted(found) if sentence]


def _told(path: KeyPath, text: str) -> str:
    if _PRIVATE_KEY.search(text):
        return f"{dotted(path)}: a private key stands in the job file; keep it in a file of its own"
    if is_secret(path) and text and not is_only_variables(text):
        return (
            f"{dotted(path)}: a literal secret; name a variable without a default, as ${{{_variable(path)}}}"
        )
    if (match := _PASSWORD.match(text)) and not is_only_variables(match[1]):
        return f"{dotted(path)}: a literal password in an address; name a variable without a default in its place"
    if "://" in text and any(not is_only_variables(found) for found in _IN_QUERY.findall(text)):
        return (
            f"{dotted(path)}: a literal secret in an address; name a variable without a default in its place"
        )
    return ""


def _variable(path: KeyPath) -> str:
    """The name to suggest for what stands at ``path``."""
    if path == ("state", "key"):
        return "PROVISION_KEY"
    key = dotted(path).rpartition(".")[2]
    return "BOX_" + re.sub(r"[^A-Z0-9]", "_", key.upper())
