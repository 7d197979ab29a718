"""Chat and inboxes go on when their server is killed: what was acknowledged is there, and nothing comes twice."""

from pathlib import Path

from tests.kill.room_player import guest, say
from tests.server_process import ServerProcess
from tests.site import server_key
from turnserver.wire.chat import parse_chat_item
from turnserver.wire.inbox import parse_mail_item

KILLS = 3


def test_messages_and_chat_survive_a_killed_server(tmp_path: Path) -> None:
    server = ServerProcess(tmp_path)
    port = server.port
    try:
        token, key = guest(port), server_key(tmp_path)
        chat_cursor = say(port, f"40,hello,{token},lobby,*").removeprefix("0/41/").split("|")[0]
        mails, lines, mail_cursor = [], [], "*"
        for number in range(KILLS):
            assert say(port, f'52,news;"{number}",{key},*,{number}') == "0/52/*"
            assert say(port, f"40,{number},{token},lobby,{chat_cursor}").startswith("0/41/")
            server.kill()
            server = ServerProcess(tmp_path, port=port)
            assert say(port, f'52,news;"{number}",{key},*,{number}') == "0/52/*"
            mail_cursor, *items = say(port, f"50,*,{token},*,{mail_cursor}").removeprefix("0/50/").split("|")
            mails += [parse_mail_item(item).data for item in items]
            again = say(port, f"40,{number},{token},lobby,{chat_cursor}")
            chat_cursor, *items = again.removeprefix("0/41/").split("|")
            lines += [parse_chat_item(item).text for item in items]
    finally:
        server.kill()

    assert mails == [f'"{number}"' for number in range(KILLS)]
    assert lines == [f"{number}" for number in range(KILLS)]
