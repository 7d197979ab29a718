"""What the console's buttons do: one table, from a form to a use case and back to a page.

Source: docs/console.md, "What you can do".
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from turnserver.console.forms import seconds, text, text_twice
from turnserver.service.moderation import Moderation

Fields = Mapping[str, str]
Deed = Callable[[Moderation, str, Fields], Awaitable[object]]
"""`(moderation, operator, fields)`."""


class Act(NamedTuple):
    """What is done, the page that is shown then, and what it says."""

    deed: Deed
    page: str
    done: str


async def _end_match(moderation: Moderation, operator: str, fields: Fields) -> None:
    await moderation.end_match(operator, text(fields, "match"))


async def _end_room(moderation: Moderation, operator: str, fields: Fields) -> None:
    await moderation.end_room(operator, text(fields, "room"))


async def _kick(moderation: Moderation, operator: str, fields: Fields) -> None:
    await moderation.kick(operator, text(fields, "name"), why=text(fields, "why"))


async def _mute(moderation: Moderation, operator: str, fields: Fields) -> None:
    await moderation.mute(operator, text(fields, "name"), seconds=seconds(fields) or 0)


async def _ban(moderation: Moderation, operator: str, fields: Fields) -> None:
    kind, subject, why = (text(fields, name) for name in ("kind", "subject", "why"))
    await moderation.ban(operator, kind, subject, why=why, seconds=seconds(fields))


async def _lift(moderation: Moderation, operator: str, fields: Fields) -> None:
    await moderation.lift(operator, text(fields, "kind"), text(fields, "subject"))


async def _delete_account(moderation: Moderation, operator: str, fields: Fields) -> None:
    await moderation.delete_account(operator, text_twice(fields, "name"))


async def _broadcast(moderation: Moderation, operator: str, fields: Fields) -> None:
    await moderation.broadcast(operator, text(fields, "text"))


ACTS: Mapping[str, Act] = {
    "end-match": Act(_end_match, "live", "The match has ended."),
    "end-room": Act(_end_room, "live", "The room has ended."),
    "kick": Act(_kick, "people", "The sessions have ended."),
    "mute": Act(_mute, "people", "It is noted who may speak."),
    "ban": Act(_ban, "people", "The ban counts from now on."),
    "lift": Act(_lift, "people", "The ban is lifted."),
    "delete-account": Act(_delete_account, "people", "The account is gone, and its name is free."),
    "broadcast": Act(_broadcast, "people", "Everybody's inbox has it."),
}
"""All acts, by the last part of their path."""
