"""A server that is killed between any two commits loses no event, and tells none twice.

The store refuses one commit, which ends that server; another goes on with what was committed. It first finishes what
was begun, or leaves that to whoever comes next. Clients repeat what was not answered. All this for each commit in turn.
"""

import json
from collections.abc import Callable
from itertools import count

import pytest

from tests.mail_reader import SERVER_KEY, Reader, mail_server
from tests.room_server import Guest
from tests.text_server import TextServer, finished, is_quiet
from turnserver.domain.owed import is_owing
from turnserver.partition import Batch
from turnserver.service.answering import Answering
from turnserver.service.context import Context
from turnserver.store.memory import MemoryStore
from turnserver.store.seam import StoreDown
from turnserver.wire.inbox import parse_mail_item

Told = list[tuple[str, dict[str, object]]]
Story = Callable[..., tuple[bool, Told, Told]]


class Fragile(MemoryStore):
    """A memory store that refuses its n-th commit, counted from when it is armed."""

    def __init__(self) -> None:
        super().__init__(lambda: 0)
        self.left: int | None = None

    async def commit(self, name: str, batch: Batch) -> bool:
        """See `Store.commit`."""
        if self.left is not None:
            self.left -= 1
            if self.left < 0:
                self.left = None
                raise StoreDown("killed")
        return await super().commit(name, batch)


class World:
    """A server over a fragile store, which is started again when it was killed."""

    def __init__(self, left: int, *, recovers: bool) -> None:
        self.store, self._left, self.deaths = Fragile(), left, 0
        self._recovers = recovers
        self.server: TextServer = mail_server(store=self.store)

    def arm(self) -> None:
        """From now on commits count."""
        self.store.left = self._left

    def disarm(self) -> bool:
        """End the story; True if the server died in it."""
        self.store.left = None
        return self.deaths > 0

    def say(self, line: str) -> str:
        """The reply to a line, which is repeated if the server dies of it."""
        try:
            return self.server.say(line)
        except StoreDown:
            self.deaths += 1
            self.server.answering = Answering(Context(self.store, self.server.limits))
            if self._recovers:
                finished(self.server.answering.recover())
            return self.server.say(line)


def played(left: int, *, recovers: bool) -> tuple[bool, Told, Told]:
    """Whether the server died, and what the two players of a relay game were told."""
    world = World(left, recovers=recovers)
    ann, bob = Reader(world.server), Reader(world.server)
    for reader in (ann, bob):
        reader.poll()
    keys = [world.say(f"0,{name},*,*,{who.token}").split("/")[2] for name, who in (("ann", ann), ("bob", bob))]
    world.arm()
    for symbol in (2, 2, 3, 4):
        for key in keys:
            reply = world.say(f"{symbol},*,{key},*,*")
    game_key, seat = world.say(f"4,*,{keys[0]},*,*").split("/")[2].split("|")
    assert world.say(f"5,*,{game_key},{seat},0") == "0/12/*"
    game_key, seat = reply.split("/")[2].split("|")
    assert world.say(f"6,,{game_key},{seat},0") == "15/*/*"
    return world.disarm(), events(ann), events(bob)


def roomed(left: int, *, recovers: bool) -> tuple[bool, Told, Told]:
    """Whether the server died, and what the founder of a room, and a follower of the topic of rooms, were told."""
    world = World(left, recovers=recovers)
    ann, bob = Reader(world.server), Reader(world.server)
    ann.poll()
    follow = f"54,*,{bob.token},rooms,*"
    world.say(follow)
    world.arm()
    wishes = '{"engine":"e","seed":"1","players":[2,2]}'
    room, ann_key, *_ = world.say(f"20,{wishes},{ann.token},ann,mine").split("/", 2)[2].split("|")
    _, key, *_ = world.say(f"21,{room},{bob.token},bob,mine").split("/", 2)[2].split("|")
    assert world.say(f"28,*,{key},1,*") == "0/28/*"
    assert world.say(f"28,*,{ann_key},0,*") == "0/28/*"
    items = world.say(follow).removeprefix("0/54/").split("|")[1:]
    mails = [parse_mail_item(item) for item in items]
    return world.disarm(), events(ann), [(mail.action, json.loads(mail.data)) for mail in mails]


def events(reader: Reader) -> Told:
    """What a reader was told, in order."""
    reader.poll()
    return [(mail.action, json.loads(mail.data)) for mail in reader.mails]


