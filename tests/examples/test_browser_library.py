"""The script of the game in web pages by itself: any text, lossy networks, full buffers, all that servers answer."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import DESKTOP, opened
from tests.client.bad_network import Fate, Reply, bad_network, seeded, serving
from tests.markdown import blocks
from turnserver.client import Game, Role, pair

TEXTS = [
    *("a,b", "|", ";", "100 %", "%7C %c3%a9 %", "\r\n\n", "*", "é😀", "\ufeffbom", " ", "\0\t", "x" * 16_328),
    *(f"text {number}" for number in range(20)),
]
PAIR = """async ([server, name, options]) => {
    window.heard = [];
    window.sent = 0;
    window.ended = null;
    window.game = await turnserver.pair(server, name, {...options, signal: AbortSignal.timeout(30_000)});
    const listening = (async () => { for await (const text of game) heard.push(text); })();
    listening.then(() => "over", String).then((how) => { ended = how; });
    return [game.name, game.partner, game.role];
}"""
SEND = "async (texts) => { for (const text of texts) { await game.send(text); sent += 1; } }"
START = f"(texts) => {{ window.sending = ({SEND})(texts).catch(String); }}"
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
            page.wait_for_function("sent === 32 && heard.length >= 32", timeout=60_000)

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


BEGIN = [b"0/0/KEY", b"0/3/bob", b"0/5/", b"0/8/GAME|0"]
OVER = b"15/*/*"


class Scripted:
    """A server that gives prepared answers, then says that the partner has left; None is none."""

    def __init__(self, *answers: bytes | Reply | None) -> None:
        self._answers = iter(answers)
        self.asked: list[str] = []
        self.at_s: list[float] = []

    def __call__(self, path: str, body: bytes, _prefer: str) -> Reply | None:
        self.asked.append(body.decode() + path.removeprefix("/"))
        self.at_s.append(time.monotonic())
        answer = next(self._answers, OVER)
        return Reply(200, answer) if isinstance(answer, bytes) else answer


def test_a_late_copy_of_an_update_that_finds_room_is_not_sent_again(browser: Browser, pages: str) -> None:
    begin, ones = iter(BEGIN), iter([None, b"21/*/*", b"0/11/a|b"])
    asked: list[str] = []

    def answer(_path: str, body: bytes, _prefer: str) -> Reply | None:
        asked.append(body.decode())
        if not body.startswith(b"6,"):
            return Reply(200, next(begin))
        if body.startswith(b"6,one,"):
            found = next(ones)
            return None if found is None else Reply(200, found)
        was_refused = asked[-2].startswith("6,one,") and not body.startswith(b"6,two,")
        return Reply(200, b"18/*/*" if was_refused else OVER if body.startswith(b"6,two,") else b"0/10/*")

    with serving(answer) as server, script(browser, pages) as page:
        page.evaluate(PAIR, [server, "ann", {}])
        page.evaluate("Promise.allSettled([game.send('one'), game.send('two')])")

        assert ended(page) == "over"
        assert page.evaluate("heard") == ["a", "b"]
        n = int(asked[-1].rpartition(",")[2].partition(".")[0]) - 1
        one = f"6,one,GAME,0,{n}.0"
        assert asked[-5:] == [one, one, f"6,,GAME,0,{n - 1}.0", one, f"6,two,GAME,0,{n + 1}.2"]


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        pytest.param(
            [b"0/0/KEY", b"0/2/*", b"0/3/bob", b"9/2/*", b"0/4/cy", b"0/6/", b"0/7/*", b"0/8/GAME|1"],
            [
                "0,ann,*,*,*",
                "2,*,KEY,*,*",
                "2,*,KEY,*,*",
                "3,*,KEY,*,*",
                "2,*,KEY,*,*",
                "3,*,KEY,*,*",
                "4,*,KEY,*,*",
                "4,*,KEY,*,*",
            ],
            id="a partner who is lost before the game",
        ),
        pytest.param(
            [b"0/0/OLD", b"5/*/*", b"0/0/KEY", b"10/*/*", *BEGIN],
            [
                "0,ann,*,*,*",
                "2,*,OLD,*,*",
                "0,ann,*,*,*",
                "2,*,KEY,*,*",
                "0,ann,*,*,*",
                "2,*,KEY,*,*",
                "3,*,KEY,*,*",
                "4,*,KEY,*,*",
            ],
            id="a registration that was lost",
        ),
        pytest.param(
            [None, None, b"0/0/KEY", None, b"0/3/bob", Reply(503, b"44/*/*"), *BEGIN[2:]],
            [*["0,ann,*,*,*"] * 3, *["2,*,KEY,*,*"] * 2, *["3,*,KEY,*,*"] * 2, "4,*,KEY,*,*"],
            id="requests without a reply",
        ),
    ],
)
def test_the_way_to_a_game(browser: Browser, pages: str, answers: list[Any], asked: list[str]) -> None:
    scripted = Scripted(*answers)
    with serving(scripted) as server, script(browser, pages) as page:
        page.evaluate(PAIR, [server, "ann", {}])

        assert ended(page) == "over"
        assert [line.partition("?")[0] for line in scripted.asked[:-1]] == asked
        assert scripted.asked[-1].startswith(("6,,GAME,0,0.0", "6,,GAME,1,0.0"))


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(browser: Browser, pages: str) -> None:
    headers = (("Retry-After", "2"), ("Access-Control-Expose-Headers", "retry-after"))
    scripted = Scripted(Reply(503, b"44/*/*", headers), *BEGIN)
    with serving(scripted) as server, script(browser, pages) as page:
        page.evaluate(PAIR, [server, "ann", {}])

        assert scripted.at_s[1] - scripted.at_s[0] >= 1.9


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ([b"0/0/KEY", b"17/*/*"], "17/*", "TurnserverError: the partner went away before the game began"),
        ([b"11/*/*"], "11/*", "TurnserverError: the server is full"),
        ([Reply(404, b"<html>")], "nonsense", "TurnserverError: this is no turnserver (HTTP status 404)"),
        ([b"0/1/*"], "0/1", "TurnserverError: the server gave an unexpected answer, 0/1"),
        ([None] * 99, "unreachable", "TurnserverError: the server does not answer"),
    ],
)
def test_an_end_before_the_game_says_why(
    browser: Browser, pages: str, answers: list[Any], code: str, words: str
) -> None:
    with serving(Scripted(*answers)) as server, script(browser, pages) as page:
        assert page.evaluate(FAILS, [server, "ann", {}]) == [code, words]


@pytest.mark.parametrize(("answer", "words"), [(b"13/*/*", "the server does not know the game"), (b"19/*/*", "19/*")])
def test_an_end_of_a_game_that_is_no_good_end_says_why(browser: Browser, pages: str, answer: bytes, words: str) -> None:
    with serving(Scripted(*BEGIN, b"0/9/last", answer)) as server, script(browser, pages) as page:
        page.evaluate(PAIR, [server, "ann", {}])

        assert words in ended(page)
        assert page.evaluate("heard") == ["last"]
        assert words in page.evaluate("game.send('x').catch(String)")


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


def test_who_quits_says_so_again_if_the_first_word_is_lost(
    browser: Browser, pages: str, server: str, title: str
) -> None:
    lost: list[bytes] = []

    def fate() -> Fate:
        """What becomes of the request that has just passed: the first farewell is lost."""
        body = network.passed[-1].body
        if lost or not body.startswith(b"5,"):
            return Fate.GOOD
        lost.append(body)
        return Fate.REQUEST_LOST

    with (
        bad_network(server, fate) as network,
        script(browser, pages) as page,
        ThreadPoolExecutor(1) as threads,
    ):
        python = threads.submit(partner, server, title)
        page.evaluate(PAIR, [network.address, "js", {"partner": "py", "title": title}])
        with python.result() as game:
            page.evaluate("game.quit()")

            assert list(game) == []
        assert ended(page) == "over"
        farewells = [asked.body for asked in network.passed if asked.body.startswith(b"5,")]
        assert farewells[:2] == [lost[0]] * 2
