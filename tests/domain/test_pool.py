from tests.domain.boards import view
from turnserver.domain import pool
from turnserver.domain.documents import Player, Pool, Waiting
from turnserver.partition import View
from turnserver.protocol.limits import Limits

LIMITS = Limits(pool_candidates_max=2, pool_waiting_max=3)
DRAW = pool.Draw("m", seat=1)


def line(*ids: str) -> View:
    """A line of players who want anyone; each is named after its id."""
    return view(pool=Pool(tuple(Waiting(one, one.lower(), None) for one in ids)))


def player(name: str = "x", partner: str | None = None, *, met: tuple[str, ...] = ()) -> Player:
    return Player(name, "", partner, long_timeout=False, met=met)


def ask(board: View, asker: Player, **alive: bool) -> pool.Asked:
    return pool.ask(board, "X", asker, alive=alive, draw=DRAW, limits=LIMITS)


def waiting(asked: pool.Asked) -> str:
    assert asked.batch is not None
    return "".join(other.id for other in asked.batch.put["pool"].waiting)


def test_who_asks_first_opens_the_line() -> None:
    asked = ask(view(), player())

    assert asked.pair is None
    assert waiting(asked) == "X"
    assert asked.batch is not None
    assert asked.batch.expect == {"pool": 0}


def test_the_first_of_the_living_is_paired_and_the_dead_before_it_leave() -> None:
    asked = ask(line("A", "B", "C"), player(), A=False, B=True)

    assert asked.pair is not None
    assert asked.pair.players == ("B", "X")
    assert waiting(asked) == "C"


def test_a_pair_knows_seats_names_and_who_made_it() -> None:
    pair = ask(line("A"), player("xena"), A=True).pair

    assert pair is not None
    assert (pair.players, pair.names, pair.server) == (("A", "X"), ("a", "xena"), 1)
    assert (pair.match_id, pair.by_name) == ("m", False)


def test_the_pair_is_kept_until_it_was_carried_out() -> None:
    asked = ask(line("A"), player(), A=True)
    assert asked.batch is not None
    assert asked.pair is not None
    board = view(pool=asked.batch.put["pool"])

    assert pool.forming(board) == (asked.pair,)
    formed = pool.formed(board, asked.pair, limits=LIMITS)
    assert formed is not None
    assert formed.put == {"pool": Pool()}
    assert pool.formed(view(pool=Pool()), asked.pair, limits=LIMITS) is None


def test_those_it_met_before_are_passed_over() -> None:
    asked = ask(line("A", "B"), player(met=("A",)), B=True)

    assert asked.pair is not None
    assert asked.pair.players == ("B", "X")
    assert waiting(asked) == "A"


def test_when_all_that_were_looked_at_are_dead_it_looks_on() -> None:
    asked = ask(line("A", "B", "C"), player(), A=False, B=False)

    assert asked.looks_on
    assert waiting(asked) == "C"


def test_asking_again_keeps_the_place() -> None:
    assert ask(line("X"), player()) == (None, None, False)


def test_a_full_line_takes_nobody_more() -> None:
    assert ask(line("A", "B", "C"), player(met=("A", "B", "C"))) == (None, None, False)


def test_only_so_many_are_looked_at_and_oneself_is_not() -> None:
    looked_at = pool.candidates(line("X", "A", "B", "C"), "X", player(), limits=LIMITS)

    assert [other.id for other in looked_at] == ["A", "B"]


def test_by_name_only_the_one_who_is_wanted_and_wants_fits() -> None:
    others = (
        Waiting("A", "bob", None),
        Waiting("B", "bob", "cleo"),
        Waiting("C", "cleo", "ann"),
        Waiting("D", "bob", "ann"),
    )
    looked_at = pool.candidates(view(pool=Pool(others)), "X", player("ann", "bob"), limits=LIMITS)

    assert [other.id for other in looked_at] == ["D"]


def test_who_leaves_the_line_leaves_it_once() -> None:
    batch = pool.leave(line("A", "X"), "X", limits=LIMITS)

    assert batch is not None
    assert [other.id for other in batch.put["pool"].waiting] == ["A"]
    assert pool.leave(line("A"), "X", limits=LIMITS) is None


def test_the_line_outlives_everybody_in_it() -> None:
    batch = pool.sign_of_life(LIMITS)

    assert batch.ttl_ms is not None
    assert batch.ttl_ms > 1000 * LIMITS.registration_silence_long_s
    assert (batch.put, batch.lasting) == ({}, False)
