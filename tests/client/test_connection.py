"""One keep-alive connection."""

import signal
import threading

import pytest

from tests.client.bad_network import Fate, Reply, bad_network, first, serving
from turnserver.client import connection as connections
from turnserver.client.address import address
from turnserver.client.connection import Connection, Observer, with_jitter
from turnserver.client.exchange import Heard, Missed, Post, Steps
from turnserver.client.floor import Floor
from turnserver.client.timing import Timing

REGISTER = b"0,ann,*,*,*"
TIMING = Timing(reply_s=10)


def posts(*lines: bytes, wait_s: int = 0) -> Steps[list[Heard | Missed]]:
    outcomes = []
    for line in lines:
        outcome = yield Post(line, wait_s)
        outcomes.append(outcome)
    return outcomes


def outcomes_of(
    url: str, *lines: bytes, timing: Timing = TIMING, observe: Observer | None = None, wait_s: int = 0
) -> list[Heard | Missed]:
    connection = Connection(address(url), timing, Floor(), observe)
    try:
        return connection.perform(posts(*lines, wait_s=wait_s))
    finally:
        connection.close()


@pytest.fixture
def closed_port() -> str:
    """An address where nobody listens any more."""
    with serving(lambda *_: None) as url:
        pass
    return url


def test_one_connection_serves_many_posts(server: str) -> None:
    with bad_network(server, first()) as network:
        outcomes = outcomes_of(network.address, *[REGISTER] * 5)

    assert all(isinstance(outcome, Heard) and outcome.line.startswith(b"0/0/") for outcome in outcomes)
    assert network.connections == 1


def test_the_connection_on_which_a_reply_is_missing_is_not_used_again(server: str) -> None:
    with bad_network(server, first(Fate.REPLY_CUT)) as network:
        outcomes = outcomes_of(network.address, REGISTER, REGISTER)

    assert isinstance(outcomes[0], Missed)
    assert isinstance(outcomes[1], Heard)
    assert outcomes[0].was_sent
    assert network.connections == 2


def test_a_server_that_is_silent_is_missed_after_the_time_for_a_reply(server: str) -> None:
    with bad_network(server, first(Fate.SWALLOWED)) as network:
        outcomes = outcomes_of(network.address, REGISTER, timing=Timing(reply_s=0.05))

    assert isinstance(outcomes[0], Missed)
    assert "timed out" in outcomes[0].why


def test_where_nobody_listens_the_address_is_named(closed_port: str) -> None:
    outcomes = outcomes_of(closed_port, REGISTER)

    assert isinstance(outcomes[0], Missed)
    assert closed_port in outcomes[0].why
    assert not outcomes[0].was_sent


def test_the_status_and_the_wish_to_be_left_alone_are_heard() -> None:
    with serving(lambda *_: Reply(503, b"44/*/*", (("Retry-After", "7"),))) as url:
        outcomes = outcomes_of(url, REGISTER)

    heard = outcomes[0]
    assert isinstance(heard, Heard)
    assert (heard.http, heard.line, heard.retry_after_s) == (503, b"44/*/*", 7)


def test_a_date_as_that_wish_is_none() -> None:
    with serving(lambda *_: Reply(503, b"44/*/*", (("Retry-After", "Wed, 21 Oct 2026 07:28:00 GMT"),))) as url:
        outcomes = outcomes_of(url, REGISTER)

    assert isinstance(outcomes[0], Heard)
    assert outcomes[0].retry_after_s == 0


def test_the_wish_to_be_held_is_told(server: str) -> None:
    with bad_network(server, first()) as network:
        outcomes_of(network.address, REGISTER, wait_s=3)

    assert network.passed[0].prefer == "wait=3"


@pytest.mark.parametrize(
    "reply",
    [Reply(200, b"0/9/" + b"x" * 7), Reply(200, b"b\r\n0/9/xxxxxxx\r\n0\r\n\r\n", (("Transfer-Encoding", "chunked"),))],
)
def test_a_reply_that_is_too_long_is_missed(monkeypatch: pytest.MonkeyPatch, reply: Reply) -> None:
    monkeypatch.setattr(connections, "REPLY_BYTES_MAX", 10)
    with serving(lambda *_: reply) as url:
        outcomes = outcomes_of(url, REGISTER)

    assert isinstance(outcomes[0], Missed)
    assert "more than 10 bytes" in outcomes[0].why


def test_a_reply_in_chunks_is_read() -> None:
    with serving(
        lambda *_: Reply(200, b"4\r\n0/9/\r\n1\r\nx\r\n0\r\n\r\n", (("Transfer-Encoding", "chunked"),))
    ) as url:
        outcomes = outcomes_of(url, REGISTER)

    assert isinstance(outcomes[0], Heard)
    assert outcomes[0].line == b"0/9/x"


def test_a_reply_without_a_length_may_have_been_cut_off_and_is_missed() -> None:
    with serving(lambda *_: Reply(200, b"0/9/x", (("Connection", "close"),))) as url:
        outcomes = outcomes_of(url, REGISTER)

    assert isinstance(outcomes[0], Missed)
    assert "cut off" in outcomes[0].why


def test_an_observer_sees_each_request_and_its_reply() -> None:
    seen: list[tuple[bytes, bytes]] = []
    with serving(lambda *_: Reply(200, b"0/2/*")) as url:
        outcomes_of(url, b"2,*,KEY,*,*", observe=lambda request, reply: seen.append((request, reply)))

    assert seen == [(b"2,*,KEY,*,*", b"0/2/*")]


def test_who_is_interrupted_while_waiting_goes_on_with_a_new_connection() -> None:
    over = threading.Event()
    person = threading.get_ident()

    def answer(_path: str, body: bytes, _prefer: str) -> Reply:
        if body == b"wait":
            signal.pthread_kill(person, signal.SIGINT)
            over.wait()
        return Reply(200, b"0/2/*")

    with serving(answer) as url:
        connection = Connection(address(url), TIMING, Floor(), None)
        with pytest.raises(KeyboardInterrupt):
            connection.perform(posts(b"wait"))
        outcomes = connection.perform(posts(b"go on"))
        connection.close()
        over.set()

    assert isinstance(outcomes[0], Heard)


def test_pauses_are_longer_by_chance_and_never_shorter() -> None:
    assert all(2 <= with_jitter(2) <= 2.5 for _ in range(100))


def test_another_connection_goes_to_the_same_server_and_has_a_floor_of_its_own(server: str) -> None:
    seen: list[bytes] = []
    one = Connection(address(server), TIMING, Floor(), lambda line, _reply: seen.append(line))
    other = one.another()
    with one.floor.for_sending(), other.floor.for_sending(wait_s=0):
        assert isinstance(other.perform(posts(REGISTER))[0], Heard)
    other.close()

    assert seen == [REGISTER]
