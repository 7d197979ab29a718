import re
from pathlib import Path

from turnserver.console.acts import ACTS
from turnserver.console.tables import TEMPLATES


def test_every_act_has_a_form_and_every_form_an_act() -> None:
    pages = "".join(page.read_text("utf-8") for page in Path(TEMPLATES).glob("*.html"))

    assert set(re.findall(r'action="/console/act/([\w-]+)"', pages)) == set(ACTS)


def test_every_act_leads_back_to_a_page_and_says_what_it_did() -> None:
    assert {act.page for act in ACTS.values()} == {"live", "people"}
    assert all(act.done.endswith(".") for act in ACTS.values())
