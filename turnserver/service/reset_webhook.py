"""Posts reset tokens to a program of the operator's, who knows how to reach the owner of an account.

Source: docs/accounts.md, "A lost password"
"""

import json
import urllib.error
import urllib.request

from turnserver.service.reset_sender import Reset, SendingFailed

PATIENCE_S = 10
"""How long the webhook may take to answer."""


class ResetWebhook:
    """Posts `{"name", "email", "token", "expires_in"}` as JSON; `email` is null for an account without an address.

    Args:
        url: The webhook; `http` or `https`.
    """

    def __init__(self, url: str) -> None:
        self._url = url

    def reaches(self, _email: str | None) -> bool:
        """See `Way.reaches`: it knows everybody, for all we know."""
        return True

    def deliver(self, reset: Reset) -> None:
        """See `Way.deliver`."""
        message = {"name": reset.name, "email": reset.email, "token": reset.token, "expires_in": reset.expires_s}
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
