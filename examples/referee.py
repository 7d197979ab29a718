"""A referee: a program beside the server that judges what players ask, over a `Messenger`.

    turnserver key add referee > secret
    python examples/referee.py "$(cat secret)" [URL]

The referee listens to the queue `referee`, answers each question in its sender's inbox, and publishes the score to all
who follow the topic `scores`. A player asks three questions. Nothing would change if the two ran on two machines, or if
the server were killed in between and started again.
"""

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from turnserver.client import Session
from turnserver.messenger import Messenger

QUESTIONS = ("7 * 6 = 42", "2 + 2 = 5", "9 - 4 = 5")


def main() -> None:
    """Let a referee and a player meet on the server of the command line."""
    key = sys.argv[1]
    url = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8192"
    with Messenger(url, key, title="quiz") as messenger:
        # The queue is there from the first time that somebody listens.
        messenger.listen("referee").receive(wait_s=0)
        with ThreadPoolExecutor(2) as threads:
            player = threads.submit(play, url)
            threads.submit(judge, messenger, len(QUESTIONS)).result()
            player.result()
        latest = messenger.subscribe("scores").receive()[-1]
    print(f"score: {latest.data['right']} of {len(QUESTIONS)}")


def judge(messenger: Messenger, count: int) -> None:
    """Judge so many questions."""
    right = 0
    with messenger.listen("referee") as questions:
        for asked, question in enumerate(questions, 1):
            is_right = holds(question.data)
            right += is_right
            messenger.send(question.sender, "verdict", {"question": question.data, "is_right": is_right})
            messenger.publish("scores", "score", {"right": right, "asked": asked})
            if asked == count:
                return


def holds(claim: str) -> bool:
    """Whether a claim such as `2 + 2 = 5` is true."""
    left, operator, right, _, result = claim.split()
    operations = {"+": int(left) + int(right), "-": int(left) - int(right), "*": int(left) * int(right)}
    return operations[operator] == int(result)


def play(url: str) -> None:
    """Ask as a guest, and print the verdicts as they come into the inbox."""
    token = Session(url).token
    with Messenger(url, token) as player, player.inbox(token) as inbox:
        for question in QUESTIONS:
            player.enqueue("referee", "question", question)
            print(verdict(inbox.receive_one().data))


def verdict(data: dict[str, Any]) -> str:
    """A verdict in words."""
    return f"{data['question']}: {'right' if data['is_right'] else 'wrong'}"


if __name__ == "__main__":
    main()
