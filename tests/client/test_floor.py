"""Taking turns at one connection."""

import socket
import threading
from collections.abc import Iterator

import pytest

from turnserver.client.errors import Closed, Unreachable
from turnserver.client.floor import Floor


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Both ends of a connection."""
    mine, other = socket.socketpair()
    with mine, other:
        mine.settimeout(10)
        yield mine, other


def no_news() -> bool:
    return False


def started(target: object) -> threading.Thread:
    assert callable(target)
    thread = threading.Thread(target=target)
    thread.start()
    return thread


def test_one_thread_at_a_time_has_the_floor() -> None:
    floor, inside, most = Floor(), [0], [0]

    def work() -> None:
        for _ in range(200):
            with floor.for_sending():
                inside[0] += 1
                most[0] = max(most[0], inside[0])
                inside[0] -= 1

    threads = [started(work) for _ in range(4)]
    for thread in threads:
        thread.join()

    assert most == [1]


def test_whoever_sends_ends_the_hold_and_no_other_begins(ends: tuple[socket.socket, socket.socket]) -> None:
    floor, has_sent = Floor(), threading.Event()

    def send() -> None:
        with floor.for_sending():
            has_sent.set()

    with floor.for_waiting(no_news, wait_s=0) as has_floor:
        with floor.hold(ends[0]) as may_hold:
            sender = started(send)
            end_of_hold = ends[0].recv(1)
        with floor.hold(ends[0]) as may_hold_again:
            pass
        had_sent = has_sent.is_set()
    sender.join()

    assert (has_floor, may_hold, end_of_hold, may_hold_again, had_sent) == (True, True, b"", False, False)
    assert has_sent.is_set()


def test_a_hold_that_ended_by_itself_is_left_alone(ends: tuple[socket.socket, socket.socket]) -> None:
    floor = Floor()

    with floor.hold(ends[0]) as may_hold:
        ends[0].close()
        with floor.for_sending():
            pass

    assert may_hold


def test_who_waits_for_news_does_without_the_floor_when_there_is_some() -> None:
    with Floor().for_waiting(lambda: True, wait_s=10) as has_floor:
        assert not has_floor


def test_who_waits_for_the_floor_waits_no_longer_than_it_wants() -> None:
    floor = Floor()

    with floor.for_sending(), floor.for_waiting(no_news, wait_s=0) as has_floor:
        assert not has_floor


def test_who_wants_to_say_goodbye_does_not_wait_for_ever() -> None:
    floor = Floor()

    with floor.for_sending(), pytest.raises(Unreachable), floor.for_sending(wait_s=0):
        pass

    with floor.for_waiting(no_news, wait_s=0) as has_floor:
        assert has_floor


def test_news_that_a_sender_brings_reach_who_waits() -> None:
    floor, news, seen = Floor(), threading.Event(), []

    def wait() -> None:
        with floor.for_waiting(news.is_set, wait_s=10) as has_floor:
            seen.append(has_floor)

    with floor.for_sending():
        waiter = started(wait)
        news.set()
    waiter.join()

    assert seen == [False]


def test_the_floor_is_free_again_after_an_error() -> None:
    floor = Floor()

    with pytest.raises(ValueError, match="oops"), floor.for_sending():
        raise ValueError("oops")

    with floor.for_waiting(no_news, wait_s=0) as has_floor:
        assert has_floor


def test_when_all_is_over_a_hold_and_a_pause_end_and_whoever_has_the_floor_tidies_up(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    floor, tidied = Floor(), list[int]()

    with floor.for_waiting(no_news, wait_s=0):
        with floor.hold(ends[0]):
            ender = started(lambda: floor.end(lambda: tidied.append(threading.get_ident())))
            end_of_hold = ends[0].recv(1)
        ender.join()
        assert (end_of_hold, tidied) == (b"", [])
        with floor.hold(ends[0]) as may_hold:
            assert not may_hold
        floor.pause(3_600)

    assert tidied == [threading.get_ident()]


def test_when_all_is_over_nobody_gets_the_floor() -> None:
    floor, told, tidied = Floor(), list[str](), list[bool]()

    def wait(name: str) -> None:
        with pytest.raises(Closed), floor.for_sending() if name == "sender" else floor.for_waiting(no_news, wait_s=60):
            pass
        told.append(name)

    with floor.for_waiting(no_news, wait_s=0):
        waiting = [started(lambda name=name: wait(name)) for name in ("sender", "reader")]
        floor.end(lambda: tidied.append(True))
        for one in waiting:
            one.join()
        assert tidied == []
    with pytest.raises(Closed):
        floor.must_go_on()

    assert sorted(told) == ["reader", "sender"]
    assert tidied == [True]


def test_where_nobody_has_the_floor_the_end_comes_at_once() -> None:
    floor, tidied = Floor(), list[bool]()
    floor.end(lambda: tidied.append(True))

    assert tidied == [True]
