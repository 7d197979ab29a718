import asyncio

import pytest

from tests.mail_reader import mail_server
from tests.room_server import Guest, playing
from tests.talker import Talker
from tests.text_server import TextServer, in_no_time, is_quiet
from turnserver.partition import Batch
from turnserver.protocol.limits import Limits
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import StoreDown


def test_what_one_says_all_in_the_channel_hear_with_name_and_time() -> None:
    server = TextServer()
    ann, bob = Talker.guest(server), Talker.guest(server)

    ann.say("hello")
    bob.poll()

    (line,) = bob.heard
    assert (line.name, line.text) == (ann.name, "hello")
    assert line.unix_ms > 1_700_000_000_000
    assert ann.heard == [line]
    assert bob.poll() == ann.poll() == "0/10/*"


@pytest.mark.parametrize(
    "text",
    [
        "*",
        " ",
        "a,b,c",
        "a|b;c%7C%",
        "</script>",
        "\u202eabc\u2028d\u0085\x00\t",
        "e\u0301é😀👩‍👩‍👧",
        "%0A",
    ],  # any text at all
)
def test_any_text_comes_back_exactly_as_it_was_sent(text: str) -> None:
    ann = Talker.guest(TextServer())

    ann.say(text)

    assert ann.texts == [text]


def test_who_comes_later_gets_the_latest_lines_and_no_more_than_are_kept() -> None:
    server = TextServer(Limits(chat_history_lines_max=3))
    ann = Talker.guest(server)
    for number in range(5):
        ann.say(f"{number}")

    bob = Talker.guest(server)
    bob.poll()

    assert ann.texts == ["0", "1", "2", "3", "4"]
    assert bob.texts == ["2", "3", "4"]


def test_who_has_missed_a_line_is_told_so() -> None:
    server = TextServer(Limits(chat_history_lines_max=2))
    ann, bob = Talker.guest(server), Talker.guest(server)
    ann.say("0")
    bob.poll()
    for number in (1, 2, 3):
        ann.say(f"{number}")

    assert bob.poll().startswith("0/13/")
    assert bob.texts == ["0", "2", "3"]
    assert bob.poll() == "0/10/*"


def test_a_channel_that_nobody_uses_is_forgotten_and_who_returns_is_told_so() -> None:
    server = mail_server(Limits(chat_s=60))
    ann = Talker.guest(server)
    ann.say("old")

    server.later(61)

    assert ann.poll().startswith("0/13/")
    assert ann.texts == ["old"]
    assert ann.poll() == "0/10/*"


def test_use_keeps_a_channel() -> None:
    server = TextServer(Limits(chat_s=60))
    ann = Talker.guest(server)
    ann.say("old")
    for _ in range(3):
        server.later(50)
        assert ann.poll() == "0/10/*"

    bob = Talker.guest(server)
    bob.poll()

    assert bob.texts == ["old"]


def test_a_repeat_is_answered_again_and_said_once() -> None:
    server = TextServer()
    ann, bob = Talker.guest(server), Talker.guest(server)
    bob.say("begin")
    ann.poll()
    cursor = ann.cursor

    first = ann.say("hello", cursor)
    again = ann.say("hello", cursor)
    bob.poll()

    assert first == again
    assert bob.texts == ["begin", "hello"]


def test_a_repeat_brings_what_others_said_meanwhile() -> None:
    server = TextServer()
    ann, bob = Talker.guest(server), Talker.guest(server)
    bob.say("begin")
    ann.poll()
    server.say(ann.line(40, "hello"))
    bob.say("well")

    ann.say("hello")

    assert ann.texts == ["begin", "hello", "well"]


def test_the_same_words_under_a_newer_cursor_or_of_another_are_no_repeat() -> None:
    server = TextServer()
    ann, bob = Talker.guest(server), Talker.guest(server)
    ann.say("begin")
    bob.poll()
    ann.say("ha")
    bob.say("ha")
    ann.say("ha")

    ann.poll("*")

    assert ann.texts[-4:] == ["begin", "ha", "ha", "ha"]


def test_without_a_cursor_nothing_is_a_repeat() -> None:
    ann = Talker.guest(TextServer())

    ann.say("ha", "*")
    ann.say("ha", "*")

    assert ann.texts == ["ha", "ha", "ha"]


