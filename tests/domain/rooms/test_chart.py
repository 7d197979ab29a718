from typing import Any

import pytest

from turnserver.domain.rooms.chart import DEPTH_MAX, check_chart, first_state, may_send, next_state
from turnserver.messages.reply import Refused
from turnserver.protocol import answers

CHART: dict[str, Any] = {
    "setup": {
        "initial": "teams",
        "states": {"teams": {"on": {"NEXT": "maps"}}, "maps": {"on": {"BACK": "teams"}}},
        "on": {"AGAIN": "teams"},
    },
    "running": {
        "initial": "day",
        "states": {
            "day": {
                "initial": "dawn",
                "states": {"dawn": {"on": {"SUN": "day/noon"}}, "noon": {}},
                "on": {"DUSK": "night"},
            },
            "night": {"on": {"DUSK": "night", "SLEEP": "paused"}},
            "paused": {"initial": "quiet", "states": {"quiet": {"on": {"LAG": "paused/lagging"}}, "lagging": {}}},
        },
    },
    "by": {"DUSK": "host", "SUN": [1, 2], "NEXT": "any"},
}


def refusal(chart: object) -> str:
    assert isinstance(chart, dict)
    with pytest.raises(Refused) as caught:
        check_chart(chart, seats=4)
    assert caught.value.answer is answers.BAD_DATA
    return caught.value.details.partition(":")[0]


@pytest.mark.parametrize(
    "chart", [{}, {"setup": {}}, {"running": {"on": {}}}, {"by": {}}, {"by": {"pause": []}}, CHART]
)
def test_a_good_chart_passes(chart: dict[str, Any]) -> None:
    check_chart(chart, seats=4)


@pytest.mark.parametrize(
    ("chart", "place"),
    [
        ({"ended": {}}, "states"),
        ({"setup": []}, "states/setup"),
        ({"setup": {"entry": "x"}}, "states/setup"),
        ({"setup": {"states": []}}, "states/setup/states"),
        ({"setup": {"initial": "a"}}, "states/setup/initial"),
        ({"setup": {"states": {"a": {}}}}, "states/setup/initial"),
        ({"setup": {"initial": "b", "states": {"a": {}}}}, "states/setup/initial"),
        ({"setup": {"initial": ["a"], "states": {"a": {}}}}, "states/setup/initial"),
        ({"setup": {"initial": "a", "states": {"a": 1}}}, "states/setup/states/a"),
        ({"setup": {"initial": "a/b", "states": {"a/b": {}}}}, "states/setup/states"),
        ({"setup": {"initial": "a", "states": {"a": {"on": []}}}}, "states/setup/states/a/on"),
        ({"setup": {"initial": "a", "states": {"a": {"on": {"": "a"}}}}}, "states/setup/states/a/on"),
        ({"setup": {"initial": "a", "states": {"a": {"on": {"GO": "b"}}}}}, "states/setup/states/a/on/GO"),
        ({"setup": {"initial": "a", "states": {"a": {"on": {"GO": {}}}}}}, "states/setup/states/a/on/GO"),
        ({"setup": {"initial": "a", "states": {"a": {"on": {"GO": "a/b"}}}}}, "states/setup/states/a/on/GO"),
        ({"setup": {"on": {"GO": "running"}}}, "states/setup/on/GO"),
        ({"setup": {"initial": "a", "states": {"a": {}, "b": 7}, "on": {"GO": "b/c"}}}, "states/setup/on/GO"),
        ({"setup": {"initial": "a", "states": {"a": {"states": 7}}, "on": {"GO": "a/c"}}}, "states/setup/on/GO"),
        ({"running": {"on": {"pause": ""}}}, "states/running/on/pause"),
        ({"by": []}, "states/by"),
        ({"by": {"a b": "any"}}, "states/by"),
        ({"by": {"GO": "all"}}, "states/by/GO"),
        ({"by": {"GO": [4]}}, "states/by/GO"),
        ({"by": {"GO": [True]}}, "states/by/GO"),
        ({"by": {"GO": {}}}, "states/by/GO"),
    ],
)
def test_a_bad_chart_is_refused_with_the_place(chart: dict[str, Any], place: str) -> None:
    assert refusal(chart) == place


def test_a_chart_is_only_so_deep() -> None:
    node: dict[str, Any] = {}
    for _ in range(DEPTH_MAX - 1):
        node = {"initial": "a", "states": {"a": node}}
    check_chart({"setup": node}, seats=4)

    assert refusal({"setup": {"initial": "a", "states": {"a": node}}}) == "states/setup" + "/states/a" * DEPTH_MAX


def test_a_room_enters_the_innermost_initial_state() -> None:
    assert first_state(CHART, "setup") == "setup/teams"
    assert first_state(CHART, "running") == "running/day/dawn"
    assert first_state({}, "setup") == "setup"


@pytest.mark.parametrize(
    ("state", "event", "target"),
    [
        ("setup/teams", "NEXT", "setup/maps"),
        ("setup/maps", "BACK", "setup/teams"),
        ("setup/maps", "AGAIN", "setup/teams"),
        ("setup/teams", "BACK", None),
        ("setup/teams", "pause", None),
        ("setup/teams", "resume", None),
        ("running/day/dawn", "SUN", "running/day/noon"),
        ("running/day/noon", "SUN", None),
        ("running/day/noon", "DUSK", "running/night"),
        ("running/night", "DUSK", "running/night"),
        ("running/night", "NEXT", None),
        ("running/night", "pause", "running/paused/quiet"),
        ("running/night", "resume", None),
        ("running/night", "SLEEP", "running/paused/quiet"),
        ("running/paused/quiet", "LAG", "running/paused/lagging"),
        ("running/paused/lagging", "pause", None),
        ("running/paused/lagging", "resume", "running/before"),
        ("ended/left", "pause", None),
        ("ended/left", "NEXT", None),
    ],
)
def test_an_event_leads_where_the_innermost_state_says(state: str, event: str, target: str | None) -> None:
    assert next_state(CHART, state, event, resumes="running/before") == target


def test_pause_and_resume_exist_without_a_chart() -> None:
    assert next_state({}, "running", "pause", resumes="") == "running/paused"
    assert next_state({}, "running/paused", "resume", resumes="running") == "running"
    assert next_state({}, "running/paused", "pause", resumes="running") is None


@pytest.mark.parametrize(
    ("event", "seat", "may"),
    [("DUSK", 3, True), ("DUSK", 1, False), ("SUN", 1, True), ("SUN", 3, False), ("NEXT", 0, True), ("LAG", 0, True)],
)
def test_who_may_send_an_event_is_anybody_the_host_or_some_seats(event: str, seat: int, *, may: bool) -> None:
    assert may_send(CHART, event, seat, host=3) == may
