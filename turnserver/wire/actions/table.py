"""The table of actions, from which paths, methods of JSON-RPC and the OpenAPI document are made.

Source: docs/json.md, "Actions".
"""

from collections.abc import Mapping

from turnserver.wire.actions import accounts, messages, relay, rooms, world
from turnserver.wire.actions.action import Action

TABLE: tuple[Action, ...] = (
    *relay.ACTIONS,
    *rooms.ACTIONS,
    *messages.ACTIONS,
    *accounts.ACTIONS,
    *world.ACTIONS,
)
"""All actions."""

BY_METHOD: Mapping[str, Action] = {action.method: action for action in TABLE}
"""Actions by their names in JSON-RPC."""