def test_a_copy_that_comes_late_is_refused() -> None:
    ann = Talker.guest(TextServer())
    ann.say("begin")
    late = ann.line(40, "late")
    ann.say("one")
    ann.say("two")

    assert ann.server.say(late) == "34/*/*"
    ann.poll("*")
    assert ann.texts[-3:] == ["begin", "one", "two"]


def test_what_may_have_been_said_before_all_that_is_kept_is_refused() -> None:
    server = TextServer(Limits(chat_history_lines_max=2))
    ann, bob = Talker.guest(server), Talker.guest(server)
    ann.say("begin")
    for _ in range(3):
        bob.say("noise")

    assert ann.say("one") == "34/*/*"
    assert ann.poll().startswith("0/13/")
    assert ann.say("one").startswith("0/41/")


def test_a_cursor_that_was_never_given_is_refused() -> None:
    ann = Talker.guest(TextServer())
    ann.say("one")
    never = ann.cursor[:-1] + "Z"

    assert ann.poll(never) == "39/*/*"
    assert ann.say("two", never) == "39/*/*"


def test_who_says_too_much_is_told_when_to_go_on() -> None:
    server = TextServer(Limits(chat_lines_max=2, chat_window_s=10))
    ann, bob = Talker.guest(server), Talker.guest(server)
    ann.say("1")
    server.later(3)
    ann.say("2")

    assert ann.say("3") == "43/*/7"
    assert bob.say("other").startswith("0/41/")
    assert ann.say("3") == "43/*/7"
    server.later(7)
    assert ann.say("3").startswith("0/41/")


def test_a_repeat_is_answered_also_when_too_much_was_said() -> None:
    ann = Talker.guest(TextServer(Limits(chat_lines_max=2)))
    ann.say("1")
    cursor = ann.cursor
    ann.say("2")

    assert ann.say("2", cursor).startswith("0/41/")


def test_channels_and_titles_are_apart() -> None:
    server = TextServer()
    talkers = [
        Talker.guest(server),
        Talker.guest(server, title="chess"),
        Talker.guest(server, "tournament"),
        Talker.guest(server, "tournament", title="chess"),
    ]

    for number, talker in enumerate(talkers):
        talker.say(f"{number}")
        talker.poll("*")

    assert [talker.texts for talker in talkers] == [["0"] * 2, ["1"] * 2, ["2"] * 2, ["3"] * 2]


def test_there_are_so_many_lobby_channels_and_no_more() -> None:
    server = TextServer(Limits(chat_channels_max=1))
    ann = Talker.guest(server)
    ann.say("one")

    assert Talker(server, ann.key, "other").poll() == "33/*/*"
    assert [talker.say("we can") for talker in in_room(server)] != []


def in_room(server: TextServer) -> list[Talker]:
    return [Talker(server, member.key, "room") for member in playing(server, 2)]


def test_the_members_of_a_room_talk_among_themselves() -> None:
    server = TextServer()
    (ann, bob), (carol, _) = in_room(server), in_room(server)

    ann.say("hello")
    bob.poll()

    assert bob.texts == ["hello"]
    assert is_quiet(carol.poll())


def test_a_viewer_of_a_room_does_not_hear_what_members_say() -> None:
    server = TextServer()
    first = playing(server, 2, viewers=True)[0]
    viewer = Talker(server, Guest(server).watch(first.room).key, "room")

    assert [viewer.poll(), viewer.say("hello"), viewer.who()] == ["31/*/*"] * 3


def test_who_has_left_a_room_in_set_up_has_no_right_to_its_channel() -> None:
    server = TextServer()
    first = Guest(server).create()
    second = Guest(server).join(first.room)
    second.leave()

    assert Talker(server, second.key, "room").poll() == "30/*/*"
    assert is_quiet(Talker(server, first.key, "room").poll())


def test_who_finds_an_empty_channel_notices_what_it_misses_of_the_first_that_is_said() -> None:
    server = TextServer(Limits(chat_history_lines_max=2))
    ann, bob = Talker.guest(server), Talker.guest(server)
    assert is_quiet(bob.poll())
    for text in ("one", "two", "three"):
        ann.say(text)

    assert bob.poll().startswith("0/13/")
    assert bob.texts == ["two", "three"]


