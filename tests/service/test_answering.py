"""What happens to a request when others always come first."""

import pytest

from tests.service.test_context import OvertakenStore
from tests.text_server import TextServer
from turnserver.protocol.limits import Limits
from turnserver.store.seam import StoreDown

OVERTAKEN_MAX = 12


class OvertakenServer(TextServer):
    """A server whose next commits are overtaken."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.overtaken = OvertakenStore(lambda: self.now_ms)
        super().__init__(Limits(conflicts_max=4), store=self.overtaken)

    def say_overtaken(self, line: str, *, times: int) -> str:
        """Say a line whose first commits are overtaken so many times."""
        self.overtaken.overtaken = times
        try:
            return self.say(line)
        finally:
            self.overtaken.overtaken = 0


def prepared(server: TextServer, line: str) -> str:
    """The line with keys of players for whom it is the next step."""
    if "{game}" in line:
        ann, _ = server.game()
        return line.format(game=f"{ann.key},{ann.seat}")
    if "{waiting}" in line:
        waiting = server.registered()
        server.asks(waiting)
        return line.format(waiting=waiting)
    return line.format(pair=server.pair().server, loading=server.loading().server)


LINES = [
    pytest.param("0,ann,*,*,*", "0/0/", id="REGISTER"),
    pytest.param("1,*,{waiting},*,*", "0/1/*", id="UNREGISTER"),
    pytest.param("1,*,{pair},*,*", "0/1/*", id="UNREGISTER in a pair"),
    pytest.param("2,*,{waiting},*,*", "0/2/*", id="REQUEST_PAIR"),
    pytest.param("2,*,{pair},*,*", "0/3/", id="REQUEST_PAIR in a pair"),
    pytest.param("3,*,{pair},*,*", "0/5/", id="MAP_INIT"),
    pytest.param("3,*,{waiting},*,*", "10/*/*", id="MAP_INIT too early"),
    pytest.param("4,*,{loading},*,*", "0/7/*", id="MAP_READY"),
    pytest.param("5,*,{game},0", "0/12/*", id="GAME_QUIT"),
    pytest.param("6,a,{game},0", "0/10/*", id="GAME_UPDATE"),
]


@pytest.mark.parametrize("times", range(OVERTAKEN_MAX))
@pytest.mark.parametrize(("line", "reply"), LINES)
def test_a_request_that_is_overtaken_is_answered_all_the_same_or_may_be_sent_again(
    line: str, reply: str, times: int
) -> None:
    server = OvertakenServer()
    line = prepared(server, line)
    try:
        first = server.say_overtaken(line, times=times)
    except StoreDown:
        assert times > 0
    else:
        assert first.startswith(reply)

    assert server.say(line).startswith(reply)


@pytest.mark.parametrize("times", range(OVERTAKEN_MAX))
def test_two_are_paired_however_often_they_are_overtaken(times: int) -> None:
    server = OvertakenServer()
    ann, bob = server.registered("ann"), server.registered("bob")
    server.asks(ann)
    try:
        server.say_overtaken(f"2,*,{bob},*,*", times=times)
    except StoreDown:
        assert times > 0

    assert server.asks(bob) == "0/3/ann"
    assert server.asks(ann) == "0/4/bob"
