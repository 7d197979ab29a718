import pytest

from turnserver.domain.inbox import (
    LOST,
    Inbox,
    Message,
    Post,
    Sender,
    Senders,
    broadcast,
    deliver,
    message_of,
    note,
    opening,
    opening_log,
    packed,
    refresh,
    sign_of_life,
)
from turnserver.domain.owed import Event
from turnserver.messages.reply import Refused
from turnserver.partition import EMPTY, Batch, Document, View
from turnserver.protocol import answers
from turnserver.protocol.limits import Limits

LIMITS = Limits(inbox_s=100, inbox_messages_max=3, inbox_bytes_max=1_000, inbox_senders_max=2, inbox_sources_max=2)


def mail(number: int, at_ms: int = 0) -> bytes:
    return packed(Message(at_ms, "note", "ann", f"{number}"))


def inbox(*items: bytes, taken: int = 0, senders: Senders | None = None, now_ms: int = 0) -> View:
    documents = {"inbox": Document(1, Inbox("ep", taken))}
    if senders is not None:
        documents["senders"] = Document(2, senders)
    return View(documents, {"queue": EMPTY.appended(items)}, now_ms, 0)


def post(number: int | None = None, *, key: str = "k", digest: str = "d") -> Post:
    mark = None if number is None else Sender(key, number, digest)
    return Post("note", "ann", "{}", mark)


def numbers(batch: Batch | None) -> list[int | None]:
    """What comes into the queue; None for what was lost."""
    assert batch is not None
    return [None if item == LOST else int(message_of(item).data) for item in batch.append.get("queue", ())]


def test_an_inbox_begins_with_the_broadcasts_that_are_made_from_then_on() -> None:
    batch = opening("ep", since=7, limits=LIMITS)

    assert (batch.expect, batch.put, batch.ttl_ms) == ({"inbox": 0}, {"inbox": Inbox("ep", 7)}, 100_000)


def test_the_log_of_broadcasts_is_kept_for_good() -> None:
    assert opening_log() == Batch(expect={"senders": 0}, put={"senders": Senders()})


def test_an_inbox_that_is_as_it_should_be_is_left_alone() -> None:
    assert refresh(inbox(mail(0)), EMPTY, done=0, limits=LIMITS) is None
    assert refresh(inbox(mail(0), taken=1), EMPTY.appended([mail(9)]), done=0, limits=LIMITS) is None


def test_what_its_reader_has_is_let_go_of() -> None:
    batch = refresh(inbox(mail(0), mail(1)), EMPTY, done=1, limits=LIMITS)

    assert batch == Batch({"inbox": 1, "queue": 2}, {}, {}, {"queue": 1}, 100_000)


def test_new_broadcasts_come_in_as_far_as_there_is_room() -> None:
    log = EMPTY.appended([mail(5), mail(6), mail(7)])

    batch = refresh(inbox(mail(0), taken=1), log, done=0, limits=LIMITS)
    assert numbers(batch) == [6, 7]
    full = refresh(inbox(mail(0), mail(1)), log, done=0, limits=LIMITS)
    assert numbers(full) == [5]
    assert full is not None
    assert full.put == {"inbox": Inbox("ep", 1)}
    assert refresh(inbox(mail(0), mail(1), mail(2)), log, done=0, limits=LIMITS) is None


def test_bytes_are_bounded_too() -> None:
    log = EMPTY.appended([mail(5), mail(6)])
    limits = Limits(inbox_bytes_max=2 * len(mail(0)) + 2)

    assert numbers(refresh(inbox(mail(0)), log, done=0, limits=limits)) == [5]


@pytest.mark.parametrize(
    ("released", "now_ms", "expected"),
    [
        pytest.param(0, 0, [5, 6], id="nothing is lost"),
        pytest.param(1, 0, [None, 6], id="the log did not keep it"),
        pytest.param(0, 100_000, [None, 6], id="it is too old"),
        pytest.param(2, 0, [None], id="all are lost"),
    ],
)
def test_lost_broadcasts_leave_a_mark(released: int, now_ms: int, expected: list[int | None]) -> None:
    log = EMPTY.appended([mail(5), mail(6, at_ms=50_000)]).released(released)

    assert numbers(refresh(inbox(now_ms=now_ms), log, done=0, limits=LIMITS)) == expected


