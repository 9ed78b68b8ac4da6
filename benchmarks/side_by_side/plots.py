"""The page's pictures, as small SVGs without a date."""

from __future__ import annotations

from math import isnan
from typing import TYPE_CHECKING, Any

import matplotlib as mpl
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure

from .figures import NAMES, by_case
from .results import medians

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from matplotlib.axes import Axes

    from .figures import Figures

COLOURS = {"ours": "#3b6fb6", "dlt": "#d9822b", "dlt-unpaced": "#edc08a", "plain": "#7a7a7a"}
WAYS = {
    "ctas": ("DuckDB alone", "#7a7a7a"), "first": ("first", "#3b6fb6"), "changed": ("1 % changed", "#7fa8dc"),
    "same": ("nothing changed", "#b9d0ee"),
}  # fmt: skip
STYLE: Any = {"svg.fonttype": "none", "svg.hashsalt": "side by side", "font.size": 9}


def draw(data: dict[str, Any], folder: Path) -> list[Path]:
    """Write the pictures for which there are results; returns their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    cases = by_case(data["copying"])
    budget = [each for each in cases if each[0].rate]
    lifted = [each for each in cases if not each[0].rate]
    drawn = []
    if budget:
        labels = [f"{case.boxes:,} boxes\n{case.latency_ms:,} ms" for case, _ in budget]
        bars = _bars(budget, lambda each: each.over_floor)
        drawn.append((_grouped(labels, bars, "seconds over calls / 10 a second"), "budget"))
    if lifted:
        labels = [f"{case.boxes:,} boxes" for case, _ in lifted]
        bars = _bars(lifted, lambda each: each.cpu_per_thousand)
        drawn.append((_grouped(labels, bars, "processor seconds for 1,000 calls"), "cpu"))
    if data["publishing"]:
        drawn.append((_publishing(data), "publishing"))
    return [_save(figure, folder / f"benchmarks_{name}.svg") for figure, name in drawn]


def _bars(
    cases: list[tuple[Any, list[Figures]]], value: Callable[[Figures], float | None]
) -> list[tuple[str, str, list[float]]]:
    """Of each contestant its label, its colour and a value for each case; NaN where there is none."""
    found = []
    for contestant, label in NAMES.items():
        values = []
        for _, figures in cases:
            mine = [each for each in figures if each.complete and each.record["contestant"] == contestant]
            told = value(mine[0]) if mine else None
            values.append(float("nan") if told is None else told)
        if not all(map(isnan, values)):
            found.append((label, COLOURS[contestant], values))
    return found


def _grouped(labels: list[str], bars: list[tuple[str, str, list[float]]], title: str) -> Figure:
    figure, axes = _axes(title)
    width = 0.8 / len(bars)
    for place, (label, colour, values) in enumerate(bars):
        at = [number + (place - (len(bars) - 1) / 2) * width for number in range(len(labels))]
        shown = axes.bar(at, values, width * 0.92, label=label, color=colour)
        axes.bar_label(
            shown, ["" if isnan(each) else f"{each:,.1f}" for each in values], padding=2, fontsize=8
        )
    axes.set_xticks(range(len(labels)), labels)
    figure.legend(loc="outside lower center", ncols=len(bars), frameon=False)
    return figure


def _publishing(data: dict[str, Any]) -> Figure:
    figure, axes = _axes("seconds, by rows")
    found = medians(data["publishing"], ("rows", "way"), ("seconds", "cpu_seconds", "memory_mb"))
    for way, (label, colour) in WAYS.items():
        points = sorted((each["rows"], each["seconds"]) for each in found if each["way"] == way)
        axes.plot(*zip(*points, strict=True), marker="o", label=label, color=colour)
    axes.set_xscale("log")
    axes.set_yscale("log")
    rows = sorted({each["rows"] for each in found})
    axes.set_xticks(rows, [f"{each:,}" for each in rows])
    axes.set_xticks([], minor=True)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.legend(frameon=False)
    return figure


def _axes(title: str) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(7, 3.2), layout="constrained")
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=10)
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _save(figure: Figure, path: Path) -> Path:
    with mpl.rc_context(STYLE):
        FigureCanvasSVG(figure)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    return path
