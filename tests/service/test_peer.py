import asyncio

from turnserver.service.peer import PEER, peer_address


def test_outside_a_request_nobody_is_there() -> None:
    assert peer_address() == "-"


def test_each_request_has_a_client_of_its_own() -> None:
    async def request(address: str) -> str:
        PEER.set(lambda: address)
        await asyncio.sleep(0)
        return peer_address()

    async def requests() -> list[str]:
        return await asyncio.gather(*map(request, ("192.0.2.1", "192.0.2.2")))

    assert asyncio.run(requests()) == ["192.0.2.1", "192.0.2.2"]
