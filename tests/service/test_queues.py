from tests.mail_reader import Reader, broadcast, mail_server
from turnserver.domain.owed import Event
from turnserver.protocol.limits import Limits
from turnserver.service.context import Context
from turnserver.service.events import Events


def test_events_stand_in_the_order_of_all_messages() -> None:
    server = mail_server()
    ann = Reader(server)
    events = Events(Context(server.store, server.limits))
    ann.send(ann.name, "1")
    broadcast(server, "2")
    server.done(events.tell([f"guest:{ann.name.removeprefix('guest-')}"], Event("room:r", 0, "room_left", '"3"')))
    broadcast(server, "4")

    ann.poll()

    assert ann.texts == ["1", "2", "3", "4"]


def test_an_event_that_finds_no_room_is_told_as_a_loss() -> None:
    server = mail_server(Limits(inbox_messages_max=1))
    ann = Reader(server)
    events = Events(Context(server.store, server.limits))
    user = f"guest:{ann.name.removeprefix('guest-')}"
    ann.send(ann.name, "1")
    ann.poll()
    ann.poll()
    ann.send(ann.name, "2")
    for number in range(2):
        server.done(events.tell([user], Event("room:r", number, "room_left", '"3"')))

    assert ann.poll().startswith("0/13/")
    assert ann.texts == ["1", "2"]
    assert ann.poll() == "0/10/*"


def test_who_has_no_inbox_gets_none_by_an_event() -> None:
    server = mail_server()

    server.done(Events(Context(server.store)).tell(["guest:nobody"], Event("room:r", 0, "room_left", "{}")))

    assert not server.done(server.store.read("inbox:guest:nobody")).exists