@pytest.mark.parametrize(
    ("items", "upto"),
    [
        pytest.param([mail(0), mail(1), mail(2, 1)], 2, id="two are old"),
        pytest.param([mail(0), LOST, mail(1), mail(2, 1)], 3, id="a mark between two old ones"),
        pytest.param([LOST, mail(2, 1)], None, id="a mark before a young one stays"),
        pytest.param([mail(2, 1), mail(0)], None, id="what is behind a young one stays"),
    ],
)
def test_old_messages_are_let_go_of(items: list[bytes], upto: int | None) -> None:
    batch = refresh(inbox(*items, now_ms=100_000), EMPTY, done=0, limits=LIMITS)

    assert (None if batch is None else batch.release["queue"]) == upto


def test_a_message_comes_in_with_its_number() -> None:
    batch = deliver(inbox(now_ms=5), post(7), limits=LIMITS)

    assert batch is not None
    assert batch.append == {"queue": (packed(Message(5, "note", "ann", "{}")),)}
    assert batch.put == {"senders": Senders((Sender("k", 7, "d"),))}
    assert batch.expect == {"inbox": 1, "senders": 0, "queue": 0}


def test_a_message_without_a_number_is_remembered_by_nobody() -> None:
    batch = deliver(inbox(), post(), limits=LIMITS)

    assert batch is not None
    assert batch.put == {}


def test_the_latest_senders_are_remembered() -> None:
    known = Senders((Sender("a", 1, "d"), Sender("b", 2, "d")))

    batch = deliver(inbox(senders=known), post(7), limits=LIMITS)
    assert batch is not None
    assert batch.put == {"senders": Senders((Sender("k", 7, "d"), Sender("a", 1, "d")))}
    assert deliver(inbox(senders=known), post(2, key="b"), limits=LIMITS) is None


@pytest.mark.parametrize(("number", "digest", "answer"), [(6, "d", answers.TOO_OLD), (7, "other", answers.BAD_DATA)])
def test_a_number_that_was_used_otherwise_is_refused(number: int, digest: str, answer: answers.Answer) -> None:
    with pytest.raises(Refused) as caught:
        deliver(inbox(senders=Senders((Sender("k", 7, "d"),))), post(number, digest=digest), limits=LIMITS)

    assert caught.value.answer is answer


def event(number: int = 0) -> Event:
    return Event("room:r", number, "room_left", "{}")


def noted(view: View, number: int = 0) -> Batch:
    batch = note(view, event(number), limits=LIMITS)
    assert batch is not None
    return batch


def test_a_full_inbox_takes_no_message() -> None:
    with pytest.raises(Refused) as caught:
        deliver(inbox(mail(0), mail(1), mail(2)), post(), limits=LIMITS)

    assert caught.value.answer is answers.FULL


def test_an_event_for_a_full_inbox_leaves_one_mark() -> None:
    full = inbox(mail(0), mail(1), mail(2))

    assert noted(inbox()).append == {"queue": (packed(Message(0, "room_left", "*", "{}")),)}
    assert noted(full).append == {"queue": (LOST,)}
    assert noted(inbox(mail(0), mail(1), mail(2), LOST)).append == {}


def test_an_event_comes_once_and_its_source_is_remembered_for_a_while() -> None:
    view = inbox()
    view = View({**view.documents, "sources": Document(1, noted(view, 7).put["sources"])}, view.streams, 0, 0)

    assert note(view, event(7), limits=LIMITS) is None
    assert note(view, event(6), limits=LIMITS) is None
    assert noted(view, 8).expect == {"inbox": 1, "sources": 1, "queue": 0}
    others = tuple(Sender(f"room:{number}", 0, "") for number in range(2))
    view = View({**view.documents, "sources": Document(2, Senders(others))}, view.streams, 0, 0)
    assert noted(view, 7).put["sources"] == Senders((Sender("room:r", 7, ""), others[0]))


def test_the_oldest_broadcast_makes_room_and_a_repeat_is_none() -> None:
    senders = {"senders": Document(1, Senders((Sender("k", 7, "d"),)))}
    log = View(senders, {"log": EMPTY.appended([mail(0), mail(1), mail(2)])}, 0, 0)

    batch = broadcast(log, post(8), limits=LIMITS)
    assert batch is not None
    assert batch.release == {"log": 1}
    assert broadcast(log, post(7), limits=LIMITS) is None


def test_an_inbox_that_is_read_lives() -> None:
    assert sign_of_life(LIMITS) == Batch(ttl_ms=100_000, lasting=False)
