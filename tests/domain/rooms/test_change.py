from turnserver.domain.rooms.change import Change
from turnserver.messages.items import Moved
from turnserver.partition import EMPTY, Document, View

VIEW = View({"room": Document(3, "x"), "pace": Document(5, "y")}, {"items": EMPTY.appended([b"a"])}, 700, 0)


def test_a_change_relies_on_what_it_writes_and_on_what_it_names() -> None:
    batch = Change({"room": "new", "seat0": "fresh"}, relies=("pace",)).batch(VIEW, [])

    assert batch.expect == {"room": 3, "seat0": 0, "pace": 5}
    assert batch.put == {"room": "new", "seat0": "fresh"}
    assert batch.append == {}


def test_items_are_appended_one_change_at_a_time_each_with_its_time() -> None:
    batch = Change(items=(Moved("running"),), append={"reports0": (b"r",)}).batch(VIEW, [b"s:running", b"t:1"])

    assert batch.expect == {"items": 1}
    assert batch.append == {"reports0": (b"r",), "items": [b"s:running", b"t:1"], "times": [b"700", b"700"]}


def test_names_and_spans_are_passed_on() -> None:
    batch = Change(ttl_ms=5, aliases=("a",), drops=("b",), lasting=False).batch(VIEW, [])

    assert (batch.ttl_ms, batch.aliases, batch.drops, batch.ends, batch.lasting) == (5, ("a",), ("b",), False, False)
