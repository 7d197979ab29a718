"""`turnserver play`, as a user runs it: in pipes and at a terminal."""

import os
import pty
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.client.bad_network import bad_network, first, seeded
from turnserver.cli import lines
from turnserver.client import Game, pair

END_S = 60
NASTY = ["a", ",", "|", "%", "%7C", ";", "é", "😀", "\n", "\n\n", "\r\n", "\t", lines.END, "*", " ", "\x00"]


def command(url: str, title: str, *options: str) -> list[str]:
    return [sys.executable, "-m", "turnserver", "play", "--server", url, "--title", title, *options]


def start(
    url: str,
    title: str,
    name: str,
    partner: str,
    *options: str,
    stdin: int = subprocess.PIPE,
    stdout: int = subprocess.PIPE,
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(url, title, "--name", name, "--partner", partner, *options),
        stdin=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )


@contextmanager
def playing(
    url: str, title: str, *options: str, stdin: int = subprocess.PIPE, stdout: int = subprocess.PIPE
) -> Iterator[tuple[subprocess.Popen[bytes], Game]]:
    """Ann, who is `turnserver play`, and bob's end of their game."""
    with start(url, title, "ann", "bob", *options, stdin=stdin, stdout=stdout) as ann:
        try:
            with pair(url, "bob", partner="ann", title=title) as bob:
                yield ann, bob
        finally:
            if ann.poll() is None:
                ann.kill()


