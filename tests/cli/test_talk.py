"""Two streams of text over one game."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.client.test_blocking import together, two_games
from turnserver.cli import lines
from turnserver.cli.talk import Ending, Talk, Undelivered
from turnserver.client import Game


def nothing() -> None:
    """Nobody needs to know."""


def talked(game: Game, *chunks: bytes, linger_s: float | None = None) -> Callable[[], tuple[str, Ending]]:
    """What to run: a talk, and what it showed and how it ended."""

    def run() -> tuple[str, Ending]:
        shown: list[str] = []
        with game:
            ending = Talk(game, iter(chunks), shown.append, linger_s=linger_s).run(on_partner_done=nothing)
        return "".join(shown), ending

    return run


def endless(started: threading.Event) -> Iterator[bytes]:
    """Input of somebody who types one line and then thinks for ever."""
    yield b"hi\n"
    started.set()
    threading.Event().wait()


def test_both_get_everything_however_different_in_length(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with ThreadPoolExecutor(2) as threads:
        anns = threads.submit(talked(ann, *[b"line %d\n" % number for number in range(200)]))
        bobs = threads.submit(talked(bob, b"short"))

        assert anns.result(30)[0] == "short"
        assert bobs.result(30)[0] == "".join(f"line {number}\n" for number in range(200))


def test_two_who_have_nothing_to_say_part_at_once(server: str, title: str) -> None:
    ann, bob = two_games(server, title)

    together(talked(ann), talked(bob))


def test_who_has_no_more_to_say_is_told_of_and_listens_on(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    is_done = threading.Event()

    def slowly() -> Iterator[bytes]:
        assert is_done.wait(20)
        yield b"after that"

    with ThreadPoolExecutor(1) as threads:
        anns = threads.submit(talked(ann))
        with bob:
            Talk(bob, slowly(), lambda _: None, linger_s=None).run(on_partner_done=is_done.set)

        assert anns.result(30)[0] == "after that"


def test_a_partner_that_leaves_without_a_word_that_it_is_done_has_cut_it_off(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with ThreadPoolExecutor(1) as threads:
        anns = threads.submit(talked(ann, b"hi\n"))
        with bob:
            assert bob.receive_one() == "hi\n"
            assert bob.receive_one() == lines.END
            bob.send("bye")

        assert anns.result(30) == ("bye", Ending.CUT_OFF)


@pytest.mark.parametrize("is_endless", [False, True])
def test_a_partner_that_leaves_after_it_has_said_all_cuts_nothing_off_but_hears_no_more(
    server: str, title: str, *, is_endless: bool
) -> None:
    ann, bob = two_games(server, title)
    started, shown = threading.Event(), list[str]()
    source = endless(started) if is_endless else iter([b"hi\n"])
    with ThreadPoolExecutor(1) as threads:

        def leave() -> None:
            assert bob.receive_one() == "hi\n"
            assert started.wait(20) if is_endless else bob.receive_one() == lines.END
            bob.send("bye")
            bob.send(lines.END)
            bob.quit()

        leaving = threads.submit(leave)
        with ann:
            ending = Talk(ann, source, shown.append, linger_s=None).run(on_partner_done=nothing)
        leaving.result(30)

    assert shown == ["bye"]
    assert ending is Ending.UNHEARD if is_endless else ending in (Ending.PARTNER_LEFT, Ending.OVER)


def test_who_does_not_linger_quits_when_all_is_sent(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with bob:
        assert talked(ann, b"hi\n", linger_s=0)() == ("", Ending.OVER)

        assert list(bob) == ["hi\n", lines.END]


def test_who_lingers_quits_when_nothing_comes_any_more(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with bob, ThreadPoolExecutor(1) as threads:
        anns = threads.submit(talked(ann, linger_s=1))
        bob.send("still here")

        assert anns.result(30) == ("still here", Ending.OVER)
        assert list(bob) == [lines.END]


def test_a_partner_who_leaves_too_early_is_reported(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with bob:
        pass

    with pytest.raises(Undelivered):
        talked(ann, b"hi\n")()


def test_a_partner_may_leave_while_nobody_types(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    started = threading.Event()
    with ThreadPoolExecutor(1) as threads:

        def leave() -> None:
            assert bob.receive_one() == "hi\n"
            assert started.wait(20)
            bob.quit()

        leaving = threads.submit(leave)
        with ann:
            ending = Talk(ann, endless(started), lambda _: None, linger_s=None).run(on_partner_done=nothing)
        leaving.result(30)

    assert ending is Ending.CUT_OFF


def test_what_is_typed_after_ctrl_c_goes_nowhere(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    has_left, has_typed = threading.Event(), threading.Event()

    def typed() -> Iterator[bytes]:
        assert has_left.wait(20)
        try:
            yield b"too late\n"
        finally:
            has_typed.set()

    def interrupt(_text: str) -> None:
        raise KeyboardInterrupt

    with bob:
        bob.send("hi")
        with pytest.raises(KeyboardInterrupt), ann:
            Talk(ann, typed(), interrupt, linger_s=None).run(on_partner_done=nothing)
        has_left.set()

        assert list(bob) == []
        assert has_typed.wait(20)


def test_input_that_is_no_text_ends_the_game(server: str, title: str) -> None:
    ann, bob = two_games(server, title)
    with bob:
        with pytest.raises(UnicodeDecodeError):
            talked(ann, b"ok\n", b"\xff\n")()

        assert list(bob) == ["ok\n"]
