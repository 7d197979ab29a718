"""The tables of docs/performance.md, made from the figures of a run."""

from collections.abc import Iterator, Mapping
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
    tables = "\n".join(_lines(figures))
    path.write_text(f"{before}{BEGIN}\n\n{tables}\n{END}{after}", encoding="utf-8")


def _lines(figures: Mapping[str, object]) -> Iterator[str]:
    for part, values in figures.items():
        assert isinstance(values, Mapping)
        yield f"### {part.capitalize()}"
        yield ""
        if "unit" in values:
            yield f"The ratio is {values['unit']}."
            yield ""
        yield "| | |" if not _has_ratios(values) else "| | ratio | requests/s |"
        yield "|---|---|" if not _has_ratios(values) else "|---|---|---|"
        for name, value in values.items():
            if name != "unit":
                yield _row(name, value)
        yield ""


def _has_ratios(values: Mapping[str, object]) -> bool:
    return any(isinstance(value, Mapping) for value in values.values())


def _row(name: str, value: object) -> str:
    if isinstance(value, Mapping):
        return f"| {name} | {value['ratio']:.2f} | {value['per_s']:,} |"
    return f"| {name} | {value} |"
