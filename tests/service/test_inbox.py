import asyncio

import pytest

from tests.mail_reader import SERVER_KEY, Reader, broadcast, mail_server
from tests.text_server import TextServer, in_no_time, is_quiet
from turnserver.messages.inbox import Mail
from turnserver.protocol.limits import Limits


def test_a_message_waits_until_its_reader_has_shown_to_have_it() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)

    assert ann.send(bob.name, "hello") == "0/51/*"
    first = bob.poll("*")

    assert first == bob.poll("*")
    assert bob.mails[0]._replace(id=None) == Mail(None, "note", ann.name, '"hello"')  # type: ignore[arg-type]  # any id
    assert bob.poll() == "0/10/*"
    assert is_quiet(bob.poll("*"))


@pytest.mark.parametrize("data", ['{"a":[1,2],"b":"x;y|z%"}', "null", "1.50", '"é😀"', " [ 1 ] ", '"a,b"'])
def test_json_comes_back_exactly_as_it_was_sent(data: str) -> None:
    server = mail_server()
    ann = Reader(server)

    server.say(f"51,note;{data},{ann.token},{ann.name},*")
    ann.poll()

    assert [mail.data for mail in ann.mails] == [data]


def test_messages_and_broadcasts_come_through_one_cursor_in_their_order() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)
    ann.send(bob.name, "1")
    broadcast(server, "2")
    ann.send(bob.name, "3")
    broadcast(server, "4")
    broadcast(server, "5")

    bob.poll()
    ann.poll()

    assert bob.texts == ["1", "2", "3", "4", "5"]
    assert ann.texts == ["2", "4", "5"]
    assert [mail.sender for mail in bob.mails] == [ann.name, "*", ann.name, "*", "*"]


def test_each_message_has_an_id_of_its_own() -> None:
    server = mail_server()
    ann = Reader(server)
    for number in range(3):
        ann.send(ann.name, f"{number}")

    ann.poll()

    assert len({mail.id for mail in ann.mails}) == 3


def test_a_user_gets_what_was_broadcast_since_it_came() -> None:
    server = mail_server()
    broadcast(server, "before")
    ann = Reader(server)
    broadcast(server, "after")

    ann.poll()

    assert ann.texts == ["after"]


def test_a_message_under_a_number_arrives_once_however_often_it_is_sent() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)

    replies = [ann.send(bob.name, "one", 7) for _ in range(3)]
    bob.poll()
    replies.append(ann.send(bob.name, "one", 7))
    bob.poll()

    assert replies == ["0/51/*"] * 4
    assert bob.texts == ["one"]


def test_a_number_that_came_with_other_data_or_before_the_latest_is_refused() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)
    ann.send(bob.name, "one", 7)

    assert ann.send(bob.name, "two", 7).startswith("36/*/counter")
    assert ann.send(bob.name, "one", 7, action="other").startswith("36/*/counter")
    assert ann.send(bob.name, "two", 6) == "34/*/*"
    assert ann.send(bob.name, "two", 9) == "0/51/*"
    assert bob.send(bob.name, "other", 7) == "0/51/*"


def test_a_broadcast_under_a_number_is_made_once() -> None:
    server = mail_server()
    ann = Reader(server)

    replies = [broadcast(server, "one", 1) for _ in range(3)]
    ann.poll()

    assert replies == ["0/52/*"] * 3
    assert ann.texts == ["one"]
    assert broadcast(server, "two", 1).startswith("36/*/counter")
    assert broadcast(server, "two", 0) == "34/*/*"


def test_without_a_number_nothing_is_a_repeat() -> None:
    server = mail_server()
    ann = Reader(server)
    for _ in range(2):
        ann.send(ann.name, "ha")
        broadcast(server, "ho")

    ann.poll()

    assert ann.texts == ["ha", "ho", "ha", "ho"]


