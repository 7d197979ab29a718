"""A player's whole life, as the protocol asks for it, through any number of server deaths.

Whatever happens it goes on from what it last heard; what it hears goes into the ledger.
"""

from dataclasses import dataclass
from random import Random

from tests.kill.caller import Caller
from tests.kill.ledger import Conversation, Ledger, Place, message

WAIT_S = 2
"""How long a poll is held at most."""


class Unexpected(Exception):
    """A reply that a client that follows the protocol never gets."""


@dataclass
class Plan:
    """What a player is going to do.

    `partner` is None for anyone; `quits_after` and `messages` count the player's own messages; an exact player sends
    counters `n.r`.
    """

    name: str
    partner: str | None
    messages: int
    is_exact: bool
    quits_after: int | None = None
    unregisters: bool = False


class Player:
    """One registration and one game."""

    def __init__(self, caller: Caller, ledger: Ledger, random: Random, plan: Plan) -> None:
        self._caller = caller
        self._ledger = ledger
        self._random = random
        self._plan = plan
        self._key = ""
        self._place = Place("", "", "", 0)
        self._losses = 0
        self._heard = -1
        """The counter of the latest update that was answered."""
        self._outbound = Conversation("")
        self._inbound = Conversation("")

    async def live(self) -> None:
        """Register, find a partner, load, play, quit."""
        self._key = self._body(await self._ask(f"0,{self._plan.name},*,{self._plan.partner or '*'},*"), "0/0/")
        self._ledger.registrations += 1
        await self._meet()
        while not await self._is_over():
            if self._losses != self._caller.losses:
                await self._look_again()
        if self._plan.unregisters:
            self._keep(f"1,*,{self._key},*,*", await self._ask(f"1,*,{self._key},*,*"), "0/1/*")
            self._keep(f"2,*,{self._key},*,*", await self._ask(f"2,*,{self._key},*,*"), "0/1/*")

    async def _meet(self) -> None:
        while (paired := await self._ask(f"2,*,{self._key},*,*", WAIT_S)) == "0/2/*":
            pass
        role = "server" if paired.startswith("0/3/") else "client"
        partner = self._body(paired, "0/3/" if role == "server" else "0/4/")
        self._ledger.expect("MAP_INIT", await self._ask(f"3,*,{self._key},*,*"), told=self._loading(role))
        while (ready := await self._ask(f"4,*,{self._key},*,*", WAIT_S)) == "0/7/*":
            self._ledger.expect("the pair", await self._ask(f"2,*,{self._key},*,*"), told=paired)
        key, _, seat = self._body(ready, "0/8/").partition("|")
        self._place = Place(partner, role, key, int(seat))
        self._ledger.meet(self._plan.name, self._place)
        self._outbound = self._ledger.conversation(self._plan.name)
        self._inbound = self._ledger.conversation(partner)

    async def _look_again(self) -> None:
        """After a death of the server: it still knows the pair, the role, the game and the place in it."""
        self._losses = self._caller.losses
        place = self._place
        code = "0/3/" if place.role == "server" else "0/4/"
        told = (code + place.partner, self._loading(place.role), f"0/8/{place.key}|{place.seat}")
        for symbol, answer in zip("234", told, strict=True):
            self._ledger.expect("after a death", await self._ask(f"{symbol},*,{self._key},*,*"), told=answer)

    async def _is_over(self) -> bool:
        """Take one step of the game; True when it has come to its end."""
        sent, plan = self._outbound.acknowledged, self._plan
        if plan.quits_after is not None and sent >= plan.quits_after:
            await self._quit(is_early=True)
            return True
        if sent < plan.messages:
            is_last = sent == plan.messages - 1
            text = message(plan.name, sent, is_last=is_last, padding=self._random.choice((0, 10, 150)))
            return await self._send(text if self._random.random() < 0.8 else "")
        if sent == plan.messages and self._inbound.has_last and self._place.seat == 0:
            await self._quit(is_early=False)
            return True
        return await self._send("", WAIT_S)

    async def _send(self, text: str, wait_s: int = 0) -> bool:
        """Send one update, or poll; True when the partner has left."""
        line = f"6,{text},{self._place.key},{self._place.seat},{self._counter()}"
        reply = await self._ask(line, wait_s)
        if reply == "21/*/*":
            reply, text = await self._ask(f"6,,{self._place.key},{self._place.seat},{self._counter()}"), ""
        if reply == "15/*/*":
            self._keep(f"6,,{self._place.key},{self._place.seat},{self._counter()}", reply, "15/*/*")
            return True
        self._heard += 1
        self._outbound.acknowledged += bool(text)
        if reply != "0/10/*":
            code = "0/11/" if reply.startswith("0/11/") else "0/9/"
            for item in self._body(reply, code).split("|"):
                self._inbound.get(item)
        return False

    async def _quit(self, *, is_early: bool) -> None:
        line = f"5,*,{self._place.key},{self._place.seat},{self._counter()}"
        if is_early:
            self._inbound.is_cut = True
        reply = await self._ask(line)
        self._keep(line, reply, "0/12/*")

    def _counter(self) -> str:
        sent = self._heard + 1
        return f"{sent}.{self._inbound.received}" if self._plan.is_exact else f"{sent}"

    def _keep(self, line: str, reply: str, answer: str) -> None:
        """Something has ended for ever: whoever asks again hears the same."""
        if reply != answer:
            raise Unexpected(f"{self._plan}: {line}: {reply}")
        self._ledger.ends[line] = reply

    async def _ask(self, line: str, wait_s: int = 0) -> str:
        return await self._caller.ask(line, wait_s=wait_s)

    def _body(self, reply: str, code: str) -> str:
        if not reply.startswith(code):
            raise Unexpected(f"{self._plan}: {reply} in place of {code}")
        return reply.removeprefix(code)

    @staticmethod
    def _loading(role: str) -> str:
        return "0/5/" if role == "server" else "0/6/"
