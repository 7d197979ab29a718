from turnserver.messages.cursor import Cursor


def test_cursors_of_two_epochs_are_two_places() -> None:
    assert Cursor("ab", 1) == Cursor("ab", 1)
    assert Cursor("ab", 1) != Cursor("cd", 1)
