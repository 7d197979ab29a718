"""Everything that can be done over JSON, done on a real server; each answer is as the OpenAPI document says."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from tests.json_client import JsonClient, form
from tests.server_process import ServerProcess
from turnserver.service.context import new_server_key
from turnserver.service.secrets import digest
from turnserver.store.server_keys import ServerKeys
from turnserver.wire.actions.table import TABLE
from turnserver.wire.json_requests import FORM_TYPE

SERVER_KEY = new_server_key()


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JsonClient]:
    folder: Path = tmp_path_factory.mktemp("server")
    ServerKeys(folder / "turnserver.keys").add(digest(SERVER_KEY), "world")
    with ServerProcess(folder) as server, JsonClient(server.port) as opened:
        yield opened


def guest(client: JsonClient) -> tuple[str, str]:
    """Token and name."""
    opened = client.done("/guest")
    return opened["token"], opened["username"]


def pair(client: JsonClient) -> list[tuple[str, int]]:
    """Two players at the beginning of their game: their keys and numbers."""
    keys = [client.done("/play/register", name=name, title="story")["key"] for name in ("ann", "bob")]
    assert client.done("/play/pair", key=keys[0]) == {"state": "waiting"}
    assert client.done("/play/pair", key=keys[1]) == {"state": "paired", "partner": "ann", "role": "server"}
    assert client.done("/play/pair", key=keys[0]) == {"state": "paired", "partner": "bob", "role": "client"}
    assert [client.done("/play/load", key=key) for key in keys] == [
        {"state": "loading", "role": "client"},
        {"state": "loading", "role": "server"},
    ]
    assert client.done("/play/ready", key=keys[0]) == {"state": "loading"}
    ready = [client.done("/play/ready", key=key) for key in reversed(keys)][::-1]
    assert [one["state"] for one in ready] == ["playing", "playing"]
    return [(one["key"], one["player"]) for one in ready]


def test_a_match_is_played(client: JsonClient) -> None:
    (ann, seat), (bob, other) = pair(client)

    assert client.done("/play/update", key=ann, player=seat, counter=0, data="e2e4") == {
        "updates": [],
        "repeated": False,
    }
    first = client.done("/play/update", bearer=bob, player=other, counter=0, received=0, data="e7e5")
    again = client.done("/play/update", bearer=bob, player=other, counter=0, received=0, data="e7e5", wait=1)
    assert first == {"updates": ["e2e4"], "repeated": False}
    assert again == {"updates": ["e2e4"], "repeated": True}
    said = client.done("/chat/say", key=ann, channel="game", text="hi")
    assert [(line["name"], line["text"]) for line in said["lines"]] == [("~ann", "hi")]
    assert client.done("/play/quit", key=ann, player=seat, counter=1) == {"done": True}
    left = client.post("/play/update", key=bob, player=other, counter=1, received=1)
    assert (left.status, left.body["name"]) == (400, "PARTNER_LEFT")


def test_a_registration_is_ended(client: JsonClient) -> None:
    key = client.done("/play/register", name="eve", partner="*", long=True)["key"]

    assert client.done("/play/unregister", key=key) == {"done": True}
    for path in ("/play/pair", "/play/load", "/play/ready"):
        assert client.done(path, key=key) == {"state": "unregistered"}


def test_a_room_is_played(client: JsonClient) -> None:
    (ann, _), (eve, _) = guest(client), guest(client)
    chart = {"running": {"initial": "day", "states": {"day": {"on": {"DUSK": "night"}}, "night": {}}}}
    made = client.done(
        "/create",
        {"engine": "chess 1", "seed": "42", "players": [2, 2], "states": chart, "viewers": True, "title": "story"},
        ann,
        username="ann",
    )
    found = client.done("/rooms/list", bearer=eve, engine="chess 1", title="story")["rooms"]
    assert found == [{"room": made["room"], "state": "setup", "players": 1, "most": 2, "name": ""}]
    assert client.get("/rooms/list", eve, title="story", has_seat="true").body["rooms"] == found
    assert client.get("/join", game_id=made["room"]).body["header"] == made["header"]
    joined = client.done("/join", game_id=made["room"], username="bob")
    watched = client.done("/rooms/watch", bearer=eve, game_id=made["room"])
    assert (joined["index"], watched["index"], joined["header"]["members"]) == (1, None, ["ann", "bob"])
    ann_seat, bob_seat = ({"key": one["key"], "index": one["index"]} for one in (made, joined))

    configured = client.done("/rooms/setup", ann_seat, cursor=joined["cursor"], patch={"board": 8})
    assert configured["items"] == [{"kind": "configured", "config": {"board": 8}}]
    ready = client.done("/rooms/ready", ann_seat, cursor=configured["cursor"])
    assert ready["items"] == [{"kind": "readied", "seat": 0, "is_ready": True}]
    began = client.done("/rooms/ready", bob_seat, cursor=ready["cursor"], ready=True)
    assert began["items"][-1] == {"kind": "moved", "state": "running/day"}
    dusk = client.done("/rooms/event", ann_seat, cursor=began["cursor"], event="DUSK")
    assert dusk["items"] == [{"kind": "moved", "state": "running/night"}]
    turn = {"generation": 1, "commands": "e2;e4", "checked": 0, "hash": "aa", "cursor": dusk["cursor"]}
    assert client.done("/rooms/turn", ann_seat, **turn) == {"cursor": dusk["cursor"], "items": []}
    diverged = client.done("/rooms/turn", bob_seat, **{**turn, "commands": "", "hash": "bb"})
    assert [item["kind"] for item in diverged["items"]] == ["diverged", "moved"]
    assert diverged["items"][0]["hashes"] == {"0": "aa", "1": "bb"}
    seen = client.done("/rooms/poll", key=watched["key"], cursor=began["cursor"], wait=1)
    assert seen["items"] == [*dusk["items"], *diverged["items"]]
    assert client.done("/chat/say", bearer=ann_seat["key"], channel="room", text="oh")["lines"][0]["name"] == "ann"
    assert client.done("/rooms/leave", ann_seat) == {"done": True}
    record = client.ask("GET", f"/archive/{made['room']}", b"", bearer=bob_seat["key"])
    assert '"kind":"diverged"' in record.body


def test_people_talk(client: JsonClient) -> None:
    (ann, name), (bob, _) = guest(client), guest(client)
    tea, text = f"tea of {name}", "50 % off; | \u4f60\u597d \U0001f600"

    said = client.done("/chat/say", {"text": text, "channel": tea}, ann)
    heard = client.done("/chat/poll", bearer=bob, channel=tea)
    nothing = client.done("/chat/poll", bearer=bob, channel=tea, cursor=heard["cursor"])

    assert [(line["name"], line["text"]) for line in heard["lines"]] == [(name, text)]
    assert heard == said
    assert nothing == {"cursor": heard["cursor"], "lines": [], "lost": False}
    assert name in client.done("/chat/who", token=ann, channel=tea)["names"]


def test_messages_wait_for_their_reader(client: JsonClient) -> None:
    (ann, name), (bob, sender) = guest(client), guest(client)
    data = {"game": "chess; blitz", "at": [1, 2.5, None]}
    empty = client.done("/initiate", bearer=ann)
    assert empty["messages"] == []

    for _ in range(2):
        assert client.done("/inbox/send", bearer=bob, to=name, action="invite", data=data, counter=1) == {"done": True}
    assert client.done("/inbox/broadcast", token=SERVER_KEY, action="srv_msg", data="noon") == {"done": True}
    opened = client.done("/initiate", bearer=ann)
    messages = [(one["action"], one["from"], one["data"]) for one in opened["messages"]]
    assert messages == [("invite", sender, data), ("srv_msg", "*", "noon")]
    polled = client.done("/inbox/poll", bearer=ann, cursor=empty["cursor"], wait=1)
    assert polled == opened
    assert client.done("/disconnect", bearer=ann, cursor=opened["cursor"]) == {"done": True}
    closed = client.post("/inbox/poll", bearer=ann, cursor=opened["cursor"], wait=1)
    assert (closed.status, closed.body["name"], closed.body["details"]) == (400, "BAD_CURSOR", "closed")
    assert client.done("/initiate", bearer=ann)["messages"] == []


def test_programs_tell_in_topics_and_are_told_in_queues(client: JsonClient) -> None:
    (ann, name), topic, queue = guest(client), f"news-{uuid4().hex[:8]}", f"jobs-{uuid4().hex[:8]}"
    nothing = client.done("/topics/poll", bearer=ann, topic=topic)
    assert client.done("/topics/publish", token=SERVER_KEY, topic=topic, action="began", data=[1]) == {"done": True}
    told = client.done("/topics/poll", bearer=ann, topic=topic, cursor=nothing["cursor"])
    assert [(one["action"], one["from"], one["data"]) for one in told["messages"]] == [("began", "*", [1])]

    client.done("/queues/poll", token=SERVER_KEY, queue=queue)
    assert client.done("/queues/send", bearer=ann, queue=queue, action="work", data="now", counter=1) == {"done": True}
    heard = client.done("/queues/poll", token=SERVER_KEY, queue=queue, wait=1)
    assert [(one["action"], one["from"], one["data"]) for one in heard["messages"]] == [("work", name, "now")]


def test_who_is_muted_says_nothing(client: JsonClient) -> None:
    ann, name = guest(client)
    assert client.done("/chat/mute", token=SERVER_KEY, username=name, seconds=60) == {"done": True}
    assert client.post("/chat/say", bearer=ann, channel="tea", text="hi").status == 403
    assert client.done("/chat/mute", token=SERVER_KEY, username=name, seconds=0) == {"done": True}
    client.done("/chat/say", bearer=ann, channel="tea", text="hi")


def test_an_account_is_made_used_and_ended(client: JsonClient) -> None:
    (token, _), username, password = guest(client), f"ann-{uuid4().hex[:8]}", "correct; horse | 100 %\n"
    laptop = client.done("/register", {"username": username, "password": password}, token)["token"]

    assert client.post("/initiate", bearer=token).status == 401
    body = form({"username": username.upper(), "password": password})
    phone = client.ask("POST", "/auth", body, kind=FORM_TYPE).body
    assert phone["expires_in"] == 604_800
    wrong = client.post("/auth", username=username, password="wrong")
    assert wrong == client.post("/auth", username="nobody-at-all", password="wrong")
    assert wrong.status == 401
    sessions = client.done("/account/sessions", bearer=laptop)["sessions"]
    assert [(one["address"], one["is_mine"]) for one in sessions] == [("127.0.0.1", True), ("127.0.0.1", False)]
    assert client.get("/account/sessions", phone["token"]).body["sessions"][1]["is_mine"]
    assert client.done("/account/sessions/end", bearer=laptop, session=sessions[1]["id"]) == {"done": True}
    assert client.post("/logout", bearer=phone["token"]).status == 401
    new = {"old_password": password, "password": "battery staple"}
    assert client.done("/account/password", new, laptop) == {"done": True}
    assert client.done("/account/email", bearer=laptop, password="battery staple", email="ann@example.org")["done"]
    assert client.done("/reset-password", username=username) == {"done": True}
    assert client.post("/reset-password", reset_token="r" * 43, password="another one").status == 401
    assert client.done("/logout", bearer=laptop) == {"done": True}
    again = client.done("/auth", username=username, password="battery staple")["token"]
    assert client.done("/delete-character", bearer=again, password="battery staple") == {"done": True}
    assert client.post("/auth", username=username, password="battery staple").status == 401


def test_a_reset_is_asked_for_or_used(client: JsonClient) -> None:
    both = client.post("/reset-password", username="ann", reset_token="r" * 43, password="another one")

    assert (both.status, both.body["details"]) == (400, "username, reset_token: one or the other")
    assert client.post("/reset-password").status == 400


def test_everybody_may_look_at_the_world(client: JsonClient) -> None:
    before = client.done("/world-stats")
    guest(client)
    after = client.get("/world-stats").body

    assert after["commands"]["GUEST"] == before["commands"].get("GUEST", 0) + 1
    assert after["uptime_s"] >= before["uptime_s"]
    assert set(after["population"]) == {"sessions", "players"}
    assert after["rooms"]["total"] == sum(after["rooms"]["states"].values())


def test_a_call_does_what_its_path_does(client: JsonClient) -> None:
    token = client.call("guest")["token"]
    fields = {"engine": "e", "seed": "s", "players": [2, 3], "counter": "once"}

    assert client.call("create", token, **fields) == client.done("/create", fields, token)
    assert client.call("rooms.list", token=token, engine="nothing") == {"rooms": []}
    assert client.call("chat.poll", token, channel="calls", wait=1)["lines"] == []


def test_that_is_all_that_can_be_done(client: JsonClient) -> None:
    test_a_match_is_played(client)
    test_a_registration_is_ended(client)
    test_a_room_is_played(client)
    test_people_talk(client)
    test_messages_wait_for_their_reader(client)
    test_programs_tell_in_topics_and_are_told_in_queues(client)
    test_who_is_muted_says_nothing(client)
    test_an_account_is_made_used_and_ended(client)
    test_everybody_may_look_at_the_world(client)

    used = {(path, verb) for path, verb in client.used if not path.startswith("/archive/")} - {("/rpc", "POST")}
    assert used == {(action.path, verb) for action in TABLE for verb in action.methods} | {("/join", "GET")}
