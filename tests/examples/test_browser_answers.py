"""The script of the game in web pages by itself: what it makes of each answer, from servers that give prepared ones."""

import time
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.client.bad_network import Reply, serving
from tests.examples.script_page import FAILS, OFTEN, PAIR, QUIT, ended, script
from turnserver.wire.paths import RESERVED

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
        pytest.param(
            [*[b"0/0/KEY", b"5/*/*"] * 9, *BEGIN],
            [*["0,ann,*,*,*", "2,*,KEY,*,*"] * 10, "3,*,KEY,*,*", "4,*,KEY,*,*"],
            id="nine registrations that were lost",
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


def busy(status: int, seconds: int) -> Reply:
    """The answer of a server that wants to be left alone for so long."""
    headers = (("Retry-After", str(seconds)), ("Access-Control-Expose-Headers", "retry-after"))
    return Reply(status, b"44/*/*", headers)


def test_a_busy_server_is_left_alone_for_as_long_as_it_asks(browser: Browser, pages: str) -> None:
    scripted = Scripted(busy(503, 2), *BEGIN)
    with serving(scripted) as server, script(browser, pages) as page:
        page.evaluate(PAIR, [server, "ann", {}])

        assert scripted.at_s[1] - scripted.at_s[0] >= 1.9


@pytest.mark.parametrize("status", [503, 429])
def test_a_busy_server_is_left_alone_also_by_those_who_have_something_to_say(
    browser: Browser, pages: str, status: int
) -> None:
    scripted = Scripted(*BEGIN, busy(status, 3), b"0/10/*")
    with serving(scripted) as server, script(browser, pages) as page:
        page.evaluate(PAIR, [server, "ann", {}])
        page.wait_for_function("trouble === 'the server is too busy'")
        page.evaluate(OFTEN, ["one", *["more"] * 30])

        assert ended(page) == "over"
        first = len(BEGIN)
        assert [line[:6] for line in scripted.asked[first : first + 3]] == ["6,,GAM", "6,,GAM", "6,one,"]
        assert scripted.at_s[first + 1] - scripted.at_s[first] >= 2.9


def test_who_quits_does_not_wait_until_a_busy_server_may_be_asked_again(browser: Browser, pages: str) -> None:
    scripted = Scripted(*BEGIN, busy(503, 50), b"0/12/*")
    with serving(scripted) as server, script(browser, pages) as page:
        page.evaluate(PAIR, [server, "ann", {}])
        page.wait_for_function("trouble")
        page.evaluate("game.quit()")

        assert ended(page) == "over"
        assert scripted.asked[-1] == "5,*,GAME,0,0.0"
        assert scripted.at_s[-1] - scripted.at_s[-2] < 40


def farewells(page: Page, *answers: Reply) -> list[float]:
    """When a page that quits says so, in seconds, if the server answers this."""
    begin, ends = iter(BEGIN), iter(answers)
    at_s: list[float] = []
    anew = (("Connection", "close"),)  # a browser asks again by itself where 408 comes on a connection that was used

    def answer(_path: str, body: bytes, _prefer: str) -> Reply:
        if not body.startswith(b"5,"):
            return Reply(200, b"0/10/*" if body.startswith(b"6,") else next(begin), anew)
        at_s.append(time.monotonic())
        found = next(ends)
        return found._replace(headers=found.headers + anew)

    with serving(answer) as server:
        page.evaluate(PAIR, [server, "ann", {}])
        page.evaluate(QUIT)
        page.wait_for_function("hasQuit")
    return at_s


@pytest.mark.parametrize("status", [408, 429, 503])
def test_a_farewell_that_was_not_heard_is_said_again_when_the_server_may_be_asked(
    browser: Browser, pages: str, status: int
) -> None:
    with script(browser, pages) as page:
        first_s, second_s = farewells(page, busy(status, 1), Reply(200, b"0/12/*"))

        assert second_s - first_s >= 0.9


@pytest.mark.parametrize(("answers", "count"), [([busy(429, 50)], 1), ([busy(503, 0)] * 4, 3)])
def test_a_farewell_that_nobody_hears_is_given_up(
    browser: Browser, pages: str, answers: list[Reply], count: int
) -> None:
    with script(browser, pages) as page:
        assert len(farewells(page, *answers)) == count


@pytest.mark.parametrize(
    ("answers", "code", "words"),
    [
        ([b"0/0/KEY", b"17/*/*"], "17/*", "TurnserverError: the partner went away before the game began"),
        ([b"0/0/KEY", b"5/*/*"] * 10, "5/*", "TurnserverError: the server has ended the registration"),
        ([busy(503, 6)], "unreachable", "TurnserverError: the server is too busy"),
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


ENDS = """async ([server, when]) => {
    const abort = new AbortController();
    if (when === "before it begins") abort.abort();
    const notice = () => setTimeout(() => abort.abort());
    return turnserver.pair(server, "ann", {signal: abort.signal, notice}).catch((error) => error.name);
}"""


@pytest.mark.parametrize(("when", "asked"), [("before it begins", []), ("after the first reply", ["0,ann,*,*,*"])])
def test_a_search_that_its_signal_ends_throws_the_same_whenever_that_is(
    browser: Browser, pages: str, when: str, asked: list[str]
) -> None:
    scripted = Scripted(BEGIN[0], *[b"0/2/*"] * 99)
    with serving(scripted) as server, script(browser, pages) as page:
        assert page.evaluate(ENDS, [server, when]) == "AbortError"
        assert scripted.asked[:1] == asked


def test_a_title_or_an_address_that_cannot_be_is_refused_before(browser: Browser, pages: str) -> None:
    scripted = Scripted()
    with serving(scripted) as server, script(browser, pages) as page:
        titles = [*sorted(RESERVED), "a b", "a/b", "é", "x" * 33]
        for title in titles:
            said = page.evaluate(FAILS, [server, "ann", {"title": title}])
            assert said == [None, "RangeError: a title has at most 32 letters, digits, - and _, and is not reserved"]
        for address in ("", "a:1", "ftp://a", "http://", "http:///", "http://a b", "http://a:99999", "http://["):
            said = page.evaluate(FAILS, [address, "ann", {"title": "chess"}])
            assert said == [None, "RangeError: a server's address looks like http://127.0.0.1:8192"]

        assert scripted.asked == []
