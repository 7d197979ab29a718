from turnserver.messages.sessions import Guest, Opened


def test_asking_for_a_session_needs_nothing() -> None:
    assert Guest() == ()


def test_a_session_is_told_as_token_seconds_and_name() -> None:
    assert Opened._fields == ("token", "seconds", "name")
