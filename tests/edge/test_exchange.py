import pytest

from tests.text_server import TextServer, finished, in_no_time
from turnserver.edge.exchange import Exchange, Response, headers_of, refusal, store_down
from turnserver.partition import Batch
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits
from turnserver.service.answering import Answering
from turnserver.service.context import Context
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import StoreDown
from turnserver.wire.paths import TextPath

LINE, BATCH = TextPath("", is_batch=False), TextPath("", is_batch=True)
DOWN = Response(503, b"44/*/*", ((b"retry-after", b"1"),))


class FailingStore(MemoryStore):
    """A memory store that fails where it is told to."""

    error: Exception | None = None
    settle_error: Exception | None = None
    commits_before_error = 0

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        if self.error is not None and self.commits_before_error == 0:
            raise self.error
        self.commits_before_error -= 1
        return await super().commit(name, batch)

    @property
    def is_settled(self) -> bool:
        """See `Store.is_settled`."""
        return self.settle_error is None

    async def settle(self) -> None:
        """See `Store.settle`."""
        if self.settle_error is not None:
            raise self.settle_error


@pytest.fixture
def store() -> FailingStore:
    """A store that works until it is told otherwise."""
    return FailingStore(lambda: 0)


@pytest.fixture
def exchange(store: FailingStore) -> Exchange:
    """An exchange over that store."""
    return Exchange(Answering(Context(store)), store, Limits())


def respond(exchange: Exchange, body: bytes, path: TextPath = LINE) -> Response:
    return finished(exchange.respond(body, path))


def test_a_success_travels_with_200_and_an_error_with_400(exchange: Exchange) -> None:
    assert respond(exchange, b"0,ann,*,*,*").status == 200
    assert respond(exchange, b"7,,,,") == Response(400, b"4/0/*")
    assert respond(exchange, b"6,,AAAAAAAAAAAAAAAA,0,0") == Response(400, b"13/*/*")


def test_what_is_wrong_with_the_data_is_said_alone_and_in_a_batch(exchange: Exchange) -> None:
    told = b"36/*/player: not a name"

    assert respond(exchange, b"51,note;1,KEY,*,*") == Response(400, told)
    assert respond(exchange, b"51,note;1,KEY,*,*", TextPath("", is_batch=True)).body == told


def test_too_many_requests_say_when_to_ask_again() -> None:
    store = MemoryStore(lambda: 0)
    limits = Limits(chat_lines_max=1, chat_window_s=7)
    exchange = Exchange(Answering(Context(store, limits)), store, limits)
    token = respond(exchange, b"62,*,*,*,*").body.removeprefix(b"0/62/").partition(b"|")[0]
    respond(exchange, b"40,one,%s,lobby,*" % token)

    assert respond(exchange, b"40,two,%s,lobby,*" % token) == Response(429, b"43/*/7", ((b"retry-after", b"7"),))


def test_a_failing_store_is_503_and_never_an_acknowledgement(exchange: Exchange, store: FailingStore) -> None:
    store.error = StoreDown("the disk is full")

    assert respond(exchange, b"0,ann,*,*,*") == DOWN
    assert respond(exchange, b"0,ann,*,*,*\n7,,,,", BATCH) == DOWN


def test_a_batch_whose_store_fails_in_the_middle_acknowledges_nothing(exchange: Exchange, store: FailingStore) -> None:
    store.error, store.commits_before_error = StoreDown("the disk is full"), 1

    assert respond(exchange, b"0,ann,*,*,*\n0,bob,*,*,*", BATCH) == DOWN


def test_what_cannot_be_settled_is_not_acknowledged(exchange: Exchange, store: FailingStore) -> None:
    store.settle_error = StoreDown("the disk is full")

    assert respond(exchange, b"0,ann,*,*,*") == DOWN


def test_a_bug_is_answered_with_44_and_told_to_the_operator(
    exchange: Exchange, store: FailingStore, caplog: pytest.LogCaptureFixture
) -> None:
    store.error = ZeroDivisionError("a bug")

    assert respond(exchange, b"0,ann,*,*,*") == DOWN
    assert "ZeroDivisionError: a bug" in caplog.text


def test_after_a_failure_all_goes_on(exchange: Exchange, store: FailingStore) -> None:
    store.error = StoreDown("the disk is full")
    respond(exchange, b"0,ann,*,*,*")
    store.error = None

    assert respond(exchange, b"0,ann,*,*,*").status == 200


def test_the_seconds_of_the_latest_post_are_known(exchange: Exchange) -> None:
    assert exchange.latest_s == 0
    respond(exchange, b"0,ann,*,*,*")

    assert 0 < exchange.latest_s < 10


def test_who_is_willing_to_wait_and_need_not_is_timed(exchange: Exchange) -> None:
    finished(exchange.respond(b"0,ann,*,*,*", LINE, 20))

    assert 0 < exchange.latest_s < 10
    assert list(exchange.usage.took) == ["pairing"]


def test_who_waits_is_not_timed() -> None:
    async def scenario(server: TextServer) -> tuple[Response, Exchange]:
        exchange = Exchange(server.answering, server.store, server.limits)
        key = server.registered()
        return await exchange.respond(b"2,*,%s,*,*" % key.encode(), LINE, 20), exchange

    response, exchange = in_no_time(scenario)

    assert response.body == b"0/2/*"
    assert exchange.latest_s == 0
    assert exchange.usage.took == {}


def test_a_batch_is_timed_as_one(exchange: Exchange) -> None:
    respond(exchange, b"0,ann,*,*,*\n7,,,,", BATCH)

    assert {family: sum(times.counts) for family, times in exchange.usage.took.items()} == {"batch": 1}
    assert exchange.usage.replies == {answers.REGISTERED: 1, answers.BAD_SYMBOL: 1}


def test_failures_of_the_store_are_counted(exchange: Exchange, store: FailingStore) -> None:
    store.error = StoreDown("the disk is full")
    respond(exchange, b"0,ann,*,*,*")
    store.error, store.settle_error = None, StoreDown("the disk is full")
    respond(exchange, b"0,ann,*,*,*")

    usage = exchange.usage
    assert (usage.store_failures, usage.unsettled) == (2, 1)
    assert usage.replies == {answers.REGISTERED: 1, answers.STORE_DOWN: 1}


def test_a_bug_is_counted(exchange: Exchange, store: FailingStore) -> None:
    store.error = ZeroDivisionError("a bug")
    respond(exchange, b"0,ann,*,*,*")

    assert exchange.usage.bugs == 1


def test_a_response_names_its_length_and_its_type_only_where_it_must() -> None:
    assert headers_of(Response(200, b"0/10/*"), has_origin=False) == [(b"content-length", b"6")]
    assert headers_of(Response(200, "0/9/é".encode()), has_origin=True) == [
        (b"content-length", b"6"),
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"access-control-allow-origin", b"*"),
    ]
    assert headers_of(DOWN, has_origin=True) == [
        (b"content-length", b"6"),
        (b"access-control-allow-origin", b"*"),
        (b"access-control-expose-headers", b"retry-after"),
        (b"retry-after", b"1"),
    ]


def test_only_a_failure_of_the_store_says_when_to_come_again() -> None:
    assert refusal(answers.BUFFER_FULL) == Response(400, b"21/*/*")
    assert refusal(answers.STORE_DOWN) == store_down(StoreDown("the disk is full")) == DOWN
