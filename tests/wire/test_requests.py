import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from turnserver.messages.relay import (
    GameQuit,
    GameUpdate,
    MapInit,
    MapReady,
    Register,
    RequestPair,
    Unregister,
)
from turnserver.messages.reply import Malformed
from turnserver.messages.requests import Request
from turnserver.messages.world import WorldStats
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer
from turnserver.protocol.limits import Limits
from turnserver.protocol.symbols import Symbol
from turnserver.wire.requests import line, parse, parse_fields

LIMITS = Limits()
FORM_ERRORS = {"20/*", "2/*", "4/5", "4/4", "4/0", "4/1", "4/2", "4/3", "6/*", "16/*", "36/*", "39/*"}


def refusal(body: bytes) -> Answer:
    with pytest.raises(Malformed) as caught:
        parse(body, LIMITS)
    return caught.value.answer


@pytest.mark.parametrize(
    ("body", "request_"),
    [
        (b"0,ann,*,*,*", Register("ann", None, long_timeout=False)),
        (b"0,ann,bibbybabbis,*,*", Register("ann", None, long_timeout=True)),
        (b"0,ann,*,bob,*", Register("ann", "bob", long_timeout=False)),
        (b"0,ann,*,*," + b"t" * 43, Register("ann", None, long_timeout=False, token="t" * 43)),
        (b"1,*,KEY,*,*", Unregister("KEY")),
        (b"2,*,KEY,*,*", RequestPair("KEY")),
        (b"3,*,KEY,*,*", MapInit("KEY")),
        (b"4,*,KEY,*,*", MapReady("KEY")),
        (b"5,*,KEY,0,7", GameQuit("KEY", 0, 7, None)),
        (b"5,*,KEY,1,7.3", GameQuit("KEY", 1, 7, 3)),
        (b"6,move,KEY,0,0", GameUpdate("KEY", 0, 0, None, b"move")),
        (b"6,move,KEY,1,8.5", GameUpdate("KEY", 1, 8, 5, b"move")),
        (b"70,*,*,*,*", WorldStats()),
    ],
)
def test_each_symbol_has_its_request_and_its_line(body: bytes, request_: Request) -> None:
    assert parse(body, LIMITS) == request_
    assert line(request_) == body


@pytest.mark.parametrize("body", [b"0,ann,*,bob,*", b"5,*,KEY,1,7.3", b"6,a,b,KEY,1,8.5", b"40,hi,KEY,lobby,*"])
def test_fields_that_come_one_by_one_make_the_same_request(body: bytes) -> None:
    head, *rest = body.decode().rsplit(",", 3)
    symbol, _, data = head.partition(",")

    assert parse_fields(Symbol(symbol), data, rest[0], rest[1], rest[2], LIMITS) == parse(body, LIMITS)


@pytest.mark.parametrize(
    ("data", "key", "code"),
    [
        ("x" * (16_384 - len("6,,KEY,0,0")), "KEY", None),
        ("x" * (16_385 - len("6,,KEY,0,0")), "KEY", "20/*"),
        ("a\nb", "KEY", "4/5"),
        ("a", "K\rY", "4/5"),
        ("\ud800", "KEY", "2/*"),
    ],
)
def test_together_they_are_no_longer_than_a_line_and_hold_no_line_break(data: str, key: str, code: str | None) -> None:
    try:
        parse_fields(Symbol.GAME_UPDATE, data, key, "0", "0", LIMITS)
        refused = None
    except Malformed as malformed:
        refused = malformed.answer.code

    assert refused == code


@pytest.mark.parametrize(
    ("body", "data"),
    [
        pytest.param(b"6,,KEY,0,0", b"", id="empty: a poll"),
        pytest.param(b"6,*,KEY,0,0", b"*", id="a star is data"),
        pytest.param(b"6,a,b,KEY,0,0", b"a,b", id="one comma"),
        pytest.param(b"6,,,,KEY,0,0", b",,", id="nothing but commas"),
        pytest.param(b"6,6,a,K,0,0,KEY,0,0", b"6,a,K,0,0", id="a whole request"),
        pytest.param(b"6, a ,KEY,0,0", b" a ", id="spaces stay"),
        pytest.param(b"6,\ta\x00\x0b\x0c,KEY,0,0", b"\ta\x00\x0b\x0c", id="control characters stay"),
        pytest.param(b"6,a|b%7C;/,KEY,0,0", b"a|b%7C;/", id="bars, percent signs, slashes"),
        pytest.param("6,é😀,KEY,0,0".encode(), "é😀".encode(), id="any script"),
        pytest.param("6,a\u2028b\u0085,KEY,0,0".encode(), "a\u2028b\u0085".encode(), id="unicode line separators"),
        pytest.param("6,\ufeffa,KEY,0,0".encode(), "\ufeffa".encode(), id="byte order mark inside"),
    ],
)
def test_data_is_all_that_stands_between_and_is_never_changed(body: bytes, data: bytes) -> None:
    assert parse(body, LIMITS) == GameUpdate("KEY", 0, 0, None, data)


