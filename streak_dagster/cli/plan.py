"""``streak-dagster plan``: what a refresh would cost."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face
    from streak_dagster.planned import Plan, PlannedTable

_HEADERS = ("table", "boxes", "fetch", "keep", "empty", "calls", "time")


@click.command(
    short_help="Say what a refresh would cost, a row a table.",
    epilog="Asks Streak only for what the calls depend on: the pipelines, how their boxes are listed, the "
    "first contacts; and for a changed refresh the boxes themselves. Nothing is published. "
    "Exit status: 0 where that is known, 1 where the run would fail, 2 for a wrong setting or argument.",
)
@click.option(
    "--select",
    "patterns",
    multiple=True,
    metavar="PATTERN",
    help="Only these: box_tasks, 'box_*', deals; with commas, or given several times.",
)
@click.option(
    "--refresh",
    type=click.Choice(["complete", "changed"]),
    help="What to plan, where it isn't what STREAK_REFRESH says.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document; times in seconds.")
@click.pass_obj
def command(face: Face, patterns: tuple[str, ...], refresh: str | None, *, as_json: bool) -> None:
    """Say what `run` with the same options would ask of Streak, and how long that takes."""
    settings = face.settings
    from streak_dagster.planned import plan_of  # noqa: PLC0415 - brings Dagster with it

    report = face.note if face.verbose else (lambda _: None)
    plan = plan_of(settings, select=patterns, refresh=refresh, report=report, warn=face.note)
    if as_json:
        print(json.dumps(plan.as_json(), indent=2))
        return
    whose = "the account" if settings.has_key else "the built-in sample"
    pace = f"{plan.calls_per_second:g} calls a second"
    face.say(f"A {plan.refresh} refresh of {whose}.")
    face.say(f"The budget: {pace}.\n")
    face.table(_HEADERS, [*(_row(plan, each) for each in plan.tables), _total(plan)], right=range(1, 7))
    face.say(f"\nTo know this took {plan.spent:,} calls. Nothing was published.")
    if not plan.certain:
        face.say("About: Streak doesn't say how long a list is; this is by the rows of the last refresh.")


def _row(plan: Plan, each: PlannedTable) -> list[str]:
    of_boxes = ["" if n is None else f"{n:,}" for n in (each.boxes, each.fetch, each.keep, each.empty)]
    about = "" if each.certain else "~"
    return [each.name, *of_boxes, f"{about}{each.calls:,}", _told(plan.seconds(each.calls))]


def _total(plan: Plan) -> list[str]:
    about = "" if plan.certain else "~"
    return ["total", "", "", "", "", f"{about}{plan.calls:,}", _told(plan.seconds(plan.calls))]


def _told(seconds: float) -> str:
    from streak_dagster.sync.progress import duration  # noqa: PLC0415

    if not seconds:
        return ""
    return "1 s" if seconds < 1 else duration(seconds)