@pytest.mark.parametrize(
    ("action", "data"),
    [
        ("debug", '{"message":"here"}'),
        ("srv_msg", "{}"),
        ("room_joined", "{}"),
        ("room_left", "{}"),
        ("room_ended", "{}"),
    ],
)
def test_some_actions_take_a_server_key(action: str, data: str) -> None:
    server = mail_server()
    ann = Reader(server)

    assert ann.send(ann.name, "me", action=action) == "31/*/*"
    assert server.say(f"51,{action};{data},{SERVER_KEY},{ann.name},*") == "0/51/*"
    ann.poll()
    assert [(mail.action, mail.sender) for mail in ann.mails] == [(action, "*")]


def test_what_a_known_action_lacks_is_said() -> None:
    server = mail_server()
    ann = Reader(server)

    reply = server.say(f"51,debug;{{}},{SERVER_KEY},{ann.name},*")
    assert reply == "36/*/Object missing required field `message`"
    assert server.say(f"52,kick;null,{SERVER_KEY},*,*") == "36/*/action: kick is for one user"
    assert is_quiet(ann.poll())


def test_each_series_of_a_sender_counts_by_itself() -> None:
    server = mail_server()
    ann = Reader(server)

    replies = [ann.send(ann.name, f"{number}", number) for number in (5, "a.2", "b.1", "a.2", "a.1", 5)]
    ann.poll()

    assert replies == ["0/51/*"] * 4 + ["34/*/*", "0/51/*"]
    assert ann.texts == ["5", "a.2", "b.1"]


def test_a_broadcast_takes_a_server_key() -> None:
    server = mail_server()
    ann = Reader(server)

    assert broadcast(server, "me", key=ann.token) == "31/*/*"
    assert broadcast(server, "me", key="sk_" + "x" * 43) == "30/*/*"
    assert broadcast(server, "me", key="*") == "30/*/*"
    assert is_quiet(ann.poll())


def test_who_has_no_token_has_no_right() -> None:
    server = mail_server()
    ann = Reader(server)
    name, ann.token = ann.name, "x" * 43

    assert [ann.poll(), ann.send(name, "hello")] == ["30/*/*"] * 2
    ann.token = SERVER_KEY
    assert ann.poll() == "30/*/*"


@pytest.mark.parametrize("name", ["nobody", "guest-", "guest-nobody", "guest:x"])
def test_a_message_to_nobody_is_refused(name: str) -> None:
    assert Reader(mail_server()).send(name, "hello") == "32/*/*"


def test_a_full_inbox_takes_no_more_until_it_is_read() -> None:
    server = mail_server(Limits(inbox_messages_max=2))
    ann = Reader(server)
    ann.send(ann.name, "1")
    ann.send(ann.name, "2")

    assert ann.send(ann.name, "3") == "33/*/*"
    ann.poll()
    ann.poll()
    assert ann.send(ann.name, "3") == "0/51/*"


def test_broadcasts_wait_in_front_of_a_full_inbox_and_keep_their_place() -> None:
    server = mail_server(Limits(inbox_messages_max=2))
    ann = Reader(server)
    ann.send(ann.name, "1")
    ann.send(ann.name, "2")
    broadcast(server, "3")
    broadcast(server, "4")

    ann.poll()
    ann.poll()

    assert ann.send(ann.name, "5") == "33/*/*"
    ann.poll()
    ann.send(ann.name, "5")
    ann.poll()
    assert ann.texts == ["1", "2", "3", "4", "5"]


def test_who_has_missed_a_broadcast_is_told_so_once() -> None:
    server = mail_server(Limits(inbox_messages_max=2))
    ann = Reader(server)
    ann.send(ann.name, "0")
    ann.poll()
    for number in range(1, 4):
        broadcast(server, f"{number}")

    assert ann.poll().startswith("0/13/")
    assert ann.texts == ["0", "2", "3"]
    assert is_quiet(ann.poll())


def test_what_nobody_reads_is_let_go_of_after_a_while_and_that_is_told() -> None:
    server = mail_server(Limits(inbox_s=60))
    ann = Reader(server)
    ann.send(ann.name, "0")
    ann.poll()
    ann.send(ann.name, "1")
    broadcast(server, "2")
    server.later(40)
    ann.send(ann.name, "3")
    broadcast(server, "4")
    server.later(30)

    assert ann.poll().startswith("0/13/")
    assert ann.texts == ["0", "3", "4"]


