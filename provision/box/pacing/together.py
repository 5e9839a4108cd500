"""Questions asked side by side: as many at once as keep the budget of calls busy, answered in the order of asking.

A question changes nothing, so nothing is in doubt when one fails or the run is stopped: no more are begun, and those under
way come to their end. Of several errors that of the first question in order is raised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def together(
    questions: Sequence[Callable[[], T]], breadth: Callable[[], int], seen: Callable[[int], None]
) -> list[T]:
    """The answers, in order. ``breadth`` says, again and again, how many are worth being under way at once.

    ``seen`` hears in this thread how many are answered; what it raises ends the rest, as does what a question raises.
    """
    if len(questions) < 2 or breadth() < 2:
        return _one_by_one(questions, seen)
    answers: dict[int, T] = {}
    waiting, under_way = iter(enumerate(questions)), dict[Future[T], int]()
    pool = ThreadPoolExecutor(
        len(questions), thread_name_prefix="ask"
    )  # as many threads as are under way, no more
    try:
        while len(answers) < len(questions):
            room = max(0, max(1, breadth()) - len(under_way))
            under_way |= {pool.submit(question): place for place, question in islice(waiting, room)}
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            if any(one.exception() for one in done):
                raise _first_error(under_way)
            for one in done:
                answers[under_way.pop(one)] = one.result()
                seen(len(answers))
    finally:
        pool.shutdown(cancel_futures=True)
    return [answers[place] for place in range(len(questions))]


@contextlib.contextmanager
def beside(breadth: Callable[[], int]) -> Iterator[Callable[[Callable[[], T]], Callable[[], T]]]:
    """What asks one question while whoever asked does something else, and gives what waits for the answer.

    Where nothing is worth being under way besides, the question is asked when the answer is wanted. Whoever leaves waits for
    what is under way.
    """
    if breadth() < 2:
        yield lambda question: question
        return
    with ThreadPoolExecutor(1, thread_name_prefix="ask") as pool:
        yield lambda question: pool.submit(question).result


def _one_by_one(questions: Sequence[Callable[[], T]], seen: Callable[[int], None]) -> list[T]:
    answers = []
    for question in questions:
        answers.append(question())
        seen(len(answers))
    return answers


def _first_error(under_way: dict[Future[T], int]) -> BaseException:
    """Once all have ended: which of them failed is chance, so the first in order speaks."""
    errors = [(place, error) for one, place in under_way.items() if (error := one.exception())]
    return min(errors, key=lambda each: each[0])[1]
