"""All that a line can ask for."""

from turnserver.messages.accounts import AccountRequest
from turnserver.messages.chat import ChatRequest
from turnserver.messages.inbox import InboxRequest
from turnserver.messages.relay import RelayRequest
from turnserver.messages.rooms import RoomRequest
from turnserver.messages.sessions import Guest
from turnserver.messages.world import WorldStats

Request = RelayRequest | RoomRequest | ChatRequest | InboxRequest | AccountRequest | Guest | WorldStats
