"""Input as texts to send, and the sign that says "this was all"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.cli import lines
from turnserver.client import texts

ANY_TEXT = st.text(st.sampled_from("a%|,;é😀\n\r\t\x04"))


def chunked(text: str, size: int) -> list[bytes]:
    data = text.encode()
    return [data[start : start + size] for start in range(0, len(data), size)]


@given(ANY_TEXT | st.text(), st.integers(1, 9))
def test_any_input_comes_out_as_it_went_in_however_it_is_cut_into_chunks(text: str, size: int) -> None:
    sent = list(lines.outgoing(chunked(text, size)))

    assert "".join(lines.incoming(one) or "" for one in sent) == text
    assert "" not in sent
    assert lines.END not in sent


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        ("", []),
        ("one\ntwo\n", ["one\n", "two\n"]),
        ("one\n\n\ntwo", ["one\n", "\n", "\n", "two"]),
        ("\r\n", ["\r\n"]),
        ("a\u2028b\x0cc\n", ["a\u2028b\x0cc\n"]),
    ],
)
def test_every_line_is_a_text_its_line_feed_included(text: str, sent: list[str]) -> None:
    assert list(lines.outgoing(chunked(text, 3))) == sent


def test_a_line_is_sent_as_soon_as_it_is_whole() -> None:
    source = iter([b"on", b"e\ntw", b"o\n"])

    assert next(lines.outgoing(source)) == "one\n"
    assert next(source) == b"o\n"


@pytest.mark.parametrize("text", ["x" * 50_000, "😀" * 20_000 + "\n", lines.END * 40_000, "%" * 17_000 + "\nend"])
def test_a_line_that_is_too_long_for_one_text_goes_in_several(text: str) -> None:
    sent = list(lines.outgoing(chunked(text, 10_000)))

    assert all(len(texts.data(one)) <= texts.DATA_BYTES_MAX for one in sent)
    assert "".join(lines.incoming(one) or "" for one in sent) == text


@pytest.mark.parametrize("count", [1, 2, 3])
def test_input_of_nothing_but_the_sign_itself_is_told_from_it(count: int) -> None:
    sent = list(lines.outgoing([lines.END.encode() * count]))

    assert sent == [lines.END * (count + 1)]
    assert lines.incoming(sent[0]) == lines.END * count
    assert lines.incoming(lines.END) is None


@pytest.mark.parametrize("data", [b"\xff", b"abc\n\xc3", b"\xed\xa0\x80"])
def test_what_is_not_utf_8_is_refused(data: bytes) -> None:
    with pytest.raises(UnicodeDecodeError):
        list(lines.outgoing([data]))
