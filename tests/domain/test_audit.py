from turnserver.domain.audit import COMMAND_LINE, SERVER, Actor


def test_who_acts_can_be_told_from_every_name_of_a_user() -> None:
    assert COMMAND_LINE != SERVER
    assert " " in COMMAND_LINE
    assert Actor("account ann", "192.0.2.1", 7).name == "account ann"
