import threading
from itertools import pairwise

import pytest

from tests.client.world import heard, missed, perform, scripted
from turnserver.client.errors import Closed, MessagesLost, NoRight, ProtocolError, Unreachable
from turnserver.client.exchange import Heard, Missed, Post
from turnserver.client.following import NEWS_MAX, Following
from turnserver.client.inboxes import Message
from turnserver.client.timing import Timing
from turnserver.messenger.dispatch import of_queue

QUICK = Timing(first_reply_s=1, give_up_s=1, rest_s=0.5)
FIRST = Message("longerEpA", "check", "ann", [1], "longerEpB")
SECOND = Message("longerEpB", "check", "*", "a|b", "longerEpC")
BOTH = 'longerEpC|longerEpA;check;ann;[1]|longerEpB;check;*;"a%7Cb"'


def following(after: str | None = None) -> Following[Message]:
    return Following(of_queue("KEY", "referee"), after, QUICK)


def poll(one: Following[Message], *outcomes: Heard | Missed, wait_s: float = 0) -> list[Post]:
    posts: list[Post] = []
    perform(one.poll(wait_s), scripted(outcomes, posts))
    return posts


def test_messages_come_in_order_and_the_next_poll_says_that_they_were_taken() -> None:
    one = following()

    assert poll(one, heard(f"0/56/{BOTH}"), wait_s=9) == [Post(b"56,*,KEY,referee,*", 9)]
    assert one.has_news
    assert [one.take_one(), one.take_one(), one.take_one()] == [FIRST, SECOND, None]
    assert poll(one, heard("0/10/*"))[0].line == b"56,*,KEY,referee,longerEpC"
    assert one.take() == []


def test_a_poll_is_repeated_from_the_same_place() -> None:
    one = following()
    with pytest.raises(Unreachable):
        poll(one, missed(took_s=2))

    posts = poll(one, missed(), heard(f"0/56/{BOTH}"))
    assert {post.line for post in posts} == {b"56,*,KEY,referee,*"}
    assert one.take() == [FIRST, SECOND]


def test_who_keeps_a_place_goes_on_from_there() -> None:
    assert poll(following(FIRST.after), heard("0/10/*"))[0].line == b"56,*,KEY,referee,longerEpB"

    with pytest.raises(ValueError, match="not the place"):
        following("?")


def test_a_gap_is_told_once_before_what_follows_it() -> None:
    one = following()
    poll(one, heard(f"0/13/{BOTH}"))

    with pytest.raises(MessagesLost):
        one.take_one()
    assert one.take() == [FIRST, SECOND]
    poll(one, heard("0/13/longerEpD"))
    with pytest.raises(MessagesLost):
        one.take()
    assert one.take() == []


def test_a_server_that_does_not_hold_is_not_asked_without_a_pause() -> None:
    one = following()
    poll(one, heard("0/10/*", took_s=0.1), wait_s=9)

    (post,) = poll(one, heard(f"0/56/{BOTH}"), wait_s=9)
    assert post.wait_s == 9
    assert post.pause_s == pytest.approx(0.4)
    one.take()
    assert poll(one, heard("0/10/*"), wait_s=9)[0].pause_s == 0


def test_who_does_not_wait_is_answered_without_a_pause_and_leaves_none_behind() -> None:
    one = following()
    poll(one, heard("0/10/*", took_s=0.1), wait_s=9)

    assert [poll(one, heard("0/10/*"))[0].pause_s for _ in range(3)] == [0, 0, 0]
    assert poll(one, heard("0/10/*"), wait_s=9)[0].pause_s == pytest.approx(0.4)


def test_a_wait_of_less_than_a_second_is_asked_now_and_then_and_no_longer_than_a_hold() -> None:
    one = following()

    assert poll(one, heard("0/10/*", took_s=0.1), wait_s=0.9) == [Post(b"56,*,KEY,referee,*")]
    assert poll(one, heard("0/10/*"), wait_s=0.5)[0].pause_s == pytest.approx(0.4)
    assert poll(one, heard("0/10/*"), wait_s=60)[0].wait_s == QUICK.hold_s


