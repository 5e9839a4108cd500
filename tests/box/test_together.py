"""Questions side by side: as many at once as are worth it, answered in order, and ended in good order."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provision.box.pacing.together import beside, together
from provision.directory.lookup import Wanted, look_up
from tests.examples import examples
from tests.live import Start

#: seconds after which somebody who never comes is no longer waited for: a test fails then
PATIENCE = 20


def nobody(_number: int) -> None:
    """Not told."""


@given(questions=st.integers(0, 40), widths=st.lists(st.integers(0, 9), min_size=1, max_size=5))
@examples(30)
def test_answers_come_in_the_order_of_asking_and_never_more_than_the_breadth_are_under_way(
    questions: int, widths: list[int]
) -> None:
    lock, here = threading.Lock(), [0, 0]
    asked, seen = 0, list[int]()

    def breadth() -> int:
        nonlocal asked
        asked += 1
        return widths[asked % len(widths)]

    def question(number: int) -> int:
        with lock:
            here[0] += 1
            here[1] = max(here)
        with lock:
            here[0] -= 1
        return number * number

    told = together([partial(question, number) for number in range(questions)], breadth, seen.append)

    assert told == [number * number for number in range(questions)]
    assert seen == list(range(1, questions + 1))
    assert here[1] <= max(1, *widths)


def test_those_that_are_worth_it_are_under_way_at_once() -> None:
    """Each waits for two others: one after the other they would wait for ever."""
    meet = threading.Barrier(3, timeout=PATIENCE)

    assert len(together([meet.wait] * 9, lambda: 3, nobody)) == 9


def test_one_alone_is_asked_where_it_is_wanted_and_so_are_all_of_a_job_with_one_worker() -> None:
    where = threading.get_ident

    assert together([where], lambda: 9, nobody) == [where()]
    assert together([where] * 3, lambda: 1, nobody) == [where()] * 3
    assert where() not in together([where] * 3, lambda: 2, nobody)


def test_of_several_errors_the_first_in_order_speaks_and_nothing_more_is_begun() -> None:
    """The second fails first; the first, under way meanwhile, comes to its end and is heard."""
    begun, failed = list[int](), threading.Event()

    def question(number: int) -> int:
        begun.append(number)
        if number == 0:
            assert failed.wait(PATIENCE)
        failed.set()
        raise ValueError(number)

    with pytest.raises(ValueError, match="0"):
        together([partial(question, number) for number in range(9)], lambda: 2, nobody)

    assert sorted(begun) == [0, 1]


def test_who_hears_of_answers_can_end_it_without_a_wait_for_those_under_way() -> None:
    begun, answers = list[int](), threading.Event()

    def question(number: int) -> None:
        begun.append(number)
        if number:
            assert answers.wait(PATIENCE)

    def stop(_number: int) -> None:
        raise InterruptedError

    try:
        with pytest.raises(InterruptedError):
            together([partial(question, number) for number in range(50)], lambda: 2, stop)
        under_way = [one for one in threading.enumerate() if one.name.startswith("ask")]
    finally:
        answers.set()

    assert len(begun) <= 3
    assert under_way
    assert all(one.daemon for one in under_way), "it would keep the process"
    for one in under_way:
        one.join(PATIENCE)
        assert not one.is_alive()


def test_who_leaves_what_asks_besides_waits_for_no_answer() -> None:
    answers = threading.Event()
    try:
        with pytest.raises(InterruptedError), beside(lambda: 2) as ask:
            ask(lambda: answers.wait(PATIENCE))
            raise InterruptedError
        assert not answers.is_set()
    finally:
        answers.set()


def test_a_connection_looks_people_up_side_by_side(start: Start) -> None:
    connection = start().connect()
    meet = threading.Barrier(2, timeout=PATIENCE)

    class Meeting:
        """Box, at whose door everybody waits for somebody else."""

        def __getattr__(self, name: str) -> Callable[[str], object]:
            ask: Callable[[str], object] = getattr(connection.box, name)
            return lambda key: (meet.wait(), ask(key))[1]

    wanted = Wanted(("300", "999"), ("client-1", "nobody"), ("otto@acme.example", "guest@partner.example"))
    found = look_up(wanted, Meeting(), connection.retry, connection.me)

    assert [one.box_id for one in found] == ["300", "301", "400"]


def test_one_question_is_asked_beside_what_its_asker_does_meanwhile() -> None:
    """Question and asker wait for each other."""
    meet = threading.Barrier(2, timeout=PATIENCE)

    with beside(lambda: 2) as ask:
        answer = ask(meet.wait)
        meet.wait()
        assert answer() in (0, 1)


def test_with_one_worker_a_question_is_asked_when_its_answer_is_wanted() -> None:
    asked = list[int]()

    with beside(lambda: 1) as ask:
        answer = ask(lambda: asked.append(threading.get_ident()))
        assert asked == []
        answer()

    assert asked == [threading.get_ident()]
