"""Text to values and back: the form of requests, replies, numbers, names and paths. No I/O, no rules of the game."""
