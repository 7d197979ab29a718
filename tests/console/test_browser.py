"""The console in a real browser, at the size of a phone and of a desktop."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import DESKTOP, PHONE, chromium, is_wider_than_the_screen, opened
from tests.console.login import log_in
from tests.console.scene import ACCOUNT, LINE, MARKUP, OPERATOR, PASSWORD, console, crowd

TABLES = ("account", "account-session", "ban", "audit", "game", "operator")
PAGES = ("live", "people", "chat", "usage", *(f"tables/{name}/list" for name in TABLES), "tables/account/details/1")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
def test_every_page_fits_and_nothing_is_complained_about(browser: Browser, tmp_path: Path, size: ViewportSize) -> None:
    with console(tmp_path) as port:
        crowd(port)
        address = f"http://127.0.0.1:{port}"
        with opened(browser, address, size) as (page, complaints, strangers):
            log_in(page, OPERATOR, PASSWORD)
            for path in PAGES:
                answer = page.goto(f"/console/{path}")

                assert answer is not None
                assert answer.status == 200, path
                assert not is_wider_than_the_screen(page), path
            markup_is_text(page)
            acts_work(page)
            page.goto("/console/usage")
            while not page.locator("polyline").count():  # the first sample comes ten seconds after the start
                page.wait_for_timeout(500)
                page.reload()
            assert page.locator("figure").count() == 8
            assert not is_wider_than_the_screen(page)
            page.get_by_role("button", name="Log out").click()
            page.wait_for_url("**/console/login")

            assert complaints == []
            assert strangers == []


def markup_is_text(page: Page) -> None:
    page.goto("/console/live")
    expect(page.get_by_text(MARKUP)).to_be_visible()
    page.goto("/console/chat")
    expect(page.get_by_text(LINE)).to_be_visible()
    expect(page.get_by_text(ACCOUNT)).to_be_visible()
    page.goto("/console/tables/account/list")
    expect(page.get_by_text(ACCOUNT).first).to_be_visible()


def acts_work(page: Page) -> None:
    """End the match and the room that are there; ban who talks, lift that, and delete the account."""
    page.goto("/console/live")
    for button, words in (("End this match", "The match has ended."), ("End this room", "The room has ended.")):
        summary = page.locator("details", has=page.get_by_role("button", name=button, include_hidden=True))
        summary.locator("summary").click()
        summary.get_by_role("button", name=button).click()
        expect(page.get_by_role("status")).to_have_text(words)
    expect(page.get_by_text("Nobody plays.")).to_be_visible()
    expect(page.get_by_text("No room is open.")).to_be_visible()
    page.goto("/console/chat")
    page.get_by_role("link", name=ACCOUNT).click()
    ban = page.locator("form", has=page.get_by_role("button", name="Ban", exact=True))
    expect(ban.get_by_label("Name or address")).to_have_value(ACCOUNT)
    ban.get_by_role("button", name="Ban").click()
    expect(page.get_by_role("status")).to_have_text("The ban counts from now on.")
    page.get_by_role("button", name="Lift").click()
    expect(page.get_by_text("Nobody is banned.")).to_be_visible()
    page.get_by_text("Delete…").click()
    delete = page.locator("form", has=page.get_by_role("button", name="Delete for good"))
    for label in ("Name", "The name once more"):
        delete.get_by_label(label, exact=True).fill(ACCOUNT)
    delete.get_by_role("button").click()
    expect(page.get_by_role("status")).to_have_text("The account is gone, and its name is free.")
