import pytest

from tests.client.world import heard, missed, perform, scripted
from turnserver.client.errors import NoRight, NotDelivered, ServerFull, Unreachable
from turnserver.client.exchange import Post
from turnserver.client.timing import Timing
from turnserver.messenger.dispatch import Dispatch, to_all, to_user
from turnserver.messenger.sending import WAITING_MAX, Sending

QUICK = Timing(first_reply_s=1, give_up_s=1)
HELLO = to_user("KEY", "bob", "hello", None)
NEWS = to_all("KEY", "news", None)


def lines(posts: list[Post]) -> list[str]:
    return [post.line.decode() for post in posts]


def test_each_message_has_the_next_number_of_its_series() -> None:
    sending, posts = Sending("s", 4, QUICK), list[Post]()
    network = scripted([heard("0/51/*"), heard("0/52/*")], posts)

    for one in (HELLO, NEWS):
        perform(sending.send(one), network)
    assert lines(posts) == ["51,hello;null,KEY,bob,s.4", "52,news;null,KEY,*,s.5"]
    assert sending.number == 6


def test_a_message_is_repeated_under_its_number_until_it_is_answered() -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()

    perform(sending.send(HELLO), scripted([missed(), heard("44/*/*", http=503), heard("0/51/*")], posts))
    assert len(set(lines(posts))) == 1


def test_a_message_that_was_given_up_is_settled_first() -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()
    with pytest.raises(Unreachable):
        perform(sending.send(HELLO), scripted([missed(took_s=2)], posts))

    perform(sending.send(NEWS), scripted([heard("0/51/*"), heard("0/52/*")], posts))
    assert lines(posts)[1:] == ["51,hello;null,KEY,bob,s.0", "52,news;null,KEY,*,s.1"]


def test_what_was_handed_in_while_another_was_given_up_is_sent_in_its_turn() -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()
    for one in (HELLO, NEWS):
        with pytest.raises(Unreachable):
            perform(sending.send(one), scripted([missed(took_s=2)]))

    perform(sending.send(HELLO), scripted([heard("0/51/*"), heard("0/52/*"), heard("0/51/*")], posts))
    assert lines(posts) == ["51,hello;null,KEY,bob,s.0", "52,news;null,KEY,*,s.1", "51,hello;null,KEY,bob,s.2"]


def test_all_that_is_in_line_can_be_settled() -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()
    for one in (HELLO, NEWS):
        with pytest.raises(Unreachable):
            perform(sending.send(one), scripted([missed(took_s=2)]))

    perform(sending.settle(), scripted([heard("0/51/*"), heard("0/52/*")], posts))
    assert len(posts) == 2


def test_more_than_so_many_messages_do_not_stand_in_line() -> None:
    sending = Sending("s", 0, QUICK)
    for _ in range(WAITING_MAX):
        with pytest.raises(Unreachable):
            perform(sending.send(HELLO), scripted([missed(took_s=2)]))

    number, posts = sending.number, list[Post]()
    with pytest.raises(NotDelivered, match="in line already"):
        perform(sending.send(NEWS), scripted([missed(took_s=2)]))
    assert sending.number == number

    perform(sending.send(NEWS), scripted([heard("0/51/*")] * WAITING_MAX + [heard("0/52/*")], posts))
    assert lines(posts)[-1] == f"52,news;null,KEY,*,s.{number}"


def test_what_an_earlier_message_was_refused_for_is_told_and_no_other_is_sent() -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()
    with pytest.raises(Unreachable):
        perform(sending.send(HELLO), scripted([missed(took_s=2)]))

    with pytest.raises(NotDelivered, match="full") as caught:
        perform(sending.send(NEWS), scripted([heard("33/*/*")], posts))
    assert isinstance(caught.value.__cause__, ServerFull)
    perform(sending.send(NEWS), scripted([heard("0/52/*")], posts))
    assert lines(posts) == ["51,hello;null,KEY,bob,s.0", "52,news;null,KEY,*,s.2"]


def test_a_message_has_its_number_from_when_it_was_handed_in() -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()
    for one in (HELLO, NEWS):
        with pytest.raises(Unreachable):
            perform(sending.send(one), scripted([missed(took_s=2)]))
    assert sending.number == 2

    perform(sending.send(NEWS), scripted([heard("0/51/*"), heard("0/52/*"), heard("0/52/*")], posts))
    assert lines(posts)[-1] == "52,news;null,KEY,*,s.2"


def test_what_was_handed_in_and_never_begun_is_sent_by_the_next_call() -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()
    sending.send(HELLO).close()

    perform(sending.send(NEWS), scripted([heard("0/51/*"), heard("0/52/*")], posts))
    assert lines(posts) == ["51,hello;null,KEY,bob,s.0", "52,news;null,KEY,*,s.1"]


def test_whose_message_another_call_has_sent_is_told_what_came_of_it() -> None:
    sending = Sending("s", 0, QUICK)
    first, second = sending.send(HELLO), sending.send(NEWS)
    with pytest.raises(NotDelivered, match="full"):
        perform(second, scripted([heard("33/*/*")]))

    with pytest.raises(ServerFull):
        perform(first, scripted([]))


def test_at_the_end_what_is_refused_keeps_no_other_message_from_being_sent() -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()
    for one in (HELLO, NEWS):
        sending.send(one).close()

    perform(sending.settle(), scripted([heard("33/*/*"), heard("0/52/*")], posts))
    assert len(posts) == 2


@pytest.mark.parametrize("dispatch", [HELLO, NEWS])
def test_a_refused_message_is_done_with(dispatch: Dispatch) -> None:
    sending, posts = Sending("s", 0, QUICK), list[Post]()
    with pytest.raises(NoRight):
        perform(sending.send(dispatch), scripted([heard("30/*/*", http=401)]))

    perform(sending.settle(), scripted([], posts))
    assert posts == []


@pytest.mark.parametrize(("series", "number"), [("", 0), ("a b", 0), ("x" * 17, 0), ("é", 0), ("s", -1)])
def test_what_is_no_series_or_number_is_refused_at_once(series: str, number: int) -> None:
    with pytest.raises(ValueError, match="not"):
        Sending(series, number, QUICK)
