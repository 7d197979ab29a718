"""Viewers: they poll the same items, if the room wants it some turns late.

Source: docs/rooms.md, "Viewers".
"""

from msgspec import structs

from turnserver.domain.rooms.change import Change
from turnserver.domain.rooms.documents import Pace, Room, Rules, Viewer, Viewers, is_ended, key_partition
from turnserver.domain.rooms.seating import DEAD_KEYS_KEPT
from turnserver.domain.sessions import Session
from turnserver.messages.reply import Refused
from turnserver.partition import View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

SEEN_MS = 60_000
"""A viewer's polls are noted about once in this time; one not seen for twice as long makes room for others."""


def watch(view: View, session: Session, *, digest: str, limits: Limits) -> Change | None:
    """Let somebody watch, or watch again with a new key.

    Args:
        view: The room.
        session: Who watches.
        digest: The SHA-256 of the key that the viewer is to have from now on.
        limits: `room_viewers_max` counts.

    Returns:
        The change, or None for a repeat: the viewer has this key already.

    Raises:
        Refused: NOT_THERE; NOT_ALLOWED where there are no viewers; WRONG_STATE for a newcomer after the end; TOO_OLD
            for a key that is dead; FULL.
    """
    room: Room | None = view.value("room")
    if room is None:
        raise Refused(answers.NOT_THERE)
    if view.value("rules").viewers is None:
        raise Refused(answers.NOT_ALLOWED)
    watching: Viewers = view.value("viewers")
    for viewer in watching.viewers:
        if viewer.user == session.user:
            return _again(watching, viewer, digest, view.now_ms)
    if is_ended(room):
        raise Refused(answers.WRONG_STATE)
    there = tuple(viewer for viewer in watching.viewers if view.now_ms - viewer.seen_ms <= 2 * SEEN_MS)
    if len(watching.viewers) < limits.room_viewers_max:
        there = watching.viewers
    elif len(there) >= limits.room_viewers_max:
        raise Refused(answers.FULL)
    drops = tuple(key_partition(viewer.key) for viewer in watching.viewers if viewer not in there)
    more = Viewers((*there, Viewer(session.user, digest, view.now_ms)))
    return Change({"viewers": more}, aliases=(key_partition(digest),), drops=drops)


def _again(watching: Viewers, viewer: Viewer, digest: str, now_ms: int) -> Change | None:
    if digest == viewer.key:
        return None
    if digest in viewer.dead:
        raise Refused(answers.TOO_OLD)
    again = Viewer(viewer.user, digest, now_ms, (viewer.key, *viewer.dead)[:DEAD_KEYS_KEPT])
    viewers = tuple(again if one is viewer else one for one in watching.viewers)
    drops = (key_partition(viewer.key),)
    return Change({"viewers": Viewers(viewers)}, aliases=(key_partition(digest),), drops=drops)


def stop(view: View, digest: str) -> Change:
    """Watch no longer."""
    watching: Viewers = view.value("viewers")
    rest = tuple(viewer for viewer in watching.viewers if viewer.key != digest)
    return Change({"viewers": Viewers(rest)}, drops=(key_partition(digest),))


def sign_of_life(view: View, digest: str) -> Change | None:
    """Note that a viewer is there; None where that was noted not long ago."""
    watching: Viewers = view.value("viewers")
    viewers = tuple(
        structs.replace(viewer, seen_ms=view.now_ms)
        if viewer.key == digest and view.now_ms - viewer.seen_ms > SEEN_MS
        else viewer
        for viewer in watching.viewers
    )
    return None if viewers == watching.viewers else Change({"viewers": Viewers(viewers)}, lasting=False)


def first_hidden(view: View) -> int | None:
    """The generation of the first packet that viewers may not see yet; None if they may see all.

    What comes after that packet is hidden with it. When the room has ended, nothing is.
    """
    rules: Rules = view.value("rules")
    room: Room = view.value("room")
    if not rules.viewers or room.began is None or is_ended(room):
        return None
    pace: Pace = view.value("pace")
    return max(1, pace.generation - rules.viewers + 1)
