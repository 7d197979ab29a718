"""The scripts that Redis runs. What concerns a partition begins with `partition.lua`."""

from hashlib import sha1
from importlib import resources

from msgspec import Struct

NONE, UNCHANGED, CHANGED, ASTRAY, REFUSED, DONE, UNANNOUNCED, ELSEWHERE, NOTHING = range(9)
"""What the scripts of a partition answer first."""


class Script(Struct, frozen=True):
    """A script, and the SHA-1 by which Redis knows it."""

    text: bytes
    sha: bytes


def _text(name: str) -> bytes:
    return resources.files(__name__).joinpath(f"{name}.lua").read_bytes()


def _made(text: bytes) -> Script:
    return Script(text, sha1(text, usedforsecurity=False).hexdigest().encode())


def _script(*names: str) -> Script:
    return _made(b"\n".join(map(_text, names)))


def _lean(name: str, *needed: str) -> Script:
    """A script that makes what it needs of `partition.lua` only when it needs it: by calling `partition()`."""
    rest = b"local function partition()\n%b\nreturn %b\nend\n" % (_text("partition"), ", ".join(needed).encode())
    return _made(rest + _text(name))


READ = _script("partition", "read")
COMMIT = _script("partition", "commit")
MOVE = _lean("move", "news", "woken", "tell", "in_parts")
WATCH = _script("partition", "watch")
REVIEW = _script("partition", "review")
FORGET = _script("forget")
POINT = _script("point")
UNPOINT = _script("unpoint")
CLAIM = _script("claim")
REMOVE = _script("remove")

ALL = {script.sha: script for script in (READ, COMMIT, MOVE, WATCH, REVIEW, FORGET, POINT, UNPOINT, CLAIM, REMOVE)}
"""All scripts by SHA-1."""