@pytest.mark.parametrize("symbol", [1, 2, 3, 4])
def test_fields_that_a_symbol_does_not_use_are_ignored(symbol: int) -> None:
    used = parse(b"%d,*,KEY,*,*" % symbol, LIMITS)

    assert parse(b"%d,any,thing,KEY,x,+01" % symbol, LIMITS) == used
    assert parse(b"%d,,KEY,," % symbol, LIMITS) == used


def test_register_ignores_its_counter_and_quit_its_data() -> None:
    assert parse(b"0,ann,*,*,+01", LIMITS) == Register("ann", None, long_timeout=False)
    assert parse(b"5,good,bye,KEY,0,7", LIMITS) == GameQuit("KEY", 0, 7, None)


def test_one_line_feed_at_the_end_is_ignored() -> None:
    assert parse(b"6,a,KEY,0,0\n", LIMITS) == GameUpdate("KEY", 0, 0, None, b"a")


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(b"x" * 16_385, answers.BODY_TOO_LONG, id="16,385 bytes"),
        pytest.param(b"," * 1_000_000, answers.BODY_TOO_LONG, id="a million commas"),
        pytest.param(b"", answers.NO_BODY, id="no body"),
        pytest.param(b"\xff", answers.NO_BODY, id="not UTF-8"),
        pytest.param(b"6,\xed\xa0\x80,KEY,0,0", answers.NO_BODY, id="half a surrogate pair"),
        pytest.param(b"6,\xc0\x80,KEY,0,0", answers.NO_BODY, id="overlong UTF-8"),
        pytest.param(b"6,a\xc3", answers.NO_BODY, id="cut off UTF-8"),
        pytest.param(b"6,a,KEY,0,0\n\n", answers.LINE_BREAK, id="two line feeds"),
        pytest.param(b"6,a,KEY,0,0\r\n", answers.LINE_BREAK, id="CR and LF"),
        pytest.param(b"6,a,KEY,0,0\r", answers.LINE_BREAK, id="CR"),
        pytest.param(b"6,a\nb,KEY,0,0", answers.LINE_BREAK, id="LF inside"),
        pytest.param(b"\n6,a,KEY,0,0", answers.LINE_BREAK, id="LF before"),
        pytest.param(b"\n", answers.TOO_FEW_FIELDS, id="an empty line"),
        pytest.param(b"6", answers.TOO_FEW_FIELDS, id="one field"),
        pytest.param(b"6,KEY,0,0", answers.TOO_FEW_FIELDS, id="four fields"),
        pytest.param(b",,,", answers.TOO_FEW_FIELDS, id="four empty fields"),
        pytest.param(b",,,,", answers.BAD_SYMBOL, id="empty symbol"),
        pytest.param(b"7,*,KEY,*,*", answers.BAD_SYMBOL, id="unknown symbol"),
        pytest.param(b"00,ann,*,*,*", answers.BAD_SYMBOL, id="leading zero"),
        pytest.param(b"+0,ann,*,*,*", answers.BAD_SYMBOL, id="plus"),
        pytest.param(b" 0,ann,*,*,*", answers.BAD_SYMBOL, id="space before"),
        pytest.param("\u0660,ann,*,*,*".encode(), answers.BAD_SYMBOL, id="digit of another script"),
        pytest.param("\ufeff0,ann,*,*,*".encode(), answers.BAD_SYMBOL, id="byte order mark before"),
        pytest.param(b"%s,a,KEY,0,0" % (b"9" * 5000), answers.BAD_SYMBOL, id="huge symbol"),
    ],
)
def test_a_line_that_breaks_the_form_is_refused(body: bytes, answer: Answer) -> None:
    assert refusal(body) == answer


@pytest.mark.parametrize("symbol", [b"5", b"6"])
@pytest.mark.parametrize("player", [b"", b"*", b"2", b"-1", b"00", b"01", b"+1", b" 1", b"1 ", "\u0661".encode()])
def test_a_player_is_0_or_1(symbol: bytes, player: bytes) -> None:
    assert refusal(b"%s,a,KEY,%s,0" % (symbol, player)) == answers.BAD_PLAYER


@pytest.mark.parametrize("symbol", [b"5", b"6"])
@pytest.mark.parametrize(
    "counter",
    [
        *(b"", b"*", b"-1", b"+1", b"01", b"1_0", b" 1", b"1 ", b"1e3", b"0x1", b"1" * 16, "\u0661".encode()),
        *(b".", b"1.", b".1", b"1.01", b"1.-1", b"1.*", b"1.2.3", b"1. 2", b"1 .2", b"1.%s" % (b"1" * 16)),
    ],
)
def test_a_counter_is_a_number_or_two_joined_by_a_dot(symbol: bytes, counter: bytes) -> None:
    assert refusal(b"%s,a,KEY,0,%s" % (symbol, counter)) == answers.BAD_COUNTER


