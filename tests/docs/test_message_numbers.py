"""docs/messages.md tells the numbers of the code."""

import re
from pathlib import Path

import pytest

from tests.markdown import table
from turnserver.domain.actions import EVENTS, SERVER_ACTIONS
from turnserver.protocol.limits import Limits
from turnserver.wire.names import CHANNEL_WORDS

DOCUMENT = (Path(__file__).parent.parent.parent / "docs" / "messages.md").read_text("utf-8")


def test_the_channels_are_those_of_the_code() -> None:
    channels = {row[0] for row in table(DOCUMENT, "Chat")}

    assert {word for word in CHANNEL_WORDS if f"`{word}`" in channels} == CHANNEL_WORDS
    assert len(channels) == len(CHANNEL_WORDS) + 1


def test_every_action_of_the_servers_is_named() -> None:
    events = {row[0].strip("`") for row in table(DOCUMENT, "Events")}

    assert events == EVENTS
    assert all(f"`{action}`" in DOCUMENT for action in SERVER_ACTIONS)


@pytest.mark.parametrize(
    ("setting", "shown"),
    [
        ("chat_text_bytes_max", "1 to 1,024 bytes"),
        ("chat_presence_s", "within 60 s"),
        ("chat_people_max", "At most 500 are told"),
        ("chat_history_lines_max", "its latest 200 lines"),
        ("chat_history_bytes_max", "no more than 65,536 bytes"),
        ("chat_window_s", "Within 10 s one user"),
        ("chat_lines_max", "may say 10 lines"),
        ("inbox_data_bytes_max", "at most 8,192 bytes"),
        ("inbox_messages_max", "At most 1,000 messages"),
        ("inbox_bytes_max", "and 262,144 bytes wait"),
        ("inbox_messages_max", "the latest 1,000 are kept"),
        ("inbox_senders_max", "the latest 256 series"),
        ("chat_channels_max", "at most 1,000 lobby channels"),
        ("chat_mute_s_max", "(at most 2,592,000)"),
        ("inbox_sources_max", "the latest 64 rooms"),
        ("topic_messages_max", "its latest 1,000 messages"),
        ("topic_bytes_max", "no more than 262,144 bytes. Who falls"),
        ("topics_max", "At most 1,000 are in use"),
        ("queues_max", "At most 1,000 queues"),
        ("series_bytes_max", "SERIES is 1 to 16 letters"),
        ("kick_why_letters_max", "the first 200 letters of `why`"),
    ],
)
def test_numbers_in_the_text_are_the_defaults(setting: str, shown: str) -> None:
    assert f"{getattr(Limits(), setting):,}" in re.findall(r"[\d,]+", shown)
    assert shown in " ".join(DOCUMENT.split())
