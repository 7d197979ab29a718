"""Finding the server of this machine that serves a port: a small file with its process id, locked while it runs.

The operating system frees the lock when the process ends, however it ends, so a file that was left behind misleads
nobody. It is in the user's own folder for such files, or else in the one for temporary files.
"""

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path


def path_of(port: int) -> Path:
    """Where the process that serves a port says who it is."""
    folder = os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()
    return Path(folder) / f"turnserver-{os.getuid()}-{port}.pid"


def announce(port: int, closing: contextlib.ExitStack) -> None:
    """Say that this process serves a port, until `closing` is closed.

    Where the file cannot be written the server is served all the same; it can be drained by its process id.
    """
    path = path_of(port)
    with contextlib.suppress(OSError):
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        closing.callback(os.close, file)
        if os.fstat(file).st_uid != os.getuid():
            return
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        closing.callback(path.unlink, missing_ok=True)
        os.ftruncate(file, 0)
        os.write(file, b"%d\n" % os.getpid())


def process_of(port: int) -> int | None:
    """The process that serves a port, or None if no server of this user does."""
    try:
        file = os.open(path_of(port), os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if os.fstat(file).st_uid != os.getuid() or _is_free(file):
            return None
        text = os.read(file, 32).strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(file)


def _is_free(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
