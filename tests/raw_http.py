"""HTTP byte by byte: what no proper client would send, and exactly what comes back."""

import socket
from collections.abc import Mapping
from types import TracebackType
from typing import NamedTuple, Self

PATIENCE_S = 20


class Answer(NamedTuple):
    """One HTTP response."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    head: bytes
    """Status line and headers as they came, the empty line included."""


class RawConnection:
    """One TCP connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), PATIENCE_S)
        self._received = b""

    def send(self, raw: bytes) -> Self:
        """Send bytes as they are."""
        self._socket.sendall(raw)
        return self

    def ask(self, raw: bytes) -> Answer:
        """Send one whole request and read its response."""
        self.send(raw)
        return self.answer(has_body=not raw.startswith(b"HEAD "))

    def answer(self, *, has_body: bool = True) -> Answer:
        """Read one response; interim ones (100) are skipped."""
        head = self._read_to(b"\r\n\r\n")
        status_line, *lines = head.decode("latin-1").split("\r\n")[:-2]
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        status = int(status_line.split(" ")[1])
        if status == 100:
            return self.answer(has_body=has_body)
        length = int(headers.get("content-length", "0")) if has_body else 0
        return Answer(status, headers, self._read(length), head)

    def is_closed(self) -> bool:
        """True if the server closes the connection and has nothing more to say."""
        return self._received == b"" and self._socket.recv(1) == b""

    def _read_to(self, end: bytes) -> bytes:
        while end not in self._received:
            self._receive()
        return self._read(self._received.index(end) + len(end))

    def _read(self, length: int) -> bytes:
        while len(self._received) < length:
            self._receive()
        read, self._received = self._received[:length], self._received[length:]
        return read

    def _receive(self) -> None:
        more = self._socket.recv(65_536)
        assert more, f"the server closed the connection after {self._received!r}"
        self._received += more

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._socket.close()


def post(body: bytes, path: bytes = b"/", *headers: bytes) -> bytes:
    """The smallest legal POST of a body, with further headers."""
    lines = [b"POST %s HTTP/1.1" % path, b"host: x", b"content-length: %d" % len(body), *headers]
    return b"\r\n".join([*lines, b"", body])


def request(method: bytes, path: bytes = b"/", *headers: bytes) -> bytes:
    """A request without a body."""
    return b"\r\n".join([b"%s %s HTTP/1.1" % (method, path), b"host: x", *headers, b"", b""])
