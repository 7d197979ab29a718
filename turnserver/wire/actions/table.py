"""The table of actions, from which paths, methods of JSON-RPC and the OpenAPI document are made.

Source: docs/json.md, "Actions".
"""

from collections.abc import Mapping

from turnserver.wire.actions import messages, relay, rooms, sessions
from turnserver.wire.actions.action import Action

TABLE: tuple[Action, ...] = (*relay.ACTIONS, *rooms.ACTIONS, *messages.ACTIONS, *sessions.ACTIONS)
"""All actions."""

BY_METHOD: Mapping[str, Action] = {action.method: action for action in TABLE}
"""Actions by their names in JSON-RPC."""