def exchanged(url: str, title: str, anns: bytes, bobs: bytes) -> list[tuple[int, bytes, bytes]]:
    """Exit status, output and status lines of two who pipe their input to each other."""
    ended: dict[str, tuple[int, bytes, bytes]] = {}

    def run(name: str, partner: str, data: bytes) -> None:
        with start(url, title, name, partner) as one:
            out, err = one.communicate(data, timeout=END_S)
        ended[name] = (one.returncode, out, err)

    threads = [threading.Thread(target=run, args=args) for args in (("ann", "bob", anns), ("bob", "ann", bobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [ended["ann"], ended["bob"]]


def nasty(seed: int, count: int) -> bytes:
    chance = random.Random(seed)
    return "".join(chance.choice(NASTY) for _ in range(count)).encode()


@pytest.mark.parametrize(
    ("anns", "bobs"),
    [
        (b"", b""),
        (b"one\n\ntwo", b""),
        (nasty(1, 600), nasty(2, 20)),
        (b"x" * 100_000, "😀|".encode() * 9_000),
    ],
    ids=["nothing", "one side", "nasty", "long lines"],
)
def test_each_side_of_a_pipe_gets_the_others_bytes(server: str, title: str, anns: bytes, bobs: bytes) -> None:
    ann, bob = exchanged(server, title, anns, bobs)

    assert (ann[0], bob[0]) == (0, 0)
    assert ann[1] == bobs
    assert bob[1] == anns
    assert b"paired with bob\n" in ann[2]


def test_even_over_a_bad_network(server: str, title: str) -> None:
    anns, bobs = nasty(3, 100), nasty(4, 30)
    with bad_network(server, seeded(5, bad=0.2)) as network:
        ann, bob = exchanged(network.address, title, anns, bobs)

    assert (ann[0], ann[1], bob[0], bob[1]) == (0, bobs, 0, anns)


def test_a_line_reaches_the_partner_while_the_pipe_is_open(server: str, title: str) -> None:
    with playing(server, title) as (ann, bob):
        assert ann.stdin is not None
        assert ann.stdout is not None
        ann.stdin.write(b"hi\n")
        ann.stdin.flush()

        assert bob.receive_one() == "hi\n"
        bob.send("hello\n")
        assert ann.stdout.readline() == b"hello\n"


def test_a_pipe_whose_partner_leaves_before_its_end_of_input_fails(server: str, title: str) -> None:
    with playing(server, title) as (ann, bob):
        bob.send("half of")
        bob.quit()

        assert ann.wait(END_S) == 3
        out, err = ann.communicate()
        assert out == b"half of"
        assert err.endswith(b"paired with bob\nError: bob left without an end of its input: something may be missing\n")


@pytest.mark.parametrize(("has_ended", "status"), [(True, 0), (False, 1)])
def test_a_pipe_whose_partner_leaves_after_its_end_of_input_fails_only_where_it_was_not_heard(
    server: str, title: str, status: int, *, has_ended: bool
) -> None:
    with playing(server, title) as (ann, bob):
        if has_ended:
            assert ann.stdin is not None
            ann.stdin.close()
            assert bob.receive_one() == lines.END
            ann.stdin = None
        bob.send("all of it")
        bob.send(lines.END)
        bob.quit()

        assert ann.wait(END_S) == status
        out, err = ann.communicate()
        assert out == b"all of it"
        assert (b"Error: bob left before the end of the input\n" in err) is not has_ended


def test_a_partner_that_leaves_before_all_was_sent_is_an_error(server: str, title: str) -> None:
    with playing(server, title) as (ann, bob):
        bob.quit()
        _, err = ann.communicate(b"one\ntwo\n", timeout=END_S)

        assert ann.returncode == 1
        assert err.endswith(b"Error: bob left before all input was sent\n")


def test_who_lingers_for_no_time_leaves_when_all_is_sent(server: str, title: str) -> None:
    with playing(server, title, "--linger", "0") as (ann, bob):
        ann.communicate(b"one\n", timeout=END_S)

        assert ann.returncode == 0
        assert list(bob) == ["one\n", lines.END]


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_quits_the_game(server: str, title: str, ending: signal.Signals) -> None:
    with bad_network(server, first()) as network, start(network.address, title, "ann", "bob") as ann:
        with pair(server, "bob", partner="ann", title=title) as bob:
            assert ann.stdin is not None
            ann.stdin.write(b"hi\n")
            ann.stdin.flush()
            assert bob.receive_one() == "hi\n"
            ann.send_signal(ending)

            assert ann.wait(END_S) == 130
            assert list(bob) == []
        assert ann.communicate()[1].endswith(b"left\n")
        assert any(asked.body.startswith(b"5,*,") for asked in network.passed)


def test_ctrl_c_while_waiting_ends_the_registration(server: str, title: str) -> None:
    with bad_network(server, first()) as network, start(network.address, title, "ann", "bob") as ann:
        assert network.holding.wait(END_S)
        ann.send_signal(signal.SIGINT)

        assert ann.wait(END_S) == 130
        ann.communicate()
        assert network.passed[-1].body.startswith(b"1,*,")


def test_a_reader_that_goes_away_ends_the_game(server: str, title: str) -> None:
    with playing(server, title) as (ann, bob):
        assert ann.stdout is not None
        ann.stdout.close()
        bob.send("hi\n")

        assert list(bob) == []
        assert ann.wait(END_S) == 1


def test_at_a_terminal_lines_are_shown_with_their_name_and_ctrl_d_leaves(server: str, title: str) -> None:
    keyboard, terminal = pty.openpty()
    with playing(server, title, stdin=terminal) as (ann, bob):
        os.write(keyboard, b"hi\n")

        assert bob.receive_one() == "hi\n"
        os.write(keyboard, b"\x04")
        assert list(bob) == [lines.END]
        assert ann.wait(END_S) == 0
    os.close(terminal)
    os.close(keyboard)


@pytest.mark.parametrize(("written", "status"), [("terminal", 0), ("file", 3)])
def test_a_partner_may_leave_a_chat_of_people_at_any_time_but_not_a_file(
    server: str, title: str, written: str, status: int, tmp_path: Path
) -> None:
    keyboard, terminal = pty.openpty()
    with (tmp_path / "bobs.txt").open("wb") as file:
        stdout = file.fileno() if written == "file" else terminal
        with playing(server, title, stdin=terminal, stdout=stdout) as (ann, bob):
            bob.send("bye\n")
            bob.quit()

            assert ann.wait(END_S) == status
            last_words = ann.communicate()[1].splitlines()[-1]
    os.close(terminal)
    os.close(keyboard)

    assert last_words.startswith(b"Error: bob left" if status else b"bob has left")


@pytest.mark.parametrize(
    ("options", "status", "words"),
    [
        (["--server", "http://127.0.0.1:1", "--name", "ann"], 1, "Error: no reply"),
        (["--server", "127.0.0.1:1", "--name", "ann"], 2, "not a server's URL"),
        (["--name", "a,b"], 2, "cannot register 'a,b'"),
        (["--name", "ann", "--title", "a/b"], 2, "not a game title"),
        ([], 2, "Missing option '--name'"),
    ],
)
def test_what_cannot_work_is_one_clear_line(options: list[str], status: int, words: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "turnserver", "play", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == status
    assert words in ended.stderr.splitlines()[-1]
    assert "Traceback" not in ended.stderr


def test_input_that_is_no_text_is_one_clear_line(server: str, title: str) -> None:
    with playing(server, title) as (ann, _):
        _, err = ann.communicate(b"\xff\xfe\n", timeout=END_S)

        assert ann.returncode == 1
        assert err.endswith(b"Error: the input is not text in UTF-8\n")


def test_files_can_be_given_as_they_are(server: str, title: str, tmp_path: Path) -> None:
    path = tmp_path / "anns.txt"
    path.write_bytes(b"from a file, no line feed")
    with path.open() as file, playing(server, title, stdin=file.fileno()) as (ann, bob):
        assert bob.receive_one() == "from a file, no line feed"
        assert bob.receive_one() == lines.END
        bob.send(lines.END)

        assert ann.wait(END_S) == 0
