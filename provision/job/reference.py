"""The reference of the job file's keys, made from the description that also checks them."""

from __future__ import annotations

import types
from collections.abc import Iterator
from datetime import timedelta
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le
from pydantic import BaseModel, WrapValidator
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from provision.job.limits import OFF
from provision.job.problems import either
from provision.job.settings import Job

#: a key, what its value is, its default and its meaning
KeyRow = tuple[str, str, str, str]

_WORDS: dict[object, str] = {
    str: "text",
    int: "whole number",
    float: "number",
    bool: "true or false",
    Path: "path",
    timedelta: "time, as 10m, 12h, 30d",
    Any: "anything",
}


#: defaults that the model does not know, because they come from the file
_MADE_ON_LOADING = {"name": "the file's name"}


def describe_keys(model: type[BaseModel] = Job) -> list[KeyRow]:
    """Every key of a job file, or a file of another ``model``, in order.

    Of each: dotted key, type in words, default ("" for none, ``required``), description.
    """
    return list(_all_rows(model))


@cache
def _all_rows(model: type[BaseModel]) -> tuple[KeyRow, ...]:
    return tuple(_rows(model, "", None))


def known_keys(prefix: str = "", model: type[BaseModel] = Job) -> list[str]:
    """The keys allowed below the dotted key ``prefix``, without what is below them. List positions are left out."""
    start = f"{prefix}." if prefix else ""
    below = (row[0].replace("[]", "") for row in describe_keys(model))
    return list(
        dict.fromkeys(key.removeprefix(start).split(".")[0] for key in below if key.startswith(start))
    )


def _rows(model: type[BaseModel], prefix: str, given: object) -> Iterator[KeyRow]:
    """The rows of one section; ``given`` is the section that stands in where a job has none."""
    for own, field in model.model_fields.items():
        name, default = field.alias or own, getattr(given, own, field.default)
        choices = _models(field.annotation)
        if choices:
            yield from _section_rows(f"{prefix}{name}", field, choices)
        else:
            yield (
                f"{prefix}{name}",
                _type_words(field),
                _default_words(prefix + name, field, default),
                field.description or "",
            )


def _section_rows(key: str, field: FieldInfo, choices: list[type[BaseModel]]) -> Iterator[KeyRow]:
    if len(choices) > 1:
        yield from _sign_in_rows(f"{key}.", choices)
        return
    if any(isinstance(each, WrapValidator) for each in field.metadata):
        yield key, OFF, "", field.description or ""
    below = f"{key}[]." if get_origin(_plain(field.annotation)) is tuple else f"{key}."
    yield from _rows(choices[0], below, field.default)


def _sign_in_rows(below: str, choices: list[type[BaseModel]]) -> Iterator[KeyRow]:
    yield _method_row(below, choices)
    for model in choices:
        method = _type_words(model.model_fields["method"])
        for key, words, default, meaning in _rows(model, below, None):
            if key != f"{below}method":
                yield key, words, default, f"{method} only: {meaning}"


def _method_row(below: str, choices: list[type[BaseModel]]) -> KeyRow:
    fields = [model.model_fields["method"] for model in choices]
    words = "; ".join(f"{_type_words(field)}: {field.description}" for field in fields)
    return f"{below}method", either([_type_words(field) for field in fields]), "required", words


def _models(annotation: object) -> list[type[BaseModel]]:
    """The sections that a value of this type consists of: none, one, or several to choose from."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [model for part in get_args(annotation) for model in _models(part)]


def _plain(annotation: Any) -> Any:
    """The type without what is annotated to it and without "or not given"."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return _plain(next(part for part in get_args(annotation) if part is not types.NoneType))
    return annotation


def _type_words(field: FieldInfo) -> str:
    return ", ".join([_words(field.annotation), *_limits(field)])


def _words(annotation: Any) -> str:
    plain = _plain(annotation)
    origin, parts = get_origin(plain), get_args(plain)
    if origin is tuple:
        return f"list of {_words(parts[0])}"
    if origin is dict:
        return f"mapping of {_words(parts[0])} to {_words(parts[1])}"
    if origin is Literal:
        return either([str(part) for part in parts])
    if isinstance(plain, type) and issubclass(plain, StrEnum):
        return either([choice.value for choice in plain])
    return _WORDS[plain]


def _limits(field: FieldInfo) -> Iterator[str]:
    for limit in field.metadata:
        if isinstance(limit, Ge):
            yield f"at least {limit.ge}"
        elif isinstance(limit, Gt):
            yield f"more than {limit.gt}"
        elif isinstance(limit, Le):
            yield f"at most {limit.le}"


def _default_words(key: str, field: FieldInfo, default: object) -> str:
    if key in _MADE_ON_LOADING:
        return _MADE_ON_LOADING[key]
    if field.default_factory is not None:
        return ""
    if default is PydanticUndefined:
        return "required"
    return _value_words(default)


def _value_words(value: object) -> str:
    if isinstance(value, timedelta):
        hours = int(value.total_seconds() // 3600)
        return f"{hours}h" if hours % 24 else f"{hours // 24}d"
    if isinstance(value, tuple):
        return ", ".join(_value_words(part) for part in value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
