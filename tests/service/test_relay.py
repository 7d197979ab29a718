"""Updates and quits, line by line, as docs/protocol.md has them."""

import pytest

from tests.text_server import TextServer


def test_an_update_reaches_the_partner_with_its_next_request() -> None:
    ann, bob = TextServer().game()

    assert ann.update("hello", 0) == "0/10/*"
    assert bob.poll(0) == "0/9/hello"


def test_updates_come_oldest_first_and_joined_by_bars() -> None:
    ann, bob = TextServer().game()
    for counter, data in enumerate(("a", "b", "c")):
        ann.update(data, counter)

    assert bob.update("x", 0) == "0/9/a|b|c"
    assert ann.poll(3) == "0/9/x"


def test_each_of_the_two_has_an_index_and_a_key_of_its_own() -> None:
    ann, bob = TextServer().game()

    assert {ann.seat, bob.seat} == {"0", "1"}
    assert len(ann.key) == len(bob.key) == 16
    assert ann.key != bob.key


@pytest.mark.parametrize("chance", [0, 1])
def test_which_index_a_player_gets_says_nothing_about_the_role(chance: int) -> None:
    server = TextServer()
    server.chance = chance

    ann, bob = server.game()

    assert (ann.seat, bob.seat) == (str(chance), str(1 - chance))


@pytest.mark.parametrize("data", ["*", "a,b", ",,,,", "a|b", "|", "%7C%0A", " ", "\t\x00", "0/9/x", "é😀", "6,a,K,0,0"])
def test_data_is_opaque_and_arrives_as_it_was_sent(data: str) -> None:
    ann, bob = TextServer().game()
    ann.update(data, 0)

    assert bob.poll(0) == f"0/9/{data}"


def test_empty_data_stores_nothing_but_counts() -> None:
    ann, bob = TextServer().game()

    assert ann.poll(0) == "0/10/*"
    assert ann.update("a", 1) == "0/10/*"
    assert bob.poll(0) == "0/9/a"
    assert bob.poll(1) == "0/10/*"


def test_the_next_counter_releases_what_the_reply_before_it_held() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    bob.poll(0)
    ann.update("b", 1)

    assert bob.poll(1) == "0/9/b"
    assert bob.poll(2) == "0/10/*"


def test_a_repeat_gets_everything_that_is_not_acknowledged_old_and_new() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    bob.poll(0)

    assert bob.poll(0) == "0/11/a"
    ann.update("b", 1)
    assert bob.poll(0) == "0/11/a|b"
    assert bob.poll(1) == "0/10/*"


def test_a_repeat_with_nothing_to_say_gets_nothing_new() -> None:
    ann, _ = TextServer().game()
    ann.poll(0)

    assert ann.poll(0) == "0/10/*"


def test_a_repeat_is_stored_once() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    ann.update("a", 0)
    ann.update("something else", 0)

    assert bob.poll(0) == "0/9/a"


def test_a_repeat_does_not_take_back_what_was_acknowledged_before() -> None:
    ann, bob = TextServer().game()
    ann.update("a", 0)
    bob.poll(0)
    ann.update("b", 1)
    bob.poll(1)

    assert bob.poll(1) == "0/11/b"


def test_the_first_counter_is_0() -> None:
    ann, _ = TextServer().game()

    assert ann.update("a", 1) == "19/*/*"
    assert ann.update("a", 0) == "0/10/*"


REFUSALS = [
    pytest.param("6,a,{ann},2,1", "4/1/*", id="no such player"),
    pytest.param("6,a,{ann},{anns},x", "4/2/*", id="no counter"),
    pytest.param("6,a,{ann},{anns},1.x", "4/2/*", id="no received counter"),
    pytest.param("6,a,,{anns},1", "13/*/*", id="empty key"),
    pytest.param("6,a,{ann}x,{anns},1", "13/*/*", id="a longer key"),
    pytest.param("6,a,AAAAAAAAAAAAAAAA,{anns},1", "13/*/*", id="unknown key"),
    pytest.param("6,a,{pairing},{anns},1", "13/*/*", id="a pairing key"),
    pytest.param("6,a,{ann},{bobs},1", "14/*/*", id="the partner's index"),
    pytest.param("6,a,{bob},{anns},1", "14/*/*", id="the partner's key"),
    pytest.param("6,a,{ann},{bobs},999", "14/*/*", id="14 before 19"),
    pytest.param("6,a,{ann},{anns},0", "18/*/*", id="behind"),
    pytest.param("6,a,{ann},{anns},3", "19/*/*", id="ahead"),
    pytest.param("6,a,{ann},{anns},999999999999999", "19/*/*", id="far ahead"),
    pytest.param("6,a,{ann},{anns},2.0", "18/*/*", id="r below what was released"),
    pytest.param("6,a,{ann},{anns},1.0", "18/*/*", id="a repeat with r below what was released"),
    pytest.param("6,a,{ann},{anns},2.3", "19/*/*", id="r beyond what was handed out"),
    pytest.param("6,a,{ann},{anns},0.3", "18/*/*", id="18 before 19"),
    pytest.param("5,*,{ann},{bobs},1", "14/*/*", id="quit for the partner"),
    pytest.param("5,*,{pairing},{anns},1", "13/*/*", id="quit with a pairing key"),
    pytest.param("5,*,{ann},{anns},0", "18/*/*", id="quit behind"),
    pytest.param("5,*,{ann},{anns},3", "19/*/*", id="quit ahead"),
    pytest.param("5,*,{ann},{anns},2.0", "18/*/*", id="quit with r below what was released"),
    pytest.param("5,*,{ann},{anns},2.3", "19/*/*", id="quit with r beyond what was handed out"),
]


@pytest.mark.parametrize(("line", "reply"), REFUSALS)
def test_a_refused_request_changes_nothing(line: str, reply: str) -> None:
    server = TextServer()
    ann, bob = server.game()
    bob.update("a", 0)
    ann.update("x", 0)
    bob.update("b", 1)
    ann.poll("1.1")  # released a, was handed b
    names = {"ann": ann.key, "anns": ann.seat, "bob": bob.key, "bobs": bob.seat, "pairing": server.registered()}

    assert server.say(line.format(**names)) == reply
    assert ann.poll(1) == "0/11/b"
    assert ann.update("y", "2.2") == "0/10/*"
    assert bob.poll(2) == "0/9/y"


def test_a_key_works_on_any_path() -> None:
    server = TextServer()
    ann, bob = server.game()

    assert server.say(ann.line("a", 0), "chess") == "0/10/*"
    assert server.say(bob.line("", 0), "go") == "0/9/a"
