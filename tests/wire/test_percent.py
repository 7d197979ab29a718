import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.wire.percent import decode, encode

texts = st.text(st.characters(codec="utf-8"))


@pytest.mark.parametrize(
    ("text", "encoded"),
    [
        ("", ""),
        ("hello", "hello"),
        ("100%", "100%25"),
        ("a|b", "a%7Cb"),
        ("a;b", "a%3Bb"),
        ("a\r\nb", "a%0D%0Ab"),
        ("%41", "%2541"),
        ("a, b = *", "a, b = *"),
        ("\u00e9 \U0001f600 \u2028\x00\t", "\u00e9 \U0001f600 \u2028\x00\t"),
    ],
)
def test_exactly_five_characters_are_encoded_and_come_back(text: str, encoded: str) -> None:
    assert encode(text) == encoded
    assert decode(encoded) == text


@pytest.mark.parametrize(
    ("encoded", "text"),
    [
        pytest.param("%7c%7C", "||", id="either case"),
        pytest.param("%41", "A", id="any character may come encoded"),
        pytest.param("%C3%A9", "\u00e9", id="several bytes of UTF-8"),
        pytest.param("\u00e9%C3%A9", "\u00e9\u00e9", id="raw and encoded"),
        pytest.param("%", "%", id="lone percent sign"),
        pytest.param("%4", "%4", id="cut off"),
        pytest.param("%zz", "%zz", id="no digits"),
        pytest.param("%FF", "\ufffd", id="no UTF-8"),
    ],
)
def test_decoding_reads_every_percent_pair_as_utf_8_and_never_fails(encoded: str, text: str) -> None:
    assert decode(encoded) == text


@given(texts)
def test_any_text_comes_back(text: str) -> None:
    assert decode(encode(text)) == text


@given(texts)
def test_encoded_text_is_one_line_that_can_be_joined(text: str) -> None:
    assert not set(encode(text)) & set("|;\r\n")


@given(texts)
def test_any_text_can_be_decoded(text: str) -> None:
    assert isinstance(decode(text), str)
