import asyncio

import pytest

from tests.room_server import playing
from tests.text_server import TextServer, in_no_time
from turnserver.service import live as module
from turnserver.service.live import LINES_MAX, Live, LiveMatch, WaitingPlayer


def live(server: TextServer, rows_max: int = 100) -> Live:
    return Live(server.context, rows_max=rows_max)


def test_who_waits_is_listed_with_what_it_wants() -> None:
    server = TextServer()
    server.game()
    for line in ("0,ann,*,*,*", "0,bob,*,zoe,*"):
        key = server.say(line, "chess").removeprefix("0/0/")
    server.say(f"2,*,{key},*,*")

    shown = server.done(live(server).waiting())

    assert sorted(shown.rows) == [
        WaitingPlayer("ann", "chess", None, has_asked=False),
        WaitingPlayer("bob", "chess", "zoe", has_asked=True),
    ]
    assert not shown.is_cut


def test_lists_are_bounded_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    server = TextServer()
    for _ in range(5):
        server.registered()
    found = [server.done(live(server, rows_max=most).waiting()) for most in (2, 5, 6)]
    monkeypatch.setattr(module, "LOOKED_AT_MAX", 3)
    found.append(server.done(live(server).waiting()))

    assert [(len(shown.rows), shown.is_cut) for shown in found] == [(2, True), (5, False), (5, False), (3, True)]


def test_others_get_their_turn_while_many_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE", 2)

    async def scenario(server: TextServer) -> list[str]:
        order: list[str] = []
        for _ in range(4):
            server.registered()

        async def other() -> None:
            order.append("other")

        task = asyncio.create_task(other())
        await live(server).waiting()
        order.append("live")
        await task
        return order

    assert in_no_time(scenario) == ["other", "live"]


def test_a_match_that_both_have_left_alone_is_silent() -> None:
    server = TextServer()
    server.game()
    server.later(server.limits.play_silence_s)

    assert [match.state for match in server.done(live(server).matches()).rows] == ["silent"]


def test_a_match_says_how_far_it_is_and_when_each_was_heard() -> None:
    server = TextServer()
    ann, bob = server.game()
    server.now_ms += 3000
    ann.update("e4", 0)
    server.now_ms += 1000
    (match,) = server.done(live(server).matches()).rows

    assert isinstance(match, LiveMatch)
    assert (match.state, sorted(match.names), match.messages, match.waits_for) == ("playing", ["ann", "bob"], 1, ())
    assert sorted(match.heard_s) == [1.0, 4.0]
    bob.quit(0)
    assert server.done(live(server).matches()).rows == []


def test_a_pair_waits_for_those_who_load() -> None:
    server = TextServer()
    server.loading()

    (match,) = server.done(live(server).matches()).rows

    assert (match.state, sorted(match.waits_for)) == ("loading", ["ann", "bob"])


def test_a_room_says_whom_it_waits_for() -> None:
    server = TextServer()
    members = playing(server, 2)
    (before,) = server.done(live(server).rooms()).rows
    members[0].turn(1, "move")
    (after,) = server.done(live(server).rooms()).rows

    assert (before.state, before.waits_for) == ("running", ())
    assert after.waits_for == (after.members[1],)


def test_the_latest_lines_of_lobby_channels_are_shown() -> None:
    server = TextServer()
    token = server.say("62,*,*,*,*").removeprefix("0/62/").split("|")[0]
    for number in range(LINES_MAX + 5):
        server.now_ms += 1000
        server.say(f"40,line {number},{token},lobby,*", "chess")

    (channel,) = server.done(live(server).channels()).rows

    assert (channel.title, channel.name) == ("chess", "lobby")
    assert [line.text for line in channel.lines] == [f"line {number}" for number in range(5, LINES_MAX + 5)]
