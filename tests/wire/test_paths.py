import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from turnserver.wire.paths import RESERVED, TextPath, text_path


@pytest.mark.parametrize(
    ("path", "meaning"),
    [
        ("/", TextPath("", is_batch=False)),
        ("/batch", TextPath("", is_batch=True)),
        ("/chess", TextPath("chess", is_batch=False)),
        ("/chess/batch", TextPath("chess", is_batch=True)),
        ("/Chess_2-beta", TextPath("Chess_2-beta", is_batch=False)),
        ("/" + "x" * 32, TextPath("x" * 32, is_batch=False)),
        ("/0", TextPath("0", is_batch=False)),
        ("/batches", TextPath("batches", is_batch=False)),
    ],
)
def test_a_path_names_a_title_and_may_end_in_batch(path: str, meaning: TextPath) -> None:
    assert text_path(path) == meaning


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("", id="nothing"),
        pytest.param("chess", id="no slash"),
        pytest.param("//", id="empty title"),
        pytest.param("/chess/", id="slash at the end"),
        pytest.param("/chess/other", id="unknown second part"),
        pytest.param("/chess/batch/batch", id="three parts"),
        pytest.param("/batch/batch", id="batch as a title"),
        pytest.param("/" + "x" * 33, id="33 letters"),
        pytest.param("/che ss", id="space"),
        pytest.param("/ch\u00e9ss", id="letter of another alphabet"),
        pytest.param("/chess\u0661", id="digit of another script"),
        pytest.param("/chess\n", id="line feed at the end"),
        pytest.param("/.well-known", id="dot"),
    ],
)
def test_other_paths_are_unknown(path: str) -> None:
    assert text_path(path) is None


@pytest.mark.parametrize("name", sorted(RESERVED - {"batch"}))
def test_reserved_names_are_no_titles(name: str) -> None:
    assert text_path(f"/{name}") is None
    assert text_path(f"/{name}/batch") is None


@given(st.text(), st.booleans())
def test_any_path_is_refused_or_names_exactly_its_title(text: str, is_batch: bool) -> None:  # noqa: FBT001  # drawn
    meaning = text_path(f"/{text}/batch" if is_batch else f"/{text}")

    if re.fullmatch("[A-Za-z0-9_-]{1,32}", text) and text not in RESERVED:
        assert meaning == TextPath(text, is_batch)
    elif text and (text != "batch" or is_batch):
        assert meaning is None
