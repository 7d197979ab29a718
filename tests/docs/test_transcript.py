"""The harness itself: it passes what is right, and notices what is wrong."""

from pathlib import Path

import pytest

from tests.docs.transcript import DOCUMENTED_ADDRESS, Keys, Reader, Step, reason_not_to_run, steps
from tests.markdown import Block

SHOWN, OTHER = "VcmPWQSpv7IZx2aK", "-aaaaaaaaaaaaaa_"
REAL, SECOND = "EohbBUKo25SYt32f", "RgDmo_8o0kn6d4xz"


def differences(document: str, folder: Path) -> list[str]:
    return list(Reader(folder, "http://127.0.0.1:1").differences(document))


def fenced(language: str, text: str) -> str:
    return f"```{language}\n{text}\n```\n"


def test_a_transcript_is_commands_and_what_they_print() -> None:
    transcript = "$ echo a\na\n$ true\n$ printf 'b\\n\\nc' \\\n    | cat\nb\n\nc\n"

    assert steps(transcript) == [
        Step("echo a", "a"),
        Step("true", ""),
        Step("printf 'b\\n\\nc' \\\n    | cat", "b\n\nc"),
    ]


def test_a_transcript_begins_with_a_command() -> None:
    with pytest.raises(ValueError, match="begins with"):
        steps("a\n$ echo a\n")


def test_a_key_of_the_document_stands_for_the_one_that_was_printed() -> None:
    keys = Keys()

    keys.bind(f"0/0/{SHOWN}", f"0/0/{REAL}")

    assert keys.fill(f"2,*,{SHOWN},*,* {OTHER}") == f"2,*,{REAL},*,* {OTHER}"


def test_a_key_stands_for_one_key_only_and_two_never_for_the_same() -> None:
    keys = Keys()

    keys.bind(f"{SHOWN}", f"{REAL}")
    keys.bind(f"{SHOWN}|{OTHER}", f"{SECOND}|{REAL}")

    assert keys.fill(f"{SHOWN}|{OTHER}") == f"{REAL}|{OTHER}"


@pytest.mark.parametrize("player", ["0", "1"])
def test_a_player_number_is_learnt_with_its_key(player: str) -> None:
    keys = Keys()

    keys.bind(f"0/8/{SHOWN}|0", f"0/8/{REAL}|{player}")

    assert keys.fill(f"0/8/{SHOWN}|0") == f"0/8/{REAL}|{player}"
    assert keys.fill(f"6,0,{SHOWN},0,0") == f"6,0,{REAL},{player},0"
    assert keys.fill(f"6,0,{OTHER},0,0") == f"6,0,{OTHER},0,0"


def test_words_of_other_lengths_are_no_keys() -> None:
    keys = Keys()

    keys.bind("fifteen-letters seventeen-letters", "Fifteen-letters Seventeen-letters")

    assert keys.fill("fifteen-letters seventeen-letters") == "fifteen-letters seventeen-letters"


def test_nothing_is_learnt_from_what_has_another_form() -> None:
    keys = Keys()

    keys.bind(f"0/0/{SHOWN}", f"5/*/{REAL}")

    assert keys.fill(SHOWN) == SHOWN


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(fenced("bash", "true"), id="bash that ends well"),
        pytest.param(fenced("python", "import turnserver"), id="python that ends well"),
        pytest.param(fenced("text", "$ false"), id="text is not run"),
        pytest.param("<!-- not run: it would never end -->\n" + fenced("bash", "false"), id="marked as not run"),
        pytest.param(fenced("console", f"$ echo {DOCUMENTED_ADDRESS}\n{DOCUMENTED_ADDRESS}"), id="address and back"),
        pytest.param(fenced("console", "$ echo a >&2\na"), id="what a person sees"),
        pytest.param(fenced("bash", "echo b > file") + fenced("console", "$ cat file\nb"), id="blocks are one story"),
        pytest.param(
            fenced("console", f"$ printf {REAL}\n{SHOWN}")
            + fenced("bash", f'test "{SHOWN}" = "{REAL[:8]}""{REAL[8:]}"'),
            id="later blocks use the real key",
        ),
        pytest.param(fenced("bash", "turnserver --version"), id="the program is on the path"),
    ],
)
def test_what_happens_as_shown_makes_no_difference(document: str, tmp_path: Path) -> None:
    assert differences(document, tmp_path) == []


@pytest.mark.parametrize(
    ("document", "difference"),
    [
        pytest.param(fenced("bash", "false"), "ended with 1", id="bash"),
        pytest.param(fenced("bash", "false | true"), "ended with 1", id="the middle of a pipe"),
        pytest.param(fenced("bash", "false\ntrue"), "ended with 1", id="the first of two"),
        pytest.param(fenced("python", "1 / 0"), "ZeroDivisionError", id="python"),
        pytest.param(fenced("console", "$ echo a\nb"), "shown:\nb\nprinted:\na", id="other output"),
        pytest.param(fenced("console", "$ echo a"), "shown:\n\nprinted:\na", id="output that is not shown"),
        pytest.param(fenced("console", "$ true\na"), "shown:\na\nprinted:\n", id="output that does not come"),
        pytest.param(fenced("console", "$ missing-command\n"), "not found", id="command that is not there"),
        pytest.param(
            fenced("console", f"$ echo {REAL}\n{SHOWN}\n$ echo {SECOND}\n{SHOWN}"), f"printed:\n{SECOND}", id="two keys"
        ),
        pytest.param(
            fenced("console", f"$ echo {REAL}\n{SHOWN}\n$ echo {REAL}\n{OTHER}"), f"shown:\n{OTHER}", id="same key"
        ),
    ],
)
def test_what_happens_otherwise_is_noticed(document: str, difference: str, tmp_path: Path) -> None:
    (found,) = differences(document, tmp_path)

    assert found.startswith("line 1: ")
    assert difference in found


@pytest.mark.parametrize(
    ("above", "reason"),
    [
        ("<!-- not run: it never ends -->", "it never ends"),
        ("<!-- not run:  -->", ""),
        ("It is not run.", None),
        ("", None),
    ],
)
def test_the_line_above_a_block_says_why_it_is_not_run(above: str, reason: str | None) -> None:
    assert reason_not_to_run(Block("bash", "make run\n", 3, above)) == reason
