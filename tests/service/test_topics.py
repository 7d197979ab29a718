import asyncio

from tests.mail_reader import SERVER_KEY, Reader, mail_server
from tests.text_server import TextServer, is_quiet
from turnserver.messages.inbox import Mail
from turnserver.protocol.limits import Limits
from turnserver.wire.inbox import parse_mail_item


def mails(reply: str) -> tuple[str, list[Mail]]:
    """The cursor and messages of a reply."""
    cursor, *items = reply.split("/", 2)[2].split("|")
    return cursor, [parse_mail_item(item) for item in items]


def publish(server: TextServer, text: str, number: int | str = "*", title: str = "") -> str:
    return server.say(f'53,goal;"{text}",{SERVER_KEY},scores,{number}', title)


def follow(server: TextServer, key: str, cursor: str = "*", title: str = "") -> str:
    return server.say(f"54,*,{key},scores,{cursor}", title)


def listen(server: TextServer, cursor: str = "*", key: str = SERVER_KEY) -> str:
    return server.say(f"56,*,{key},referee,{cursor}")


def test_what_is_published_reaches_all_who_follow_also_those_who_come_later() -> None:
    server = mail_server()
    ann, bob = Reader(server), Reader(server)
    assert is_quiet(follow(server, ann.token))
    assert [publish(server, "1", 1), publish(server, "1", 1), publish(server, "2", 2)] == ["0/53/*"] * 3

    cursor, told = mails(follow(server, bob.token))
    assert [(mail.action, mail.sender, mail.data) for mail in told] == [("goal", "*", '"1"'), ("goal", "*", '"2"')]
    assert follow(server, ann.token) == follow(server, SERVER_KEY) == follow(server, bob.token)
    assert follow(server, bob.token, cursor) == "0/10/*"


def test_topics_of_different_titles_never_meet() -> None:
    server = mail_server()
    publish(server, "1", title="chess")

    assert is_quiet(follow(server, SERVER_KEY))
    assert follow(server, SERVER_KEY, title="chess").startswith("0/54/")


def test_who_falls_behind_is_told_so() -> None:
    server = mail_server(Limits(topic_messages_max=2))
    publish(server, "0")
    cursor, _ = mails(follow(server, SERVER_KEY))
    for number in range(1, 4):
        publish(server, f"{number}")

    reply = follow(server, SERVER_KEY, cursor)
    assert reply.startswith("0/13/")
    assert [mail.data for mail in mails(reply)[1]] == ['"2"', '"3"']


def test_a_topic_that_began_anew_is_told_as_a_loss() -> None:
    server = mail_server(Limits(topic_s=10))
    publish(server, "1")
    cursor, _ = mails(follow(server, SERVER_KEY))
    server.later(11)
    publish(server, "2")

    assert follow(server, SERVER_KEY, cursor).startswith("0/13/")


def test_only_programs_publish_and_listen() -> None:
    server = mail_server()
    ann = Reader(server)

    assert server.say(f"53,goal;1,{ann.token},scores,*") == "31/*/*"
    assert listen(server, key=ann.token) == "31/*/*"
    assert listen(server, key="sk_" + "x" * 43) == listen(server, key="nobody") == "30/*/*"
    assert follow(server, "nobody") == "30/*/*"


def test_there_are_so_many_topics_and_queues_and_no_more() -> None:
    server = mail_server(Limits(topics_max=1, queues_max=1))
    assert [is_quiet(follow(server, SERVER_KEY)), is_quiet(listen(server))] == [True, True]

    assert server.say(f"54,*,{SERVER_KEY},other,*") == server.say(f"56,*,{SERVER_KEY},other,*") == "33/*/*"
    assert [is_quiet(follow(server, SERVER_KEY)), is_quiet(listen(server))] == [True, True]


def test_a_queue_keeps_each_message_until_its_program_shows_to_have_it() -> None:
    server = mail_server()
    ann = Reader(server)
    listen(server)
    assert [server.say(f"55,check;{number},{ann.token},referee,{number}") for number in (1, 1, 2)] == ["0/55/*"] * 3

    cursor, told = mails(listen(server))
    assert [(mail.action, mail.sender, mail.data) for mail in told] == [
        ("check", ann.name, "1"),
        ("check", ann.name, "2"),
    ]
    assert mails(listen(server)) == (cursor, told)
    assert listen(server, cursor) == "0/10/*"
    assert is_quiet(listen(server))


def test_a_queue_that_nobody_listens_to_takes_messages_of_programs_only() -> None:
    server = mail_server()
    ann = Reader(server)

    assert server.say(f"55,check;1,{ann.token},referee,*") == "32/*/*"
    assert server.say(f"55,check;1,{SERVER_KEY},referee,*") == "0/55/*"
    assert [mail.data for mail in mails(listen(server))[1]] == ["1"]


def test_a_queue_gets_no_broadcasts_and_can_be_full() -> None:
    server = mail_server(Limits(inbox_messages_max=1))
    listen(server)
    server.say(f"52,news;1,{SERVER_KEY},*,*")

    assert is_quiet(listen(server))
    sent = [server.say(f"55,check;{number},{SERVER_KEY},referee,*") for number in (1, 2)]
    assert sent == ["0/55/*", "33/*/*"]


def test_old_messages_of_a_queue_are_told_as_a_loss_to_who_was_behind() -> None:
    server = mail_server(Limits(inbox_s=10))
    listen(server)
    server.say(f"55,check;1,{SERVER_KEY},referee,*")
    cursor, _ = mails(listen(server))
    server.say(f"55,check;2,{SERVER_KEY},referee,*")
    server.later(6)
    server.say(f"55,check;3,{SERVER_KEY},referee,*")
    server.later(6)

    reply = listen(server, cursor)
    assert reply.startswith("0/13/")
    assert [mail.data for mail in mails(reply)[1]] == ["3"]


def test_waiting_polls_of_topics_and_queues_wake() -> None:
    server = mail_server()

    async def scenario() -> list[str]:
        polls = [server.answer(f"{symbol},*,{SERVER_KEY},x,*", wait_s=5) for symbol in (54, 56)]
        held = [asyncio.ensure_future(poll) for poll in polls]
        await asyncio.sleep(0)
        await server.answer(f"53,goal;1,{SERVER_KEY},x,*")
        await server.answer(f"55,check;2,{SERVER_KEY},x,*")
        return list(await asyncio.wait_for(asyncio.gather(*held), 5))

    told = server.runs(scenario())
    assert [[mail.data for mail in mails(reply)[1]] for reply in told] == [["1"], ["2"]]