def test_an_inbox_that_nobody_uses_is_forgotten_and_its_reader_is_told() -> None:
    server = mail_server(Limits(inbox_s=60))
    ann = Reader(server)
    ann.send(ann.name, "0")
    ann.poll()
    broadcast(server, "1")
    server.later(61)

    assert ann.poll().startswith("0/13/")
    assert ann.texts == ["0"]
    broadcast(server, "2")
    ann.poll()
    assert ann.texts == ["0", "2"]


def test_a_cursor_that_was_never_given_is_refused() -> None:
    server = mail_server()
    ann = Reader(server)
    ann.send(ann.name, "1")
    ann.poll()

    assert ann.poll(ann.cursor[:-1] + "Z") == "39/*/*"


@pytest.mark.parametrize("way", ["own", "broadcast"])
def test_a_poll_that_waits_is_answered_by_the_next_message(way: str) -> None:
    async def scenario(plain: TextServer) -> tuple[str, float]:
        server = mail_server(store=plain.store)
        ann = Reader(server)
        waiting = asyncio.create_task(server.answer(ann.line(), wait_s=20))
        await asyncio.sleep(5)
        if way == "own":
            ann.send(ann.name, "at last")
        else:
            broadcast(server, "at last")
        return await waiting, asyncio.get_running_loop().time()

    reply, at_s = in_no_time(scenario)

    assert reply.endswith(';"at last"')
    assert at_s == 5


def test_a_poll_that_waits_in_vain_is_answered_when_its_time_is_up() -> None:
    async def scenario(server: TextServer) -> tuple[str, float]:
        reply = await server.answer(Reader(server).line(), wait_s=20)
        return reply, asyncio.get_running_loop().time()

    reply, at_s = in_no_time(scenario)

    assert is_quiet(reply)
    assert at_s == 20


def closed(reader: Reader, cursor: str | None = None) -> str:
    return reader.server.say(f"57,*,{reader.token},*,{reader.cursor if cursor is None else cursor}")


def test_who_has_closed_a_message_session_is_told_so_and_opens_the_next() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)
    ann.send(bob.name, "read")
    bob.poll("*")
    ann.send(bob.name, "unread")
    old = bob.cursor

    assert closed(bob) == "0/57/*"
    assert [bob.poll(old), bob.poll(old)] == ["39/*/closed"] * 2
    bob.poll("*")
    assert bob.texts == ["read", "unread"]
    assert bob.poll() == "0/10/*"


def test_a_late_copy_closes_nothing_that_was_opened_since() -> None:
    server = mail_server()
    ann = Reader(server)
    ann.poll()
    old = ann.cursor
    closed(ann)
    ann.poll("*")

    assert closed(ann, old) == "0/57/*"
    assert ann.poll() == "0/10/*"


def test_what_was_not_handed_back_waits_for_the_next_session_whatever_closes_this_one() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)
    ann.send(bob.name, "hello")
    bob.poll()

    assert closed(bob, "*") == "0/57/*"
    bob.poll("*")
    assert bob.texts == ["hello", "hello"]


def test_a_cursor_that_was_never_given_closes_nothing() -> None:
    ann = Reader(mail_server())
    ann.poll()
    never = ann.cursor[:-1] + "Z"

    assert closed(ann, never) == "39/*/*"
    assert ann.poll() == "0/10/*"


def test_a_poll_that_waits_ends_when_its_session_is_closed() -> None:
    async def scenario(server: TextServer) -> tuple[str, float]:
        ann = Reader(server)
        ann.hear(await server.answer(ann.line()))
        waiting = asyncio.create_task(server.answer(ann.line(), wait_s=20))
        await asyncio.sleep(3)
        assert await server.answer(f"57,*,{ann.token},*,{ann.cursor}") == "0/57/*"
        return await waiting, asyncio.get_running_loop().time()

    assert in_no_time(scenario) == ("39/*/closed", 3)
