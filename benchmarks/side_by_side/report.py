"""The page ``benchmarks.md``, rendered from the results and from nothing else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .figures import by_case
from .lists import LISTS
from .losses import losses
from .results import medians
from .words import AFTER, BEFORE, COLUMNS, LIFTED, PUBLISHING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .figures import Figures
    from .results import Record

WAYS = {
    "ctas": "DuckDB, `CREATE TABLE AS` of `read_json`",
    "first": "streak-dagster, first publication",
    "changed": "streak-dagster, 1 % of the rows changed",
    "same": "streak-dagster, nothing changed",
}


def render(data: dict[str, Any]) -> str:
    """The whole page; the same results give the same text."""
    return "\n".join(_page(data)).rstrip() + "\n"


def table(figures: list[Figures]) -> list[str]:
    """The contestants of one case as a table in Markdown."""
    budget = any(each.record["rate"] for each in figures)
    heading = ["", "rounds", "seconds"]
    heading += (
        ["over the floor", "of the ceiling, first to last call", "whole process"]
        if budget
        else ["calls a second"]
    )
    heading += ["calls", "repeated", "429s", "worst second", "CPU s", "CPU s / 1,000 calls", "MB", "true"]
    rows = [_row(each, budget=budget) for each in figures]
    return _markdown(heading, rows)


def _row(each: Figures, *, budget: bool) -> list[str]:
    record = each.record
    seconds = f"{record['seconds']:.1f}"
    if record["rounds"] > 1:
        seconds += f" ({record['fastest']:.1f} to {record['slowest']:.1f})"
    if budget:
        paced = [f"{each.over_floor:.1f}", _percent(each.ceiling), _percent(each.ceiling_whole)]
    else:
        paced = [f"{record['calls'] / record['span_seconds']:,.0f}" if record["span_seconds"] else ""]
    return [
        each.name, str(record["rounds"]), seconds, *paced,
        f"{record['calls']:,.0f}", f"{record['repeated']:,.0f}",
        f"{record['refused']:,.0f}", f"{record['worst_second']:,.0f}", f"{record['cpu_seconds']:.1f}",
        f"{each.cpu_per_thousand:,.1f}", f"{record['memory_mb']:,.0f}", "yes" if each.true else "no",
    ]  # fmt: skip


def _page(data: dict[str, Any]) -> Iterator[str]:
    cases = by_case(data["copying"])
    yield BEFORE.format(lists=len(LISTS), tables=", ".join(f"`{each.table}`" for each in LISTS))
    yield from _machine(data)
    if cases:
        yield "\n## What we lose at\n"
        yield "Every figure of a complete copy, and of publishing, at which somebody else is better:\n"
        yield from [f"- {each}" for each in losses(data)] or ["- Nothing, in what was measured."]
    yield "\n## Copying\n"
    yield COLUMNS
    if any(case.rate for case, _ in cases):
        yield "\n![Seconds over the floor](images/benchmarks_budget.svg)"
    if any(not case.rate for case, _ in cases):
        yield "\n![Processor seconds for 1,000 calls](images/benchmarks_cpu.svg)"
    lifted_told = False
    for case, figures in cases:
        yield f"\n### {case.title[0].upper()}{case.title[1:]}\n"
        if not case.rate and not lifted_told:
            yield LIFTED + "\n"
            lifted_told = True
        yield from table(figures)
        for each in figures:
            for text in each.record["differences"]:
                yield f"\n{each.name}: not true: {text}."
    if data["publishing"]:
        yield "\n## Publishing alone\n"
        yield PUBLISHING
        yield "\n![Seconds of publishing](images/benchmarks_publishing.svg)\n"
        yield from _publishing(data["publishing"])
    yield AFTER


def _publishing(records: list[Record]) -> list[str]:
    found = medians(records, ("rows", "way"), ("seconds", "cpu_seconds", "memory_mb"))
    found.sort(key=lambda each: (each["rows"], list(WAYS).index(each["way"])))
    rows = [
        [
            f"{each['rows']:,}", WAYS[each["way"]], f"{each['seconds']:.2f}", f"{each['cpu_seconds']:.2f}",
            f"{each['memory_mb']:,.0f}",
        ]
        for each in found
    ]  # fmt: skip
    return _markdown(["rows", "way", "seconds", "CPU s", "MB"], rows)


def _machine(data: dict[str, Any]) -> Iterator[str]:
    about, records = data["about"], [*data["copying"], *data["publishing"]]
    if not about:
        return
    days = sorted({each["at"][:10] for each in records})
    commits = sorted({each["commit"] for each in records})
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    yield (
        f"Measured on {' to '.join(sorted({days[0], days[-1]}))} at commit {', '.join(commits)}, on "
        f"{about['cores']} cores ({about['processor']}), {about['memory_gb']} GB of memory, "
        f"{about['system']}; Python {about['python']}, {packages}."
    )


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.1%}".replace("%", " %")


def _markdown(heading: list[str], rows: list[list[str]]) -> list[str]:
    lines = [heading, ["---"] + ["---:"] * (len(heading) - 1), *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def write(data: dict[str, Any], folder: Path) -> Path:
    """Write the page into a folder; returns its path."""
    page = folder / "benchmarks.md"
    page.write_text(render(data), encoding="utf-8")
    return page
