"""The tables of docs/performance.md, made from the figures of a run."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def update(path: Path, figures: Mapping[str, object]) -> None:
    """Replace what stands between the two marks by the tables of this run.

    Raises:
        ValueError: The document lacks one of the marks.
    """
    before, begin, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path} has no {BEGIN} or no {END}")
    tables = "\n".join(lines(figures))
    path.write_text(f"{before}{BEGIN}\n\n{tables}\n{END}{after}", encoding="utf-8")


def lines(figures: Mapping[str, object]) -> Iterator[str]:
    """The tables, line by line: one for each part."""
    for part, values in figures.items():
        assert isinstance(values, Mapping)
        yield f"### {part.capitalize()}"
        yield ""
        if "unit" in values:
            yield f"The ratio is {values['unit']}."
            yield ""
        columns = _columns(values)
        yield f"| | {' | '.join(_HEADS.get(column, column) for column in columns)} |".replace("  ", " ")
        yield "|---" * (len(columns) + 1) + "|"
        for name, value in values.items():
            if name != "unit":
                yield f"| {name} | {' | '.join(_cells(value, columns))} |"
        yield ""


_HEADS = {"per_s": "per second"}


def _columns(values: Mapping[str, object]) -> list[str]:
    """The names of the figures that a row has: those of the first row that has several."""
    rows = (list(value) for value in values.values() if isinstance(value, Mapping))
    return next(rows, [""])


def _cells(value: object, columns: Sequence[str]) -> Iterator[str]:
    if not isinstance(value, Mapping):
        yield f"{value}"
        return
    for column in columns:
        yield f"{value[column]:.2f}" if column == "ratio" else f"{value[column]:,}"
