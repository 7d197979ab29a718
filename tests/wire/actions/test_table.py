from msgspec import UNSET
from msgspec.structs import fields

from turnserver.protocol.symbols import Symbol
from turnserver.wire.actions.accounts import GuestSession
from turnserver.wire.actions.action import Who
from turnserver.wire.actions.table import BY_METHOD, TABLE
from turnserver.wire.paths import text_path


def test_every_symbol_has_an_action() -> None:
    assert {symbol for action in TABLE for symbol in (action.symbol, *action.also)} == set(Symbol)


def test_no_two_actions_share_a_path_or_a_method() -> None:
    assert len({action.path for action in TABLE}) == len(BY_METHOD) == len(TABLE)


def test_no_path_is_a_title() -> None:
    assert [action.path for action in TABLE if text_path(action.path)] == []
    assert [action.path for action in TABLE if text_path(f"/{action.path.split('/')[1]}")] == []


def test_every_action_that_needs_a_right_names_its_field() -> None:
    for action in TABLE:
        right = action.fields.right
        assert right is not None or action.who is Who.ANYONE
        assert right is None or right in action.fields.__struct_fields__


def test_a_session_that_may_be_missing_is_answered_only_where_a_guest_may_come_in() -> None:
    guests = set(GuestSession.__struct_fields__)
    for action in TABLE:
        optional = {field.name for field in fields(action.answer) if field.default is UNSET}

        assert (guests & optional == guests) if action.opens_guest else (not guests & optional), action.path
