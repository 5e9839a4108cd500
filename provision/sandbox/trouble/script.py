r"""The fault script: what goes wrong, when, and how often. A JSON or YAML file.

    seed: 7                        # for `probability`; the same seed fails the same calls
    choices: {last_marker: empty}  # see provision.sandbox.choices
    clock_ahead: 600               # seconds that this Box's clock is ahead of the machine's; negative: behind
    rules:
      - match: {method: POST, path: ^/2.0/users$, nth: 3}
        do: 503_written
      - match: {method: GET, path: /2.0/users, every: 10, times: 5}
        do: {fault: status, status: 429, retry_after: 2}
      - match: {body: 'zoe\.weiss@', first: 1}
        do: {fault: written_late, delay: 5, answer: lost_answer}

A file that is only the list of rules will do as well. Of the rules, the first that fires decides; each
counts all requests that fit its `match`, also those another rule decides.

`match`, all of it optional:
  method       one verb or a list
  path         a prefix, or a regular expression if it begins with ^ (the query is not part of it)
  query, body  a regular expression to be found in the query string (decoded), in the body (up to 1 MB)
  nth          the n-th fitting request, or a list of numbers; from 1
  every        each n-th
  first        the first n
  after        all but the first n
  times        fire at most so often
  probability  share 0-1 of the fitting requests, drawn from the seed

`do`: a fault by name, or {fault: name, …} with
  status        {status: 429, retry_after: 1}: refused, not written; 429, 500, 502, 503 can be used as names
  503_not_written, 503_written   {retry_after: 1} if wanted
  lost_answer   written, then the connection closes without an answer
  lost_request  the connection closes before anything is written
  written_late  {delay: 5, answer: 503 | lost_answer}: refused or lost now, written `delay` seconds later, with
                the next request after that; a sandbox that is killed before forgets it
  slow          {delay: 5}: the right answer, later
  stalled_body  {delay: 0}: written; the headers and half the body, `delay` seconds of silence, then the end
  expired_token 401, and the token is void from now on
  forbidden     403 access_denied_insufficient_permissions, not written
  short_page    {drop: 1}: so many entries fall out at the end of a listing page
  entries_null  a listing page with `entries: null`
  repeated_marker  a listing page whose next_marker is the marker just sent
  duplicate_page   the entries of the page answered before, once more
  not_json      200 with a page of HTML; {written: true} if the call shall take effect
  html_error    {status: 502}: a gateway's page of HTML, not written; {status: 504, written: true} if it takes effect
                all the same, as a long transfer does behind a gateway that gave up
  sign_in_refused  {error: invalid_grant, detail: Grant credentials are invalid}: 400 of the token endpoint
  edited        {edit: {job_title: Boss, tracking_codes: {Cost: "7"}}, moment: before | after}: somebody else, or Box
                itself, sets these on the account of the request's path, or the new one's, just before or just after
                it; of the tracking codes only those that are named
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import msgspec

from provision.sandbox.options import SandboxError

from .faults import FaultRule, RequestMatch, Script

if TYPE_CHECKING:
    from pathlib import Path


def rule(do: str | dict[str, Any], **match: Any) -> FaultRule:
    """A rule from what a script would say: `rule("503_written", method="POST", nth=3)`."""
    return msgspec.convert({"do": _spelt_out(do), "match": match}, FaultRule)


def rules_of(given: object) -> list[FaultRule]:
    """Rules from what a script would have under `rules`; an error says what is wrong with them."""
    if not isinstance(given, list):
        raise TypeError("rules are a list")
    rules = msgspec.convert([_spelt_out_rule(one) for one in given], list[FaultRule])
    for one in rules:
        _refuse_bad_patterns(one.match)
    return rules


def parse(text: str) -> Script:
    """A script from JSON or YAML; ValueError says what is wrong with it."""
    import yaml

    loaded = yaml.safe_load(text)
    whole = {"rules": loaded} if isinstance(loaded, list) else loaded or {}
    if isinstance(whole, dict) and isinstance(whole.get("rules"), list):
        whole = {**whole, "rules": [_spelt_out_rule(one) for one in whole["rules"]]}
    script = msgspec.convert(whole, Script)
    for rule in script.rules:
        _refuse_bad_patterns(rule.match)
    return script


def _refuse_bad_patterns(match: RequestMatch) -> None:
    for pattern in (match.path if match.path.startswith("^") else "", match.query, match.body):
        re.compile(pattern or "")


def _spelt_out_rule(given: Any) -> Any:
    return {**given, "do": _spelt_out(given.get("do"))} if isinstance(given, dict) else given


def _spelt_out(do: Any) -> Any:
    """A bare name, or a status for a name, as the mapping it stands for."""
    if isinstance(do, int) or (isinstance(do, str) and do.isdigit()):
        return {"fault": "status", "status": int(do)}
    if isinstance(do, str):
        return {"fault": do}
    if isinstance(do, dict):
        named = {"fault": "status", **do} if "status" in do and "fault" not in do else do
        name = named.get("fault")
        if isinstance(name, int) or (isinstance(name, str) and name.isdigit()):
            named = {**named, "fault": "status", "status": int(name)}
        return {**named, "answer": str(named["answer"])} if "answer" in named else named
    return do


def read_script(path: Path | None) -> Script:
    """The script of a file; what is wrong with it is a SandboxError."""
    if path is None:
        return Script()
    import yaml

    try:
        return parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SandboxError(
            f"the fault script {path} cannot be read: {error.strerror}",
            "a misspelt path",
            "check the path given with --faults",
        ) from error
    except (ValueError, yaml.YAMLError, re.error) as error:
        raise SandboxError(
            f"the fault script {path} is not a fault script: {error}",
            "a misspelt key, a fault that does not exist, or a tab in YAML",
            "see the format with: python -m pydoc provision.sandbox.trouble.script",
        ) from error
