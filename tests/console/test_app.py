"""Who may do what in the console: every route and method, by who is logged in and who is not."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.console.scene import OPERATOR, PASSWORD, Browserless, console, crowd
from turnserver.console.acts import ACTS
from turnserver.console.pages import OPEN, Pages
from turnserver.console.security import HEADERS

# What a stranger and an operator get; a stranger is sent to the login.
ROUTES = {
    ("GET", "/console"): (303, 303),
    ("GET", "/console/"): (303, 303),
    ("GET", "/console/style.css"): (200, 200),
    ("GET", "/console/icon.svg"): (200, 200),
    ("GET", "/console/login"): (200, 200),
    ("POST", "/console/login"): (401, 401),
    ("GET", "/console/live"): (303, 200),
    ("GET", "/console/people"): (303, 200),
    ("GET", "/console/chat"): (303, 200),
    ("GET", "/console/usage"): (303, 200),
    ("POST", "/console/act/{act}"): (303, 404),
    ("POST", "/console/logout"): (303, 303),
    ("GET", "/console/tables/{identity}/list"): (303, 404),
    ("GET", "/console/tables/{identity}/details/{pk:path}"): (303, 404),
}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with console(tmp_path_factory.mktemp("console")) as found:
        crowd(found)
        yield found


@pytest.fixture
def operator(port: int) -> Browserless:
    found = Browserless(port)
    assert found.log_in().status == 303
    return found


def test_every_route_is_in_the_table() -> None:
    own = {
        (method, route.path)
        for route in Pages.__new__(Pages).routes
        for method in (cast("set[str]", route.methods) - {"HEAD"})
    }

    assert own == {(method, path) for method, path in ROUTES if "/tables/" not in path}


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_only_operators_pass(port: int, operator: Browserless, method: str, path: str) -> None:
    asked = re.sub(r"\{.*?\}", "nothing", path)
    found = []
    for visitor in (Browserless(port), operator):
        page = visitor.post(asked) if method == "POST" else visitor.get(asked)
        found.append(page.status)
        if page.status == 303 and visitor is not operator:
            assert page.headers["location"] == "/console/login"

    assert tuple(found) == ROUTES[method, path]


@pytest.mark.parametrize("act", ACTS)
def test_no_stranger_acts(port: int, act: str) -> None:
    answer = Browserless(port).post(f"/console/act/{act}", name="guest-x", text="hi", kind="name", subject="x")

    assert (answer.status, answer.headers["location"]) == (303, "/console/login")


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "null"},
        {"origin": "http://evil.example"},
        {"origin": "http://127.0.0.1:{port}", "sec_fetch_site": "cross-site"},
        {"origin": "http://127.0.0.1:{port}", "sec_fetch_site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["login", "logout", *(f"act/{act}" for act in ACTS)])
def test_no_other_site_changes_anything(operator: Browserless, path: str, headers: dict[str, str]) -> None:
    sent = {name: value.replace("{port}", str(operator.port)) for name, value in headers.items()}

    answer = operator.ask("POST", f"/console/{path}", {"name": OPERATOR, "password": PASSWORD}, **sent)

    assert answer.status == 403
    assert operator.get("/console/live").status == 200


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_nothing_else_changes_anything(operator: Browserless, method: str) -> None:
    answer = operator.ask(method, "/console/tables/account/delete?pks=1", origin=f"http://127.0.0.1:{operator.port}")

    assert answer.status in (404, 405)
    assert "mallory" in operator.get("/console/tables/account/list").text


@pytest.mark.parametrize("path", [*sorted(OPEN), "/console/live", "/console/nothing", "/console/tables/audit/list"])
def test_every_answer_has_the_headers(operator: Browserless, path: str) -> None:
    found = operator.get(path).headers

    assert {name: found.get(name) for name in HEADERS} == dict(HEADERS)


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/console/nothing", 404),
        ("/console/tables/nothing/list", 404),
        ("/console/tables/account/details/x", 404),
        ("/console/tables/account/details/99999999999999999999", 404),
        ("/console/tables/account-session/details/a%00b", 404),
        ("/console/tables/account/list?search=%00", 200),
        ("/console/tables/account/create", 404),
        ("/console/tables/account/export/csv", 404),
        ("/console/tables/statics/js/main.js", 404),
        ("/console/tables/audit/list?sortBy=nothing", 400),
        ("/console/tables/audit/list?page=x", 400),
        ("/console/tables/audit/list?pageSize=-1", 400),
        ("/console/tables/audit/list?page=99", 302),
        ("/console/usage?span=x", 200),
        ("/console/live?every=x&done=x", 200),
    ],
)
def test_what_is_not_there_or_makes_no_sense_is_said(operator: Browserless, path: str, status: int) -> None:
    assert operator.get(path).status == status


def test_a_session_ends_with_the_logout_and_with_the_operator(tmp_path: Path) -> None:
    with console(tmp_path) as port:
        first, second = Browserless(port), Browserless(port)
        assert [visitor.log_in().status for visitor in (first, second)] == [303, 303]
        before = first.cookie
        first.post("/console/logout")
        first.cookie = before

        assert first.get("/console/live").headers["location"] == "/console/login"
        assert second.get("/console/live").status == 200


def test_a_server_that_is_killed_still_knows_who_is_logged_in(tmp_path: Path) -> None:
    with console(tmp_path) as port:
        visitor = Browserless(port)
        visitor.log_in()
    with console(tmp_path, adds=False) as port:
        visitor.port = port

        assert visitor.get("/console/live").status == 200


def test_records_that_fail_are_told(tmp_path: Path) -> None:
    with console(tmp_path) as port:
        visitor = Browserless(port)
        visitor.log_in()
        with sqlite3.connect(tmp_path / "turnserver.records.db") as records:
            records.execute("DROP TABLE accounts")
        records.close()
        broken = visitor.get("/console/tables/account/list").status
        with sqlite3.connect(tmp_path / "turnserver.records.db") as records:
            records.execute("DROP TABLE operators")
        records.close()

        assert broken == 503
        assert visitor.get("/console/live").status == 503


def test_the_tables_show_no_secret(operator: Browserless) -> None:
    columns = set()
    for table in ("account", "account-session", "ban", "audit", "game", "operator"):
        page = operator.get(f"/console/tables/{table}/list").text
        columns |= set(re.findall(r"<th>(?:<a[^>]*>)?([\w ]+)", page))
        assert "argon2" not in page
        assert not re.search(r"\b[0-9a-f]{64}\b", page)

    assert not {"password", "digest", "token"} & columns
