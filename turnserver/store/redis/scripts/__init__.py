"""The scripts that Redis runs. What concerns a partition begins with `partition.lua`."""

from hashlib import sha1
from importlib import resources

from msgspec import Struct


class Script(Struct, frozen=True):
    """A script, and the SHA-1 by which Redis knows it."""

    text: bytes
    sha: bytes


def _script(*names: str) -> Script:
    files = resources.files(__name__)
    text = b"\n".join(files.joinpath(f"{name}.lua").read_bytes() for name in names)
    return Script(text, sha1(text, usedforsecurity=False).hexdigest().encode())


READ = _script("partition", "read")
COMMIT = _script("partition", "commit")
WATCH = _script("partition", "watch")
REVIEW = _script("partition", "review")
FORGET = _script("forget")
POINT = _script("point")
UNPOINT = _script("unpoint")
CLAIM = _script("claim")
REMOVE = _script("remove")

ALL = {script.sha: script for script in (READ, COMMIT, WATCH, REVIEW, FORGET, POINT, UNPOINT, CLAIM, REMOVE)}
"""All scripts by SHA-1."""
