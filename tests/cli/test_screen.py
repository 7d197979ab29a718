"""Where incoming text goes."""

from io import BytesIO

import pytest

from turnserver.cli.screen import Screen, harmless


def shown(*texts: str, is_terminal: bool) -> str:
    output = BytesIO()
    screen = Screen(output, is_terminal=is_terminal, partner="bob")
    for text in texts:
        screen.show(text)
    return output.getvalue().decode()


def test_a_pipe_gets_every_byte_as_it_was_sent() -> None:
    texts = ("one\r\n", "\n", "\x1b[31m\x00😀\u2028", "no line feed", "at the end")

    assert shown(*texts, is_terminal=False) == "".join(texts)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("hi\n", "bob: hi\n"),
        ("hi", "bob: hi\n"),
        ("\n", "bob: \n"),
        ("one\ntwo\r\n", "bob: one\nbob: two\n"),
        ("tab\t😀\n", "bob: tab\t😀\n"),
    ],
)
def test_a_terminal_shows_whose_line_it_is(text: str, expected: str) -> None:
    assert shown(text, is_terminal=True) == expected


@pytest.mark.parametrize("control", ["\x1b", "\x07", "\x08", "\r", "\x9b", "\x7f", "\x00"])
def test_no_partner_moves_the_cursor_of_a_terminal(control: str) -> None:
    assert harmless(f"a{control}b") == "a\ufffdb"
