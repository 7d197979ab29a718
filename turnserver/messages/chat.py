"""The requests of chat, symbols 40 to 43, and the line that everybody sees.

`key` is a session token, a room key or a game key, as the channel has it; `cursor` is None for the latest history.

Source: docs/messages.md, "Chat".
"""

from typing import NamedTuple

from turnserver.messages.cursor import Cursor


class ChatSay(NamedTuple):
    """CHAT_SAY (40): say one line in a channel."""

    key: str
    channel: str
    cursor: Cursor | None
    text: str


class ChatPoll(NamedTuple):
    """CHAT_POLL (41): what was said."""

    key: str
    channel: str
    cursor: Cursor | None


class ChatWho(NamedTuple):
    """CHAT_WHO (42): who is there."""

    key: str
    channel: str


class ChatMute(NamedTuple):
    """CHAT_MUTE (43): let a user say nothing for some seconds; 0 lets them speak again."""

    key: str
    name: str
    seconds: int


class ChatLine(NamedTuple):
    """What somebody said, and when: milliseconds since 1970, UTC."""

    name: str
    unix_ms: int
    text: str


InChannel = ChatSay | ChatPoll | ChatWho
"""The requests that are about one channel."""

ChatRequest = InChannel | ChatMute
