"""Who may do what: every symbol, path and method, asked by a stranger, another user, the owner and the operator."""

from collections.abc import Callable, Iterator, Mapping
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, NamedTuple, cast
from uuid import uuid4

import pytest
from starlette.applications import Starlette
from starlette.routing import Route

from tests.json_client import JsonClient, called
from tests.server_process import ServerProcess
from turnserver.build import Application
from turnserver.protocol.answers import BY_PREFIX
from turnserver.protocol.symbols import Symbol
from turnserver.service.context import new_server_key
from turnserver.service.secrets import digest
from turnserver.settings import Durability, Settings
from turnserver.store.server_keys import ServerKeys
from turnserver.wire.actions.action import Action, Who
from turnserver.wire.actions.table import BY_METHOD, TABLE
from turnserver.wire.openapi import document

SERVER_KEY = new_server_key()
PASSWORD = "correct horse"
NOBODY = "nobody has this"

YES = "0"
CALLERS = ("stranger", "other", "owner", "operator")

# A symbol: what a stranger, another user, the owner and the operator get. The other is the partner in a game, another
# member of the room, or a guest; each says to be the owner where one can say who one is. Where no right is needed, a
# stranger sends none. A password is reset by who has the token that was sent to the owner: none of these.
MAY = {
    "REGISTER": (YES, YES, YES, YES),
    "UNREGISTER": ("5/*", "5/*", YES, "5/*"),
    "REQUEST_PAIR": ("5/*", "5/*", YES, "5/*"),
    "MAP_INIT": ("5/*", "5/*", YES, "5/*"),
    "MAP_READY": ("5/*", "5/*", YES, "5/*"),
    "GAME_QUIT": ("13/*", "14/*", YES, "13/*"),
    "GAME_UPDATE": ("13/*", "14/*", YES, "13/*"),
    "ROOM_CREATE": ("30/*", YES, YES, "30/*"),
    "ROOM_JOIN": ("30/*", YES, YES, "30/*"),
    "ROOM_WATCH": ("30/*", YES, YES, "30/*"),
    "ROOM_SETUP": ("30/*", "31/*", YES, "30/*"),
    "ROOM_READY": ("30/*", "31/*", YES, "30/*"),
    "ROOM_TURN": ("30/*", "31/*", YES, "30/*"),
    "ROOM_POLL": ("30/*", "31/*", YES, "30/*"),
    "ROOM_EVENT": ("30/*", "31/*", YES, "30/*"),
    "ROOM_LEAVE": ("30/*", "31/*", YES, "30/*"),
    "ROOM_LIST": ("30/*", YES, YES, "30/*"),
    "CHAT_SAY": ("30/*", "30/*", YES, "30/*"),
    "CHAT_POLL": ("30/*", "30/*", YES, "30/*"),
    "CHAT_WHO": ("30/*", "30/*", YES, "30/*"),
    "CHAT_MUTE": ("30/*", "31/*", "31/*", YES),
    "INBOX_POLL": ("30/*", YES, YES, "30/*"),
    "INBOX_SEND": ("30/*", YES, YES, YES),
    "BROADCAST": ("30/*", "31/*", "31/*", YES),
    "TOPIC_PUBLISH": ("30/*", "31/*", "31/*", YES),
    "TOPIC_POLL": ("30/*", YES, YES, YES),
    "QUEUE_SEND": ("30/*", YES, YES, YES),
    "QUEUE_POLL": ("30/*", "31/*", "31/*", YES),
    "INBOX_CLOSE": ("30/*", YES, YES, "30/*"),
    "ACCOUNT_CREATE": (YES, YES, YES, "30/*"),
    "LOGIN": (YES, YES, YES, YES),
    "GUEST": (YES, YES, YES, YES),
    "LOGOUT": ("30/*", YES, YES, "30/*"),
    "PASSWORD_CHANGE": ("30/*", "31/*", YES, "30/*"),
    "ACCOUNT_DELETE": ("30/*", "31/*", YES, "30/*"),
    "RESET_ASK": (YES, YES, YES, YES),
    "RESET_USE": ("30/*", "30/*", "30/*", "30/*"),
    "SESSION_LIST": ("30/*", "31/*", YES, "30/*"),
    "SESSION_END": ("30/*", "31/*", YES, "30/*"),
    "WORLD_STATS": (YES, YES, YES, YES),
    "ACCOUNT_EMAIL": ("30/*", "31/*", YES, "30/*"),
}

