"""Rules of the house for plans: what no plan may hold, or only so many of. A file of its own, a list of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import yaml
from annotated_types import MinLen
from pydantic import AfterValidator, BeforeValidator, Field, TypeAdapter, ValidationError, model_validator

from provision.errors import InputError
from provision.files import opened
from provision.job.document import plain_tree
from provision.job.section import Section
from provision.job.syntax import meaning
from provision.job.values import Filled
from provision.model import ATTRIBUTE, TRACKING_PREFIX, Kind

#: what of an operation a rule can look at beside the attributes it changes
FACTS = ("login", "name", "external_id", "box_id", "account", "status", "segment", "to")
#: which side of a change of an attribute; without one of them either
SIDES = ("before.", "after.")

_MOST_BYTES = 256 * 1024
_LIST = BeforeValidator(lambda given: (given,) if isinstance(given, str) else given)


def _field(name: str) -> str:
    attribute = name
    for side in SIDES:
        attribute = attribute.removeprefix(side)
    if (
        name in FACTS
        or attribute in ATTRIBUTE
        or attribute.removeprefix(TRACKING_PREFIX) not in ("", attribute)
    ):
        return name
    raise ValueError(
        f"is nothing that an operation has; it has {', '.join(FACTS)}, and attributes as job_title, before.job_title or after.job_title"
    )


Globs = Annotated[tuple[Annotated[str, Field(strict=False)], ...], _LIST, MinLen(1)]
Conditions = Mapping[Annotated[str, AfterValidator(_field)], Globs]


class Deny(Section):
    """Which operations a rule counts: of these kinds, whose fields fit all of ``where`` and none of ``unless``."""

    kind: Annotated[tuple[Kind, ...], _LIST] = Field((), description="kinds of operation; all without it")
    where: Conditions = Field(
        default_factory=dict, description="field to globs: each field fits one of its globs"
    )
    unless: Conditions = Field(default_factory=dict, description="what fits one of these does not count")

    @model_validator(mode="after")
    def _says_something(self) -> Deny:
        if not (self.kind or self.where or self.unless):
            raise ValueError("says nothing: give kind, where or unless")
        return self


class PolicyRule(Section):
    """One rule: a plan may have so many of these operations and no more."""

    name: Filled = Field(description="how the rule is called when it is broken")
    deny: Deny
    max: int = Field(0, ge=0, description="so many are allowed")


_RULES: TypeAdapter[tuple[PolicyRule, ...]] = TypeAdapter(Annotated[tuple[PolicyRule, ...], MinLen(1)])


def load_rules(path: Path) -> tuple[PolicyRule, ...]:
    """The rules in a file. Raises InputError with everything wrong in it."""
    try:
        with opened(path) as stream:
            content = stream.read(_MOST_BYTES + 1)
        text = content.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise _wrong(path, [getattr(error, "strerror", None) or "it is not UTF-8 text"]) from None
    if len(content) > _MOST_BYTES:
        raise _wrong(path, [f"it is larger than {_MOST_BYTES // 1024} KB"])
    try:
        return _RULES.validate_python(plain_tree(text))
    except yaml.YAMLError as error:
        problem = meaning(error, text)
        raise _wrong(path, [f"line {problem.line}: {problem.sentence}"]) from None
    except ValidationError as error:
        raise _wrong(path, list(_problems(error))) from None
    except ValueError as error:
        raise _wrong(path, [str(error)]) from None


def _problems(error: ValidationError) -> Iterator[str]:
    for detail in error.errors(include_url=False, include_input=False):
        yield f"{_place(detail['loc'])}: {detail['msg'].removeprefix('Value error, ')}"


def _place(path: tuple[Any, ...]) -> str:
    if not path:
        return "the file"
    rule = f"rule {path[0] + 1}" if isinstance(path[0], int) else str(path[0])
    below = ".".join(str(part) for part in path[1:] if part != "[key]")
    return f"{rule}, {below}" if below else rule


def _wrong(path: Path, problems: list[str]) -> InputError:
    return InputError(
        "\n".join([f"The rules {path} cannot be used:", *(f"  {each}" for each in problems)]),
        cause="a mistyped key, kind or field, or another file",
        remedy="write a list of rules, each as: - {name: nobody of Legal leaves, deny: {kind: [deactivate], where: {segment: [Legal]}}, max: 0}",
    )
