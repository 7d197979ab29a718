"""A real browser: Debian's chromium, at the size of a phone or of a desktop, that notes all it complains about."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

PHONE = ViewportSize(width=390, height=844)
DESKTOP = ViewportSize(width=1280, height=800)


class Watched(NamedTuple):
    """A page, what its console said, and what was asked of other servers than ours."""

    page: Page
    complaints: list[str]
    strangers: list[str]


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser, from here to the end of the block."""
    program = shutil.which("chromium")
    assert program is not None, "chromium is not installed; Debian's package is chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, address: str, size: ViewportSize, *, scale: float = 1) -> Iterator[Watched]:
    """A page of its own cookies; it fails at once where a dialog opens."""
    context = browser.new_context(viewport=size, base_url=address, device_scale_factor=scale)
    page = context.new_page()
    complaints: list[str] = []
    strangers: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("dialog", lambda dialog: complaints.append(f"a dialog: {dialog.message}"))
    page.on("request", lambda request: strangers.append(request.url) if not request.url.startswith(address) else None)
    yield Watched(page, complaints, strangers)
    context.close()


def is_wider_than_the_screen(page: Page) -> bool:
    """True where the page would have to be moved sideways."""
    wide: bool = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    return wide
