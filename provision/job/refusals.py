"""What the job's description refuses, in plain words: pydantic's errors made into problems with a line.

A value is repeated only if it stands literally in the job file and its key names no secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from provision.job.document import Document
from provision.job.problems import KeyPath, Problem, dotted, either, is_secret, shown
from provision.job.reference import describe_keys, known_keys
from provision.job.settings import CcgAuth, Job, JwtAuth, TokenAuth
from provision.job.variables import names
from provision.wording import nearest

#: sentences by pydantic's type of error; in braces what pydantic tells of the limit
_SENTENCES = {
    "bool_parsing": "must be true or false",
    "bool_type": "must be true or false",
    "default_type": "must be a mapping of lines key: value",
    "dict_type": "must be a mapping of lines key: value",
    "enum": "must be {expected}",
    "finite_number": "must be a number that ends",
    "float_parsing": "must be a number",
    "float_type": "must be a number",
    "greater_than": "must be more than {gt:g}",
    "greater_than_equal": "must be at least {ge:g}",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "must be a whole number of fewer digits",
    "int_type": "must be a whole number",
    "less_than_equal": "must be at most {le:g}",
    "model_type": "must be a mapping of lines key: value",
    "model_attributes_type": "must be a mapping of lines key: value",
    "path_type": "must be a path",
    "string_pattern_mismatch": 'must begin with a letter or digit and hold at most 60 letters, digits, ".", "_" or "-"',
    "string_too_long": 'must be one character; a tab is "\\t" in double quotes',
    "string_too_short": "must not be empty",
    "string_type": "must be text",
    "string_unicode": "contains a character that is not text",
    "tuple_type": "must be a list, as [one, two]",
}

_SIGN_IN: dict[str, type[BaseModel]] = {"jwt": JwtAuth, "ccg": CcgAuth, "token": TokenAuth}

#: follow-up errors that say nothing new
_ECHOES = frozenset({"default_factory_not_called"})


def problems_of(
    error: ValidationError,
    document: Document,
    unknown: frozenset[KeyPath],
    model: type[BaseModel] = Job,
) -> Iterator[Problem]:
    """One problem for each thing refused, except where a value could not be made (``unknown``)."""
    details = error.errors(include_url=False, include_input=False)
    told = set(_misspelt(details, model))
    for detail in details:
        path = _path(detail)
        if path == ("state", "url") and isinstance(document.at(("state",)), str):
            path = ("state",)
        echo = detail["type"] in _ECHOES or (detail["type"] == "missing" and path in told)
        if not echo and not any(other[: len(path)] == path for other in unknown):
            yield Problem(document.line(path), _sentence(detail, path, document, model))


def _misspelt(details: list[ErrorDetails], model: type[BaseModel]) -> Iterator[KeyPath]:
    """The keys that unknown ones were probably meant to be; that they are missing needs no line of its own."""
    for detail in details:
        if detail["type"] == "extra_forbidden":
            path = _path(detail)
            yield (*path[:-1], nearest(str(path[-1]).partition(":")[0], _allowed(detail, model)))


def _path(detail: ErrorDetails) -> KeyPath:
    """Where in the job file: pydantic also names the sign-in method it chose, and which half of a pair is wrong."""
    path = tuple(part for part in detail["loc"] if part != "[key]")
    if path[:2] != ("box", "auth"):
        return path
    if detail["type"] in ("union_tag_invalid", "union_tag_not_found"):
        return (*path, "method")
    return path[:2] + path[3:]


def _sentence(detail: ErrorDetails, path: KeyPath, document: Document, model: type[BaseModel]) -> str:
    if detail["type"] == "extra_forbidden":
        return _unknown_key(path, _allowed(detail, model))
    if detail["type"] in ("missing", "union_tag_not_found"):
        return _missing(path, document, model)
    if not path:
        return _refusal(detail)
    if detail["loc"][-1] == "[key]" and detail["type"] == "choice":
        return _no_such_name(path, detail)
    if detail["loc"][-1] == "[key]" and detail["type"] == "value_error":
        return f'{dotted(path[:-1])}: "{shown(str(path[-1]))}" {_refusal(detail)}'
    if detail["loc"][-1] == "[key]":
        return f"{dotted(path[:-1])}: a header must not be empty"
    if document.at(path) is None:
        return f"no value for {dotted(path)}"
    return f"{dotted(path)}: {_refusal(detail)}{_given(path, document)}{_guess(detail, path, document)}"


def _allowed(detail: ErrorDetails, model: type[BaseModel]) -> list[str]:
    """The keys allowed where an unknown one stands; those of the sign-in depend on its method."""
    around = detail["loc"][:-1]
    if around[:2] == ("box", "auth"):
        return list(_SIGN_IN[str(around[2])].model_fields)
    return known_keys(_general(around), model)


def _unknown_key(path: KeyPath, known: list[str]) -> str:
    key, around = str(path[-1]), path[:-1]
    told = 'unknown key "{}"'.format(dotted(path).replace('"', ""))
    if ":" in key:
        return f"{told}; a colon needs a blank after it"
    if meant := nearest(key, known):
        return f'{told}; did you mean "{dotted((*around, meant))}"?'
    return f"{told}; known here: {', '.join(known)}"


def _no_such_name(path: KeyPath, detail: ErrorDetails) -> str:
    """A key that is not free: it has to be one of some names."""
    name, among = str(path[-1]), detail.get("ctx", {})["among"]
    told = f'{dotted(path[:-1])}: "{shown(name)}" {detail["msg"]}'
    meant = nearest(name, among)
    return f'{told}; did you mean "{meant}"?' if meant else f"{told}; known here: {', '.join(among)}"


def _missing(path: KeyPath, document: Document, model: type[BaseModel]) -> str:
    told = f"no value for {dotted(path)}" if path in document.lines else f'missing key "{dotted(path)}"'
    meaning = next((row[3] for row in describe_keys(model) if row[0].replace("[]", "") == _general(path)), "")
    return f"{told} ({meaning})" if meaning else told


def _general(path: KeyPath) -> str:
    return ".".join(part for part in path if isinstance(part, str))


def _refusal(detail: ErrorDetails) -> str:
    context: dict[str, Any] = detail.get("ctx", {})
    if detail["type"] == "value_error":
        return str(context["error"])
    if detail["type"] == "choice":
        return detail["msg"]
    if detail["type"] == "union_tag_invalid":
        return f"must be {either(list(_SIGN_IN))}"
    if (sentence := _SENTENCES.get(detail["type"])) is None:
        return "does not fit here"
    return sentence.format(**context).replace("'", "")


def _given(path: KeyPath, document: Document) -> str:
    written = document.at(path)
    if not isinstance(written, str) or not written:
        return ""
    if variables := names(written):
        return f" (it comes from {either(variables)})"
    if is_secret(path) or ("@" in written and "://" in written):
        return ""
    return f', not "{shown(written)}"'


def _guess(detail: ErrorDetails, path: KeyPath, document: Document) -> str:
    written = document.at(path)
    if detail["type"] != "choice" or not isinstance(written, str) or names(written):
        return ""
    meant = nearest(written, detail.get("ctx", {})["among"])
    return f'; did you mean "{meant}"?' if meant else ""