def test_what_was_said_first_in_an_empty_channel_is_said_once() -> None:
    server = TextServer()
    ann = Talker.guest(server)
    ann.poll()
    line = ann.line(40, "hello")

    assert server.say(line) == ann.hear(server.say(line))
    assert ann.texts == ["hello"]


def test_players_of_a_relay_game_talk_and_their_names_are_marked() -> None:
    server = TextServer()
    ann, bob = (Talker(server, seat.key, "game") for seat in server.game(names=("ann", "b;ob")))

    ann.say("hello")
    bob.say("well")
    ann.poll()

    assert [(line.name, line.text) for line in ann.heard] == [("~ann", "hello"), ("~b;ob", "well")]
    assert ann.who() == "0/42/~ann|~b%3Bob"


@pytest.mark.parametrize("channel", ["lobby", "other", "room", "game"])
@pytest.mark.parametrize("key", ["", "*", "x" * 16, "x" * 43])
def test_who_has_no_key_of_the_channel_has_no_right(channel: str, key: str) -> None:
    stranger = Talker(TextServer(), key, channel)

    assert [stranger.say("hello"), stranger.poll(), stranger.who()] == ["30/*/*"] * 3


def test_a_key_opens_its_own_kind_of_channel_only() -> None:
    server = TextServer()
    keys = {"lobby": Guest(server).token, "room": in_room(server)[0].key, "game": server.game()[0].key}

    replies = {(kind, channel): Talker(server, key, channel).poll() for kind, key in keys.items() for channel in keys}

    opened = {pair for pair, reply in replies.items() if is_quiet(reply)}
    assert opened == {(kind, kind) for kind in keys}
    assert {reply for pair, reply in replies.items() if pair not in opened} == {"30/*/*"}


def test_those_are_there_who_asked_lately() -> None:
    server = TextServer(Limits(chat_presence_s=60))
    ann, bob = Talker.guest(server), Talker.guest(server)
    assert ann.who() == "0/42/*"
    ann.poll()
    server.later(40)
    bob.say("hello")
    assert ann.who() == f"0/42/{ann.name}|{bob.name}"

    server.later(30)

    assert ann.who() == f"0/42/{bob.name}"
    ann.poll()
    assert ann.who() == f"0/42/{bob.name}|{ann.name}"


def test_a_long_list_of_those_who_are_there_is_cut_but_all_can_talk() -> None:
    server = TextServer(Limits(chat_people_max=1))
    ann, bob = Talker.guest(server), Talker.guest(server)
    ann.poll()

    assert bob.say("hello").startswith("0/41/")
    assert bob.who() == f"0/42/{ann.name}"


def test_a_poll_that_waits_is_answered_by_the_next_line() -> None:
    async def scenario(server: TextServer) -> tuple[str, float]:
        ann, bob = Talker.guest(server), Talker.guest(server)
        ann.poll()
        waiting = asyncio.create_task(server.answer(ann.line(41), wait_s=20))
        await asyncio.sleep(12)
        bob.say("at last")
        return ann.hear(await waiting), asyncio.get_running_loop().time()

    reply, at_s = in_no_time(scenario)

    assert reply.endswith(";at last")
    assert at_s == 12


def test_who_waits_is_there() -> None:
    async def scenario(server: TextServer) -> str:
        ann, bob = Talker.guest(server), Talker.guest(server)
        waiting = asyncio.create_task(server.answer(ann.line(41), wait_s=25))
        await asyncio.sleep(20)
        who = bob.who()
        assert is_quiet(await waiting)
        return who

    assert in_no_time(scenario, Limits(chat_presence_s=15)).startswith("0/42/guest-")


class OvertakenStore(MemoryStore):
    """A store in which others come first, as often as it is told, wherever something is appended."""

    times = 0

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        if batch.append and self.times:
            self.times -= 1
            return False
        return await super().commit(name, batch)


def test_a_line_that_is_overtaken_is_said_after_the_other() -> None:
    store = OvertakenStore(lambda: 0)
    ann = Talker.guest(TextServer(store=store))
    store.times = 2

    ann.say("hello")

    assert ann.texts == ["hello"]


def test_a_channel_that_is_overtaken_all_the_time_is_a_failure_of_the_store() -> None:
    store = OvertakenStore(lambda: 0)
    ann = Talker.guest(TextServer(store=store))
    store.times = 1000

    with pytest.raises(StoreDown):
        ann.say("hello")
