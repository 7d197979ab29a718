"""A page that has loaded the script of the game in web pages, and a game in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from tests.browser import DESKTOP, opened

PAIR = """async ([server, name, options]) => {
    window.heard = [];
    window.sent = 0;
    window.ended = null;
    window.trouble = "";
    const notice = (words) => { trouble = words; };
    window.game = await turnserver.pair(server, name, {...options, notice, signal: AbortSignal.timeout(30_000)});
    const listening = (async () => { for await (const text of game) heard.push(text); })();
    listening.then(() => "over", String).then((how) => { ended = how; });
    return [game.name, game.partner, game.role];
}"""
SEND = "async (texts) => { for (const text of texts) { await game.send(text); sent += 1; } }"
START = f"(texts) => {{ window.sending = ({SEND})(texts).catch(String); }}"
OFTEN = """async (texts) => {
    window.failed = [];
    for (const text of texts) {
        game.send(text).catch((error) => failed.push(String(error)));
        await new Promise((done) => setTimeout(done, 10));
    }
}"""
QUIT = "() => { window.hasQuit = false; game.quit().then(() => { hasQuit = true; }); }"
FAILS = f"(all) => ({PAIR})(all).then(() => null, (error) => [error.code, String(error)])"


@contextmanager
def script(browser: Browser, pages: str) -> Iterator[Page]:
    """A page that has loaded the script."""
    with opened(browser, pages, DESKTOP) as (page, _, _):
        page.goto(f"{pages}/turnserver.js")
        page.add_script_tag(url=f"{pages}/turnserver.js")
        yield page


def ended(page: Page) -> str:
    """How the game of a page has ended, when it has."""
    return str(page.wait_for_function("ended").json_value())