def test_a_place_that_the_server_does_not_know_is_left_for_the_beginning_behind_a_gap() -> None:
    one = following(FIRST.after)

    posts = poll(one, heard("39/*/*", http=400), heard(f"0/56/{BOTH}"), wait_s=9)
    assert posts == [Post(b"56,*,KEY,referee,longerEpB", 9), Post(b"56,*,KEY,referee,*")]
    with pytest.raises(MessagesLost):
        one.take()
    assert one.take() == [FIRST, SECOND]
    assert poll(one, heard("0/10/*"))[0].line == b"56,*,KEY,referee,longerEpC"


def test_a_gap_is_told_once_also_if_the_beginning_could_not_be_read_at_once() -> None:
    one = following(FIRST.after)
    with pytest.raises(Unreachable):
        poll(one, heard("39/*/*", http=400), missed(took_s=9))
    with pytest.raises(MessagesLost):
        one.take_one()

    poll(one, heard(f"0/56/{BOTH}"))
    assert one.take() == [FIRST, SECOND]


def test_an_inbox_that_was_closed_from_elsewhere_says_so_each_time_and_stays_closed() -> None:
    one = following(FIRST.after)
    for _ in range(2):
        with pytest.raises(Closed, match="from elsewhere"):
            poll(one, heard("39/*/closed", http=400))

    with pytest.raises(ProtocolError):
        poll(following(), heard("39/*/*", http=400))


def test_what_came_before_a_gap_is_taken_before_the_gap_is_told() -> None:
    one = following()
    poll(one, heard(f"0/56/{BOTH}"))
    perform(one._ask(0), scripted([heard(f"0/13/{BOTH}")]))

    assert one.take() == [FIRST, SECOND]
    with pytest.raises(MessagesLost):
        one.take()
    assert one.take() == [FIRST, SECOND]


def many(first: int, count: int) -> str:
    """A reply with so many messages, whose data are numbers."""
    return "|".join(["0/56/longerEpB", *(f"longerEpA;note;ann;{number}" for number in range(first, first + count))])


def test_what_nobody_takes_is_kept_up_to_a_limit_and_then_lost_from_the_oldest_on() -> None:
    one = following()
    for first in range(0, 2 * NEWS_MAX, 100):
        perform(one._ask(0), scripted([heard(many(first, 100))]))

    with pytest.raises(MessagesLost):
        one.take_one()
    assert [message.data for message in one.take()] == list(range(NEWS_MAX, 2 * NEWS_MAX))
    assert one.take() == []


def test_one_reply_is_never_too_much_and_a_gap_in_front_of_it_is_told_once() -> None:
    one = following()
    poll(one, heard(many(0, 2 * NEWS_MAX)))
    assert len(one.take()) == 2 * NEWS_MAX

    poll(one, heard(f"0/56/{BOTH}"))
    perform(one._ask(0), scripted([heard(many(0, 2 * NEWS_MAX).replace("0/56/", "0/13/"))]))
    with pytest.raises(MessagesLost):
        one.take()
    assert len(one.take()) == 2 * NEWS_MAX


def test_a_reader_in_another_thread_gets_all_in_order_and_learns_of_each_gap() -> None:
    one, count = following(), 20_000
    received, gaps, is_behind_gap = list[int](), 0, False

    def write() -> None:
        for first in range(0, count, 100):
            perform(one._ask(0), scripted([heard(many(first, 100))]))

    writer = threading.Thread(target=write)
    writer.start()
    while not received or received[-1] != count - 1:
        try:
            came = [int(message.data) for message in one.take()]
        except MessagesLost:
            is_behind_gap = True  # told again where still more went by before it was read on
            continue
        assert all(later == earlier + 1 for earlier, later in pairwise(came))
        received += came
        if came:
            gaps, is_behind_gap = gaps + is_behind_gap, False
    writer.join()

    holes = sum(later != earlier + 1 for earlier, later in pairwise(received))
    assert received == sorted(received)
    assert holes + (received[0] != 0) == gaps


@pytest.mark.parametrize("reply", ["0/56/?", f"0/56/{BOTH}|x", "0/51/*", "0/56/longerEpB|longerEpA;a;b;{"])
def test_what_makes_no_sense_is_said_to_be_so_and_loses_nothing(reply: str) -> None:
    one = following()
    with pytest.raises(ProtocolError):
        poll(one, heard(reply))

    poll(one, heard(f"0/56/{BOTH}"))
    assert one.take() == [FIRST, SECOND]


def test_a_refusal_is_raised() -> None:
    with pytest.raises(NoRight, match="kicked"):
        poll(following(), heard("30/*/kicked", http=401))