@pytest.mark.parametrize("recovers", [True, False], ids=["at start", "at the next touch"])
@pytest.mark.parametrize(
    ("story", "told"),
    [
        (played, (["partner_found", "game_ended"], ["partner_found", "game_ended"])),
        (roomed, (["room_joined", "room_left", "room_ended"], ["room_created"])),
    ],
)
def test_every_event_is_told_once_wherever_the_server_is_killed(
    story: Story, told: tuple[list[str], list[str]], *, recovers: bool
) -> None:
    for left in count():
        has_died, *both = story(left, recovers=recovers)

        assert [[action for action, _ in one] for one in both] == list(told), left
        if not has_died:
            break
    assert left > 10


def test_partners_hear_of_each_other_and_of_the_end() -> None:
    _, ann, bob = played(10_000, recovers=True)

    match = ann[0][1]["match"]
    assert ann[0][1] == {"match": match, "title": "", "partner": "bob", "role": "client"}
    assert bob[0][1] == {"match": match, "title": "", "partner": "ann", "role": "server"}
    assert ann[1][1] == bob[1][1] == {"match": match, "by": "ann", "why": "quit", "played": True}


def test_a_registration_without_a_session_tells_nobody_and_a_wrong_token_is_refused() -> None:
    server = mail_server()

    assert server.say("0,ann,*,*,anything").startswith("0/0/")
    assert server.say("0,ann,*,*," + "x" * 43) == "30/*/*"


@pytest.mark.parametrize(("seconds", "why"), [(0, "left"), (31, "silent")])
def test_a_pair_that_breaks_before_play_is_told_too(seconds: int, why: str) -> None:
    server = mail_server()
    ann = Reader(server)
    ann.poll()
    mine = server.say(f"0,ann,bibbybabbis,*,{ann.token}").split("/")[2]
    other = server.registered("bob", key="bibbybabbis")
    for key in (mine, other, mine):
        server.asks(key)
    if seconds:
        server.later(seconds - 2).say(f"3,*,{mine},*,*")
        server.later(2).say(f"3,*,{mine},*,*")
    else:
        server.say(f"1,*,{other},*,*")

    assert events(ann)[-1] == (
        "game_ended",
        {"match": events(ann)[0][1]["match"], "by": "bob", "why": why, "played": False},
    )


def test_a_silent_player_of_a_game_is_told_to_the_other() -> None:
    server = mail_server()
    ann = Reader(server)
    ann.poll()
    mine, other = server.say(f"0,ann,*,*,{ann.token}").split("/")[2], server.registered("bob")
    for symbol in (2, 2, 3, 4, 4):
        replies = [server.say(f"{symbol},*,{key},*,*") for key in (mine, other)]
    key, seat = replies[0].split("/")[2].split("|")
    server.later(29).say(f"6,,{key},{seat},0")
    server.later(2).say(f"6,,{key},{seat},1")

    assert [(action, data.get("why")) for action, data in events(ann)] == [
        ("partner_found", None),
        ("game_ended", "silent"),
    ]


def test_a_guest_who_never_polled_is_told_nothing() -> None:
    server = mail_server()
    guest = Guest(server)
    mine, other = server.say(f"0,ann,*,*,{guest.token}").split("/")[2], server.registered("bob")
    for key in (mine, other, mine):
        server.asks(key)

    assert is_quiet(server.say(f"50,*,{guest.token},*,*"))
    assert server.say(f"51,note;1,{SERVER_KEY},{guest.name},*") == "0/51/*"


def test_an_event_is_told_with_the_change_and_crossed_out() -> None:
    server = mail_server()
    ann, bob = Reader(server), Guest(server)
    ann.poll()
    wishes = '{"engine":"e","seed":"1","players":[2,2]}'
    room = server.say(f"20,{wishes},{ann.token},ann,*").split("/", 2)[2].split("|")[0]
    bob.join(room)

    assert [action for action, _ in events(ann)] == ["room_joined"]
    assert not is_owing(server.done(server.store.read(f"room:{room}")))


def test_the_end_of_a_game_is_told_before_its_quitter_is_answered() -> None:
    server = mail_server()
    ann = Reader(server)
    ann.poll()
    mine, other = server.say(f"0,ann,*,*,{ann.token}").split("/")[2], server.registered("bob")
    for symbol in (2, 2, 3, 4, 4):
        replies = [server.say(f"{symbol},*,{key},*,*") for key in (mine, other)]
    key, seat = replies[1].split("/")[2].split("|")
    server.say(f"5,*,{key},{seat},0")

    assert events(ann)[-1][1]["why"] == "quit"
