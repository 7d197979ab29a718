import json

from tests.mail_reader import Reader, mail_server
from tests.room_server import Guest, Member
from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.notices import notices
from turnserver.partition import View
from turnserver.wire.inbox import parse_mail_item


class Player(Reader, Guest):
    """Somebody who plays in rooms and reads an inbox."""

    def events(self) -> list[tuple[str, dict[str, object]]]:
        """What the server has told since the last time."""
        self.mails.clear()
        self.poll()
        assert all(mail.sender == "*" for mail in self.mails)
        return [(mail.action, json.loads(mail.data)) for mail in self.mails]


def two() -> tuple[Player, Member, Player, Member]:
    """Two in a room, both with an inbox from the beginning."""
    server = mail_server()
    ann, bob = Player(server), Player(server)
    for player in (ann, bob):
        player.poll()
    mine = ann.create(players=[2, 2])
    return ann, mine, bob, bob.join(mine.room, "bob")


def test_members_hear_who_joined_and_who_left() -> None:
    ann, mine, bob, his = two()
    his.leave()

    about = {"room": mine.room, "index": 1, "name": "bob"}
    assert ann.events() == [("room_joined", about), ("room_left", {**about, "why": "left"})]
    assert bob.events() == []


def test_members_hear_how_their_room_has_ended() -> None:
    ann, mine, bob, his = two()
    for member in (mine, his):
        member.ready()
    for generation, told in ((1, ""), (2, "1")):
        mine.turn(generation, checked=told, told="same" if told else "")
        his.turn(generation, checked=told, told="other" if told else "")
    mine.poll()

    assert ann.events()[-1] == ("room_ended", {"room": mine.room, "why": "diverged"})
    assert bob.events() == [("room_ended", {"room": mine.room, "why": "diverged"})]


def test_who_has_no_inbox_is_told_nothing() -> None:
    server = mail_server()
    ann, bob = Player(server), Player(server)
    mine = ann.create()
    bob.join(mine.room)

    assert ann.events() == []


def test_a_new_room_is_told_in_the_topic_of_rooms_of_its_title_once_somebody_follows() -> None:
    server = mail_server()
    ann, bob = Player(server), Player(server)
    ann.create()
    follow = f"54,*,{bob.token},rooms,*"
    assert "|" not in server.say(follow)
    mine = ann.create(name="open house", players=[2, 4])

    _, item = server.say(follow).removeprefix("0/54/").split("|")
    mail = parse_mail_item(item)
    assert (mail.action, mail.sender) == ("room_created", "*")
    assert json.loads(mail.data) == {"room": mine.room, "name": "open house", "engine": "chess 1", "players": [2, 4]}
    assert "|" not in server.say(follow, "chess")


def test_what_nobody_is_told_of_is_nothing() -> None:
    assert notices(View({}, {}, 0, 0), Change({})) == []
