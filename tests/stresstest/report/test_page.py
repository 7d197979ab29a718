from pathlib import Path

import msgspec
import pytest

from stresstest.campaign import Campaign, Ramp
from stresstest.checker import Verdict
from stresstest.plan import plan_of
from stresstest.ramp import Target
from stresstest.record import NO_REPLY, Record
from stresstest.report import page
from stresstest.report.plots import plots
from stresstest.summary import stage, summary

PLAN = plan_of(server="http://127.0.0.1:8192/?a=<b>", seconds=3.0)


def campaign(*, is_failing: bool = False) -> Campaign:
    record = Record(slot_s=1.0, players=2, wall_s=3)
    record.verdicts = {kind: Verdict(sent=3, received=2 if is_failing else 3) for kind in ("relay", "rooms")}
    for second in range(3):
        slot = record.slot(second)
        slot.delivered = 1
        for kind in ("relay", "rooms", "turn"):
            slot.way(kind).add(90_000)
        slot.server.add(80)
        for us in (3, 500, 70_000):
            slot.latency("GAME_UPDATE").add(us)
        slot.codes = {"0/9": 3, NO_REPLY: 1} if is_failing else {"0/9": 3}
    if is_failing:
        record.failed(record.slot(1), NO_REPLY)
        record.reason("<script>")
    return Campaign(summary=summary(PLAN, record), ramp=None, record=record)


def ramped(shown: Campaign) -> Campaign:
    stages = [stage(msgspec.structs.replace(shown.summary, players=players)) for players in (2, 4)]
    ramp = Ramp(target=Target(p99_ms=100), held_players=4, stages=stages)
    return msgspec.structs.replace(shown, ramp=ramp)


def html(shown: Campaign) -> str:
    return page.html(shown, [(plot, b"") for plot in plots(shown)])


def test_the_page_shows_every_plot_and_needs_no_other_file(tmp_path: Path) -> None:
    page.write(ramped(campaign()), tmp_path)
    text = (tmp_path / "report.html").read_text()

    assert {path.stem for path in tmp_path.glob("*.png")} == {plot.name for plot in plots(ramped(campaign()))}
    assert text.count("<img") == text.count('src="data:image/png;base64,') == len(plots(ramped(campaign()))) == 9
    assert "<script" not in text
    assert "<link" not in text


@pytest.mark.parametrize(("is_failing", "mark"), [(False, "verdict clean"), (True, "verdict unclean")])
def test_a_failure_is_seen_at_a_glance(*, is_failing: bool, mark: str) -> None:
    assert f'class="{mark}"' in html(campaign(is_failing=is_failing))


def test_text_from_outside_cannot_become_markup() -> None:
    text = html(campaign(is_failing=True))

    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "?a=&lt;b&gt;" in text


def test_a_ramps_result_and_stages_are_on_the_page() -> None:
    text = html(ramped(campaign()))

    assert "The largest load held: 4 players" in text
    assert html(campaign()).count("<h2>Ramp</h2>") == 0
