"""What a form sends: read with a bound on its size and time, and checked field by field."""

import asyncio
from collections.abc import Mapping
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.requests import Request

from turnserver.messages.reply import Refused
from turnserver.protocol import answers

BYTES_MAX = 16_384
"""A form: its longest field is a few hundred letters."""

FIELDS_MAX = 20
"""More than any form has."""

SECONDS_MAX = 10
"""A form that takes longer to arrive is given up."""

UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}
"""How long something lasts, as seconds."""


async def form_of(request: Request) -> Mapping[str, str]:
    """The fields of a form; of equal ones the last.

    Raises:
        HTTPException: 400, 408 or 413.
    """
    body = b""
    try:
        async with asyncio.timeout(SECONDS_MAX):
            async for part in request.stream():
                body += part
                if len(body) > BYTES_MAX:
                    raise HTTPException(413, f"A form may have {BYTES_MAX} bytes.")
    except TimeoutError:
        raise HTTPException(408, "The form took too long to arrive.") from None
    try:
        fields = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=FIELDS_MAX)
    except ValueError:
        raise HTTPException(400, "This is no form of this page.") from None
    return dict(fields)


def text(fields: Mapping[str, str], name: str) -> str:
    """A field as it was typed, without spaces around it; empty where it is missing.

    NUL is left out: no keyboard types it, and PostgreSQL takes none.
    """
    return fields.get(name, "").replace("\0", "").strip()


def text_twice(fields: Mapping[str, str], name: str) -> str:
    """A field that is typed once more, as `again`: nobody does by a slip what cannot be undone.

    Raises:
        Refused: BAD_DATA where the two are not the same.
    """
    found = text(fields, name)
    if found != text(fields, "again"):
        raise Refused(answers.BAD_DATA, f"{name}: the two are not the same")
    return found


def seconds(fields: Mapping[str, str]) -> int | None:
    """How long, by the fields `count` and `unit`; None for good, where `count` is empty.

    Raises:
        Refused: BAD_DATA.
    """
    count = text(fields, "count")
    if not count:
        return None
    unit = UNITS.get(text(fields, "unit"))
    if unit is None or not (count.isascii() and count.isdecimal() and len(count) < 10):
        raise Refused(answers.BAD_DATA, "how long: a whole number of minutes, hours or days")
    return int(count) * unit
