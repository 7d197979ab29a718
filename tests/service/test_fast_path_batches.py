"""Batches on the fast path of updates: one player's next updates as a whole, all others line by line."""

from tests.service.updates import Player, batched, posted, seen
from tests.text_server import TextServer
from turnserver.protocol.limits import Limits

OPENS_ITS_STORES = True
"""Only a store in this process has a fast path."""


def test_a_batch_counts_the_bars_between_what_waits() -> None:
    server = TextServer(Limits(buffer_bytes_max=7))
    ann, bob = server.game()
    ann.poll(0)

    replies = batched(server, [Player(ann, 0), Player(bob)], [(0, "ab", "next", False)] * 4)

    assert replies == ["0/10/*", "0/10/*", "21/*/*", "19/*/*"]
    assert bob.poll(0) == "0/9/ab|ab"


def test_a_line_of_a_batch_that_ends_like_the_one_before_has_all_its_fields() -> None:
    server = TextServer()
    ann, _ = server.game()
    ann.poll(0)
    lines = [ann.line("a", 1), f"6,{ann.key},{ann.seat},2", ann.line("", 2)]

    assert posted(server, "\n".join(lines).encode()) == ["0/10/*", "4/4/*", "0/10/*"]


def test_a_batch_of_one_players_next_updates_takes_the_fast_path() -> None:
    server = TextServer()
    ann, bob = server.game()
    ann.poll(0)
    for counter in range(3):
        bob.update("xyz"[counter], counter)
    lines = [ann.line(text, counter) for counter, text in enumerate(("a", "", "b,c"), start=1)]
    assert server.fast_path is not None

    replies = server.fast_path.batch("\n".join(lines).encode())

    assert replies == b"0/9/x|y|z\n0/10/*\n0/10/*"
    assert bob.poll(3) == "0/9/a|b,c"
    assert seen(server, ann.key)["streams"][int(bob.seat)] == (3, 3, 0, [])  # the second line acknowledged all


def test_a_batch_that_says_what_was_received_takes_the_fast_path() -> None:
    server = TextServer()
    ann, bob = server.game()
    bob.update("x", 0)
    ann.poll("0.0")
    bob.update("y", 1)
    lines = [ann.line("a", "1.1"), ann.line("b", "2.2"), ann.line("c", "3.2")]
    assert server.fast_path is not None

    assert server.fast_path.batch("\n".join(lines).encode()) == b"0/9/y\n0/10/*\n0/10/*"
    assert bob.poll(2) == "0/9/a|b|c"


def test_no_other_batch_is_taken_for_one_players_next_updates() -> None:
    server = TextServer(Limits(batch_lines_max=3, buffer_bytes_max=20, body_bytes_max=150))
    ann, bob = server.game()
    ann.poll(0)
    bob.poll(0)
    assert server.fast_path is not None
    one, two, names = ann.line("a", 1), ann.line("b", 2), f",{ann.key},{ann.seat},"
    others = [
        *("", "\n", one + "\n\n", "\n" + one, two, f"{one}\n{one}", f"{two}\n{one}", f"{one}\n{ann.line('b', 3)}"),
        *(f"{one}\n{ann.line('b', '2.0')}", f"{one}\n{two} ", f"{one}\r\n{two}", f"{one}\n{ann.line('é', 2)}"),
        *(f"{one}\n{bob.line('b', 1)}", f"{one}\n7{two[1:]}", f"{one}\n6{names}2", f"6,a{names}1{names}2"),
        *("\n".join(ann.line("", counter) for counter in range(1, 5)), f"{one}\n{ann.line('b' * 150, 2)}"),
        *(f"{one}\n{ann.line('b' * 19, 2)}", f"6,a\n6,1{names}b{names}2", f"{one}\n6,b{names}", f"6,a{names}"),
        *(f"{one}\n6,b\r{names}2", f"{one}\n6,a\nb{names}2", f"6,a\nb{names}1\n{two}"),
    ]

    for body in others:
        assert server.fast_path.batch(body.encode()) is None, body

    assert server.fast_path.batch(f"{one}\n{two}\n".encode()) == b"0/10/*\n0/10/*"
    assert bob.poll(1) == "0/9/a|b"


def test_a_batch_with_a_line_that_is_too_long_does_not_take_the_fast_path() -> None:
    server = TextServer(Limits(body_bytes_max=100))
    ann, _ = server.game()
    ann.poll(0)
    assert server.fast_path is not None

    assert server.fast_path.batch(f"{ann.line('a', 1)}\n{ann.line('b' * 99, 2)}".encode()) is None
    assert server.fast_path.batch(f"{ann.line('a', 1)}\n{ann.line('b', 2)}".encode()) is not None
