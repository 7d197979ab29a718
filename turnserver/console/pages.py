"""The console's own pages: login, the live world, people, chat, usage. Each asks one or two use cases and fills a page.

Source: docs/console.md
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jinja2
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from turnserver.console.acts import ACTS
from turnserver.console.door import PATH
from turnserver.console.forms import UNITS, form_of, text
from turnserver.console.plots import drawn, plots_of, totals
from turnserver.console.security import cookie, is_https, token_of
from turnserver.console.tables import TEMPLATES, clock
from turnserver.messages.reply import Refused
from turnserver.protocol import answers
from turnserver.service.figures import Figures
from turnserver.service.live import Live
from turnserver.service.moderation import Moderation
from turnserver.service.operators import Operators

LOGIN = f"{PATH}/login"
STILLS = {f"{PATH}/style.css": "text/css", f"{PATH}/icon.svg": "image/svg+xml"}
"""Files that stand beside this one, and what they are."""

OPEN = frozenset((LOGIN, *STILLS))
"""What needs no session."""

SPANS = {"1h": 3_600, "6h": 21_600, "24h": 86_400}
"""What the usage page shows, as seconds."""

POINTS_MAX = 180
"""Points of a plot's line: what a phone can tell apart."""

REFRESHES = (0, 5, 30)
"""Seconds after which the live page can be asked for again by itself; 0 is never."""


class Pages:
    """The pages.

    Args:
        operators: Logs in and out.
        live: Looks at the live world.
        moderation: Acts.
        figures: What is plotted.
    """

    def __init__(self, operators: Operators, live: Live, moderation: Moderation, figures: Figures) -> None:
        self._operators = operators
        self._live = live
        self._moderation = moderation
        self._figures = figures
        self._templates = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True)
        self._templates.filters["clock"] = clock

    @property
    def routes(self) -> list[Route]:
        """Where they live."""
        return [
            Route(PATH, self.home, methods=["GET"]),
            Route(f"{PATH}/", self.home, methods=["GET"]),
            *(Route(path, self.still, methods=["GET"]) for path in STILLS),
            Route(LOGIN, self.login, methods=["GET"]),
            Route(LOGIN, self.log_in, methods=["POST"]),
            Route(f"{PATH}/logout", self.log_out, methods=["POST"]),
            Route(f"{PATH}/live", self.live, methods=["GET"]),
            Route(f"{PATH}/people", self.people, methods=["GET"]),
            Route(f"{PATH}/chat", self.chat, methods=["GET"]),
            Route(f"{PATH}/usage", self.usage, methods=["GET"]),
            Route(f"{PATH}/act/{{act}}", self.act, methods=["POST"]),
        ]

    async def home(self, _request: Request) -> Response:
        """The live world comes first."""
        return RedirectResponse(f"{PATH}/live", 303)

    async def still(self, request: Request) -> Response:
        """The style sheet, and the icon."""
        path = request.url.path
        return FileResponse(Path(__file__).with_name(path.rpartition("/")[2]), media_type=STILLS[path])

    async def login(self, request: Request) -> Response:
        """Ask for name and password."""
        return self.page(request, "login.html")

    async def log_in(self, request: Request) -> Response:
        """Open a session, or say why not."""
        fields = await form_of(request)
        try:
            token = await self._operators.log_in(text(fields, "name"), fields.get("password", ""))
        except Refused as refused:
            return self._not_let_in(request, refused)
        response = RedirectResponse(f"{PATH}/live", 303)
        response.headers["set-cookie"] = cookie(token, path=PATH, is_https=is_https(request.headers))
        return response

    def _not_let_in(self, request: Request, refused: Refused) -> Response:
        if refused.answer is not answers.TOO_MANY_REQUESTS:
            return self.page(request, "login.html", 401, error="Wrong name or password.")
        error = f"Too many attempts. Try again in {refused.details} seconds."
        response = self.page(request, "login.html", 429, error=error)
        response.headers["retry-after"] = refused.details
        return response

    async def log_out(self, request: Request) -> Response:
        """End the session."""
        await self._operators.log_out(token_of(request.headers))
        response = RedirectResponse(LOGIN, 303)
        response.headers["set-cookie"] = cookie("", path=PATH, is_https=is_https(request.headers))
        return response

    async def live(self, request: Request) -> Response:
        """Who waits, matches and rooms."""
        every = request.query_params.get("every", "0")
        return self.page(
            request,
            "live.html",
            waiting=await self._live.waiting(),
            matches=await self._live.matches(),
            rooms=await self._live.rooms(),
            every=every if every in map(str, REFRESHES) else "0",
            refreshes=REFRESHES,
        )

    async def people(self, request: Request) -> Response:
        """Forms to kick, mute, ban and broadcast, and the bans that count."""
        bans = await self._moderation.bans()
        return self.page(request, "people.html", bans=bans, units=UNITS, name=request.query_params.get("name", ""))

    async def chat(self, request: Request) -> Response:
        """What was said last in the lobby channels."""
        return self.page(request, "chat.html", channels=await self._live.channels())

    async def usage(self, request: Request) -> Response:
        """Figures over time."""
        span = request.query_params.get("span", "1h")
        span = span if span in SPANS else "1h"
        samples = self._figures.since(self._figures.now_s() - SPANS[span], most=POINTS_MAX)
        at_s = [sample.at_s for sample in samples]
        form = "%H:%M:%S" if not at_s or at_s[-1] - at_s[0] < 600 else "%H:%M"
        plots = [
            drawn(plot, at_s, lambda at: f"{datetime.fromtimestamp(at, UTC):{form}}") for plot in plots_of(samples)
        ]
        return self.page(
            request,
            "usage.html",
            plots=plots,
            samples=samples,
            latest=samples[-1] if samples else None,
            commands=totals(samples),
            span=span,
            spans=SPANS,
            began=clock(round(1000 * self._figures.began_s)),
        )

    async def act(self, request: Request) -> Response:
        """Do what a button says, and show a page that says so."""
        name: str = request.path_params["act"]
        act = ACTS.get(name)
        if act is None:
            raise HTTPException(404)
        await act.deed(self._moderation, request.state.operator, await form_of(request))
        return RedirectResponse(f"{PATH}/{act.page}?done={name}", 303)

    def page(self, request: Request, template: str, status: int = 200, **values: Any) -> Response:
        """A page, with what the act before it has done."""
        done = ACTS.get(request.query_params.get("done", ""))
        said = None if done is None else done.done
        return HTMLResponse(self._templates.get_template(template).render(request=request, said=said, **values), status)
