"""What happens when the server is full."""

from tests.text_server import TextServer
from turnserver.protocol.limits import Limits


def test_12_when_a_pair_would_be_one_too_many() -> None:
    server = TextServer(Limits(matches_max=1))
    server.pair()
    waiting = server.registered("cleo")

    assert server.asks(waiting) == "0/2/*"
    assert server.asks(server.registered("dan")) == "12/*/*"
    assert server.asks(waiting) == "0/2/*"


def test_the_pair_forms_when_there_is_room_again() -> None:
    server = TextServer(Limits(matches_max=1))
    server.pair()
    cleo, dan = (server.registered(name, key="bibbybabbis") for name in ("cleo", "dan"))
    server.asks(cleo)
    server.asks(dan)
    server.later(61)

    assert server.asks(dan) == "0/3/cleo"


def test_who_finds_the_line_full_is_queued_at_a_later_ask() -> None:
    server = TextServer(Limits(pool_waiting_max=1))
    ann, other, bob = server.registered("ann", "bob"), server.registered("ann", "bob"), server.registered("bob", "ann")

    assert [server.asks(ann), server.asks(other)] == ["0/2/*"] * 2
    assert server.asks(bob) == "0/3/ann"
    assert server.asks(ann) == "0/4/bob"
    assert server.asks(other) == "0/2/*"
    assert server.asks(server.registered("bob", "ann")) == "0/3/ann"
