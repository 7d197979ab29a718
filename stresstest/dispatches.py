"""What coordinator and agents tell each other: one JSON object a line over TCP, each with its `type`.

    agent                        coordinator
    hello {version}         ->
                            <-   work {plan, share}
    progressed {progress}   ->                           twice a second while it runs
    done {record}           ->
                            <-   work … or bye {why}

Versions must be equal: the numbers of one run are added up. There is no authentication: whoever can connect can hand in
numbers, and an agent loads whatever server its coordinator names. Both belong on a network of one's own.
"""

import asyncio
from typing import Annotated

import msgspec
from msgspec import Meta

from stresstest.plan import Plan, Share
from stresstest.record import Record
from stresstest.running import Progress

VERSION = 2

LINE_BYTES_MAX = 67_108_864
"""The longest line: a record of 600 slots with all symbols of a mixed load in wide histograms has about 40 MB."""

SILENCE_S_MAX = 20.0
"""Without a line for that long, an agent at work is lost; it speaks twice a second."""


class Hello(msgspec.Struct, frozen=True, tag="hello"):
    """An agent is there."""

    version: int


class Work(msgspec.Struct, frozen=True, tag="work"):
    """Do your share of this plan, now."""

    plan: Plan
    share: Share


class Progressed(msgspec.Struct, frozen=True, tag="progressed"):
    """So far I am."""

    progress: Progress


class Done(msgspec.Struct, frozen=True, tag="done"):
    """That is what I saw."""

    record: Record


class Bye(msgspec.Struct, frozen=True, tag="bye"):
    """There is no more work."""

    why: Annotated[str, Meta(max_length=500)]


Dispatch = Hello | Work | Progressed | Done | Bye

_decoder: msgspec.json.Decoder[Dispatch] = msgspec.json.Decoder(Dispatch)


class Broken(Exception):
    """The other side is gone, silent for too long, or speaks differently; the message says which."""


async def receive(reader: asyncio.StreamReader, *, within_s: float | None) -> Dispatch:
    """The next dispatch.

    Args:
        reader: Made with `LINE_BYTES_MAX` as its limit.
        within_s: How long to wait; None is for ever.

    Raises:
        Broken: None came.
    """
    try:
        async with asyncio.timeout(within_s):
            line = await reader.readline()
        if not line.endswith(b"\n"):
            raise Broken("the connection was closed")
        return _decoder.decode(line)
    except TimeoutError:
        raise Broken(f"nothing came for {within_s:g} s") from None
    except msgspec.MsgspecError as error:
        raise Broken(f"not a dispatch of version {VERSION}: {error}") from None
    except (OSError, ValueError) as error:
        raise Broken(str(error) or type(error).__name__) from None


async def send(writer: asyncio.StreamWriter, dispatch: Dispatch) -> None:
    """Send a dispatch.

    Raises:
        Broken: The connection is gone, or its other end does not read.
    """
    try:
        writer.write(msgspec.json.encode(dispatch) + b"\n")
        async with asyncio.timeout(SILENCE_S_MAX):
            await writer.drain()
    except (OSError, TimeoutError) as error:
        raise Broken(str(error) or type(error).__name__) from None
