import pytest

from tests.markdown import Block, Link, anchors, blocks, lines, links, table

DOCUMENT = """\
# The Wire: a `name`, 2.0

See [numbers](numbers.md#spelling) and `[no](link.md)`.

<!-- not run: it never ends -->

```bash
make run
# [no](link.md)
```

````markdown
```python
x = 1
```
````

[reference]: ../README.md "title"

## Codes

| code | words |
|---|---|
| `0/8` | `KEY\\|PLAYER` |
| `0/9` | |

| other | table |
|---|---|
| a | b |
"""


def test_blocks_have_a_language_a_text_a_line_and_the_line_above() -> None:
    assert blocks(DOCUMENT) == [
        Block("bash", "make run\n# [no](link.md)\n", 7, "<!-- not run: it never ends -->"),
        Block("markdown", "```python\nx = 1\n```\n", 12, "```"),
    ]


def test_a_fence_that_is_never_closed_is_an_error() -> None:
    with pytest.raises(ValueError, match="never closed"):
        list(lines("```bash\nmake\n"))


def test_links_in_code_are_no_links() -> None:
    assert links(DOCUMENT) == [Link("numbers.md#spelling", 3), Link("../README.md", 18)]


def test_headings_are_anchors_and_comments_in_code_are_not() -> None:
    assert anchors(DOCUMENT) == {"the-wire-a-name-20", "codes"}


def test_a_table_is_the_first_below_its_heading() -> None:
    assert table(DOCUMENT, "Codes") == [["`0/8`", "`KEY|PLAYER`"], ["`0/9`", ""]]


@pytest.mark.parametrize("heading", ["Code", "Missing"])
def test_a_table_that_is_not_there_is_an_error(heading: str) -> None:
    with pytest.raises(ValueError, match="no table below"):
        table(DOCUMENT, heading)
