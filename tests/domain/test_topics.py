import pytest

from turnserver.domain.inbox import Message, Post, Sender, Senders, message_of, packed
from turnserver.domain.owed import Event
from turnserver.domain.topics import (
    Topic,
    opening,
    publish,
    queue_partition,
    sign_of_life,
    tell,
    topic_partition,
)
from turnserver.messages.reply import Refused
from turnserver.partition import EMPTY, Batch, Document, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits(topic_s=100, topic_messages_max=2, inbox_sources_max=1)
POST = Post("goal", "*", "[1]", None)


def topic(*ages_ms: int, now_ms: int = 0, **documents: Senders) -> View:
    items = [packed(Message(now_ms - age_ms, "old", "*", "1")) for age_ms in ages_ms]
    known = {name: Document(3, value) for name, value in documents.items()}
    return View({"topic": Document(1, Topic("epoch")), **known}, {"log": EMPTY.appended(items)}, now_ms, 0)


def test_a_topic_belongs_to_a_title_and_a_queue_to_none() -> None:
    assert topic_partition("chess", "rooms") != topic_partition("", "rooms")
    assert queue_partition("referee") == "queue:referee"
    assert opening("epoch", limits=LIMITS).put == {"topic": Topic("epoch")}
    assert sign_of_life(LIMITS) == Batch(ttl_ms=100_000, lasting=False)


def test_what_is_published_goes_behind_the_rest_and_pushes_the_oldest_out() -> None:
    batch = publish(topic(0, 0), POST, limits=LIMITS)

    assert batch is not None
    assert [message_of(item) for item in batch.append["log"]] == [Message(0, "goal", "*", "[1]")]
    assert batch.release == {"log": 1}
    assert batch.expect == {"topic": 1, "senders": 0, "log": 2}


@pytest.mark.parametrize(("ages_ms", "released"), [((100_000, 99_999), 1), ((200_000, 100_000), 2), ((5, 4), 1)])
def test_old_messages_leave_with_the_next(ages_ms: tuple[int, ...], released: int) -> None:
    batch = publish(topic(*ages_ms, now_ms=300_000), POST, limits=LIMITS)

    assert batch is not None
    assert batch.release == {"log": released}


def test_a_number_is_published_once() -> None:
    mark = Sender("k", 7, "d")
    view = topic(senders=Senders((mark,)))

    assert publish(view, POST._replace(mark=mark), limits=LIMITS) is None
    with pytest.raises(Refused) as caught:
        publish(view, POST._replace(mark=Sender("k", 6, "d")), limits=LIMITS)
    assert caught.value.answer is answers.TOO_OLD


def test_an_event_is_told_once() -> None:
    event = Event("room:r", 0, "room_created", "{}")
    batch = tell(topic(), event, limits=LIMITS)

    assert batch is not None
    assert batch.put == {"sources": Senders((Sender("room:r", 0, ""),))}
    assert tell(topic(sources=batch.put["sources"]), event, limits=LIMITS) is None
