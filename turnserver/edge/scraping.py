"""`/metrics`, for Prometheus: with a server key, or over the address that is set apart for it.

Figures tell strangers how a game is doing, so they are not for everybody. That a request comes from this machine proves
nothing: whatever stands in front of the server as a proxy does, too.

Source: docs/operating.md, "Metrics".
"""

from collections.abc import Awaitable, Callable

from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from turnserver.edge.exchange import Response as Refusal
from turnserver.edge.exchange import refusal
from turnserver.edge.metrics import Metrics, Moment
from turnserver.protocol import answers
from turnserver.service.secrets import digest
from turnserver.store.seam import StoreDown
from turnserver.wire.json_requests import bearer_of


class Scraping:
    """The endpoint.

    Args:
        moment: The server as it is now.
        holder_of_key: The name of the server key with a SHA-256, or None.
    """

    def __init__(self, moment: Callable[[], Awaitable[Moment]], holder_of_key: Callable[[str], str | None]) -> None:
        self._moment = moment
        self._holder_of_key = holder_of_key
        self.open_port: int | None = None
        """Requests to this port of ours need no key."""

    @property
    def routes(self) -> list[Route]:
        """Where it lives."""
        return [Route("/metrics", self._metrics, methods=["GET"])]

    async def _metrics(self, request: Request) -> Response:
        try:
            if not self._is_allowed(request):
                return _refused(refusal(answers.NO_RIGHT), {"www-authenticate": "Bearer"})
        except StoreDown:
            return _refused(refusal(answers.STORE_DOWN), {})
        text = generate_latest(Metrics(await self._moment()))
        return Response(text, headers={"content-type": CONTENT_TYPE_PLAIN_0_0_4, "cache-control": "no-store"})

    def _is_allowed(self, request: Request) -> bool:
        _, port = request.scope["server"] or ("", None)
        if port is not None and port == self.open_port:
            return True
        key = bearer_of(request.headers.get("authorization", ""))
        return key is not None and self._holder_of_key(digest(key)) is not None


def _refused(error: Refusal, headers: dict[str, str]) -> Response:
    told = {name.decode(): value.decode() for name, value in error.headers}
    return Response(error.body, error.status, headers={**told, **headers})
