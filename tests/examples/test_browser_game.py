"""The game in web pages, played to its end by two pages of a real browser, over good networks and bad ones."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import DESKTOP, PHONE, is_wider_than_the_screen, opened
from tests.client.bad_network import BadNetwork, bad_network, seeded
from tests.server_process import ServerProcess

FOLDER = Path(__file__).parents[2] / "examples" / "browser"
PATIENCE_MS = 30_000
WIN = (0, 3, 1, 4, 2)
DRAW = (0, 1, 2, 4, 3, 5, 7, 6, 8)
ENDED = "Failed to load resource: the server responded with a status of 400 (Bad Request)"
"""What chromium says of every error of the protocol; a page cannot keep it from doing so."""


@pytest.fixture(scope="module", autouse=True)
def patience() -> Iterator[None]:
    """Machines are shared, and networks may be bad: what is right may take a while."""
    expect.set_options(timeout=PATIENCE_MS)
    yield
    expect.set_options(timeout=None)


class Player:
    """Somebody at a page."""

    def __init__(self, page: Page, complaints: list[str]) -> None:
        self.page = page
        self.complaints = complaints
        self.status = page.locator("#status")
        self.squares = page.locator("#board button")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def put(self, square: int) -> None:
        """Take a square when it is this player's turn."""
        expect(self.status).to_contain_text("Your turn")
        self.squares.nth(square).click()

    def put_by_key(self, square: int) -> None:
        """The same with the keyboard alone."""
        expect(self.status).to_contain_text("Your turn")
        at = self.page.evaluate("[...document.querySelectorAll('#board button')].indexOf(document.activeElement)")
        down, right = square // 3 - at // 3, square % 3 - at % 3
        for key, steps in (("ArrowDown", down), ("ArrowUp", -down), ("ArrowRight", right), ("ArrowLeft", -right)):
            for _ in range(steps):
                self.page.keyboard.press(key)
        self.page.keyboard.press("Enter")

    @property
    def board(self) -> str:
        """The signs, row by row; a space where there is none."""
        labels = [self.squares.nth(square).get_attribute("aria-label") or "" for square in range(9)]
        return "".join(label.partition(": ")[2].replace("empty", " ") for label in labels)


@contextmanager
def player(
    browser: Browser, address: str, server: str, name: str, partner: str, size: ViewportSize = DESKTOP
) -> Iterator[Player]:
    """A page that has been filled in by its link."""
    with opened(browser, address, size) as (page, complaints, _):
        page.goto(f"{address}/index.html?{urlencode({'server': server, 'name': name, 'partner': partner})}")
        yield Player(page, complaints)


def begin(one: Player, other: Player) -> tuple[Player, Player]:
    """Let both play; the one who begins, and the other."""
    one.press("Play")
    expect(one.status).to_contain_text("Waiting for")
    other.press("Play")
    return order(one, other)


def order(one: Player, other: Player) -> tuple[Player, Player]:
    expect(one.status).to_contain_text("turn")
    return (one, other) if "Your turn" in one.status.inner_text() else (other, one)


def play(first: Player, second: Player, squares: tuple[int, ...]) -> None:
    for count, square in enumerate(squares):
        (second if count % 2 else first).put(square)


def signs(squares: tuple[int, ...]) -> str:
    """The board after these squares were taken in turn."""
    return "".join("XO"[squares.index(square) % 2] if square in squares else " " for square in range(9))


def test_a_win_a_draw_and_a_partner_who_leaves(browser: Browser, pages: str, server: str) -> None:
    with (
        player(browser, pages, server, "ann", "bob", PHONE) as ann,
        player(browser, FOLDER.as_uri(), server, "bob", "ann") as bob,  # opened as a file
    ):
        first, second = begin(ann, bob)
        for count, square in enumerate(WIN):
            (second if count % 2 else first).put_by_key(square)
        expect(first.status).to_have_text("You win!")
        expect(second.status).to_contain_text(" wins.")
        assert first.board == second.board == signs(WIN)
        assert not any(is_wider_than_the_screen(someone.page) for someone in (ann, bob))

        ann.press("Play again")
        expect(ann.status).to_contain_text("Waiting for bob")
        expect(bob.status).to_contain_text("ann wants to play again")
        bob.press("Play again")
        assert order(ann, bob) == (second, first)  # now the other one begins
        play(second, first, DRAW)
        expect(ann.status).to_have_text("A draw.")
        expect(bob.status).to_have_text("A draw.")
        assert ann.board == bob.board == signs(DRAW)

        bob.press("Leave")
        expect(ann.status).to_have_text("bob has left.")
        ann.press("New game")
        expect(ann.page.get_by_label("Your name")).to_be_focused()

        assert ann.complaints == [ENDED]
        assert bob.complaints == []