# A method of JSON-RPC is its path with dots for slashes.
PATHS = {
    "REGISTER": {"/play/register"},
    "UNREGISTER": {"/play/unregister"},
    "REQUEST_PAIR": {"/play/pair"},
    "MAP_INIT": {"/play/load"},
    "MAP_READY": {"/play/ready"},
    "GAME_QUIT": {"/play/quit"},
    "GAME_UPDATE": {"/play/update"},
    "ROOM_CREATE": {"/create"},
    "ROOM_JOIN": {"/join"},
    "ROOM_WATCH": {"/rooms/watch"},
    "ROOM_SETUP": {"/rooms/setup"},
    "ROOM_READY": {"/rooms/ready"},
    "ROOM_TURN": {"/rooms/turn"},
    "ROOM_POLL": {"/rooms/poll"},
    "ROOM_EVENT": {"/rooms/event"},
    "ROOM_LEAVE": {"/rooms/leave"},
    "ROOM_LIST": {"/rooms/list"},
    "CHAT_SAY": {"/chat/say"},
    "CHAT_POLL": {"/chat/poll"},
    "CHAT_WHO": {"/chat/who"},
    "CHAT_MUTE": {"/chat/mute"},
    "INBOX_POLL": {"/initiate", "/inbox/poll"},
    "INBOX_SEND": {"/inbox/send"},
    "BROADCAST": {"/inbox/broadcast"},
    "TOPIC_PUBLISH": {"/topics/publish"},
    "TOPIC_POLL": {"/topics/poll"},
    "QUEUE_SEND": {"/queues/send"},
    "QUEUE_POLL": {"/queues/poll"},
    "INBOX_CLOSE": {"/disconnect"},
    "ACCOUNT_CREATE": {"/register"},
    "LOGIN": {"/auth"},
    "GUEST": {"/guest"},
    "LOGOUT": {"/logout"},
    "PASSWORD_CHANGE": {"/account/password"},
    "ACCOUNT_DELETE": {"/delete-character"},
    "RESET_ASK": {"/reset-password"},
    "RESET_USE": {"/reset-password"},
    "SESSION_LIST": {"/account/sessions"},
    "SESSION_END": {"/account/sessions/end"},
    "WORLD_STATS": {"/world-stats"},
    "ACCOUNT_EMAIL": {"/account/email"},
}

# What a GET or POST of no action gets, without and with the secret of each caller. The console has operators of its
# own, and a table of its own in tests/console/test_app.py.
OTHER_ROUTES = {
    "/": (200, 200, 200, 200),
    "/openapi.json": (200, 200, 200, 200),
    "/archive/{room}": (401, 403, 200, 200),
    "/rpc": (200, 200, 200, 200),
    "/healthz": (200, 200, 200, 200),
    "/readyz": (200, 200, 200, 200),
    "/metrics": (401, 401, 401, 200),
    "/console": (404, 404, 404, 404),
    "/console/{rest:path}": (404, 404, 404, 404),
}

GETS = set(OTHER_ROUTES) - {"/rpc", "/console", "/console/{rest:path}"} | {
    "/join",
    "/rooms/list",
    "/account/sessions",
    "/world-stats",
}

TEXT_PATHS = frozenset(("/", "/batch", "/{title}", "/{title}/batch"))

SETTINGS = """
durability = "none"
address_accounts_max = 1000
name_resets_max = 1000
"""


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JsonClient]:
    folder: Path = tmp_path_factory.mktemp("server")
    ServerKeys(folder / "turnserver.keys").add(digest(SERVER_KEY), "world")
    (folder / "settings.toml").write_text(SETTINGS)
    with ServerProcess(folder, "--config", "settings.toml") as server, JsonClient(server.port) as opened:
        yield opened


class Scene(NamedTuple):
    """The secrets of the four callers, and what the owner's things are called."""

    secrets: tuple[str, str, str, str]
    fields: Mapping[str, Any]


def users(client: JsonClient, **fields: Any) -> Scene:
    tokens = [client.done("/guest")["token"] for _ in range(2)]
    return Scene((NOBODY, *tokens, SERVER_KEY), fields)


def pair(client: JsonClient, *paths: str) -> list[str]:
    """The pairing keys of two players who are paired, and took further steps together."""
    keys = [client.done("/play/register", name=name)["key"] for name in ("ann", "bob")]
    for path in ("/play/pair", "/play/pair", *paths):
        for key in keys:
            client.done(path, key=key)
    return keys


def loading(client: JsonClient) -> Scene:
    """A registration whose pair loads; the other is a user."""
    return Scene((NOBODY, users(client).secrets[1], pair(client, "/play/load")[0], SERVER_KEY), {})


