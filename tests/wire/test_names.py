import pytest

from turnserver.wire.names import CHANNEL_WORDS, is_name


@pytest.mark.parametrize("text", ["ann", "Ann Bee", "é😀", "a" * 64, "0", "-", "a.b", "lobbyist", " "])
def test_names_are_any_text_of_a_line(text: str) -> None:
    assert is_name(text, bytes_max=64)


@pytest.mark.parametrize(
    "text", ["", "a" * 65, "é" * 33, "a,b", "a;b", "a|b", "*", "a\nb", "a\x00", "a\x7f", "a\u2028b"]
)
def test_names_hold_nothing_that_lists_or_lines_reserve(text: str) -> None:
    assert not is_name(text, bytes_max=64)


@pytest.mark.parametrize("word", sorted(CHANNEL_WORDS))
def test_nobody_is_called_like_a_channel(word: str) -> None:
    assert not is_name(word, bytes_max=64)
