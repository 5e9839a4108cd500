"""The page on which a person decides, and the few short ones around it, as text; nothing in them is loaded from anywhere."""

from __future__ import annotations

import functools

from provision.report.page.render import environment, parts, style_text, text_of
from provision.report.review.value import ReviewPage

_ROOM = "provision.report.review"


def page_text(page: ReviewPage) -> str:
    """The page; all text in it is escaped."""
    return environment().get_template("review.html.j2").render(page=page, **_parts())


def short_text(title: str, sentences: tuple[str, ...], *, onward: str = "", command: str = "") -> str:
    """A page that says one thing. ``onward``: the path to which it goes on by itself, ``command``: what comes next, "" for nothing."""
    template = environment().get_template("short.html.j2")
    return template.render(title=title, sentences=sentences, onward=onward, command=command, **_parts())


def policy() -> str:
    """The content security policy of these pages, as a header."""
    return f"{_parts()['policy']}; frame-ancestors 'none'"


@functools.cache
def _parts() -> dict[str, object]:
    style = style_text() + text_of(_ROOM, "review.css")
    return parts(style, text_of(_ROOM, "review.js"), "'self'")
