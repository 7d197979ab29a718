"""The way into the console in a real browser."""

from playwright.sync_api import Page


def log_in(page: Page, name: str, password: str) -> None:
    """Fill in the login page, and come to the live world."""
    page.goto("/console")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/console/live")
