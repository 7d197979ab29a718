"""Pictures of the console for the documents: `python -m tests.console.screenshots docs/images`."""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.console.browser import DESKTOP, PHONE, chromium, log_in, opened
from tests.console.scene import OPERATOR, PASSWORD, console, crowd, play
from tests.json_client import JsonClient

PLAY_S = 75
"""How long there is play before the pictures: the plots need a few samples."""


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
                    _take(
                        page,
                        f"/console/{name}",
                        folder / f"console-{name}.png",
                        lambda path: page.screenshot(path=path),
                    )
                _take(
                    page,
                    "/console/tables/audit/list",
                    folder / "console-audit.png",
                    lambda path: page.screenshot(path=path),
                )
            with opened(browser, address, PHONE) as (page, _, _):
                log_in(page, OPERATOR, PASSWORD)
                for name in ("live", "usage"):
                    path = folder / f"console-{name}-phone.png"
                    _take(page, f"/console/{name}", path, lambda path: page.screenshot(path=path))


def _live(port: int) -> None:
    """Players come and play."""
    ends_s = time.monotonic() + PLAY_S
    count = 0
    with JsonClient(port) as client:
        while time.monotonic() < ends_s:
            count += 1
            play(client, (f"player {count}", f"player {count + 1}"))
            client.post("/play/update", key="no game", player=0, counter=0, data="")
            time.sleep(0.2 + (count % 40) / 20)


def _act(page: Page) -> None:
    page.goto("/console/people")
    ban = page.locator("form", has=page.get_by_role("button", name="Ban", exact=True))
    ban.get_by_label("Name or address").fill("mallory")
    ban.get_by_label("Why").fill("insults in the lobby")
    ban.get_by_label("For", exact=True).fill("3")
    ban.get_by_label("Unit").select_option("days")
    ban.get_by_role("button").click()


def _take(page: Page, path: str, file: Path, shoot: Callable[[Path], object]) -> None:
    page.goto(path)
    shoot(file)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
