"""The script of the game in web pages by itself: any text, lossy networks and full buffers, over a real server."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser import DESKTOP, opened
from tests.client.bad_network import Fate, bad_network, seeded
from tests.examples.script_page import OFTEN, PAIR, QUIT, START, ended, script
from tests.markdown import blocks
from turnserver.client import Game, Role, pair

TEXTS = [
    *("a,b", "|", ";", "100 %", "%7C %c3%a9 %", "*", "é😀", "\0\t", "x" * 16_328),
    *(" ", "\ufeffbom", "\r\n\n", "\u2028\u2029"),
    *(f"text {number}" for number in range(20)),
]


def hear(game: Game, count: int) -> list[str]:
    """So many texts, or what came of them in half a minute."""
    texts: list[str] = []
    ends_s = time.monotonic() + 30
    while len(texts) < count and time.monotonic() < ends_s:
        texts += game.receive(wait_s=1)
    return texts


def partner(server: str, title: str) -> Game:
    """A partner for the page, in Python."""
    return pair(server, "py", partner="js", title=title, pair_s=30)


def test_texts_of_any_kind_travel_both_ways_between_a_page_and_python(
    browser: Browser, pages: str, server: str, title: str
) -> None:
    def other() -> tuple[Role, list[str]]:
        with partner(server, title) as game:
            for text in TEXTS:
                game.send(text)
            return game.role, hear(game, len(TEXTS))

    with script(browser, pages) as page, ThreadPoolExecutor(1) as threads:
        python = threads.submit(other)
        found = page.evaluate(PAIR, [server, "js", {"partner": "py", "title": title}])
        page.evaluate(START, TEXTS)
        role, heard = python.result()

        assert heard == TEXTS
        assert found[:2] == ["js", "py"]
        assert {found[2], role.value} == {"server", "client"}
        assert ended(page) == "over"
        assert page.evaluate("heard") == TEXTS


@pytest.mark.parametrize("seed", range(3))
def test_every_text_arrives_once_and_in_order_over_bad_networks(
    browser: Browser, pages: str, server: str, title: str, seed: int
) -> None:
    with (
        bad_network(server, seeded(seed)) as here,
        bad_network(server, seeded(seed + 10)) as there,
        script(browser, pages) as one,
        script(browser, pages) as other,
    ):
        begun = f"([server, name, options]) => {{ window.begun = ({PAIR})([server, name, options]); }}"
        one.evaluate(begun, [here.address, "one", {"partner": "other", "title": title}])
        other.evaluate(begun, [there.address, "other", {"partner": "one", "title": title}])
        for page in (one, other):
            page.evaluate("begun")
            page.evaluate(START, TEXTS)
        for page in (one, other):
            page.wait_for_function(f"sent === {len(TEXTS)} && heard.length >= {len(TEXTS)}", timeout=60_000)

            assert page.evaluate("heard") == TEXTS
        for network in (here, there):
            assert len(network.passed) > len({asked.body for asked in network.passed}) > len(TEXTS)
        one.evaluate("game.quit()")
        assert ended(other) == "over"


def test_a_full_buffer_holds_texts_up_and_loses_none(browser: Browser, pages: str, server: str, title: str) -> None:
    texts = [f"{number} " + "x" * 16_000 for number in range(12)]
    with script(browser, pages) as page, ThreadPoolExecutor(1) as threads:
        python = threads.submit(partner, server, title)
        page.evaluate(PAIR, [server, "js", {"partner": "py", "title": title}])
        with python.result() as game:
            with page.expect_response(lambda response: response.status == 400):  # 21
                page.evaluate(START, texts)
            game.send("I am slow")
            page.wait_for_function("heard.length === 1")
            blocked_at = page.evaluate("sent")
            got = hear(game, len(texts))
            page.wait_for_function("sent === 12")

        assert blocked_at == 8
        assert got == texts
        assert page.evaluate("heard") == ["I am slow"]


def test_texts_that_are_sent_often_during_an_outage_end_no_game(
    browser: Browser, pages: str, server: str, title: str
) -> None:
    texts = [f"text {number}" for number in range(200)]
    is_down = threading.Event()
    with (
        bad_network(server, lambda: Fate.REQUEST_LOST if is_down.is_set() else Fate.GOOD) as network,
        script(browser, pages) as page,
        ThreadPoolExecutor(1) as threads,
    ):
        python = threads.submit(partner, server, title)
        page.evaluate(PAIR, [network.address, "js", {"partner": "py", "title": title}])
        with python.result() as game:
            is_down.set()
            page.evaluate(OFTEN, texts)
            page.wait_for_function("trouble")
            is_down.clear()

            assert hear(game, len(texts)) == texts
            assert page.evaluate("failed") == []


def test_loops_over_one_game_share_its_texts_and_all_end(browser: Browser, pages: str, server: str, title: str) -> None:
    with script(browser, pages) as page, ThreadPoolExecutor(1) as threads:
        python = threads.submit(partner, server, title)
        page.evaluate(PAIR, [server, "js", {"partner": "py", "title": title}])
        page.evaluate(
            """() => {
                window.other = {heard: [], ended: false};
                (async () => { for await (const text of game) other.heard.push(text); other.ended = true; })();
            }"""
        )
        with python.result() as game:
            for text in TEXTS:
                game.send(text)

        page.wait_for_function("ended === 'over' && other.ended")
        assert sorted(page.evaluate("[...heard, ...other.heard]")) == sorted(TEXTS)


def test_a_text_does_not_wait_until_a_hold_is_over(browser: Browser, pages: str, server: str, title: str) -> None:
    with script(browser, pages) as page, ThreadPoolExecutor(1) as threads:
        python = threads.submit(partner, server, title)
        with page.expect_request(lambda request: "?wait=15" in request.url and ",0.0" in str(request.post_data)):
            page.evaluate(PAIR, [server, "js", {"partner": "py", "title": title}])
        with python.result() as game:
            began_s = time.monotonic()
            page.evaluate(START, ["now"])

            assert hear(game, 1) == ["now"]
            assert time.monotonic() - began_s < 10


@pytest.mark.parametrize("text", ["", "x" * 16_329, "%" * 6_000, "\ud800"])
def test_what_cannot_be_sent_is_refused_before(
    browser: Browser, pages: str, server: str, title: str, text: str
) -> None:
    with script(browser, pages) as page, ThreadPoolExecutor(1) as threads:
        python = threads.submit(partner, server, title)
        page.evaluate(PAIR, [server, "js", {"partner": "py", "title": title}])
        with python.result():
            said = page.evaluate(
                "(units) => game.send(String.fromCharCode(...units)).catch(String)", list(map(ord, text))
            )

            assert said.startswith("RangeError: a text has 1 to 16328 bytes")


def test_the_example_of_the_document_works(browser: Browser, pages: str, server: str) -> None:
    document = (Path(__file__).parents[2] / "docs" / "browser.md").read_text("utf-8")
    (code,) = (block.text for block in blocks(document) if block.language == "javascript")
    with opened(browser, pages, DESKTOP) as (page, complaints, _), ThreadPoolExecutor(1) as threads:
        page.goto(f"{pages}/index.html")
        python = threads.submit(pair, server, "bob", partner="ann", title="my-game", pair_s=30)
        running = f"async () => {{ {code.replace('http://127.0.0.1:8192', server)} }}"
        page.evaluate(f"() => {{ window.running = ({running})(); }}")
        with python.result() as game:
            assert game.receive_one() == "any text: commas, | bars, 100 %, 😀,\nline breaks"
            game.send("hello")
        page.evaluate("running")

        assert complaints[0] == "bob says hello"


@pytest.mark.parametrize("what", [Fate.REQUEST_LOST, Fate.SWALLOWED, Fate.BUSY])
def test_who_quits_says_so_again_if_the_first_word_is_lost(
    browser: Browser, pages: str, server: str, title: str, what: Fate
) -> None:
    lost: list[bytes] = []

    def fate() -> Fate:
        """What becomes of the request that has just passed: the first farewell is lost."""
        body = network.passed[-1].body
        if lost or not body.startswith(b"5,"):
            return Fate.GOOD
        lost.append(body)
        return what

    with (
        bad_network(server, fate) as network,
        script(browser, pages) as page,
        ThreadPoolExecutor(1) as threads,
    ):
        python = threads.submit(partner, server, title)
        page.evaluate(PAIR, [network.address, "js", {"partner": "py", "title": title}])
        with python.result() as game:
            page.evaluate(QUIT)

            assert list(game) == []
        page.wait_for_function("hasQuit")
        assert ended(page) == "over"
        farewells = [asked.body for asked in network.passed if asked.body.startswith(b"5,")]
        assert farewells[:2] == [lost[0]] * 2
