"""Questions asked side by side: as many at once as keep the budget of calls busy, answered in the order of asking.

A question changes nothing, so nothing is in doubt when one fails or the run is stopped: no more are begun. Of several errors that
of the first question in order is raised, once those under way have come to their end; who is stopped waits for none of them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from functools import partial
from itertools import islice
from queue import SimpleQueue
from threading import Semaphore, Thread
from typing import Self, TypeVar

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
    with _Threads() as threads:
        while len(answers) < len(questions):
            room = max(0, max(1, breadth()) - len(under_way))
            under_way |= {threads.ask(question): place for place, question in islice(waiting, room)}
            done, _ = wait(under_way, return_when=FIRST_COMPLETED)
            if any(one.exception() for one in done):
                raise _first_error(under_way)
            for one in done:
                answers[under_way.pop(one)] = one.result()
                seen(len(answers))
    return [answers[place] for place in range(len(questions))]


@contextlib.contextmanager
def beside(breadth: Callable[[], int]) -> Iterator[Callable[[Callable[[], T]], Callable[[], T]]]:
    """What asks one question while whoever asked does something else, and gives what waits for the answer.

    Where nothing is worth being under way besides, the question is asked when the answer is wanted.
    """
    if breadth() < 2:
        yield lambda question: question
        return
    with _Threads() as threads:
        yield lambda question: threads.ask(question).result


class _Threads:
    """Threads that ask, no more of them than questions are under way.

    They keep neither whoever leaves nor the process: a Box that does not answer would hold a run that a person stops.
    """

    def __init__(self) -> None:
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._idle, self._count = Semaphore(0), 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for _thread in range(self._count):
            self._asked.put(None)

    def ask(self, question: Callable[[], T]) -> Future[T]:
        """The answer to come."""
        answer: Future[T] = Future()
        self._asked.put(partial(_answer, question, answer))
        if not self._idle.acquire(blocking=False):
            self._count += 1
            Thread(target=self._work, name=f"ask-{self._count}", daemon=True).start()
        return answer

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            asked()
            self._idle.release()


def _answer(question: Callable[[], T], answer: Future[T]) -> None:
    try:
        answer.set_result(question())
    except BaseException as error:  # noqa: BLE001 - whoever waits raises it
        answer.set_exception(error)


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
