"""Input as texts to send, and the sign that says "this was all": what both ends of `turnserver play` agree on.

Every line is one text, its line feed included, so that an empty line is a text too; a line that is too long for one
text goes in several. The end of input is a text of its own: the single control character EOT (Ctrl-D's own). So that
input may hold even that, a text of nothing but EOTs travels with one more.
"""

import codecs
from collections.abc import Iterable, Iterator

from turnserver.client import texts

END = "\x04"
"""EOT: the sender has no more to say, but still listens."""

_TEXT_BYTES_MAX = texts.DATA_BYTES_MAX - len(END)


def outgoing(chunks: Iterable[bytes]) -> Iterator[str]:
    """Input, in chunks as they come, as the texts to send; without the `END`.

    Raises:
        UnicodeDecodeError: The input is not UTF-8.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    rest = ""
    for chunk in chunks:
        *lines, rest = (rest + decoder.decode(chunk)).split("\n")
        for line in lines:
            yield from _texts(line + "\n")
        if len(rest) > _TEXT_BYTES_MAX:
            yield from _texts(rest)
            rest = ""
    yield from _texts(rest + decoder.decode(b"", final=True))


def _texts(line: str) -> Iterator[str]:
    for piece in texts.pieces(line, bytes_max=_TEXT_BYTES_MAX):
        yield piece if piece.strip(END) else piece + END


def incoming(text: str) -> str | None:
    """What the partner wrote; None for its end of input."""
    if text.strip(END):
        return text
    return text[: -len(END)] or None
