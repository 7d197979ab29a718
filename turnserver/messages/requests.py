"""All that a line can ask for."""

from turnserver.messages.chat import ChatRequest
from turnserver.messages.inbox import InboxRequest
from turnserver.messages.relay import RelayRequest
from turnserver.messages.rooms import RoomRequest
from turnserver.messages.sessions import Guest

Request = RelayRequest | RoomRequest | ChatRequest | InboxRequest | Guest
