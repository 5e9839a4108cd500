"""How Box cuts a list of users into pages, for who asks for them and for who foretells how many calls that takes."""

from __future__ import annotations

#: the most users Box puts on one page of a listing (Box API reference, GET /users)
PAGE_SIZE = 1000

#: the last offset that Box surely takes (Box guide, Offset-based pagination: 9999; the API reference: 10000)
LAST_OFFSET = 9_999


def places_of_pages(users: int) -> range:
    """The offsets of pages that reach so many users, each but the first beginning with the last user of the one before.

    Empty for users whom one page shows, or offsets do not reach.
    """
    places = range(0, users - 1, PAGE_SIZE - 1)
    return places if users > PAGE_SIZE and places[-1] <= LAST_OFFSET else range(0)
