"""Guess the word: two players over the Python library.

    python examples/word_game.py [URL]

The one whose request made the pair (the "server" role) thinks of a word and shows it letter by letter, as the other
one guesses them. Both run here, as two threads; nothing would change if they ran on two machines.
"""

import random
import sys
from concurrent.futures import ThreadPoolExecutor

from turnserver.client import Game, Role, pair

WORDS = ("lighthouse", "archipelago", "marmalade", "quicksilver", "thunderstorm")
LETTERS_BY_FREQUENCY = "etaoinshrdlcumwfgypbvkjxqz"
HIDDEN = "_"


def main() -> None:
    """Play one game against the server of the command line."""
    url = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8192"
    with ThreadPoolExecutor(2) as threads:
        ann = threads.submit(play, url, "ann", "bob")
        bob = threads.submit(play, url, "bob", "ann")
        print(ann.result())
        print(bob.result())


def play(url: str, name: str, partner: str) -> str:
    """One player: find the partner, play the part that the server gives, and say how it went."""
    with pair(url, name, partner=partner, title="word-game") as game:
        return think(game) if game.role is Role.SERVER else guess(game)


def think(game: Game) -> str:
    """Think of a word, and show after each guess what is known of it."""
    word = random.choice(WORDS)
    guessed: set[str] = set()
    game.send(shown(word, guessed))
    for letter in game:
        guessed.add(letter)
        print(f"{game.name:4} {shown(word, guessed)}")
        game.send(shown(word, guessed))
    return f"{game.name} thought of {word!r}"


def guess(game: Game) -> str:
    """Guess one letter after the other until the word is known, then leave."""
    letters = iter(LETTERS_BY_FREQUENCY)
    for count, word in enumerate(game):
        if HIDDEN not in word:
            return f"{game.name} found {word!r} with {count} guesses"
        letter = next(letters)
        print(f"{game.name:4} {letter}?")
        game.send(letter)
    return f"{game.name} was left alone by {game.partner}"


def shown(word: str, guessed: set[str]) -> str:
    """The word with its unknown letters hidden."""
    return "".join(letter if letter in guessed else HIDDEN for letter in word)


if __name__ == "__main__":
    main()
