import re
from dataclasses import Field, FrozenInstanceError, fields

import pytest

from turnserver.protocol.limits import Limits

SETTINGS = [limit for limit in fields(Limits) if limit.init]
UNITS = ("_s", "_ms", "_bytes", "_letters")
COUNTED = (
    *("sessions", "rooms", "rooms_listed", "seats", "viewers", "depth", "lookahead", "refusals", "list"),
    *("guesses", "accounts", "resets"),
    *("channels", "people", "messages", "broadcasts", "senders", "sources", "topics", "queues"),
    *("registrations", "matches", "lines", "waiting", "candidates", "partners", "conflicts"),
)


@pytest.mark.parametrize("limit", SETTINGS, ids=lambda limit: limit.name)
def test_every_limit_has_a_positive_default_and_a_reason(limit: Field[float]) -> None:
    assert isinstance(limit.default, int | float)
    assert limit.default > 0
    assert limit.metadata["reason"]


def test_every_limit_names_its_unit_or_what_it_counts() -> None:
    stems = [re.sub(r"(_long)?(_s)?(_max|_min)?$", r"\2", limit.name) for limit in SETTINGS]

    assert [stem for stem in stems if not stem.endswith((*UNITS, *COUNTED))] == []


def test_limits_do_not_change_while_the_server_runs() -> None:
    limits = Limits()

    with pytest.raises(FrozenInstanceError):
        limits.body_bytes_max = 1  # type: ignore[misc]  # what must be impossible


def test_the_limits_that_existing_clients_know_keep_their_defaults() -> None:
    limits = Limits()

    assert (limits.body_bytes_max, limits.name_bytes_max, limits.buffer_bytes_max) == (16_384, 64, 131_072)
    assert (limits.registration_silence_s, limits.registration_silence_long_s) == (25, 180)
    assert (limits.loading_silence_s, limits.play_silence_s) == (30, 30)
    assert limits.batch_lines_max == 100


def test_a_match_outlives_the_silence_of_both_by_one_time_out() -> None:
    limits = Limits(loading_silence_s=20, play_silence_s=45.5)

    assert limits.match_silence_ms_min == 20_000
    assert limits.match_ttl_ms == 91_000


def test_a_post_is_as_long_as_its_lines_and_their_line_feeds() -> None:
    limits = Limits(body_bytes_max=10, batch_lines_max=3)

    assert limits.post_bytes_max(is_batch=False) == 11
    assert limits.post_bytes_max(is_batch=True) == 33
