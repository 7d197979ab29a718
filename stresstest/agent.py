"""An agent: joins a coordinator, and does its share of each plan until there is no more work."""

import asyncio
from typing import NoReturn

from stresstest.dispatches import (
    LINE_BYTES_MAX,
    SILENCE_S_MAX,
    VERSION,
    Broken,
    Bye,
    Dispatch,
    Done,
    Hello,
    Progressed,
    Work,
    receive,
    send,
)
from stresstest.running import Progress, run

TRIES_S_MAX = 30.0
"""How long an agent tries to reach its coordinator, which may start later."""

_TRY_EVERY_S = 0.5


async def serve(host: str, port: int) -> str:
    """Work for a coordinator.

    Returns:
        Why there is no more work, in the coordinator's words.

    Raises:
        Broken: It cannot be reached, or went away.
    """
    reader, writer = await _connected(host, port)
    try:
        await send(writer, Hello(VERSION))
        while True:
            match await receive(reader, within_s=None):
                case Work() as work:
                    await _do(work, reader, writer)
                case Bye(why):
                    return why
                case other:
                    _unforeseen(other)
    finally:
        writer.close()


async def _connected(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    gives_up_s = asyncio.get_running_loop().time() + TRIES_S_MAX
    while True:
        try:
            async with asyncio.timeout(SILENCE_S_MAX):
                return await asyncio.open_connection(host, port, limit=LINE_BYTES_MAX)
        except (OSError, TimeoutError) as error:
            if asyncio.get_running_loop().time() > gives_up_s:
                raise Broken(f"no coordinator at {host}:{port}: {error}") from None
            await asyncio.sleep(_TRY_EVERY_S)


async def _do(work: Work, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Do one share; break it off when the coordinator says anything, or goes away."""

    async def told(progress: Progress) -> None:
        await send(writer, Progressed(progress))

    running = asyncio.create_task(run(work.plan, work.share, told))
    listening = asyncio.create_task(receive(reader, within_s=None))
    try:
        await asyncio.wait((running, listening), return_when=asyncio.FIRST_COMPLETED)
        if not running.done():
            _unforeseen(listening.result())
        await send(writer, Done(running.result()))
    finally:
        for task in (running, listening):
            task.cancel()
        await asyncio.gather(running, listening, return_exceptions=True)


def _unforeseen(dispatch: Dispatch) -> NoReturn:
    if isinstance(dispatch, Bye):
        raise Broken(dispatch.why)
    raise Broken(f"the coordinator said {type(dispatch).__name__!r} at the wrong time")
