from tests.mail_reader import SERVER_KEY, mail_server
from tests.room_server import Guest
from tests.talker import Talker
from tests.text_server import TextServer


def mute(server: TextServer, name: str, seconds: int, key: str = SERVER_KEY) -> str:
    return server.say(f"43,{seconds},{key},{name},*")


def test_a_muted_user_reads_and_says_nothing_until_the_time_is_up() -> None:
    server = mail_server()
    ann, bob = Talker.guest(server), Talker.guest(server)
    bob.say("hello")

    assert mute(server, ann.name, 60) == "0/43/*"

    assert ann.say("hi", "*") == "31/*/muted"
    ann.poll()
    assert ann.texts == ["hello"]
    server.later(61)
    assert ann.say("hi").startswith("0/41/")


def test_a_user_is_muted_in_rooms_too() -> None:
    server = mail_server()
    ann = Guest(server)
    member = ann.create()
    mute(server, ann.name, 60)

    assert Talker(server, member.key, "room").say("hi") == "31/*/muted"


def test_the_latest_word_counts_and_none_is_needed_twice() -> None:
    server = mail_server()
    ann = Talker.guest(server)
    assert [mute(server, ann.name, seconds) for seconds in (600, 600, 0, 0)] == ["0/43/*"] * 4
    assert ann.say("hi").startswith("0/41/")
    mute(server, ann.name, 60)
    mute(server, ann.name, 120)

    assert server.later(100).say(ann.line(40, "again")) == "31/*/muted"


def test_only_programs_mute() -> None:
    server = mail_server()
    ann, bob = Talker.guest(server), Talker.guest(server)

    assert mute(server, ann.name, 60, key=bob.key) == "31/*/*"
    assert mute(server, ann.name, 60, key="nobody") == "30/*/*"
    assert mute(server, "nobody", 60) == "32/*/*"
