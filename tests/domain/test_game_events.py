import json

import pytest

from turnserver.domain.documents import Forming, Match
from turnserver.domain.game_events import QUIT, game_ended, partner_found
from turnserver.domain.owed import OWED, owed
from turnserver.partition import EMPTY, View


def forming(*users: str) -> Forming:
    return Forming("m", ("A", "B"), ("ann", "bob"), False, 1, users, "chess")


def match(*users: str) -> Match:
    return Match("m", ("A", "B"), ("ann", "bob"), False, 1, users=users)


def test_each_user_of_a_new_pair_hears_of_the_other() -> None:
    told = {user: (event, json.loads(event.data)) for user, event in partner_found(forming("guest:a", "guest:b"))}

    assert told["guest:a"][1] == {"match": "m", "title": "chess", "partner": "bob", "role": "client"}
    assert told["guest:b"][1] == {"match": "m", "title": "chess", "partner": "ann", "role": "server"}
    assert all(event.source == "pair:m" and event.number == 0 for event, _ in told.values())


@pytest.mark.parametrize(("users", "told"), [((), []), (("", "guest:b"), ["guest:b"])])
def test_who_is_no_user_hears_of_no_partner(users: tuple[str, ...], told: list[str]) -> None:
    assert [user for user, _ in partner_found(forming(*users))] == told


def test_a_game_between_players_who_are_no_users_owes_nothing() -> None:
    assert game_ended(match(), 0, QUIT, was_played=True) == {}


def test_the_users_of_a_game_hear_who_ended_it_and_why() -> None:
    append = game_ended(match("", "guest:b"), 0, QUIT, was_played=True)

    [(event, one)] = owed(View({}, {OWED: EMPTY.appended(append[OWED])}, 0, 0))
    assert (event.source, event.action, one.users) == ("match:m", "game_ended", ("guest:b",))
    assert json.loads(event.data) == {"match": "m", "by": "ann", "why": "quit", "played": True}
