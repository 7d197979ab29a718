from tests.room_server import Guest
from tests.text_server import TextServer
from turnserver.protocol.limits import Limits
from turnserver.store.memory import MemoryStore


def test_a_guest_gets_a_token_of_256_bits_seconds_and_a_name() -> None:
    reply = TextServer(Limits(session_s=60)).say("62,*,*,*,*")
    token, seconds, name = reply.removeprefix("0/62/").split("|")

    assert len(token) == 43
    assert seconds == "60"
    assert name.startswith("guest-")


def test_each_guest_is_another() -> None:
    server = TextServer()

    assert Guest(server).token != Guest(server).token
    assert Guest(server).name != Guest(server).name


def test_use_prolongs_a_session_and_disuse_ends_it() -> None:
    server = TextServer(Limits(session_s=60))
    guest = Guest(server)
    for _ in range(3):
        server.later(59)
        assert guest.list() == "0/29/*"

    server.later(61)

    assert guest.list() == "30/*/*"


def test_there_are_so_many_sessions_and_no_more() -> None:
    server = TextServer(Limits(sessions_max=2))
    Guest(server)
    Guest(server)

    assert server.say("62,*,*,*,*") == "33/*/*"


def test_a_text_that_is_no_token_gives_no_right() -> None:
    server = TextServer()
    tokens = ["", "*", "x" * 43, "x" * 42, Guest(server).token[:-1]]

    assert [server.say(f"29,*,{token},*,*") for token in tokens] == ["30/*/*"] * len(tokens)


def test_the_store_holds_no_token() -> None:
    server = TextServer(store=MemoryStore(lambda: 0))
    token = Guest(server).token

    assert token not in repr(server.store.__dict__)
    assert token not in repr(list(server.store._partitions))  # type: ignore[attr-defined]  # the memory store's own


def test_a_session_that_is_forgotten_gives_no_right_any_more() -> None:
    server = TextServer()
    token = server.say("62,*,*,*,*").removeprefix("0/62/").partition("|")[0]

    server.done(server.answering.sessions.forget(token))

    assert server.say(f"29,*,{token},*,*") == "30/*/*"
