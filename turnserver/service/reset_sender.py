"""Sends reset tokens to a webhook of the operator's, who knows how to reach the owner of an account.

Source: docs/accounts.md, "A lost password"
"""

import asyncio
import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

PATIENCE_S = 10
"""How long the webhook may take to answer."""

SENDING_MAX = 100
"""How many tokens may wait to be sent; more are not sent, and can be asked for again."""


class SendingFailed(Exception):
    """The webhook did not take a reset token; the message says why, without the token."""


class ResetSender:
    """Posts `{"name", "token", "expires_in"}` as JSON.

    Args:
        url: The webhook; `http` or `https`.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._waiting = 0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="reset-sender")

    async def send(self, name: str, token: str, expires_s: int) -> None:
        """Send one token.

        Raises:
            SendingFailed: It was not taken.
        """
        if self._waiting >= SENDING_MAX:
            raise SendingFailed("too many wait to be sent")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(
                self._thread, self._post, {"name": name, "token": token, "expires_in": expires_s}
            )
        finally:
            self._waiting -= 1

    def _post(self, message: dict[str, object]) -> None:
        headers = {"Content-Type": "application/json"}
        try:
            request = urllib.request.Request(self._url, json.dumps(message).encode(), headers)  # noqa: S310  # the operator's
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as response:  # noqa: S310  # see above
                response.read(0)
        except urllib.error.HTTPError as error:
            with error:
                raise SendingFailed(f"the webhook answered with {error.code}") from error
        except (urllib.error.URLError, OSError, ValueError) as error:
            raise SendingFailed(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        """Let go of the thread."""
        self._thread.shutdown()
