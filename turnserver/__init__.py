"""turnserver: two players, or a room of them, play together over HTTP POSTs of one line of text."""

__version__ = "0.1.0"
