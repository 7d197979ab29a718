"""A match on real servers, one line at a time, over any of them."""

from tests.kill.room_player import say


class Player:
    """One side of a match: what it has told and heard, in exact counters."""

    def __init__(self, name: str, seat_reply: str) -> None:
        self.name = name
        self.game_key, self.seat = seat_reply.removeprefix("0/8/").split("|")
        self.number = 0
        self.heard: list[str] = []

    def tell(self, port: int, text: str = "") -> str:
        """The reply to the next update."""
        reply = self.repeat(port, text)
        kind, _, body = reply.removeprefix("0/").partition("/")
        if kind in ("9", "11"):
            self.heard += body.split("|")
        self.number += 1
        return reply

    def repeat(self, port: int, text: str = "") -> str:
        """The reply to an update of which the player does not know whether it came."""
        return say(port, f"6,{text},{self.game_key},{self.seat},{self.number}.{len(self.heard)}")


def met(port: int) -> tuple[Player, Player]:
    """Two whose game has just begun."""
    names = ("ann", "bob")
    keys = [say(port, f"0,{name},*,*,*").removeprefix("0/0/") for name in names]
    for symbol in (2, 2, 3, 4, 4):
        replies = [say(port, f"{symbol},*,{key},*,*") for key in keys]
    ann, bob = (Player(name, reply) for name, reply in zip(names, replies, strict=True))
    return ann, bob
