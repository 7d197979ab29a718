"""`/healthz` and `/readyz`: for load balancers and service managers, open to everybody.

Source: docs/operating.md, "Health".
"""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from turnserver.edge.exchange import RETRY_AFTER_S
from turnserver.service.readiness import READY, Readiness

_HEADERS = {"cache-control": "no-store"}


class Health:
    """The endpoints.

    Args:
        readiness: Knows whether the server is ready.
    """

    def __init__(self, readiness: Readiness) -> None:
        self._readiness = readiness

    @property
    def routes(self) -> list[Route]:
        """Where they live."""
        return [
            Route("/healthz", self._healthz, methods=["GET"]),
            Route("/readyz", self._readyz, methods=["GET"]),
        ]

    async def _healthz(self, _request: Request) -> Response:
        """The process lives and its event loop turns: this answer shows it."""
        return PlainTextResponse("ok\n", headers=_HEADERS)

    async def _readyz(self, _request: Request) -> Response:
        """200 if requests are welcome, else 503 and the reason."""
        state = await self._readiness.check()
        if state == READY:
            return PlainTextResponse(f"{state}\n", headers=_HEADERS)
        return PlainTextResponse(f"{state}\n", 503, headers={**_HEADERS, "retry-after": f"{RETRY_AFTER_S}"})
