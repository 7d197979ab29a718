from turnserver.messages.world import WorldStats


def test_a_look_at_the_world_needs_nothing() -> None:
    assert WorldStats() == ()