@pytest.mark.parametrize("key", [b"", b"x", b"**", b"Bibbybabbis", b"bibbybabbis ", b"VcmPWQSpv7IZx2aK"])
def test_register_takes_no_key_but_the_two_of_the_protocol(key: bytes) -> None:
    assert refusal(b"0,ann,%s,*,*" % key) == answers.BAD_REGISTER_KEY


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=label)
        for label, name in [
            ("one letter", "a"),
            ("64 bytes", "x" * 64),
            ("64 bytes in 32 letters", "é" * 32),
            ("commas", "a,b,"),
            ("star inside", "a*"),
            ("a space", " "),
        ]
    ],
)
def test_a_name_is_1_to_64_bytes(name: str) -> None:
    assert parse(f"0,{name},*,*,*".encode(), LIMITS) == Register(name, None, long_timeout=False)


@pytest.mark.parametrize("name", ["", "*", "x" * 65, "é" * 33])
def test_a_name_that_is_empty_a_star_or_over_64_bytes_is_refused(name: str) -> None:
    assert refusal(f"0,{name},*,*,*".encode()) == answers.BAD_NAME


@pytest.mark.parametrize("partner", ["b", "x" * 64, "é" * 32, "**", "ann"])
def test_a_wanted_partner_is_named_as_the_partner_is(partner: str) -> None:
    assert parse(f"0,ann,*,{partner},*".encode(), LIMITS) == Register("ann", partner, long_timeout=False)


@pytest.mark.parametrize("partner", ["", "x" * 65, "é" * 33])
def test_a_partner_name_that_is_empty_or_over_64_bytes_is_refused(partner: str) -> None:
    assert refusal(f"0,ann,*,{partner},*".encode()) == answers.BAD_PARTNER_NAME


@pytest.mark.parametrize(
    ("body", "answer"),
    [
        pytest.param(b"\xff\n" * 10_000, answers.BODY_TOO_LONG, id="20 before 2"),
        pytest.param(b"\xff\n\n", answers.NO_BODY, id="2 before 4/5"),
        pytest.param(b"a\nb", answers.LINE_BREAK, id="4/5 before 4/4"),
        pytest.param(b"9,a,b", answers.TOO_FEW_FIELDS, id="4/4 before 4/0"),
        pytest.param(b"9,a,KEY,2,x", answers.BAD_SYMBOL, id="4/0 before 4/1"),
        pytest.param(b"6,a,KEY,2,x", answers.BAD_PLAYER, id="4/1 before 4/2"),
        pytest.param(b"0,,KEY,,x", answers.BAD_REGISTER_KEY, id="4/3 before 6"),
        pytest.param(b"0,,*,,*", answers.BAD_NAME, id="6 before 16"),
    ],
)
def test_the_checks_run_in_the_order_of_the_protocol(body: bytes, answer: Answer) -> None:
    assert refusal(body) == answer


def test_a_body_of_exactly_16384_bytes_is_read() -> None:
    data = b"x" * (16_384 - len(b"6,,KEY,0,0"))

    assert parse(b"6,%s,KEY,0,0" % data, LIMITS) == GameUpdate("KEY", 0, 0, None, data)


def test_the_line_feed_at_the_end_counts_as_a_byte_of_the_body() -> None:
    data = b"x" * (16_384 - len(b"6,,KEY,0,0"))

    assert refusal(b"6,%s,KEY,0,0\n" % data) == answers.BODY_TOO_LONG


def test_the_limits_are_settings() -> None:
    limits = Limits(body_bytes_max=20, name_bytes_max=3)

    assert parse(b"0,ann,*,bob,*", limits) == Register("ann", "bob", long_timeout=False)
    with pytest.raises(Malformed, match="over 64 bytes"):
        parse(b"0,anna,*,*,*", limits)
    with pytest.raises(Malformed, match="16,384 bytes"):
        parse(b"0,ann,*,%s,*" % (b"b" * 20), limits)


single_line = st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=100)
keys = st.text(st.characters(codec="utf-8", exclude_characters=",\r\n"), max_size=20)
names = single_line.filter(lambda name: name not in {"", "*"} and len(name.encode()) <= 64)
tokens = st.none() | st.text("abcXYZ019-_", min_size=43, max_size=43)
partners = st.none() | names.filter(lambda name: "," not in name)
seats = st.integers(0, 1)
counters = st.integers(0, 10**15 - 1)
requests = st.one_of(
    st.builds(Register, names, partners, st.booleans(), tokens),
    *(st.builds(kind, keys) for kind in (Unregister, RequestPair, MapInit, MapReady)),
    st.builds(GameQuit, keys, seats, counters, st.none() | counters),
    st.builds(GameUpdate, keys, seats, counters, st.none() | counters, single_line.map(str.encode)),
)


@given(requests, st.sampled_from([b"", b"\n"]))
def test_every_request_is_read_as_it_was_written(request_: Request, end: bytes) -> None:
    assert parse(line(request_) + end, LIMITS) == request_


@given(st.binary() | st.lists(st.sampled_from([*b"0123456789,.*\n\r\xff "]), max_size=40).map(bytes))
@example(b"0,ann,*,*,*")
def test_any_bytes_are_a_request_or_an_error_of_form(body: bytes) -> None:
    try:
        request_ = parse(body, LIMITS)
    except Malformed as malformed:
        assert malformed.answer.code in FORM_ERRORS  # noqa: PT017  # either outcome is right
    else:
        assert parse(line(request_), LIMITS) == request_
