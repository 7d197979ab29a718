"""Secrets that follow from others: what the store keeps of a key, and keys that a repeated request gets again."""

import base64
import hashlib
from functools import lru_cache

DIGESTS_KEPT = 1_024
"""A player's key comes with every update or turn: those of so many players are not digested again."""

KEY_DIGEST_LETTERS = 16


@lru_cache(maxsize=DIGESTS_KEPT)
def digest(secret: str) -> str:
    """The SHA-256 of a token or key, in hexadecimal: all that the store ever holds of it."""
    return hashlib.sha256(secret.encode()).hexdigest()


@lru_cache(maxsize=DIGESTS_KEPT)
def key_digest(key: str) -> str:
    """What stands for a key of the relay wherever it is kept: 16 URL-safe letters of its SHA-256.

    These are 96 bits, as many as such a key has: to find one that fits is no easier than to guess the key. And what
    is kept is no longer than if it were the key.
    """
    return _letters(key)[:KEY_DIGEST_LETTERS]


def derived(*parts: str, letters: int) -> str:
    """URL-safe letters that follow from `parts`, of which one is a secret of at least as many bits.

    A request that creates or joins names itself by a counter of the client's. What it gets follows from its token and
    this counter; so a repeat gets the same, and nothing has to be remembered.
    """
    # Parts are told apart by their lengths: no two lists of them give the same text.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return _letters(text)[:letters]


def _letters(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
