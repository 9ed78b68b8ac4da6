"""``streak-dagster status``: how old each table is, and what is due."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from streak_dagster.cli.face import Face
    from streak_dagster.settings import Settings
    from streak_dagster.status import Status, TableStatus

_WORDS = 160
"""Letters of a reason: `--json` has the whole of it."""
_WIDEST = 80


@click.command(
    short_help="Say how old each table is, and what is due.",
    epilog="Exit status: 0 where every table is fresh; 1 where one is late, failed or missing; 2 for a "
    "wrong setting. A table is late after one and a half STREAK_REFRESH_INTERVAL.",
)
@click.option("--json", "as_json", is_flag=True, help="One JSON document; lengths of time in seconds.")
@click.pass_obj
def command(face: Face, *, as_json: bool) -> int:
    """Say how old each table is, what its last refresh changed, and when the next one is due.

    Streak isn't asked, and nothing is changed: a script may look every minute.
    """
    from streak_dagster.status import look  # noqa: PLC0415 - what it needs isn't needed for `--help`

    status = look(face.settings)
    if as_json:
        print(json.dumps(status.as_json(), indent=2))
        return _exit_status(status)
    if any(each.published for each in status.tables):
        rows = [_row(each) for each in status.tables]
        face.table(("table", "rows", "age", "state", "last change"), rows, right={1, 2})
        face.say()
    for line in _told(status, face.settings):
        width = min(face.out.width, _WIDEST)
        print(textwrap.fill(line, width, break_long_words=False, break_on_hyphens=False))
    return _exit_status(status)


def _exit_status(status: Status) -> int:
    return 0 if status.good else 1


def _row(each: TableStatus) -> list[str]:
    if each.published is None or each.age is None:
        return [each.name, "", "", each.state, ""]
    counts = {"+": each.published.inserted, "~": each.published.updated, "-": each.published.deleted}
    changed = " ".join(f"{sign}{count:,}" for sign, count in counts.items() if count)
    return [each.name, f"{each.published.rows:,}", age(each.age), each.state, changed or "none"]


def age(seconds: float) -> str:
    """A length of time, of which days matter more than minutes: ``42 s``, ``12 min``, ``3 d 4 h``."""
    minutes = int(seconds) // 60
    if seconds < 60:
        return f"{int(seconds)} s"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60} min".removesuffix(" 0 min")
    return f"{minutes // 1440} d {minutes // 60 % 24} h"


def _told(status: Status, settings: Settings) -> list[str]:
    lines = [
        settings.missing_key,
        status.note,
        _summary(status, settings),
        *map(_failure, status.in_state("failed")),
    ]
    lines.append(_last_run(status))
    if status.served_age is not None:
        lines.append(f"The copy for readers is {age(status.served_age)} old.")
    lines.append(_budget(status, settings))
    lines.append(_next(status, settings))
    return [line for line in lines if line]


def _summary(status: Status, settings: Settings) -> str:
    from streak_dagster.automation.due import LATE, spoken  # noqa: PLC0415

    if not status.known:
        return ""
    counts = {state: len(status.in_state(state)) for state in ("fresh", "late", "failed", "missing")}
    told = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    late = age(settings.refresh_minutes * 60 * LATE)
    never = "" if counts["missing"] < len(status.tables) else " Nothing was copied yet: streak-dagster run."
    return (
        f"{told} of {len(status.tables)} tables. Refreshed every {spoken(settings.refresh_minutes)}; late "
        f"after {late}.{never}"
    )


def _failure(each: TableStatus) -> str:
    if each.failure is None:
        return ""
    return f"{each.name} failed: {textwrap.shorten(each.failure.why, _WORDS, placeholder=' …')}"


def _last_run(status: Status) -> str:
    last = status.last
    if last is None or last.began is None:
        return ""
    ago = age(max(0.0, (status.now - last.began).total_seconds()))
    if status.running:
        return ""
    ended = {"SUCCESS": "succeeded", "FAILURE": "failed", "CANCELED": "was stopped"}.get(last.status)
    if ended:
        return f"The last run began {ago} ago and {ended} ({last.id[:8]})."
    return f"The last run began {ago} ago, and its process is gone ({last.id[:8]})."


def _budget(status: Status, settings: Settings) -> str:
    if status.spent.paused:
        return f"Streak asked to wait: no call leaves for another {age(status.spent.paused)}."
    if not status.spent.calls:
        return ""
    pace = f"{settings.calls_per_second:g} a second"
    return f"The budget: {status.spent.calls:,} calls in the last minute, of {pace}."


def _next(status: Status, settings: Settings) -> str:
    if status.running:
        last = status.last
        if last is None or last.began is None or last.status != "STARTED":
            return "A refresh is running now."
        return f"A refresh is running now, for {age((status.now - last.began).total_seconds())}."
    if status.due is None:
        return "The schedule is off (STREAK_SCHEDULE), so nothing refreshes by itself."
    left = age(max(0.0, (status.due - status.now).total_seconds()))
    due = f"The next refresh is due in {left}, at {status.due:%H:%M} {settings.timezone}"
    if status.daemon:
        return f"{due}."
    return f"{due}, but nothing is here to run it: streak-dagster ui, or streak-dagster service."
