"""A member of a room on a real server, over plain HTTP."""

from http.client import HTTPConnection
from typing import Self

from turnserver.messages.items import Packet
from turnserver.wire import cursor as cursors
from turnserver.wire.room_replies import parse_items, parse_seated


class RoomPlayer:
    """Somebody with a session and a seat."""

    def __init__(self, port: int, token: str, reply: str) -> None:
        self.port, self.token = port, token
        seated = parse_seated(reply.split("/", 2)[2].encode())
        self.room, self.key, self.seat = seated.room, seated.key, f"{seated.seat}"
        self.cursor, self.header = cursors.encode(seated.cursor), seated.header
        self.packets: list[Packet] = []

    @classmethod
    def created(cls, port: int, wishes: str) -> Self:
        """The first member of a new room."""
        token = guest(port)
        return cls(port, token, say(port, f"20,{wishes},{token},*,*"))

    @classmethod
    def joined(cls, port: int, token: str, room: str) -> Self:
        """Another member, or the same again."""
        return cls(port, token, say(port, f"21,{room},{token},*,*"))

    def say(self, line: str) -> str:
        """The reply to a line; the cursor follows it."""
        reply = say(self.port, line)
        self.heard(reply)
        return reply

    def heard(self, reply: str) -> None:
        """Keep what a reply brings, and let the cursor follow it."""
        if reply.startswith("0/26/"):
            cursor, items = parse_items(reply.removeprefix("0/26/").encode())
            self.cursor = cursors.encode(cursor)
            self.packets.extend(item for item in items if isinstance(item, Packet))

    def turn(self, generation: int, commands: str | None = None) -> str:
        """The reply to a turn."""
        told = f"p{self.seat}g{generation}" if commands is None else commands
        return self.say(f"25,{generation};;;;;{told},{self.key},{self.seat},{self.cursor}")

    def catch_up(self) -> None:
        """Poll until nothing is new."""
        while self.say(f"26,*,{self.key},{self.seat},{self.cursor}").startswith("0/26/"):
            pass


def say(port: int, line: str) -> str:
    """The reply to a line, over a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("POST", "/", line.encode())
    reply = connection.getresponse().read().decode()
    connection.close()
    return reply


def guest(port: int) -> str:
    """The token of a new guest."""
    return say(port, "62,*,*,*,*").removeprefix("0/62/").partition("|")[0]


def begin(port: int, count: int) -> list[RoomPlayer]:
    """Members of a room whose game has just begun."""
    wishes = f'{{"engine":"e","seed":"7","players":[{count},{count}],"silence_s":600}}'
    first = RoomPlayer.created(port, wishes)
    players = [first, *(RoomPlayer.joined(port, guest(port), first.room) for _ in range(count - 1))]
    for player in players:
        player.say(f"24,1,{player.key},{player.seat},{player.cursor}")
    return players


def packets(player: RoomPlayer) -> list[tuple[str | None, ...]]:
    """The commands of all packets that a player has seen, oldest first."""
    return [packet.commands for packet in player.packets]
