from turnserver.messages.reply import Reply
from turnserver.messages.sessions import Opened
from turnserver.protocol import answers
from turnserver.wire.actions.action import Fields
from turnserver.wire.actions.sessions import GuestSession
from turnserver.wire.room_replies import opened_body


def test_a_guest_gets_a_token_its_time_and_a_name() -> None:
    reply = Reply(answers.GUEST, opened_body(Opened("T", 60, "guest-1")))

    assert GuestSession.read(reply, Fields()) == GuestSession("T", 60, "guest-1")
