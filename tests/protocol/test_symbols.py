from turnserver.protocol.symbols import LONG_TIMEOUT_KEY, TABLE, UNUSED, Symbol


def test_the_numbers_of_the_symbols_never_change() -> None:
    assert {symbol.value: symbol.name for symbol in Symbol} == {
        "0": "REGISTER",
        "1": "UNREGISTER",
        "2": "REQUEST_PAIR",
        "3": "MAP_INIT",
        "4": "MAP_READY",
        "5": "GAME_QUIT",
        "6": "GAME_UPDATE",
        "20": "ROOM_CREATE",
        "21": "ROOM_JOIN",
        "22": "ROOM_WATCH",
        "23": "ROOM_SETUP",
        "24": "ROOM_READY",
        "25": "ROOM_TURN",
        "26": "ROOM_POLL",
        "27": "ROOM_EVENT",
        "28": "ROOM_LEAVE",
        "29": "ROOM_LIST",
        "40": "CHAT_SAY",
        "41": "CHAT_POLL",
        "42": "CHAT_WHO",
        "43": "CHAT_MUTE",
        "50": "INBOX_POLL",
        "51": "INBOX_SEND",
        "52": "BROADCAST",
        "53": "TOPIC_PUBLISH",
        "54": "TOPIC_POLL",
        "55": "QUEUE_SEND",
        "56": "QUEUE_POLL",
        "57": "INBOX_CLOSE",
        "60": "ACCOUNT_CREATE",
        "61": "LOGIN",
        "62": "GUEST",
        "63": "LOGOUT",
        "64": "PASSWORD_CHANGE",
        "65": "ACCOUNT_DELETE",
        "66": "RESET_ASK",
        "67": "RESET_USE",
        "68": "SESSION_LIST",
        "69": "SESSION_END",
        "70": "WORLD_STATS",
        "71": "ACCOUNT_EMAIL",
    }


def test_the_table_explains_each_symbol_once_in_order() -> None:
    assert [row.symbol for row in TABLE] == list(Symbol)


def test_every_field_of_every_symbol_is_explained() -> None:
    assert all(all(row) for row in TABLE)


def test_the_words_of_the_wire_never_change() -> None:
    assert (UNUSED, LONG_TIMEOUT_KEY) == ("*", "bibbybabbis")
