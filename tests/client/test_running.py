"""The loop of a lock-step game, against the real rules."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.client.room_game import (
    QUICK,
    ROOM,
    State,
    all_commands,
    digest,
    games,
    play_on,
    rules,
    seating,
    visitors,
)
from tests.client.world import World, perform
from turnserver.client.errors import Diverged, NoRight, RoomEnded, SeatLost, Unreachable
from turnserver.client.exchange import Heard, Missed, Post
from turnserver.client.game_rules import Commands, Rules
from turnserver.client.running import Running
from turnserver.client.seating import wishes_of
from turnserver.client.visiting import Visiting
from turnserver.messages.items import Item, Moved


def test_all_see_every_command_once_and_in_order() -> None:
    world = World()
    everybody = games(world)

    play_on(world, everybody)

    assert [one.state for one in everybody] == [all_commands(3, 10)] * 3


def test_a_steady_turn_costs_each_player_one_request() -> None:
    world = World()
    everybody = games(world)
    play_on(world, everybody)

    turns = [text for text in world.lines if text.startswith(b"25,")]
    assert len(turns) == 3 * (10 + 2)


def test_the_last_state_is_compared_before_the_game_ends() -> None:
    world = World()
    everybody = games(world)
    play_on(world, everybody)

    assert all(any(f";10;{digest(all_commands(3, 10))};" in text.decode() for text in world.lines) for _ in everybody)


def test_a_game_that_differs_is_found_with_its_generation_and_everybodys_hash() -> None:
    world = World()
    everybody = visitors(world)
    lying = rules(1, digest=lambda state: "liar" if len(state) >= 4 else digest(state))
    running = [
        Running(one, lying if one.member.seat == 1 else rules(one.member.seat), (), 0, QUICK) for one in everybody
    ]

    with pytest.raises(Diverged, match="after generation 4") as told:
        play_on(world, running)

    assert (told.value.generation, told.value.minority) == (4, (1,))
    assert told.value.hashes[1] == "liar"
    assert told.value.hashes[0] == told.value.hashes[2] != "liar"


def test_a_viewer_sees_the_same_game_and_learns_if_its_own_differs() -> None:
    world = World()
    everybody = visitors(world, viewers=True)
    room = everybody[0].member.room
    good, bad = (Visiting(world.perform(seating().watch(room)), QUICK) for _ in range(2))
    watching = Running(good, rules(None), (), 0, QUICK)
    differing = Running(bad, rules(None, digest=lambda _state: "other"), (), 0, QUICK)

    play_on(world, [watching, *(Running(one, rules(one.member.seat), (), 0, QUICK) for one in everybody)])

    assert watching.state == all_commands(3, 10)
    with pytest.raises(Diverged, match="the others"):
        play_on(world, [differing])


def test_who_joins_again_catches_up_from_the_first_packet_and_plays_on() -> None:
    world = World()
    session = seating()
    everybody = visitors(world, sessions=[seating(), session, seating()])
    running = [Running(one, rules(one.member.seat), (), 0, QUICK) for one in everybody]
    for count in range(5):
        for one in running:
            world.perform(one.round(float(count)))
    refused: list[tuple[int, str]] = []
    member = world.perform(session.join(everybody[1].member.room, None))
    heeding = rules(1, on_refused=lambda *told: refused.append(told), commands=lambda g, _state: f"again {g}")
    again = Running(Visiting(member, QUICK), heeding, (), 0, QUICK)
    before = running[1]

    play_on(world, [running[0], again, running[2]])

    assert again.state == running[0].state == running[2].state
    mine = [commands[1] for commands in again.state]
    assert all((f"p1g{g}" in mine) != (f"again {g}" in mine) for g in range(1, 11))
    assert all(text not in mine for _, text in refused)
    with pytest.raises(NoRight):
        play_on(world, [before])


def test_a_saved_state_is_gone_on_from() -> None:
    world = World()
    session = seating()
    member = world.perform(session.create(wishes_of(ROOM | {"players": [1, 1]}), None))
    visiting = Visiting(member, QUICK)
    world.perform(visiting.ready(is_ready=True))
    play_on(world, [Running(visiting, rules(0, turns=6), (), 0, QUICK)])
    saved = all_commands(1, 6)

    again = Visiting(world.perform(session.join(member.room, None)), QUICK)
    running = Running(again, rules(0, turns=20), saved, 6, QUICK)
    play_on(world, [running])

    assert running.generation == 20
    assert running.state[:6] == saved
    assert running.state[8:] == all_commands(1, 20)[8:]


def test_other_items_are_told_and_a_pause_holds_the_packets() -> None:
    world = World()
    everybody = visitors(world, 2)
    told: list[Item] = []
    running = [Running(one, rules(one.member.seat, on_item=told.append), (), 0, QUICK) for one in everybody]
    world.perform(everybody[0].event("pause"))
    for count in range(10):
        for one in running:
            world.perform(one.round(float(count)))

    assert [one.generation for one in running] == [0, 0]
    world.perform(everybody[1].event("resume"))
    play_on(world, running)
    assert told.count(Moved("running/paused")) == 2
    assert told.count(Moved("running")) == 2
    assert running[0].state == all_commands(2, 10)


def test_who_has_left_plays_no_more_and_the_others_go_on() -> None:
    world = World()
    everybody = visitors(world)
    running = [Running(one, rules(one.member.seat), (), 0, QUICK) for one in everybody]
    world.perform(running[2].round(0.0))
    world.perform(everybody[2].leave())

    play_on(world, running[:2])

    assert running[0].state == running[1].state
    with pytest.raises(RoomEnded):
        world.perform(running[2].round(0.0))


def test_a_seat_that_was_given_up_elsewhere_is_lost() -> None:
    world = World()
    everybody = visitors(world)
    elsewhere = Visiting(everybody[2].member, QUICK)
    running = Running(everybody[2], rules(2), (), 0, QUICK)
    world.perform(running.round(0.0))
    world.perform(elsewhere.leave())

    with pytest.raises(SeatLost):
        play_on(world, [running])


def test_what_was_under_way_when_the_server_went_away_is_posted_again_as_it_was() -> None:
    world = World()
    asked: list[int] = []
    (visiting,) = visitors(world, 1)

    def commands(generation: int, _state: State) -> str:
        asked.append(generation)
        return f"p0g{generation}"

    given = rules(0, commands=commands)
    running = Running(visiting, given, (), 0, QUICK)
    world.perform(running.round(0.0))
    with pytest.raises(Unreachable):
        perform(running.round(0.0), lambda _post: Missed("gone", 100.0))

    play_on(world, [running])

    assert running.state == all_commands(1, 10)
    assert sorted(set(asked)) == asked


def test_the_framerate_that_a_machine_holds_becomes_iterations_for_all() -> None:
    world = World()
    everybody = visitors(world, 2, turn_ms=100)
    iterations: list[list[int]] = [[], []]

    def counting(seat: int) -> Running[int]:
        def count(state: int, _generation: int, commands: Commands) -> int:
            iterations[seat].append(commands.iterations)
            return state + 1

        given: Rules[int] = Rules(step=count, framerate=60, until=lambda state: state == 10)
        return Running(everybody[seat], given, 0, 0, QUICK)

    running = [counting(0), counting(1)]
    while not all(one.is_over for one in running):
        for one in running:
            world.perform(one.round(0.0))

    assert iterations[0] == iterations[1]
    assert iterations[0][0] == 1
    assert iterations[0][-1] == 6


class BadNetwork:
    """Requests and replies that get lost, come twice, or come late; and copies of old requests at any time."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.random = world, random.Random(seed)
        self.late: list[Post] = []

    def __call__(self, post: Post) -> Heard | Missed:
        chance = self.random.random()
        if self.late and self.random.random() < 0.3:
            self.world.post(self.late.pop(self.random.randrange(len(self.late))))
        if chance < 0.1:
            return Missed("lost", 0.01)
        if chance < 0.2:
            self.late.append(post)
            return Missed("late", 0.01)
        heard = self.world.post(post)
        if chance < 0.3:
            return Missed("reply lost", 0.01)
        if chance < 0.4:
            heard = self.world.post(post)
        return heard


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(2, 4), st.integers(1, 4))
def test_over_any_bad_network_all_see_the_same_and_every_command_once(seed: int, players: int, lookahead: int) -> None:
    world = World()
    running = games(world, players, lookahead=lookahead)
    network = BadNetwork(world, seed)
    for count in range(2_000):
        going = [one for one in running if not one.is_over]
        if not going:
            break
        perform(network.random.choice(going).round(float(count) / 1_000), network)

    assert [one.state for one in running] == [all_commands(players, 10)] * players
