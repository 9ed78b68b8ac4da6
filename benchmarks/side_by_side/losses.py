"""What we lose at: every figure of the results at which another contestant is better."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .figures import NAMES, by_case
from .results import medians

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .cases import Case
    from .figures import Figures

METRICS: tuple[tuple[str, str, Callable[[Figures], float | None], bool], ...] = (
    ("seconds", "{:,.1f} s", lambda each: each.record["seconds"], False),
    ("of the ceiling, first to last call", "{:.1%}", lambda each: each.ceiling, True),
    ("of the ceiling, whole process", "{:.1%}", lambda each: each.ceiling_whole, True),
    ("calls", "{:,.0f}", lambda each: each.record["calls"], False),
    ("repeated calls", "{:,.0f}", lambda each: each.record["repeated"], False),
    ("429s", "{:,.0f}", lambda each: each.record["refused"], False),
    (
        "worst second",
        "{:,.0f} calls",
        lambda each: max(each.record["rate"], each.record["worst_second"]) if each.record["rate"] else None,
        False,
    ),
    ("processor", "{:,.1f} s for 1,000 calls", lambda each: each.cpu_per_thousand, False),
    ("memory", "{:,.0f} MB", lambda each: each.record["memory_mb"], False),
    ("tables that aren't true", "{:,.0f}", lambda each: len(each.record["differences"]), False),
)
"""What it is called, how it is written, where it is found, whether more is better."""


def losses(data: dict[str, Any]) -> list[str]:
    """A line for each figure and who is better; what is written alike is equal."""
    found = [line for case, figures in by_case(data["copying"]) for line in _in(case, figures)]
    return [*found, *_publishing(data)]


def _in(case: Case, figures: list[Figures]) -> Iterator[str]:
    whole = {each.record["contestant"]: each for each in figures if each.complete}
    ours = whole.pop("ours", None)
    if ours is None:
        return
    for name, form, value, more in METRICS:
        mine = value(ours)
        better = []
        for contestant, each in whole.items():
            theirs = value(each)
            if mine is None or theirs is None or form.format(mine) == form.format(theirs):
                continue
            if (theirs > mine) == more:
                better.append(f"{NAMES[contestant]} {form.format(theirs)}")
        if better and mine is not None:
            yield f"{case.title}: {name}: {', '.join(better)}; we {form.format(mine)}".replace("%", " %")


def _publishing(data: dict[str, Any]) -> Iterator[str]:
    found = medians(data["publishing"], ("rows", "way"), ("seconds", "cpu_seconds", "memory_mb"))
    ways = {(each["rows"], each["way"]): each for each in found}
    for rows in sorted({each["rows"] for each in found}):
        plain, ours = ways.get((rows, "ctas")), ways.get((rows, "first"))
        if plain is None or ours is None:
            continue
        for name, form, key in (
            ("seconds", "{:.2f} s", "seconds"),
            ("processor", "{:.2f} s", "cpu_seconds"),
            ("memory", "{:,.0f} MB", "memory_mb"),
        ):  # fmt: skip
            if plain[key] < ours[key]:
                yield (
                    f"publishing {rows:,} rows for the first time: {name}: "
                    f"DuckDB alone {form.format(plain[key])}; we {form.format(ours[key])}"
                )
