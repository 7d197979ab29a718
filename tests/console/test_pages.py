"""The console's own pages over real HTTP; tests/console/test_browser.py looks at them with a browser."""

from collections.abc import Iterator
from html import escape
from pathlib import Path

import pytest

from tests.console.scene import ACCOUNT, LINE, MARKUP, OPERATOR, PASSWORD, Browserless, console, crowd
from tests.json_client import JsonClient


@pytest.fixture
def visitor(tmp_path: Path) -> Iterator[Browserless]:
    with console(tmp_path, "--durability", "process") as port:
        yield Browserless(port)


def test_the_login_page_lets_in_who_knows_the_password(visitor: Browserless) -> None:
    wrong = visitor.log_in(password="wrong")
    right = visitor.log_in()

    assert (wrong.status, "Wrong name or password." in wrong.text, "set-cookie" in wrong.headers) == (401, True, False)
    assert (right.status, right.headers["location"]) == (303, "/console/live")
    assert OPERATOR in visitor.get("/console/live").text


def test_the_cookie_is_secure_where_the_browser_came_over_https(visitor: Browserless) -> None:
    fields = {"name": OPERATOR, "password": PASSWORD}
    answer = visitor.ask("POST", "/console/login", fields, origin="https://game.example", host="game.example")

    assert answer.headers["set-cookie"].endswith("; HttpOnly; SameSite=Strict; Secure")


def test_guessing_is_slowed(visitor: Browserless) -> None:
    answers = [visitor.log_in(password="wrong") for _ in range(11)]

    assert [answer.status for answer in answers] == [401] * 10 + [429]
    assert int(answers[-1].headers["retry-after"]) > 0
    assert "Too many attempts" in answers[-1].text


def test_the_live_world_shows_names_as_text(visitor: Browserless) -> None:
    crowd(visitor.port)
    visitor.log_in()
    live, chat = visitor.get("/console/live").text, visitor.get("/console/chat").text

    assert escape(MARKUP) in live.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
    assert MARKUP not in live
    assert escape(LINE) in chat.replace("&#34;", "&quot;").replace("&#39;", "&#x27;")
    assert LINE not in chat
    assert ACCOUNT not in chat


def test_what_is_ended_is_gone_and_in_the_audit(visitor: Browserless) -> None:
    there = crowd(visitor.port)
    visitor.log_in()
    live = visitor.get("/console/live").text
    match, room = (live.partition(f'name="{kind}" value="')[2].partition('"')[0] for kind in ("match", "room"))

    ended = visitor.post("/console/act/end-match", match=match)
    again = visitor.post("/console/act/end-match", match=match)
    visitor.post("/console/act/end-room", room=room)

    assert (ended.status, ended.headers["location"]) == (303, "/console/live?done=end-match")
    assert "The match has ended." in visitor.get(ended.headers["location"]).text
    assert (again.status, "It has ended already." in again.text) == (409, True)
    with JsonClient(visitor.port) as client:
        assert client.post("/rooms/poll", key=there.room_key, index=0).body["items"][-1]["state"] == "ended/closed"
    audit = visitor.get("/console/tables/audit/list").text
    assert all(act in audit for act in ("match_closed", "room_closed", "console_login", f"operator {OPERATOR}"))


def test_who_is_banned_is_out_until_the_ban_is_lifted(visitor: Browserless) -> None:
    token = crowd(visitor.port, account="mallory").token
    visitor.log_in()
    with JsonClient(visitor.port) as client:

        def log_in() -> int:
            return client.post("/auth", username="mallory", password="eight letters").status

        before = log_in()
        visitor.post("/console/act/ban", kind="name", subject="Mallory", why="insults", count="2", unit="days")
        banned = log_in()
        session = client.get("/account/sessions", bearer=token).status
        page = visitor.get("/console/people").text
        visitor.post("/console/act/lift", kind="name", subject="mallory")

        assert (before, banned, session, log_in()) == (200, 403, 401, 200)
        assert "insults" in page
        assert "insults" not in visitor.get("/console/people").text


def test_kick_mute_and_broadcast_reach_the_player(visitor: Browserless) -> None:
    token = crowd(visitor.port, account="mallory").token
    visitor.log_in()
    with JsonClient(visitor.port) as client:
        visitor.post("/console/act/mute", name="mallory", count="5", unit="minutes")
        muted = client.post("/chat/say", token=token, channel="lobby", text="x").status
        visitor.post("/console/act/mute", name="mallory", count="", unit="minutes")
        speaks = client.post("/chat/say", token=token, channel="lobby", text="x").status
        visitor.post("/console/act/broadcast", text="Noon <b>sharp</b>")
        inbox = client.post("/inbox/poll", token=token).body
        visitor.post("/console/act/kick", name="mallory", why="enough; really")

        assert (muted, speaks) == (403, 200)
        assert "Noon <b>sharp</b>" in str(inbox)
        refused = client.post("/inbox/poll", token=token)
        assert (refused.status, refused.body["details"]) == (401, "kicked: enough; really")


def test_an_account_is_deleted_by_who_names_it_twice(visitor: Browserless) -> None:
    token = crowd(visitor.port, account="mallory").token
    visitor.log_in()
    with JsonClient(visitor.port) as client:
        slip = visitor.post("/console/act/delete-account", name="mallory", again="malory")
        before = client.post("/inbox/poll", token=token).status
        done = visitor.post("/console/act/delete-account", name="Mallory", again="Mallory")
        after = client.post("/inbox/poll", token=token).status

        assert (slip.status, before) == (400, 200)
        assert "the two are not the same" in slip.text
        assert (done.status, after) == (303, 401)
        assert "The account is gone" in visitor.get(done.headers["location"]).text
        assert "account_deleted" in visitor.get("/console/tables/audit/list").text
        assert client.post("/register", username="mallory", password="eight letters").status == 200


@pytest.mark.parametrize(
    ("act", "fields", "status"),
    [
        ("delete-account", {}, 404),
        ("delete-account", {"name": "nobody", "again": "nobody"}, 404),
        ("delete-account", {"name": "nobody"}, 400),
        ("end-match", {}, 404),
        ("end-room", {"room": "x" * 3000}, 404),
        ("kick", {"name": "nobody"}, 404),
        ("kick", {"name": "\0;,|*"}, 404),
        ("mute", {"name": "nobody", "count": "x", "unit": "days"}, 400),
        ("ban", {}, 400),
        ("ban", {"kind": "name", "subject": "a\nb"}, 400),
        ("ban", {"kind": "name", "subject": "bob", "count": "0", "unit": "days"}, 400),
        ("lift", {"kind": "name", "subject": "nobody"}, 404),
        ("broadcast", {"text": " "}, 400),
        ("broadcast", {"text": "x" * 600}, 400),
        ("broadcast", {"text": "x" * 20_000}, 413),
        ("nothing", {}, 404),
    ],
)
def test_bad_input_is_said_and_changes_nothing(
    shared: Browserless, act: str, fields: dict[str, str], status: int
) -> None:
    answer = shared.post(f"/console/act/{act}", **fields)

    assert (answer.status, 'role="alert"' in answer.text) == (status, True)
    assert "Nobody is banned." in shared.get("/console/people").text


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browserless]:
    with console(tmp_path_factory.mktemp("console")) as port:
        found = Browserless(port)
        found.log_in()
        yield found


def test_the_usage_page_says_that_there_is_nothing_yet(visitor: Browserless) -> None:
    visitor.log_in()

    assert "The first sample comes ten seconds after the start." in visitor.get("/console/usage").text