def play(client: JsonClient) -> Scene:
    """A player in a game; the other is the partner."""
    keys = pair(client, "/play/load", "/play/ready")
    owner, other = (client.done("/play/ready", key=key) for key in keys)
    return Scene((NOBODY, other["key"], owner["key"], SERVER_KEY), {"player": owner["player"], "counter": 0})


def member(client: JsonClient, *, runs: bool = False, **fields: Any) -> Scene:
    """A member of a room, in seat 0; the other is in seat 1."""
    found = room(client)
    keys = found.fields["keys"]
    if runs:
        for index, key in enumerate(keys):
            client.done("/rooms/ready", key=key, index=index)
    return Scene((NOBODY, keys[1], keys[0], SERVER_KEY), {"index": 0, **fields})


def room(client: JsonClient) -> Scene:
    """Two users and a room of theirs."""
    scene = users(client)
    _, other, owner, _ = scene.secrets
    made = client.done("/create", {"engine": "e", "seed": "s", "players": [2, 2], "viewers": True}, owner)
    joined = client.done("/join", bearer=other, game_id=made["room"])
    return Scene(scene.secrets, {"game_id": made["room"], "keys": [made["key"], joined["key"]]})


def place(client: JsonClient) -> Scene:
    scene = room(client)
    return Scene(scene.secrets, {"game_id": scene.fields["game_id"]})


def talk(client: JsonClient, **fields: Any) -> Scene:
    """A member who talks in the room; the other is a user who is not in it."""
    scene = room(client)
    outsider = users(client).secrets[1]
    return Scene((NOBODY, outsider, scene.fields["keys"][0], SERVER_KEY), {"channel": "room", **fields})


def letter(client: JsonClient) -> Scene:
    return users(client, to=client.done("/guest")["username"], action="hi", data=[])


def queue(client: JsonClient) -> Scene:
    """A queue that a program listens to."""
    client.done("/queues/poll", token=SERVER_KEY, queue="jobs")
    return users(client, queue="jobs", action="hi")


def account(client: JsonClient, **fields: Any) -> Scene:
    """An account that its owner is logged in to; the other is a guest."""
    username = f"user-{uuid4().hex[:12]}"
    made = client.done("/register", username=username, password=PASSWORD)
    return Scene((NOBODY, users(client).secrets[1], made["token"], SERVER_KEY), {"username": username, **fields})


def owned(client: JsonClient, **fields: Any) -> Scene:
    """The same, without a word on who owns it."""
    return Scene(account(client).secrets, fields)


SCENES: Mapping[str, Callable[[JsonClient], Scene]] = {
    "REGISTER": lambda client: users(client, name="ann"),
    "UNREGISTER": loading,
    "REQUEST_PAIR": loading,
    "MAP_INIT": loading,
    "MAP_READY": loading,
    "GAME_QUIT": play,
    "GAME_UPDATE": play,
    "ROOM_CREATE": lambda client: users(client, engine="e", seed="s", players=[1, 2]),
    "ROOM_JOIN": place,
    "ROOM_WATCH": place,
    "ROOM_SETUP": lambda client: member(client, patch={"a": 1}),
    "ROOM_READY": member,
    "ROOM_TURN": lambda client: member(client, runs=True, generation=1),
    "ROOM_POLL": member,
    "ROOM_EVENT": lambda client: member(client, runs=True, event="pause"),
    "ROOM_LEAVE": member,
    "ROOM_LIST": users,
    "CHAT_SAY": lambda client: talk(client, text="hi"),
    "CHAT_POLL": talk,
    "CHAT_WHO": talk,
    "CHAT_MUTE": lambda client: users(client, username=client.done("/guest")["username"], seconds=1),
    "INBOX_POLL": users,
    "INBOX_SEND": letter,
    "BROADCAST": lambda client: users(client, action="hi"),
    "TOPIC_PUBLISH": lambda client: users(client, topic="news", action="hi"),
    "TOPIC_POLL": lambda client: users(client, topic="news"),
    "QUEUE_SEND": queue,
    "QUEUE_POLL": lambda client: users(client, queue="jobs"),
    "INBOX_CLOSE": users,
    "ACCOUNT_CREATE": lambda client: users(client, username=f"new-{uuid4().hex[:12]}", password=PASSWORD),
    "LOGIN": lambda client: account(client, password=PASSWORD),
    "GUEST": users,
    "LOGOUT": users,
    "PASSWORD_CHANGE": lambda client: owned(client, old_password=PASSWORD, password="battery staple"),
    "ACCOUNT_DELETE": lambda client: owned(client, password=PASSWORD),
    "RESET_ASK": lambda client: users(client, username="ann"),
    "RESET_USE": lambda client: users(client, reset_token="r" * 43, password=PASSWORD),
    "SESSION_LIST": owned,
    "SESSION_END": owned,
    "WORLD_STATS": users,
    "ACCOUNT_EMAIL": lambda client: owned(client, password=PASSWORD, email="ann@example.org"),
}


