"""A request that stops between two of its commits is finished by whoever asks next.

The store is real; it ends the request after so many commits, as a kill would.
"""

import contextlib

import pytest

from tests.text_server import TextServer
from turnserver.partition import Batch
from turnserver.store.memory import MemoryStore

COMMITS = range(8)

OPENS_ITS_STORES = True


class Killed(Exception):
    """The process was killed."""


class MortalStore(MemoryStore):
    """A memory store that carries out so many commits, and then ends the request."""

    commits_left = 1_000_000

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        if self.commits_left == 0:
            raise Killed
        self.commits_left -= 1
        return await super().commit(name, batch)


class MortalServer(TextServer):
    """A server whose requests can be killed half done."""

    def __init__(self) -> None:
        self.now_ms = 0
        self.mortal = MortalStore(lambda: self.now_ms)
        super().__init__(store=self.mortal)

    def say_and_die(self, line: str, *, commits: int) -> None:
        """Carry out a request as far as so many commits go."""
        self.mortal.commits_left = commits
        with contextlib.suppress(Killed):
            self.say(line)
        self.mortal.commits_left = 1_000_000


@pytest.mark.parametrize("commits", COMMITS)
@pytest.mark.parametrize("first", ["asker", "waiter", "stranger"])
@pytest.mark.parametrize("by_name", [False, True], ids=["at random", "by name"])
def test_a_pair_half_formed_is_finished_by_whoever_asks_next(commits: int, first: str, by_name: bool) -> None:  # noqa: FBT001  # a case
    server = MortalServer()
    waiter = server.registered("ann", "bob" if by_name else "*")
    asker = server.registered("bob", "ann" if by_name else "*")
    server.asks(waiter)
    server.say_and_die(f"2,*,{asker},*,*", commits=commits)

    if first == "stranger":
        assert server.asks(server.registered("cleo")) in {"0/2/*", "0/3/ann"}
    for key in (asker, waiter) if first == "asker" else (waiter, asker):
        server.asks(key)
    replies = {server.asks(waiter), server.asks(asker)}

    assert replies in ({"0/4/bob", "0/3/ann"}, {"0/3/bob", "0/4/ann"}, {"0/4/cleo", "0/2/*"})
    if replies == {"0/4/cleo", "0/2/*"}:
        assert (first, commits) == ("stranger", 0)


@pytest.mark.parametrize("commits", COMMITS)
@pytest.mark.parametrize("ender", ["asker", "waiter"])
def test_who_unregisters_from_a_pair_half_formed_leaves_nobody_hanging(commits: int, ender: str) -> None:
    server = MortalServer()
    keys = {"waiter": server.registered("ann"), "asker": server.registered("bob")}
    server.asks(keys["waiter"])
    server.say_and_die(f"2,*,{keys['asker']},*,*", commits=commits)

    assert server.say(f"1,*,{keys.pop(ender)},*,*") == "0/1/*"
    (other,) = keys.values()
    heard = [server.asks(other) for _ in range(2)]
    assert heard in (["9/2/*", "0/2/*"], ["0/2/*", "0/2/*"])
    assert server.asks(server.registered("cleo")).startswith("0/3/")


@pytest.mark.parametrize("commits", COMMITS)
@pytest.mark.parametrize(("line", "farewell"), [("1", "0/1/*"), ("4", "10/*/*")], ids=["unregister", "ahead"])
@pytest.mark.parametrize("is_paired", [True, False], ids=["paired", "waiting"])
def test_an_end_half_done_is_done_by_its_repeat(commits: int, line: str, farewell: str, is_paired: bool) -> None:  # noqa: FBT001  # a case
    server = MortalServer()
    if is_paired:
        ann, bob = server.pair()
    else:
        ann, bob = server.registered("ann"), server.registered("bob")
        server.asks(ann)
    server.say_and_die(f"{line},*,{ann},*,*", commits=commits)

    reply = server.say(f"{line},*,{ann},*,*")
    assert reply in {farewell, "9/2/*"}  # its own pair may be broken before its registration is
    assert server.asks(bob) == ("9/2/*" if is_paired else "0/2/*")


@pytest.mark.parametrize("commits", COMMITS)
@pytest.mark.parametrize("symbol", ["3", "4"])
def test_a_step_half_done_is_done_by_its_repeat(commits: int, symbol: str) -> None:
    server = MortalServer()
    ann, bob = server.pair() if symbol == "3" else server.loading()
    server.say_and_die(f"{symbol},*,{ann},*,*", commits=commits)

    assert server.say(f"{symbol},*,{ann},*,*") == ("0/5/" if symbol == "3" else "0/7/*")
    assert server.asks(bob) == "0/4/ann"


@pytest.mark.parametrize("commits", COMMITS)
def test_an_update_is_done_whole_or_not_at_all(commits: int) -> None:
    server = MortalServer()
    ann, bob = server.game()
    bob.update("x", 0)
    server.say_and_die(ann.line("a", 0), commits=commits)

    assert ann.update("a", 0) == ("0/9/x" if commits == 0 else "0/11/x")
    assert bob.poll(1) == "0/9/a"


@pytest.mark.parametrize("commits", COMMITS)
def test_an_end_by_silence_half_done_is_found_by_the_next(commits: int) -> None:
    server = MortalServer()
    ann, bob = server.loading(key="bibbybabbis")
    server.later(30)
    server.say_and_die(f"2,*,{ann},*,*", commits=commits)

    assert {server.asks(ann), server.asks(bob)} <= {"9/2/*", "0/2/*"}
    assert [server.asks(key) for key in (ann, bob, ann, bob)][2:] == ["0/2/*"] * 2
