import pytest

from stresstest.numbered import Message, data, parse


@pytest.mark.parametrize("size_bytes", [1, 20, 64, 1000, 16_000])
@pytest.mark.parametrize("message", [Message(0, 0, "h"), Message(17, 83_412_345, "9f3a"), Message(5, 1, "x", True)])
def test_a_message_is_read_as_it_was_written(message: Message, size_bytes: int) -> None:
    assert parse(data(message, size_bytes=size_bytes)) == message


@pytest.mark.parametrize("size_bytes", range(30, 120))
def test_a_message_has_the_size_that_was_asked_for(size_bytes: int) -> None:
    assert len(data(Message(0, 1, "h"), size_bytes=size_bytes)) == size_bytes
    assert len(data(Message(1, 1, "h"), size_bytes=size_bytes)) == size_bytes


def test_a_message_holds_what_a_server_must_not_touch_and_no_bar() -> None:
    first, second = data(Message(0, 1, "h"), size_bytes=99), data(Message(1, 1, "h"), size_bytes=99)

    assert not first.isascii()
    assert all(part in second for part in (b",", b"*", b"%7C", b";"))
    assert b"|" not in first + second


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"*",
        b"m",
        b"hello, world",
        b"m1;2",
        b"x1;2;h;",
        b"m01;2;h;",
        b"m1;+2;h;",
        b"m\xff;2;h;",
        b"m1;2;h;changed",
        data(Message(1, 2, "h"), size_bytes=64)[:-1] + b"!",
        data(Message(0, 2, "h"), size_bytes=64).replace("ä".encode(), b"ae"),
        data(Message(1, 2, "h"), size_bytes=64).replace(b"%7C", b"|"),
    ],
)
def test_what_was_changed_on_its_way_is_no_message(text: bytes) -> None:
    assert parse(text) is None
