"""What goes wrong, by what the caller can do about it."""

import pytest

from turnserver.client import errors
from turnserver.messages.reply import Reply
from turnserver.protocol import answers
from turnserver.protocol.answers import Answer


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (answers.PARTNER_LEFT, errors.PartnerLeft),
        (answers.WANTED_PARTNER_DROPPED, errors.WantedPartnerDropped),
        (answers.NO_SUCH_GAME, errors.GameUnknown),
        (answers.NOT_IN_GAME, errors.GameUnknown),
        (answers.REGISTRATIONS_FULL, errors.ServerFull),
        (answers.MATCHES_FULL, errors.ServerFull),
        (answers.NOT_REGISTERED, errors.RegistrationEnded),
        (answers.AHEAD_OF_STATE, errors.RegistrationEnded),
        (answers.COUNTER_AHEAD, errors.ProtocolError),
        (answers.UNKNOWN_PATH, errors.ProtocolError),
    ],
)
def test_a_refusal_becomes_an_error_of_its_kind_in_the_protocols_words(answer: Answer, kind: type[Exception]) -> None:
    error = errors.refusal(Reply(answer))

    assert type(error) is kind
    assert answer.words in str(error)


def test_every_error_is_caught_as_one_of_this_client() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]

    assert all(issubclass(kind, errors.TurnserverError) for kind in kinds)
    assert len(kinds) > 10