def fields_for(action: Action, scene: Scene, caller: str) -> dict[str, Any]:
    right = action.fields.right
    if right is None or (action.who is Who.ANYONE and caller == "stranger"):
        return dict(scene.fields)
    return {**scene.fields, right: scene.secrets[CALLERS.index(caller)]}


def by_path(client: JsonClient, action: Action, fields: dict[str, Any]) -> str:
    answered = client.post(action.path, fields)
    return YES if answered.status == 200 else cast("str", answered.body["code"])


def by_call(client: JsonClient, action: Action, fields: dict[str, Any]) -> str:
    answered = client.post("/rpc", called(action.method, fields)).body
    return YES if "result" in answered else cast("str", answered["error"]["data"]["code"])


def by_line(client: JsonClient, action: Action, fields: dict[str, Any]) -> str:
    spelled = action.fields_of(fields)
    line = ",".join((spelled.symbol(action.symbol).value, *spelled.line()))
    http: HTTPConnection = client._http
    http.request("POST", "/", line.encode())
    status, code = http.getresponse().read().decode().split("/")[:2]
    assert f"{status}/{code}" in BY_PREFIX
    return YES if status == "0" else f"{status}/{code}"


def actions(symbol: str) -> list[Action]:
    """The actions that ask for a symbol."""
    return [action for action in TABLE if symbol in {one.name for one in (action.symbol, *action.also)}]


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("symbol", MAY)
def test_every_face_lets_those_pass_who_may(client: JsonClient, symbol: str, caller: str) -> None:
    for action in actions(symbol):
        for ask in (by_path, by_call, by_line):
            fields = fields_for(action, SCENES[symbol](client), caller)

            assert ask(client, action, fields) == MAY[symbol][CALLERS.index(caller)], (action.path, ask)


def test_the_table_has_every_symbol_path_and_method() -> None:
    assert set(MAY) == {symbol.name for symbol in Symbol}
    assert {name: {action.path for action in actions(name)} for name in MAY} == PATHS
    assert set(BY_METHOD) == {path[1:].replace("/", ".") for paths in PATHS.values() for path in paths}


@cache
def routes() -> list[Route]:
    application = Application(Settings(durability=Durability.NONE))
    return [cast("Route", route) for route in cast("Starlette", application.asgi._rest).routes]


def test_every_route_is_in_the_table() -> None:
    assert {route.path for route in routes()} == {path for paths in PATHS.values() for path in paths} | set(
        OTHER_ROUTES
    )
    assert {route.path for route in routes() if "GET" in (route.methods or ())} == GETS


def test_the_document_describes_every_route_and_nothing_else() -> None:
    described = {
        (path, verb.upper())
        for path, verbs in document()["paths"].items()
        for verb in verbs
        if verb != "parameters" and path not in TEXT_PATHS
    }
    served = {
        (route.path, verb)
        for route in routes()
        for verb in (route.methods or ("any",))
        if route.path not in TEXT_PATHS and not route.path.startswith("/console")
    }

    assert described == served - {(path, "HEAD") for path, _ in served}


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("path", OTHER_ROUTES)
def test_what_is_no_action_lets_those_pass_who_may(client: JsonClient, path: str, caller: str) -> None:
    scene = room(client)
    _, outsider, _, _ = users(client).secrets
    secret = (NOBODY, outsider, scene.secrets[2], SERVER_KEY)[CALLERS.index(caller)]
    http = client._http

    http.request(
        "POST" if path == "/rpc" else "GET",
        path.replace("{room}", scene.fields["game_id"]),
        b'{"jsonrpc":"2.0","method":"guest","id":1}' if path == "/rpc" else None,
        {"authorization": f"Bearer {secret}"},
    )
    answer = http.getresponse()
    answer.read()

    assert answer.status == OTHER_ROUTES[path][CALLERS.index(caller)]


def test_who_joins_without_a_token_becomes_a_guest(client: JsonClient) -> None:
    made = client.done("/create", {"engine": "e", "seed": "s", "players": [2, 3]}, users(client).secrets[2])

    assert client.done("/join", game_id=made["room"])["token"] != client.call("join", game_id=made["room"])["token"]
