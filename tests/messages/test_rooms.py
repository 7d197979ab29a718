from typing import get_args

from turnserver.messages.rooms import SYMBOLS, RoomAction, RoomRequest
from turnserver.protocol.symbols import Symbol


def test_there_is_one_kind_of_request_for_each_symbol() -> None:
    kinds = {kind.__name__.upper(): kind for kind in get_args(RoomRequest)}
    rooms = [symbol for symbol in Symbol if symbol.name.startswith("ROOM_")]

    assert sorted(kinds) == sorted(symbol.name.replace("_", "") for symbol in rooms)
    assert all(f"{symbol.name} ({symbol.value})" in kinds[symbol.name.replace("_", "")].__doc__ for symbol in rooms)


def test_the_symbol_of_every_action_is_known() -> None:
    assert set(SYMBOLS) == set(get_args(RoomAction))
    assert all(symbol.name.replace("_", "") == kind.__name__.upper() for kind, symbol in SYMBOLS.items())
