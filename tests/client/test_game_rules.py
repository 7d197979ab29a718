"""What a caller brings to a game."""

import pytest

from turnserver.client.game_rules import Commands, checked_commands, never, no_commands, nothing_to_do


def test_commands_are_a_tuple_that_knows_the_turns_iterations() -> None:
    commands = Commands(("a", None), 3)

    assert (commands, commands.iterations) == (("a", None), 3)


def test_who_brings_nothing_gives_no_commands_and_plays_on() -> None:
    assert (no_commands(1, "state"), never("state")) == ("", False)
    nothing_to_do("anything")


def test_any_line_of_text_can_be_commands() -> None:
    assert checked_commands("a,b|c;d % 😀 -") == "a,b|c;d % 😀 -"


@pytest.mark.parametrize("commands", ["a\nb", "a\rb", "x" * 4_097, "\ud800"])
def test_what_the_server_would_refuse_is_refused_at_once(commands: str) -> None:
    with pytest.raises(ValueError, match=r"commands|surrogates"):
        checked_commands(commands)
