"""Markdown as far as the project's documents use it: fenced blocks, headings, links and tables."""

import re
from collections.abc import Iterator
from typing import Literal, NamedTuple

_FENCE = re.compile(r" {0,3}(`{3,})(\S*) *")
_HEADING = re.compile(r"#{1,6} +(.+?) *#*")
_LINK = re.compile(r"\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)|^\[[^\]]+\]: *(\S+)")
_INLINE_CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
_CELL_END = re.compile(r"(?<!\\)\|")


class Block(NamedTuple):
    """A fenced block of code."""

    language: str
    """What its fence names, or ""."""
    text: str
    line: int
    """The number of the line with its fence."""
    above: str
    """The last line above the fence that is not empty."""


class Line(NamedTuple):
    """A line and its part in the document."""

    number: int
    text: str
    part: Literal["prose", "open", "code", "close"]


class Link(NamedTuple):
    """Where a link leads, and the number of its line."""

    target: str
    line: int


def lines(text: str) -> Iterator[Line]:
    """Each line with its part.

    Raises:
        ValueError: A fence is never closed.
    """
    fence = ""
    for number, line in enumerate(text.splitlines(), start=1):
        found = _FENCE.fullmatch(line)
        if not fence:
            yield Line(number, line, "open" if found else "prose")
            fence = found[1] if found else ""
        elif found and found[1] == fence and not found[2]:
            yield Line(number, line, "close")
            fence = ""
        else:
            yield Line(number, line, "code")
    if fence:
        raise ValueError("a fence is never closed")


def blocks(text: str) -> list[Block]:
    """All fenced blocks in order."""
    found: list[Block] = []
    above, code = "", ""
    for line in lines(text):
        if line.part == "open":
            fence = _FENCE.fullmatch(line.text)
            found.append(Block(fence[2] if fence else "", "", line.number, above))
            code = ""
        elif line.part == "code":
            code += line.text + "\n"
        elif line.part == "close":
            found[-1] = found[-1]._replace(text=code)
        above = line.text.strip() or above
    return found


def links(text: str) -> list[Link]:
    """All links, inline and by reference, that are not code."""
    prose = ((line.number, _INLINE_CODE.sub("", line.text)) for line in lines(text) if line.part == "prose")
    return [Link(found[1] or found[2], number) for number, words in prose for found in _LINK.finditer(words)]


def anchors(text: str) -> set[str]:
    """The fragments that a link may name: one for each heading, in lower case with hyphens for spaces."""
    headings = (_HEADING.fullmatch(line.text) for line in lines(text) if line.part == "prose")
    return {re.sub(r"[^\w\- ]", "", found[1].lower()).replace(" ", "-") for found in headings if found}


def table(text: str, heading: str) -> list[list[str]]:
    r"""The rows, without the head, of the first table below `heading`; `\|` in a cell is a bar.

    Raises:
        ValueError: There is no such heading, or no table below it.
    """
    _, _, below = text.partition(f"# {heading}\n")
    found = re.search(r"(?:^\|.*\n)+", below + "\n", re.MULTILINE)
    if found is None:
        raise ValueError(f"no table below the heading {heading!r}")
    return [_cells(row) for row in found[0].splitlines()[2:]]


def _cells(row: str) -> list[str]:
    return [cell.strip().replace(r"\|", "|") for cell in _CELL_END.split(row.strip())[1:-1]]
