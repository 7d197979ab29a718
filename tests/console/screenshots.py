"""Pictures of the console for the documents: `python -m tests.console.screenshots docs/images`."""

import sys
import tempfile
import time
from http.client import HTTPConnection
from pathlib import Path

from playwright.sync_api import Page

from tests.browser import DESKTOP, PHONE, chromium, opened
from tests.console.login import log_in
from tests.console.scene import OPERATOR, PASSWORD, console, crowd, play
from tests.json_client import JsonClient

NAMES = ("Ada", "Grace", "Edsger", "Barbara", "Alan", "Hedy", "Niklaus", "Radia", "Donald", "Frances", "Ken")

PLAY_S = 75
"""How long there is play before the pictures: the plots need a few samples."""

THREE_MATCHES_S = 5
"""About as long as three matches, which are left to be seen."""


def main(folder: Path) -> None:
    """Take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, console(Path(place)) as port:
        _live(port)
        address = f"http://127.0.0.1:{port}"
        crowd(port, name="Wanda", account="mallory", line="Anyone for a game of <b>chess</b>?")
        with chromium() as browser:
            with opened(browser, address, DESKTOP) as (page, _, _):
                log_in(page, OPERATOR, PASSWORD)
                _act(page)
                for name in ("live", "usage", "people"):
                    _take(page, f"/console/{name}", folder / f"console-{name}.png")
                _take(page, "/console/tables/audit/list", folder / "console-audit.png")
            with opened(browser, address, PHONE) as (page, _, _):
                log_in(page, OPERATOR, PASSWORD)
                for name in ("live", "usage"):
                    path = folder / f"console-{name}-phone.png"
                    _take(page, f"/console/{name}", path)


def _live(port: int) -> None:
    """Players come and play; their matches end, but for the latest three."""
    ends_s = time.monotonic() + PLAY_S
    count = 0
    http = HTTPConnection("127.0.0.1", port)
    with JsonClient(port) as client:
        while time.monotonic() < ends_s:
            count += 1
            keys = play(client, (NAMES[count % len(NAMES)], NAMES[(count + 1) % len(NAMES)]))
            moves = 20 + 10 * (count % 7)
            for counter in range(1, moves):
                _say(http, f"6,move {counter},{keys[0]},0,{counter}.0")
                _say(http, f"6,,{keys[1]},1,{counter - 1}.{counter if counter > 1 else 0}")
            if ends_s - time.monotonic() > THREE_MATCHES_S:
                _say(http, f"5,*,{keys[0]},0,{moves}")
            if count % 10 == 0:
                _say(http, "6,late,no such game has,0,0")
            time.sleep(0.2 + (count % 40) / 20)
    http.close()


def _say(http: HTTPConnection, line: str) -> None:
    """One line of the text protocol, whatever comes of it."""
    http.request("POST", "/", line)
    http.getresponse().read()


def _act(page: Page) -> None:
    page.goto("/console/people")
    ban = page.locator("form", has=page.get_by_role("button", name="Ban", exact=True))
    ban.get_by_label("Name or address").fill("mallory")
    ban.get_by_label("Why").fill("insults in the lobby")
    ban.get_by_label("For", exact=True).fill("3")
    ban.get_by_label("Unit").select_option("days")
    ban.get_by_role("button").click()


def _take(page: Page, path: str, file: Path) -> None:
    page.goto(path)
    page.screenshot(path=file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
