"""Actions other than turns are done once: a repeat is answered again, a late copy of an older one is refused.

A room remembers for each key and symbol the latest action: with which cursor it came, and what it was.

Source: docs/protocol.md, "Repeats".
"""

from msgspec import structs

from turnserver.domain.rooms.documents import Act, Member
from turnserver.messages.cursor import Cursor
from turnserver.messages.reply import Refused
from turnserver.protocol import answers


def is_repeat(member: Member, symbol: str, cursor: Cursor | None, digest: str) -> bool:
    """True if this action was just done.

    Args:
        member: Who acts.
        symbol: The action.
        cursor: What came with it; without one nothing is a repeat.
        digest: The data, digested: any text that is the same only for the same data.

    Raises:
        Refused: TOO_OLD for a copy of an action before the latest: its sender has since shown a newer cursor.
    """
    if cursor is None:
        return False
    for act in member.acts:
        if act.symbol == symbol:
            if cursor.offset < act.offset:
                raise Refused(answers.TOO_OLD)
            return cursor.offset == act.offset and digest == act.digest
    return False


def remembering(member: Member, symbol: str, cursor: Cursor | None, digest: str) -> Member:
    """The member once it has done this."""
    if cursor is None:
        return member
    others = tuple(act for act in member.acts if act.symbol != symbol)
    return structs.replace(member, acts=(*others, Act(symbol, cursor.offset, digest)))
