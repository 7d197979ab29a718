import re
from collections.abc import Iterator

import pytest
from sqlalchemy import inspect

from tests.console.scene import Browserless, console
from tests.json_client import JsonClient
from turnserver.console.tables import VIEWS, clock
from turnserver.records.tables import Base

NAMES = [f"player {number:02}" for number in range(30)]
SECRET = {"password", "digest"}


@pytest.fixture(scope="module")
def operator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browserless]:
    with console(tmp_path_factory.mktemp("console")) as port:
        with JsonClient(port) as client:
            for name in NAMES:
                client.done("/register", username=name, password="eight letters")
        found = Browserless(port)
        found.log_in()
        yield found


def names(page: str) -> list[str]:
    return re.findall(r">(player \d\d)<", page)


def test_a_page_has_the_newest_rows_and_leads_to_the_next(operator: Browserless) -> None:
    first = operator.get("/console/tables/account/list").text
    (following,) = re.findall(r'href="(\?page=2)"', first)

    assert names(first) == NAMES[:4:-1]
    assert names(operator.get(f"/console/tables/account/list{following}").text) == NAMES[4::-1]


def test_rows_are_searched_and_sorted(operator: Browserless) -> None:
    found = operator.get("/console/tables/account/list?search=player+1&sortBy=name&sort=asc").text

    assert names(found) == NAMES[10:20]


def test_a_search_that_is_markup_is_text(operator: Browserless) -> None:
    found = operator.get("/console/tables/account/list?search=%22%3E%3Cscript%3Ealert(1)%3C/script%3E").text

    assert "<script" not in found
    assert "Nothing here." in found


def test_a_row_has_a_page_of_its_own(operator: Browserless) -> None:
    page = operator.get("/console/tables/account/details/1").text

    assert "player 00" in page
    assert 'href="/console/people?name=player%2000"' in page


def test_times_are_said_in_utc() -> None:
    assert clock(0) == "1970-01-01 00:00:00"
    assert clock(None) == ""


def test_all_tables_but_those_of_tokens_are_shown_without_secrets() -> None:
    shown: set[str] = {inspect(view.model).local_table.name for view in VIEWS}

    assert set(Base.metadata.tables) - shown == {"reset_tokens", "console_sessions"}
    for view in VIEWS:
        listed = (*view.column_list, *view.column_details_list, *view.column_searchable_list)
        columns = {str(column).rpartition(".")[2] for column in listed}
        assert columns
        assert not columns & SECRET
