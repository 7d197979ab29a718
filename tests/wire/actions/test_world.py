from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.wire.actions.action import Fields
from turnserver.wire.actions.world import Living, WorldStats
from turnserver.wire.objects import json_text
from turnserver.wire.percent import encode

POPULATION = {"sessions": 1, "players": 2}
STATS = WorldStats(7, POPULATION, Living(2, {}), Living(1, {"playing": 1}), Living(0, {}), {"A;": 1}, 9)


def test_a_reply_becomes_the_object_that_it_holds() -> None:
    assert WorldStats.read(Reply(answers.WORLD, encode(json_text(STATS)).encode()), Fields()) == STATS
