"""The short pages around the page, and what is said on it where nothing could be done: a title and sentences."""

from __future__ import annotations

OPENS = ("Opening the review", ("The address that brought you here has served; the page goes on by itself.",))
ALREADY = (
    "This address was used already",
    (
        "It opens the page once, in one browser.",
        "If that was you, go on in that window.",
        "If it was not, stop the review with Ctrl-C where it was started, and start it anew: `provision review RUN`.",
    ),
)
NOT_ADMITTED = (
    "Not here",
    (
        "This page answers the browser that was opened with the address that `provision review` has printed, and nobody else.",
    ),
)
OVER = (
    "The review is finished",
    ("What was decided is kept with the run. You may close this window. It is carried out by:",),
)
OTHER_PLAN = "The plan is not the one that this page showed, so nothing was decided; look at it again."
UNCHOSEN = (
    "Nothing was chosen, so nothing was decided: tick lines first, or use the button of a line or of a group."
)
