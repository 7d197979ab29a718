from tests.mail_reader import SERVER_KEY, Reader, mail_server
from turnserver.messages.inbox import QueueSend
from turnserver.service.context import Context
from turnserver.service.posting import MARK_LETTERS, Posting
from turnserver.service.secrets import digest


def test_a_post_names_its_sender_and_hides_the_secret() -> None:
    server = mail_server()
    ann = Reader(server)
    posting = Posting(Context(server.store, holder_of_key={digest(SERVER_KEY): "world"}.get), server.answering.sessions)
    mine = QueueSend(ann.token, "referee", 3, "check", "1")

    (post, session), (other, nobody) = (
        server.done(posting.post(request)) for request in (mine, mine._replace(key=SERVER_KEY, series="a"))
    )
    (third, _) = server.done(posting.post(mine._replace(series="a", number=None)))

    assert (post.sender, other.sender, third.mark) == (ann.name, "*", None)
    assert session is not None
    assert nobody is None
    assert post.mark is not None
    assert other.mark is not None
    assert post.mark.key != other.mark.key
    assert (post.mark.digest, len(post.mark.key)) == (other.mark.digest, MARK_LETTERS)
    assert ann.token not in str(post)