def test_who_closes_the_page_leaves_at_once(browser: Browser, pages: str, server: str) -> None:
    with (
        player(browser, pages, server, "cy", "dan") as cy,
        player(browser, pages, server, "dan", "cy") as dan,
    ):
        first, second = begin(cy, dan)
        first.put(4)
        expect(second.status).to_contain_text("Your turn")
        dan.page.goto("about:blank")

        expect(cy.status).to_have_text("dan has left.", timeout=10_000)  # silence is noticed after 30 s only
        assert cy.squares.nth(4).get_attribute("aria-label") == "row 2, column 2: X"


def test_who_cancels_is_not_met_any_more(browser: Browser, pages: str, server: str) -> None:
    with (
        bad_network(server, seeded(0, bad=0)) as network,
        player(browser, pages, network.address, "eve", "") as eve,
    ):
        eve.press("Play")
        expect(eve.status).to_have_text("Waiting for a partner …")
        wait_until(eve.page, lambda: any(asked.body.startswith(b"2,") for asked in network.passed))
        eve.press("Cancel")
        expect(eve.page.get_by_role("button", name="Play", exact=True)).to_be_visible()
        wait_until(eve.page, lambda: network.passed[-1].body.startswith(b"1,"))


def test_a_link_fills_in_what_it_names_and_nothing_else(browser: Browser, pages: str) -> None:
    with opened(browser, pages, DESKTOP) as (page, complaints, _):
        page.goto(f"{pages}/index.html?length=1&item=2&lobby=3&name=ann&partner=bob%20b&server=http://a")

        for field, value in (("name", "ann"), ("partner", "bob b"), ("server", "http://a")):
            assert page.locator(f"[name={field}]").input_value() == value
        assert complaints == []


@pytest.mark.parametrize(
    ("name", "address", "words"),
    [
        ("a,b", "http://127.0.0.1:1", "Sorry: a name has 1 to 64 bytes and no comma, and is not *."),
        ("ann", "http://127.0.0.1:1/?a=b", "Sorry: a server's address looks like http://127.0.0.1:8192."),
        ("ann", "http://127.0.0.1:1", "Sorry: the server does not answer."),
    ],
)
def test_what_cannot_work_is_said(browser: Browser, pages: str, name: str, address: str, words: str) -> None:
    with player(browser, pages, address, name, "") as ann:
        ann.press("Play")

        expect(ann.status).to_have_text(words)


def test_a_name_is_shown_as_text(browser: Browser, pages: str, server: str) -> None:
    markup = "<img src=x onerror=alert(1)>|;% é😀"
    with (
        player(browser, pages, server, "fay", markup) as fay,
        player(browser, pages, server, markup, "fay") as other,
    ):
        begin(fay, other)

        expect(fay.page.locator("#players")).to_contain_text(markup)
        assert fay.complaints == other.complaints == []


@pytest.mark.parametrize("seed", [1, 2])
def test_every_move_counts_once_where_requests_and_replies_get_lost(
    browser: Browser, pages: str, server: str, seed: int
) -> None:
    with (
        bad_network(server, seeded(seed)) as here,
        bad_network(server, seeded(seed + 10)) as there,
        player(browser, pages, here.address, "gus", "hal") as gus,
        player(browser, pages, there.address, "hal", "gus") as hal,
    ):
        first, second = begin(gus, hal)
        play(first, second, DRAW)
        expect(gus.status).to_have_text("A draw.")
        expect(hal.status).to_have_text("A draw.")
        gus.press("Play again")
        hal.press("Play again")
        play(second, first, WIN)
        expect(second.status).to_have_text("You win!")
        expect(first.status).to_contain_text(" wins.")

        assert gus.board == hal.board == signs(WIN)
        assert repeats(here) > 0
        assert repeats(there) > 0


def repeats(network: BadNetwork) -> int:
    """How many requests were posted more than once."""
    lines = [asked.body for asked in network.passed]
    return len(lines) - len(set(lines))


def test_a_server_that_is_killed_in_the_middle_of_a_game_loses_no_move(
    browser: Browser, pages: str, tmp_path: Path
) -> None:
    with (
        ServerProcess(tmp_path) as server,
        player(browser, pages, server.address, "ida", "joe") as ida,
        player(browser, pages, server.address, "joe", "ida") as joe,
    ):
        first, second = begin(ida, joe)
        play(first, second, WIN[:2])
        expect(first.status).to_contain_text("Your turn")
        server.kill()
        first.put(WIN[2])
        expect(first.page.locator("#trouble")).to_contain_text("the server does not answer")
        with ServerProcess(tmp_path, port=server.port):
            play(second, first, WIN[3:])

            expect(first.status).to_have_text("You win!")
            expect(second.status).to_contain_text(" wins.")
            assert first.board == second.board == signs(WIN)
            expect(first.page.locator("#trouble")).to_be_empty()


def wait_until(page: Page, is_so: Callable[[], bool]) -> None:
    """Let the page go on until something is so, which is looked at again and again."""
    for _ in range(PATIENCE_MS // 50):
        if is_so():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not come to be so")
